"""The menu and the quick-create list, as this user may see them."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import request, url_for

from .actor import current_actor
from .area import Area, NavItem
from .registry import Registry, is_on, registry


@lru_cache(maxsize=8)
def _entries(known: Registry) -> Sequence[tuple[NavItem, Area]]:
    """All there are, in order."""
    shown = ((item, area) for area in known.areas for item in area.nav if item.in_menu)
    return sorted(shown, key=lambda entry: entry[0].order)


def nav() -> list[dict[str, Any]]:
    """Groups of entries: [{label, items: [{label, url, icon, active, count}]}]."""
    actor = current_actor()
    groups: dict[str, dict[str, Any]] = {}
    if actor is None:
        return []
    here, on = request.path, {area: is_on(area) for area in registry().areas}
    for item, area in _entries(registry()):
        if not on[area] or not item.open_to(actor):
            continue
        label = str(item.group)
        group = groups.setdefault(label, {"label": label, "items": []})
        url = url_for(item.endpoint)
        group["items"].append(
            {
                "label": item.label,
                "url": url,
                "icon": item.icon,
                "active": False,
                "count": item.count() if item.count else None,
            }
        )
    # One entry at most: /customers/contacts is a page of Contacts, not of Customers.
    shown = [entry for group in groups.values() for entry in group["items"]]
    around = [
        entry
        for entry in shown
        if here == entry["url"] or (entry["url"] != "/" and here.startswith(f"{entry['url']}/"))
    ]
    for entry in sorted(around, key=lambda entry: len(entry["url"]))[-1:]:
        entry["active"] = True
    return list(groups.values())


def quick_create() -> list[dict[str, Any]]:
    actor = current_actor()
    if actor is None:
        return []
    return [
        {"label": entry.label, "url": url_for(entry.endpoint), "icon": entry.icon}
        for area in registry().areas
        if area.create and is_on(area)
        for entry in area.create
        if actor.may(entry.permission)
    ]
