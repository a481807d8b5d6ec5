"""A page that answers: may this user do this to this record, and why."""

from flask import Response, request

from erpcrm.core.access import allow
from erpcrm.core.errors import Refused
from erpcrm.core.forms import select_choices
from erpcrm.core.i18n import _
from erpcrm.core.pages import page
from erpcrm.core.registry import areas_on, record_types_on, registry

from .. import services
from ..forms import MayForm
from ..why import explain, find_record
from .blueprint import bp


def _form() -> MayForm:
    form = MayForm(formdata=request.args)
    form.permission.choices = [
        choice
        for area in areas_on()
        for choice in select_choices(((p.code, p.label) for p in area.permissions), group=str(area.label))
    ]
    kinds = ((kind.name, kind.label) for kind in record_types_on())
    form.kind.choices = select_choices([("", _("Whatever record")), *kinds])
    return form


@bp.get("/admin/may")
@allow("access.role.edit")
def may() -> Response:
    """The question is in the address, so that the answer can be sent to whoever asked."""
    form, answer, user, status = _form(), None, None, 200
    if "permission" in request.args:
        status = 422
        if form.validate() and (user := services.load_user(form.user.data or 0)) is not None:
            kind = registry().record_types.get(form.kind.data or "")
            try:
                record = find_record(kind, form.record.data.strip()) if kind is not None and form.record.data else None
            except Refused as no:
                form.record.errors = [no.message]
            else:
                answer, status = explain(user, form.permission.data, kind, record), 200
    return page("access/may.html", form=form, answer=answer, user=user, status=status)
