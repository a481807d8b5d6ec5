"""The records whose pages were opened last on this device.

They are kept in a cookie, so that looking at something writes nothing to the database. It holds types and ids only; names are
looked up anew within the scope of whoever is signed in, and what another user opened on the same device is not shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Flask, Response, request, url_for

from .actor import Actor, current_actor
from .pages import wanted_part
from .records import RecordType, titles_of
from .registry import Registry, record_types_on, registry

COOKIE = "opened"
MOST = 8
KEPT = 90 * 24 * 3600
"""Seconds."""


@dataclass(frozen=True)
class Opened:
    title: str
    url: str
    icon: str
    label: Any


@lru_cache(maxsize=8)
def _pages(known: Registry) -> dict[str, RecordType]:
    """{endpoint: record type} of the pages that are noted: those of everything that can be searched for."""
    return {kind.endpoint: kind for kind in known.record_types.values() if kind.search is not None}


def _noted(actor: Actor) -> list[tuple[str, int]]:
    """(type, id), the last one first."""
    owner, _colon, places = request.cookies.get(COOKIE, "").partition(":")
    if owner != str(actor.id):
        return []
    found = []
    for place in places.split("."):
        name, _dash, number = place.rpartition("-")
        if name in registry().record_types and number.isdecimal() and len(number) < 16:
            found.append((name, int(number)))
    return found[:MOST]


def _note(response: Response) -> Response:
    actor, kind = current_actor(), _pages(registry()).get(request.endpoint or "")
    if kind is None or actor is None or request.method != "GET" or response.status_code != 200 or wanted_part():
        return response
    here = (kind.name, int((request.view_args or {})["id"]))
    places = [here, *(place for place in _noted(actor) if place != here)][:MOST]
    text = f"{actor.id}:" + ".".join(f"{name}-{record_id}" for name, record_id in places)
    response.set_cookie(COOKIE, text, max_age=KEPT, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def recently_opened(actor: Actor) -> Sequence[Opened]:
    """The last few, in the user's scope: one query a record type."""
    noted, titles = _noted(actor), dict[tuple[str, int], str]()
    for kind in record_types_on():
        ids = [record_id for name, record_id in noted if name == kind.name]
        if ids and actor.may(kind.view):
            titles |= {(kind.name, record_id): str(title) for record_id, title in titles_of(kind, ids, actor).items()}
    kinds = registry().record_types
    return [
        Opened(
            titles[place], url_for(kinds[place[0]].endpoint, id=place[1]), kinds[place[0]].icon, kinds[place[0]].label
        )
        for place in noted
        if place in titles
    ]


def init_opened(app: Flask) -> None:
    app.after_request(_note)
