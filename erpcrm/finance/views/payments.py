"""Payments: entering them with a proposal of what they settle, and cancelling them."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import of_seen_customers

from .. import services
from ..forms import PaymentForm, ReasonForm
from ..models import PAYMENT_EDIT, PAYMENT_FLOW, RECEIVABLE_VIEW, Entry, Payment, ReceivableItem
from .blueprint import bp, load_payment, need_chart
from .receivables import load_customer, shares_of


@bp.get("/payments")
@allow(RECEIVABLE_VIEW)
def payments() -> Response:
    return list_page(record_type("payment"))


@bp.get("/payments/<int:id>")
@allow(RECEIVABLE_VIEW)
def payment(id: int) -> Response:
    whole_payment = (joinedload(Payment.customer), joinedload(Payment.account), joinedload(Payment.item))
    found = load(Payment, id, of_seen_customers(Payment.customer_id), options=whole_payment)
    item = found.item
    allocations = services.allocations_of(item) if item is not None else []
    ids = {side for one in allocations for side in (one.debit_id, one.credit_id)}
    by_id = {one.id: one for one in session.query(ReceivableItem).filter(ReceivableItem.id.in_(ids))} if ids else {}
    return page(
        "finance/payment.html",
        payment=found,
        state=PAYMENT_FLOW.state_of(found),
        entry=session.get(Entry, found.entry_id),
        item=item,
        allocations=allocations,
        undone={one.reverses_id for one in allocations},
        by_id=by_id,
        own=setting("currency"),
    )


def _proposal(form: PaymentForm, typed: Any = None) -> dict[str, Any]:
    """The open items of the customer that is chosen, and how much of the money each gets."""
    customer_id, currency = form.customer_id.data, form.currency.data or setting("currency")
    if customer_id is None:
        return {"open_items": None, "shares": {}, "customer": None, "typed": {}}
    customer = load_customer(customer_id)
    items = services.open_items(customer_id, currency, debits=True)
    day = form.date.data or today()
    shares = {}
    if typed is None and form.amount.data:
        shares = {share.item_id: share for share in services.proposal_for(customer_id, form.amount.data, currency, day)}
    account = next((one for one in services.money_accounts() if one.id == form.account_id.data), None)
    kept = services.kept_in(account) if account is not None else setting("currency")
    given = sum((share.amount for share in shares.values()), 0)
    left = form.amount.data - given if form.amount.data is not None and typed is None else None
    return {
        "open_items": items, "shares": shares, "customer": customer, "typed": typed or {}, "currency": currency, "left": left,
        "kept": kept,
    }  # fmt: skip


def _form_page(form: PaymentForm, typed: Any = None, status: int = 200) -> Response:
    return page(
        "finance/payment_form.html",
        parts=["proposal"],
        form=form,
        own=setting("currency"),
        today_is=today(),
        status=status,
        **_proposal(form, typed),
    )


@bp.get("/payments/new")
@allow(PAYMENT_EDIT)
def new_payment() -> Response:
    """The form; with a customer and an amount in the address it proposes what the money settles."""
    if (instead := need_chart()) is not None:
        return instead
    form = PaymentForm(
        request.args if len(request.args) > 1 else None, data={"date": today(), "currency": setting("currency")}
    )
    customer_id = request.args.get("customer_id", type=whole)
    if len(request.args) == 1 and customer_id is not None:
        customer = load_customer(customer_id)
        form = PaymentForm(
            formdata=None,
            data={"date": today(), "currency": customer.currency or setting("currency"), "customer_id": customer_id},
        )
    elif len(request.args) > 1:
        form.validate()
        for field in form:
            field.errors = []
    return _form_page(form)


@bp.post("/payments/new")
@allow(PAYMENT_EDIT)
def create_payment() -> Response:
    form = PaymentForm()
    if not form.validate():
        return _form_page(form, request.form, 422)
    values = form.values()
    customer: Customer = load_customer(values["customer_id"])
    values["account"] = next((one for one in services.money_accounts() if one.id == values["account_id"]), None)
    try:
        shares = shares_of(request.form, customer.id, values["currency"])
        made = services.receive(customer, values, current_user, shares)
    except Refused as no:
        form.amount.errors = [str(no.message)]
        return _form_page(form, request.form, 422)
    flash(_("%(number)s is booked.", number=made.number), "success")
    return redirect_to(
        url_for("finance.new_payment") if "again" in request.form else url_for("finance.payment", id=made.id)
    )


@bp.route("/payments/<int:id>/cancel", methods=["GET", "POST"])
@allow(PAYMENT_EDIT)
def cancel_payment(id: int) -> Response:
    found = load_payment(id)
    form = ReasonForm(formdata=None, data={"version": found.version}) if request.method == "GET" else ReasonForm()
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return page("finance/cancel_payment.html", parts=["dialog_body"], form=form, payment=found, status=status)
    services.cancel_payment(found, form.reason.data or "", current_user, form.version.data)
    flash(_("%(number)s is cancelled; what it had settled is open again.", number=found.number), "success")
    return redirect_to(url_for("finance.payment", id=id))
