"""Applying for credit, and the page of one application with everything that decides it."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to, wanted_part
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE
from erpcrm.finance.ageing import BANDS
from erpcrm.sales.models import SalesOrder

from .. import services
from ..forms import ApplicationForm, DecisionForm
from ..models import APPLICATION_FLOW, APPLY, KINDS, OF_LIMITS, UNDECIDED, VIEW, CreditApplication
from ..queue import case_of
from .blueprint import bp, load_application
from .board import board_page, wanted

DECIDED_BY = ("review", "ask_back", "endorse", "approve", "reject")
AMOUNT_TEXT = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)
KIND_OF = {choice.value: choice for choice in KINDS}


@bp.get("/applications/new")
@allow(APPLY)
def new_application() -> Response:
    """For an order that waits everything is filled in but the reason."""
    order = _order(request.args.get("order", type=whole))
    customer_id = order.customer_id if order is not None else request.args.get("customer", type=whole)
    kind = request.args.get("kind") or ("release" if order is not None else "limit")
    data: dict[str, Any] = {"customer_id": customer_id, "order_id": order.id if order else None}
    data["kind"] = kind if kind in KIND_OF else "limit"
    data["amount"] = request.args.get("amount", type=_amount)
    form = ApplicationForm(formdata=None, data=data)
    return _ask(form, order)


def _amount(text: str) -> Decimal:
    """An amount in an address. ValueError for anything else: the address then counts as naming none."""
    if not AMOUNT_TEXT.fullmatch(text):
        raise ValueError(text)
    return Decimal(text)


def _order(order_id: int | None) -> SalesOrder | None:
    """The order that is named, where this user may see it."""
    if order_id is None:
        return None
    return load(SalesOrder, order_id, record_type("order").scope)


def _ask(form: ApplicationForm, order: SalesOrder | None, status: int = 200) -> Response:
    customer = None
    if form.customer_id.data is not None and may_see("customer", form.customer_id.data):
        customer = load(Customer, form.customer_id.data, CUSTOMER_SCOPE)
    return page(
        "credit/application_form.html",
        parts=["dialog_body"],
        status=status,
        form=form,
        order=order,
        total=services.total_of(order) if order is not None and order.status == "confirmed" else None,
        customer=customer,
        standing=services.standing(customer.id) if customer is not None else None,
        own=setting("currency"),
    )


@bp.post("/applications/new")
@allow(APPLY)
def create_application() -> Response:
    form = ApplicationForm()
    order = _order(form.order_id.data)
    if not form.validate():
        return _ask(form, order, 422)
    customer = load(Customer, form.customer_id.data or 0, CUSTOMER_SCOPE)
    try:
        made = services.apply(customer, form.values(), current_user)
    except Refused as no:
        if no.url is not None:
            raise
        form.form_errors = [str(no.message)]
        return _ask(form, order, 422)
    flash(_("%(number)s is on its way. You will be told.", number=made.number), "success")
    return redirect_to(url_for("credit.application", id=made.id))


@bp.get("/applications/<int:id>")
@allow(VIEW)
def application(id: int) -> Response:
    return show(load_application(id))


def show(
    found: CreditApplication, form: DecisionForm | None = None, status: int = 200, *, in_dialog: bool | None = None
) -> Response:
    """The page of an application; of the same, the part that stands in the dialog."""
    case = case_of(found, current_user)
    if form is None:
        amount = found.granted if found.granted is not None else found.amount
        form = DecisionForm(
            formdata=None,
            data={
                "amount": amount if found.kind in OF_LIMITS else None,
                "until": found.granted_until or found.wanted_until,
                "conditions": found.conditions,
                "version": found.version,
            },
        )
    moves = {move.name: move for move in APPLICATION_FLOW.moves if found.status in move.sources}
    mine = found.requested_by_id == current_user.id or found.customer.owner_id == current_user.id
    inside = wanted_part() == "dialog_body" if in_dialog is None else in_dialog
    return page(
        "credit/application_part.html" if inside else "credit/application.html",
        status=status,
        application=found,
        state=APPLICATION_FLOW.state_of(found),
        kind=KIND_OF[found.kind],
        of_limits=found.kind in OF_LIMITS,
        undecided=found.status in UNDECIDED,
        case=case,
        bands=BANDS,
        form=form,
        decisions=[moves[name] for name in DECIDED_BY if name in moves] if case.decides else [],
        may_answer="answer" in moves and current_user.may(APPLY),
        may_withdraw="withdraw" in moves and mine and current_user.may(APPLY),
        order_seen=found.order_id is not None and may_see("order", found.order_id),
        customer_seen=may_see("customer", found.customer_id),
        in_dialog=inside,
        from_board=request.values.get("from") == "board",
        look=wanted(),
        seen=_seen(found),
        raised_to=services.raised_to(found),
        own=setting("currency"),
    )


def _seen(found: CreditApplication) -> dict[str, Any] | None:
    """The figures on which it was approved."""
    if "exposure" not in found.seen:
        return None
    amounts = ("exposure", "headroom", "overdue")
    return {
        name: Decimal(value) if name in amounts and value is not None else value for name, value in found.seen.items()
    }


def _with_words(verb: Callable[..., Any]) -> Callable[[CreditApplication, DecisionForm], Any]:
    return lambda found, form: verb(found, form.words.data or "", current_user, form.version.data)


def _granting(verb: Callable[..., Any]) -> Callable[[CreditApplication, DecisionForm], Any]:
    return lambda found, form: verb(found, form.values(), current_user, form.version.data)


VERBS: Mapping[str, Callable[[CreditApplication, DecisionForm], Any]] = {
    "review": lambda found, form: services.review(found, current_user, form.version.data),
    "ask_back": _with_words(services.ask_back),
    "answer": _with_words(services.answer),
    "endorse": _granting(services.endorse),
    "approve": _granting(services.approve),
    "reject": _with_words(services.reject),
    "withdraw": lambda found, form: services.withdraw(found, current_user, form.words.data or None, form.version.data),
}


@bp.post("/applications/<int:id>/<move>")
@allow(VIEW)
def move_application(id: int, move: str) -> Response:
    """One step of it. Who may take it is asked by the verb: deputies decide whose role does not."""
    found = load_application(id)
    if move not in VERBS:
        raise NotThere
    form = DecisionForm()
    on_board = request.form.get("from") == "board" and "HX-Request" in request.headers
    if not form.validate():
        return _again(found, form, on_board)
    try:
        with session.begin_nested():
            VERBS[move](found, form)
    except Refused as no:
        if no.url is not None:
            raise
        session.refresh(found)  # nothing of it stays
        form.form_errors = [str(no.message)]
        return _again(found, form, on_board)
    if on_board:
        response = board_page(wanted())
        response.headers["HX-Trigger"] = '{"close-dialog": {}}'
        return response
    _say(found, move)
    return redirect_to(url_for("credit.application", id=found.id))


def _again(found: CreditApplication, form: DecisionForm, on_board: bool) -> Response:
    """What was typed with what is wrong about it; from the board in the dialog that is open."""
    response = show(found, form, 422, in_dialog=on_board or wanted_part() == "dialog_body")
    if on_board:
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#dialog_body", "innerHTML"
    return response


def _say(found: CreditApplication, move: str) -> None:
    """What has happened to it, and to the order that waited."""
    order = found.order
    if found.status == "approved" and order is not None:
        state = record_type("order").column("status")
        label = next(
            (choice.label for choice in (state.all_choices() if state else ()) if choice.value == order.status), ""
        )
        flash(_("%(number)s is %(state)s.", number=order.number, state=label), "success")
    elif move == "approve" and found.status == "endorsed":
        flash(_("Endorsed. Somebody else has to approve so much as well."), "info")
