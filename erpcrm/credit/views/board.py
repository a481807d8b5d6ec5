"""The controller's hour: the approval queue as a board, decided in place."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page
from erpcrm.core.registry import record_type

from ..models import APPLY, KINDS, VIEW
from ..queue import SORTS, Wanted, columns
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


def board_page(look: Wanted) -> Response:
    """The whole board, or its columns alone when that is what is replaced."""
    response = page(
        "credit/board.html",
        parts=["board_columns"],
        look=look,
        columns=columns(look, current_user),
        kinds=KINDS,
        kind_of={choice.value: choice for choice in KINDS},
        url_of=lambda **changed: board_url(look, **changed),
        decides=may_decide(current_user),
        may_apply=current_user.may(APPLY),
    )
    return response


@bp.get("/applications")
@allow(VIEW)
def applications() -> Response:
    return board_page(wanted())


@bp.get("/applications/list")
@allow(VIEW)
def application_list() -> Response:
    """All of them, those that were decided too."""
    return list_page(record_type("credit_application"))
