"""The one view of every list."""

from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import ColumnElement

from ..access import require
from ..pages import page, wanted_part
from ..records import RecordType
from .listing import Listing
from .saved_views import opening_query, tabs
from .state import ListState
from .totals import totals_of


def list_page(
    kind: RecordType, *, template: str = "core/list.html", where: Sequence[ColumnElement[bool]] = (), **data: Any
) -> Response:
    """A list of `kind` as the address asks for it: the whole page, or its part `results` or `totals`.

    `where` narrows it to what the page is about. Blank parameters, as an unscripted form sends them, lead to the clean
    address; so does opening the list, or a view, by its bare name.
    """
    require(kind.view)
    state = ListState.from_request(kind, where=where)
    part = wanted_part()
    if part is None and (target := better_address(state)) is not None:
        return redirect(target)  # type: ignore[return-value]
    listing = Listing(state)
    if part == "totals" or "totals" in request.args:
        data["totals"] = totals_of(state, listing.summed)
    if part not in ("results", "totals"):
        data["tabs"] = tabs(state)
    response = page(template, parts=["results", "totals"], listing=listing, state=state, **data)
    if part == "results":
        # Going back should lead to the search before, not to each of its letters.
        typing = request.headers.get("HX-Source", "").endswith("#list_search")
        response.headers["HX-Replace-Url" if typing else "HX-Push-Url"] = state.own_url()
    return response


def better_address(state: ListState) -> str | None:
    """Where the user should be instead: the view that the list opens with, or the same address without its blanks."""
    if set(request.args) <= {"view"} and (query := opening_query(state)) is not None:
        return f"{state.path}?{query}"
    if any(not value.strip() or name.endswith("_text") for name, value in request.args.items(multi=True)):
        return state.own_url()
    if len(request.args.getlist("cols")) > 1:
        return state.own_url()
    return None
