"""What customers owe: ageing, single items, allocations, write-offs, opening items."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.company.services import rate
from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.printing import pdf_response
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .. import services
from ..ageing import BANDS
from ..forms import OpeningForm, ReasonForm, RefundForm, WriteOffForm, shares_in
from ..models import (
    DUNNING_SEND,
    ITEM_KINDS,
    PAYMENT_EDIT,
    PAYMENT_REFUND,
    RECEIVABLE_VIEW,
    WRITE_OFF,
    Allocation,
    CustomerAccount,
    Entry,
    ReceivableItem,
)
from ..printing import statement_pdf
from ..services.dunning import is_stopped
from ..settling import Proposal, propose
from .blueprint import asked_day, bp, document_url, load_item, need_chart

NOTHING = Decimal(0)
KINDS = {choice.value: choice for choice in ITEM_KINDS}


def load_customer(id: int) -> Customer:
    return load(Customer, id, CUSTOMER_SCOPE)


@bp.get("/ageing")
@allow(RECEIVABLE_VIEW)
def ageing() -> Response:
    """What customers owe on a day, by how long it is overdue; each figure opens down to its items."""
    on = asked_day("on")
    number = max(request.args.get("page", 1, type=whole), 1)
    return page(
        "finance/ageing.html",
        ageing=services.ageing(on, current_user, number),
        bands=BANDS,
        own=setting("currency"),
        today_is=today(),
    )


@bp.get("/ageing/<int:id>")
@allow(RECEIVABLE_VIEW)
def customer_account(id: int) -> Response:
    """A customer's account on a day: what is open, what they have with us, and reminders."""
    customer, on = load_customer(id), asked_day("on")
    account = session.get(CustomerAccount, id)
    return page(
        "finance/customer_account.html",
        customer=customer,
        on=on,
        band=request.args.get("band"),
        items=services.aged_items(id, on, request.args.get("band")),
        aged=services.aged_of([id], on).get(id),
        bands=BANDS,
        kinds=KINDS,
        account=account,
        stopped=is_stopped(account, today()),
        dunnings=services.dunnings_of(id),
        today_is=today(),
    )


@bp.get("/ageing/<int:id>/statement")
@allow(RECEIVABLE_VIEW)
def customer_statement(id: int) -> Response:
    """What is open between us and a customer on a day, as PDF."""
    customer, on = load_customer(id), asked_day("on")
    name = f"{_('Statement')} {customer.name} {on.isoformat()}"
    return pdf_response(statement_pdf(customer, on), name, download="download" in request.args)


@bp.get("/items")
@allow(RECEIVABLE_VIEW)
def items() -> Response:
    return list_page(record_type("receivable_item"))


@bp.get("/items/<int:id>")
@allow(RECEIVABLE_VIEW)
def item(id: int) -> Response:
    found = load_item(id)
    allocations = services.allocations_of(found)
    others = {one.credit_id if one.debit_id == found.id else one.debit_id for one in allocations}
    by_id = {one.id: one for one in session.scalars(select(ReceivableItem).where(ReceivableItem.id.in_(others)))}
    return page(
        "finance/item.html",
        item=found,
        kind=KINDS[found.kind],
        entry=session.get(Entry, found.entry_id),
        allocations=allocations,
        shares=[one for one in services.discount_shares_of(found) if one.tax] if found.kind == "discount" else [],
        undone={one.reverses_id for one in allocations},
        by_id=by_id,
        own=setting("currency"),
        document_url=document_url(found.document_type, found.document_id),
        may_settle=_counterparts(found, 1) if found.open else [],
    )


def _counterparts(found: ReceivableItem, most: int = 100) -> list[ReceivableItem]:
    """What may settle it: open items of the other side, in its currency."""
    opposite = services.open_items(found.customer_id, found.currency, debits=found.amount < 0)
    return list(opposite)[:most]


@bp.route("/items/<int:id>/allocate", methods=["GET", "POST"])
@allow(PAYMENT_EDIT)
def allocate_item(id: int) -> Response:
    """Settle an item with open ones of the other side: by the proposal, or as typed."""
    found = load_item(id)
    others = _counterparts(found)
    by_id = {other.id: other for other in others}
    if request.method == "GET":
        opens = [_as_open(other) for other in others]
        shares = {share.item_id: share.amount for share in propose(abs(found.open), opens)}
        return _allocate_page(found, others, shares)
    amounts, _discounts, wrong = shares_in(request.form, list(by_id))
    try:
        if wrong:
            raise Refused(_("This is not an amount."))
        if not amounts:
            raise Refused(_("Enter how much of which is settled."))
        for other_id, amount in amounts.items():
            debit, credit = (found, by_id[other_id]) if found.amount > 0 else (by_id[other_id], found)
            services.allocate(debit, credit, amount, current_user)
    except Refused as no:
        return _allocate_page(found, others, amounts, str(no.message), 422)
    flash(_("Allocated."), "success")
    return redirect_to(url_for("finance.item", id=id))


