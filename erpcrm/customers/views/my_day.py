"""My day: what is to do, who wants something of me, and what I was at."""

from flask import Response
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.opened import recently_opened
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of

from .. import agenda
from ..services.activities import mark_seen
from ..timeline import ICONS, LABELS
from .blueprint import back_to, bp


@bp.get("/my-day")
@allow("customers.activity.view")
def my_day() -> Response:
    panels = panels_of("my_day.page", current_user)
    loaded = [(panel, panel.load([current_user.id]).get(current_user.id)) for panel in panels]
    opened = recently_opened(current_user)
    day = agenda.day_of(current_user, with_recent=not opened)
    return page(
        "customers/my_day.html",
        day=day,
        opened=opened,
        panels=[(panel, data) for panel, data in loaded if data],
        icons=ICONS,
        labels=LABELS,
    )


@bp.post("/my-day/mentions/<int:activity>/seen")
@allow("customers.activity.view")
def see_mention(activity: int) -> Response:
    mark_seen(current_user, activity)
    return redirect_to(back_to("/my-day"))
