"""The pages of notifications."""

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from sqlalchemy import select

from . import notifications
from .access import signed_in
from .db import session
from .errors import NotThere
from .notifications import KINDS, Notification
from .pages import page, redirect_to
from .whole import whole

SHOWN = 50
LATEST = 6

bp = Blueprint("notifications", __name__)


@bp.get("/notifications")
@signed_in
def inbox() -> Response:
    """The notifications of the signed-in user: the unread ones, or all."""
    everything = "all" in request.args
    before = request.args.get("before", type=whole)
    query = select(Notification).where(Notification.user_id == current_user.id, *notifications.still_told())
    if not everything:
        query = query.where(Notification.read_at.is_(None))
    if before is not None:
        query = query.where(Notification.id < before)
    found = session.scalars(query.order_by(Notification.id.desc()).limit(SHOWN + 1)).all()
    return page(
        "core/notifications.html",
        parts=["notices_list"],
        everything=everything,
        notices=found[:SHOWN],
        more=len(found) > SHOWN,
        kinds=KINDS,
    )


@bp.get("/notifications/latest")
@signed_in
def latest() -> Response:
    """The newest few, read or not: what the bell opens."""
    query = select(Notification).where(Notification.user_id == current_user.id)
    found = session.scalars(query.order_by(Notification.id.desc()).limit(LATEST)).all()
    return page("core/notifications_latest.html", parts=["notices_latest"], notices=found, kinds=KINDS)


@bp.post("/notifications/<int:id>/open")
@signed_in
def open_notice(id: int) -> Response:
    """Read it: go to what it is about."""
    notice = session.get(Notification, id)
    if notice is None or notice.user_id != current_user.id:
        raise NotThere
    notifications.mark_read(current_user.id, [id])
    return redirect_to(notice.url)


@bp.post("/notifications/read")
@signed_in
def read() -> Response:
    """Mark the given ones as read (`ids`), or all."""
    ids = request.form.getlist("ids", type=whole)
    notifications.mark_read(current_user.id, ids or None)
    return redirect_to(url_for("notifications.inbox"))


@bp.get("/notifications/settings")
@signed_in
def settings() -> Response:
    return page("core/notifications_settings.html", kinds=KINDS, choices=notifications.choices_of(current_user.id))


@bp.post("/notifications/settings")
@signed_in
def choose() -> Response:
    """A box that is not ticked is not sent: what is missing is no."""
    ticked = set(request.form.getlist("on"))
    notifications.choose(current_user.id, {kind: (f"{kind}.app" in ticked, f"{kind}.mail" in ticked) for kind in KINDS})
    return redirect_to(url_for("notifications.inbox"))
