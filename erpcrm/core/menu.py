"""The menu and the quick-create list, as this user may see them."""

from typing import Any

from flask import request, url_for

from .actor import current_actor
from .registry import areas_on


def nav() -> list[dict[str, Any]]:
    """Groups of entries: [{label, items: [{label, url, icon, active, count}]}]."""
    actor = current_actor()
    groups: dict[str, dict[str, Any]] = {}
    if actor is None:
        return []
    entries = [
        (item, area)
        for area in areas_on()
        for item in area.nav
        if item.permission is None or actor.may(item.permission)
    ]
    here = _most_exact([url_for(item.endpoint) for item, _area in entries])
    for item, _area in sorted(entries, key=lambda entry: entry[0].order):
        group = groups.setdefault(str(item.group), {"label": item.group, "items": []})
        url = url_for(item.endpoint)
        group["items"].append(
            {
                "label": item.label,
                "url": url,
                "icon": item.icon,
                "active": url == here,
                "count": item.count() if item.count else None,
            }
        )
    return list(groups.values())


def _most_exact(urls: list[str]) -> str | None:
    """The entry that the page belongs to: of /customers and /customers/contacts the longer one that fits."""
    fitting = [url for url in urls if request.path == url or (url != "/" and request.path.startswith(f"{url}/"))]
    return max(fitting, key=len, default=None)


def quick_create() -> list[dict[str, Any]]:
    actor = current_actor()
    if actor is None:
        return []
    return [
        {"label": entry.label, "url": url_for(entry.endpoint), "icon": entry.icon}
        for area in areas_on()
        for entry in area.create
        if actor.may(entry.permission)
    ]
