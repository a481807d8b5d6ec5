"""The one view of every list."""

from collections.abc import Sequence
from typing import Any

from flask import Response, redirect, request
from sqlalchemy import ColumnElement

from ..access import require
from ..pages import page, wanted_part
from ..records import RecordType
from .filters import Filter
from .forms import resolve_reference
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
    # A block is found in the template that holds it only, not in one that extends that template.
    shown = "core/list.html" if part in ("results", "totals") else template
    response = page(shown, parts=["results", "totals"], listing=listing, state=state, **data)
    if part == "results":
        # Going back should lead to the search before, not to each of its letters.
        typing = request.headers.get("HX-Source", "").endswith("#list_search")
        response.headers["HX-Replace-Url" if typing else "HX-Push-Url"] = state.own_url()
    return response


def better_address(state: ListState) -> str | None:
    """Where the user should be instead: the view that the list opens with, or the same address without its blanks."""
    given = request.args
    if set(given) <= {"view"} and (query := opening_query(state)) is not None:
        return f"{state.path}?{query}"
    typed = [name.removesuffix("_text") for name in given if name.endswith("_text")]
    if not typed and all(value.strip() for _name, value in given.items(multi=True)) and len(given.getlist("cols")) < 2:
        return None
    for name in typed:
        _resolve(state, name)
    return state.own_url()


def _resolve(state: ListState, name: str) -> None:
    """A picker without a script sends the typed name and a blank id."""
    column, text = state.columns.get(name), request.args[f"{name}_text"].strip()
    if column is None or column.kind != "ref" or not text or "" not in request.args.getlist(name):
        return
    this = state.filter_on(name)
    if this is None:
        this = Filter(column)
        state.filters.append(this)
    this.values.append(resolve_reference(column, text))
