"""The timeline of any record: what it shows, older entries, and the bar that adds to it."""

import json

from flask import Response, flash, render_template, request
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import Record
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.pages import VARY, page, redirect_to, wanted_part
from erpcrm.core.pointers import address_of, may_read_past, record_behind, title_of
from erpcrm.core.whole import whole

from .. import services
from ..forms import QuickForm
from ..models import Activity
from ..timeline import stream_of
from ..timeline_card import shown_data
from .blueprint import bp, load_contact

VIEW, EDIT = "customers.activity.view", "customers.activity.edit"


def with_timeline(record_type: str, record_id: int) -> Record:
    """A record of which this user may read what was said and done."""
    record = record_behind(record_type, record_id)
    if not may_read_past(record_type):
        raise NotThere
    return record


def stream_part(record: Record, template: str = "customers/stream.html", **headers: str) -> Response:
    """What stands below the bar, as it is now."""
    stream = stream_of(record, request.values.get("show", "all"), request.values.get("before"))
    response = Response(render_template(template, **shown_data(stream)))
    response.headers["Vary"] = VARY
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def shown_record() -> Record | None:
    """The record whose timeline the user was looking at, as the form says."""
    record_id = request.form.get("on_id", type=whole)
    return with_timeline(request.form.get("on_type", ""), record_id) if record_id is not None else None


@bp.get("/timeline/<record_type>/<int:id>")
@allow(VIEW)
def timeline(record_type: str, id: int) -> Response:
    """The history of a record: its card, the part `timeline_stream`, the entries in place of `timeline_older`, or a page."""
    record = with_timeline(record_type, id)
    if wanted_part() == "timeline_stream":
        return stream_part(record)
    if wanted_part() == "timeline_older":
        return stream_part(record, "customers/entries.html")
    stream = stream_of(record, request.args.get("show", "all"), request.args.get("before"))
    return page(
        "customers/timeline_page.html",
        parts=["timeline_card"],
        title=title_of(record_type, id),
        back=address_of(record_type, id),
        **shown_data(stream),
    )


@bp.post("/timeline/<record_type>/<int:id>")
@allow(EDIT)
def add_to_timeline(record_type: str, id: int) -> Response:
    record = with_timeline(record_type, id)
    form = QuickForm()
    if not form.validate():
        raise Refused(next(iter(error for field in form for error in field.errors), _("Please check what you typed.")))
    contact_id = form.contact_id.data
    activity = services.add_activity(
        record,
        form.kind.data,
        form.subject.data or "",
        current_user,
        due_on=form.due_on.data,
        contact_id=load_contact(contact_id).id if contact_id else None,
    )
    warning = _untold(activity)
    if wanted_part() == "timeline_stream":
        notice = {"HX_Trigger": json.dumps({"notice": {"text": warning, "tone": "yellow"}})} if warning else {}
        return stream_part(record, **notice)
    if warning:
        flash(warning, "warning")
    return redirect_to(address_of(record_type, id))


def _untold(activity: Activity) -> str:
    names = services.not_told(activity)
    if not names:
        return ""
    return _("%(names)s may not see activities and was not told.", names=", ".join(names))
