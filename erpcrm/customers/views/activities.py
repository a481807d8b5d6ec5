"""Activities: the list, one of them, and what can be done with it."""

from flask import Response, render_template, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.errors import NotAllowed
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to, wanted_part
from erpcrm.core.pointers import address_of, may_see, title_of
from erpcrm.core.registry import record_type

from .. import agenda, services
from ..forms import ActivityForm, FinishForm
from ..models import KINDS, Activity
from ..timeline_card import ICONS, LABELS
from .blueprint import back_to, bp, load_activity, said
from .timeline import shown_record, stream_part

VIEW, EDIT = "customers.activity.view", "customers.activity.edit"


def changeable(id: int) -> Activity:
    """An activity that this user may change: an own one, or with a scope beyond one's own also those of others."""
    activity = load_activity(id)
    mine = current_user.id in (activity.owner_id, activity.created_by_id)
    if not mine and current_user.scope("activity") == "own":
        raise NotAllowed(EDIT)
    return activity


def home_of(activity: Activity) -> str:
    """The page on which the activity stands, if the user may see it; else its own."""
    if may_see(activity.record_type, activity.record_id):
        return address_of(activity.record_type, activity.record_id)
    return url_for("customers.activity", id=activity.id)


@bp.get("/customers/activities")
@allow(VIEW)
def activities() -> Response:
    return list_page(record_type("activity"))


@bp.get("/customers/activities/<int:id>")
@allow(VIEW)
def activity(id: int) -> Response:
    record = load_activity(id)
    seen = may_see(record.record_type, record.record_id)
    return page(
        "customers/activity.html",
        activity=record,
        about=title_of(record.record_type, record.record_id) if seen else None,
        about_url=address_of(record.record_type, record.record_id) if seen else None,
        kind=record_type(record.record_type) if seen else None,
        label=next(kind for kind in KINDS if kind.value == record.kind),
    )


@bp.get("/customers/activities/<int:id>/edit")
@allow(EDIT)
def edit_activity(id: int) -> Response:
    record = changeable(id)
    return page("customers/activity_form.html", parts=["dialog_body"], activity=record, form=ActivityForm(obj=record))


@bp.post("/customers/activities/<int:id>")
@allow(EDIT)
def update_activity(id: int) -> Response:
    record = changeable(id)
    form = ActivityForm(obj=record)
    if not form.validate():
        return page("customers/activity_form.html", parts=["dialog_body"], status=422, activity=record, form=form)
    services.update_activity(record, form.values(), form.version.data, current_user)
    on = shown_record()
    if on is not None and "HX-Request" in request.headers:
        return stream_part(on, HX_Retarget="#timeline_stream", HX_Reswap="outerHTML", HX_Trigger="close-dialog")
    return redirect_to(back_to(home_of(record)))


@bp.post("/customers/activities/<int:id>/finish")
@allow(EDIT)
def finish_activity(id: int) -> Response:
    record, form = changeable(id), FinishForm()
    services.finish_activity(record, current_user, form.outcome.data if form.validate() else None)
    return _after(record)


@bp.post("/customers/activities/<int:id>/reopen")
@allow(EDIT)
def reopen_activity(id: int) -> Response:
    record = changeable(id)
    services.reopen_activity(record, current_user)
    return _after(record)


@bp.post("/customers/activities/<int:id>/delete")
@allow(EDIT)
def delete_activity(id: int) -> Response:
    record = changeable(id)
    home = home_of(record)
    services.delete_activity(record, current_user)
    on = shown_record()
    if on is not None and wanted_part() == "timeline_stream":
        return stream_part(on)
    said(_("The activity is deleted."))
    return redirect_to(url_for("customers.activities") if home.endswith(f"/activities/{id}") else home)


def _after(record: Activity) -> Response:
    """The page goes on where it was: the timeline, the line of My day, or the whole page without a script."""
    on = shown_record()
    if on is not None and wanted_part() == "timeline_stream":
        return stream_part(on)
    if wanted_part() == f"task_{record.id}":
        if record.done_at is not None:
            return Response(render_template("customers/task_done.html", activity=record))
        task = agenda.task_of(record, current_user)
        return Response(render_template("customers/task_open.html", task=task, icons=ICONS, labels=LABELS))
    return redirect_to(back_to(home_of(record)))
