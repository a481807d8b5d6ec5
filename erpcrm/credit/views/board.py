"""The controller's hour: the approval queue as a board, decided in place."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from ..models import APPLY, KINDS, VIEW, CreditApplication
from ..queue import SORTS, Wanted, columns, next_cards
from ..records import APPLICATION_SCOPE
from ..services import may_decide
from .blueprint import bp


def wanted() -> Wanted:
    """How the board is looked at: what the address says."""
    sort = request.values.get("sort", "")
    kind = request.values.get("kind") or None
    return Wanted(sort if sort in SORTS else "age", kind, request.values.get("q", "").strip()[:100])


def board_url(look: Wanted, **changed: Any) -> str:
    values = {"sort": look.sort if look.sort != "age" else None, "kind": look.kind, "q": look.text or None} | changed
    return url_for("credit.applications", **{name: value for name, value in values.items() if value})


def about_cards(look: Wanted) -> dict[str, Any]:
    """What the templates of cards need beside them."""
    return {"look": look, "kind_of": {choice.value: choice for choice in KINDS}, "decides": may_decide(current_user)}


def board_page(look: Wanted) -> Response:
    """The whole board, or its columns alone when that is what is replaced."""
    response = page(
        "credit/board.html",
        parts=["board_columns"],
        columns=columns(look, current_user),
        kinds=KINDS,
        url_of=lambda **changed: board_url(look, **changed),
        may_apply=current_user.may(APPLY),
        **about_cards(look),
    )
    return response


@bp.get("/applications")
@allow(VIEW)
def applications() -> Response:
    return board_page(wanted())


@bp.get("/applications/more")
@allow(VIEW)
def more_applications() -> Response:
    """The next cards of a column, after the one that `after` names; without a script, all of that state as a list."""
    last = load(CreditApplication, request.args.get("after", 0, type=whole), APPLICATION_SCOPE)
    if "HX-Request" not in request.headers:
        return redirect_to(url_for("credit.application_list", status=last.status))
    look = wanted()
    cards, after = next_cards(look, last, current_user)
    return Response(render_template("credit/board_more.html", cards=cards, after=after, **about_cards(look)))


@bp.get("/applications/list")
@allow(VIEW)
def application_list() -> Response:
    """All of them, those that were decided too."""
    return list_page(record_type("credit_application"))