def _as_open(other: ReceivableItem) -> Any:
    item = services.as_open(other, today())
    return item if item.open > 0 else type(item)(item.id, -item.open, item.due_on)


def _allocate_page(
    found: ReceivableItem, others: list[ReceivableItem], shares: Any, error: str | None = None, status: int = 200
) -> Response:
    return page(
        "finance/allocate.html",
        parts=["dialog_body"],
        item=found,
        others=others,
        shares=shares,
        error=error,
        kinds=KINDS,
        typed=request.form,
        status=status,
    )


@bp.post("/allocations/<int:id>/take-back")
@allow(PAYMENT_EDIT)
def take_back_allocation(id: int) -> Response:
    found = session.get(Allocation, id)
    if found is None:
        raise NotThere
    shown = load_item(found.debit_id)
    services.take_back_allocation(found, current_user)
    flash(_("Taken back: both are open again."), "success")
    back = request.form.get("item", type=whole)
    return redirect_to(url_for("finance.item", id=back if back == found.credit_id else shown.id))


@bp.route("/items/<int:id>/write-off", methods=["GET", "POST"])
@allow(WRITE_OFF)
def write_off(id: int) -> Response:
    found = load_item(id)
    form = WriteOffForm(formdata=None, data={"amount": abs(found.open)}) if request.method == "GET" else WriteOffForm()
    limit = services.limit_of(current_user)
    if request.method == "POST" and form.validate():
        try:
            services.write_off(
                found, form.amount.data or NOTHING, form.why.data, form.reason.data or "", current_user, today()
            )
            flash(_("Written off."), "success")
            return redirect_to(url_for("finance.item", id=id))
        except Refused as no:
            form.amount.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("finance/write_off.html", parts=["dialog_body"], form=form, item=found, limit=limit, status=status)


@bp.route("/items/<int:id>/refund", methods=["GET", "POST"])
@allow(PAYMENT_REFUND)
def refund_item(id: int) -> Response:
    """Pay back what a customer has with us."""
    found = load_item(id)
    data = {"amount": abs(found.open), "date": today()}
    form = RefundForm(formdata=None, data=data) if request.method == "GET" else RefundForm()
    if request.method == "POST" and form.validate():
        try:
            values = form.values() | {"account": _money_account(form.account_id.data)}
            made = services.refund(found.customer, found, values, current_user)
            flash(_("%(number)s is booked.", number=made.number), "success")
            return redirect_to(url_for("finance.payment", id=made.id))
        except Refused as no:
            form.amount.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    own = setting("currency")
    told = found.currency != own or any(one.currency for one in services.money_accounts())
    return page("finance/refund.html", parts=["dialog_body"], form=form, item=found, told=told, status=status)


def _money_account(account_id: int) -> Any:
    found = next((one for one in services.money_accounts() if one.id == account_id), None)
    if found is None:
        raise NotThere
    return found


@bp.route("/items/<int:id>/dispute", methods=["GET", "POST"])
@allow(DUNNING_SEND)
def dispute(id: int) -> Response:
    found = load_item(id)
    form = ReasonForm(formdata=None) if request.method == "GET" else ReasonForm()
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return page("finance/dispute.html", parts=["dialog_body"], form=form, item=found, status=status)
    services.dispute(found, disputed=not found.disputed, reason=form.reason.data)
    return redirect_to(url_for("finance.item", id=id))


@bp.route("/opening", methods=["GET", "POST"])
@allow(PAYMENT_EDIT)
def opening_item() -> Response:
    """What a customer owed when these books began."""
    if (instead := need_chart()) is not None:
        return instead
    blank = {"date": today(), "due_on": today(), "currency": setting("currency")}
    form = OpeningForm(formdata=None, data=blank) if request.method == "GET" else OpeningForm()
    if request.method == "POST" and form.validate():
        try:
            values = form.values()
            customer = load_customer(values["customer_id"])
            made = services.add_opening_item(
                customer,
                number=values["number"],
                on=values["date"],
                due_on=values["due_on"],
                amount=values["amount"],
                currency=values["currency"],
                rate=values["rate"] or rate(values["currency"], values["date"]),
                by=current_user,
            )
            flash(_("%(number)s is booked.", number=made.number), "success")
            again = "again" in request.form
            return redirect_to(url_for("finance.opening_item") if again else url_for("finance.item", id=made.id))
        except Refused as no:
            form.number.errors = [str(no.message)]
    return page("finance/opening.html", form=form, status=422 if request.method == "POST" else 200)


def shares_of(form: Any, customer_id: int, currency: str) -> list[Proposal]:
    """What a form says that a payment settles, of the customer's open items. Refused when a number can't be read."""
    ids = [one.id for one in services.open_items(customer_id, currency, debits=True)]
    amounts, discounts, wrong = shares_in(form, ids)
    if wrong:
        raise Refused(_("This is not an amount."))
    return [
        Proposal(one, amounts.get(one, NOTHING), discounts.get(one, NOTHING))
        for one in ids
        if one in amounts or one in discounts
    ]
