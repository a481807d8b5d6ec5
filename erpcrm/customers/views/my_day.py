"""My day: what is to do, who wants something of me, and what I was at."""

from typing import Any

from flask import Response
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.area import Panel
from erpcrm.core.opened import recently_opened
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of

from .. import agenda
from ..services.activities import mark_seen
from ..timeline_card import ICONS, LABELS
from .blueprint import back_to, bp


@bp.get("/my-day")
@allow("customers.activity.view")
def my_day() -> Response:
    opened = recently_opened(current_user)
    day = agenda.day_of(current_user, with_recent=not opened)
    return page(
        "customers/my_day.html",
        day=day,
        opened=opened,
        due_panels=_panels("my_day.due"),
        panels=_panels("my_day.page"),
        icons=ICONS,
        labels=LABELS,
    )


def _panels(place: str) -> list[tuple[Panel, Any]]:
    """What other areas have for the user today, as far as there is something."""
    loaded = [(panel, panel.load([current_user.id]).get(current_user.id)) for panel in panels_of(place, current_user)]
    return [(panel, data) for panel, data in loaded if data]


@bp.post("/my-day/mentions/<int:activity>/seen")
@allow("customers.activity.view")
def see_mention(activity: int) -> Response:
    mark_seen(current_user, activity)
    return redirect_to(back_to("/my-day"))
