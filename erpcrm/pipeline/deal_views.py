"""Board, list and months are three views of the same deals: from each the search and the filters lead into the others."""

from collections.abc import Callable
from typing import Any

from flask import url_for

from erpcrm.core.i18n import _
from erpcrm.core.lists import ListState
from erpcrm.core.records import View

BOARD, LIST, MONTHS = "pipeline.board", "pipeline.opportunities", "pipeline.close_months"
OF_LISTS = frozenset({"status", "stage", "sort", "cols", "view"})
"""What an address says of a list only."""


def links_of(state: ListState) -> Callable[..., str]:
    """Makes addresses of the other views of what `state` shows.

    A list is ordered and shows closed deals too; board and months have a place for each deal already. Seen from these,
    the list begins with the open ones.
    """
    kept: dict[str, Any] = {}
    for name, value in state.params():
        kept.setdefault(name, []).append(value)
    placed = {name: value for name, value in kept.items() if name not in OF_LISTS}
    listed = kept if state.path == url_for(LIST) else placed | {"status": "open"}
    return lambda endpoint, **more: url_for(endpoint, **(listed if endpoint == LIST else placed) | more)


def views_of(state: ListState) -> list[View]:
    links = links_of(state)
    views = ((BOARD, "layout-kanban", _("Board")), (LIST, "list", _("List")), (MONTHS, "calendar", _("By close month")))
    return [View(label, icon, links(endpoint), state.path == url_for(endpoint)) for endpoint, icon, label in views]
