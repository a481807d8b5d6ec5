"""Mails that came in, and the ways by which customers reach us."""

from typing import Any

from flask import Response, current_app, flash, request, send_file, url_for
from flask_login import current_user
from sqlalchemy import func, select
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.blobs import path_of
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.forms import Form
from erpcrm.core.i18n import _, _l
from erpcrm.core.jobs import Job
from erpcrm.core.lists import list_page
from erpcrm.core.mail import absolute
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import save_setting, setting

from ..mail_jobs import FETCH
from ..models import IncomingMail
from ..models.mailbox import MAIL_STATES, MAIL_TAKE, MAIL_VIEW, REASONS
from ..models.tickets import SETUP
from ..services import incoming, service_address
from .blueprint import bp

STATES = {one.value: one for one in MAIL_STATES}
WHY = {one.value: one.label for one in REASONS}


@bp.get("/mails")
@allow(MAIL_VIEW)
def incoming_mails() -> Response:
    return list_page(record_type("incoming_mail"))


@bp.get("/mails/<int:id>")
@allow(MAIL_VIEW)
def incoming_mail(id: int) -> Response:
    found = load(IncomingMail, id, everyone)
    return page(
        "service/incoming_mail.html",
        mail=found,
        read=incoming.content_of(found),
        state=STATES[found.status],
        why=WHY.get(found.why or ""),
        may_take=current_user.may(MAIL_TAKE) and found.status != "taken" and found.sha256 is not None,
    )


@bp.get("/mails/<int:id>/original")
@allow(MAIL_VIEW)
def original_mail(id: int) -> Response:
    """The mail as it came, only ever to be saved: what a stranger has written is never shown as a page of ours."""
    found = load(IncomingMail, id, everyone)
    if found.sha256 is None:
        raise NotThere
    response = send_file(
        path_of(found.sha256),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=f"mail-{found.id}.eml",
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.post("/mails/<int:id>/ticket")
@allow(MAIL_TAKE)
def take_mail(id: int) -> Response:
    ticket = incoming.make_ticket(load(IncomingMail, id, everyone), current_user)
    flash(_("It is ticket %(code)s now.", code=ticket.code), "success")
    return redirect_to(url_for("service.ticket", id=ticket.id))


class ChannelsForm(Form):
    service_mails_an_hour = IntegerField(
        _l("Mails of one address within an hour"),
        [InputRequired(_l("Please enter a number.")), NumberRange(1, 1000, message=_l("Between %(min)d and %(max)d."))],
        description=_l("More than that are two machines that answer each other: they are kept, and made no tickets."),
    )
    service_link_days = IntegerField(
        _l("Days that a customer’s link is valid"),
        [InputRequired(_l("Please enter a number.")), NumberRange(1, 730, message=_l("Between %(min)d and %(max)d."))],
    )


def _show(form: Any, status: int = 200) -> Response:
    last = session.scalars(select(Job).where(Job.name == FETCH).order_by(Job.id.desc()).limit(1)).one_or_none()
    counts = session.execute(select(IncomingMail.status, func.count()).group_by(IncomingMail.status))
    return page(
        "service/channels.html",
        form=form,
        open=setting("service_form_open"),
        form_url=absolute(url_for("service.ask")),
        help_url=absolute(url_for("service.help_home")),
        mailbox=current_app.config["IMAP_URL"] is not None,
        address=service_address(),
        last=last,
        counts={status: count for status, count in counts},
        status=status,
    )


@bp.get("/channels")
@allow(SETUP)
def channels() -> Response:
    names = ("service_mails_an_hour", "service_link_days")
    return _show(ChannelsForm(formdata=None, data={name: setting(name) for name in names}))


@bp.post("/channels")
@allow(SETUP)
def save_channels() -> Response:
    form = ChannelsForm()
    if not form.validate():
        return _show(form, 422)
    for name, value in form.values().items():
        save_setting(name, value)
    flash(_("Saved."), "success")
    return redirect_to(url_for("service.channels"))


@bp.post("/channels/form")
@allow(SETUP)
def switch_form() -> Response:
    save_setting("service_form_open", request.form.get("open") == "1")
    return redirect_to(url_for("service.channels"))
