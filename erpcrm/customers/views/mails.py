"""Writing an e-mail from the page of a record."""

import re

from flask import Response, current_app, request
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import Record
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import address_of, title_of

from .. import services
from ..forms import MailForm
from .blueprint import bp, said
from .timeline import stream_part, with_timeline

SEND = "customers.mail.send"


def _show(record: Record, form: MailForm, status: int = 200) -> Response:
    people = services.people_to_write_to(record)
    given = {address.strip() for address in re.split("[,;，；、]", form.to.data or "")}
    return page(
        "customers/mail_form.html",
        parts=["dialog_body"],
        status=status,
        form=form,
        record=record,
        title=title_of(record.record_name, record.id),
        back=address_of(record.record_name, record.id),
        people=people,
        withdrawn=[name for address, name, consent in people if consent == "withdrawn" and address in given],
        server=current_app.config["MAIL_URL"] is not None,
    )


@bp.get("/timeline/<record_type>/<int:id>/mail")
@allow(SEND)
def new_mail(record_type: str, id: int) -> Response:
    record = with_timeline(record_type, id)
    people = services.people_to_write_to(record)
    first = request.args.get("to") or (people[0][0] if people else "")
    return _show(record, MailForm(formdata=None, to=first))


@bp.post("/timeline/<record_type>/<int:id>/mail")
@allow(SEND)
def send_mail(record_type: str, id: int) -> Response:
    record = with_timeline(record_type, id)
    form = MailForm()
    if not form.validate():
        return _show(record, form, 422)
    services.write_mail(record, form.addresses, form.subject.data or "", form.text.data or "", current_user)
    if "HX-Request" in request.headers:
        return stream_part(record, HX_Retarget="#timeline_stream", HX_Reswap="outerHTML", HX_Trigger="close-dialog")
    said(_("The mail is on its way."))
    return redirect_to(address_of(record_type, id))
