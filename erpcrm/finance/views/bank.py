"""Bank statements: taking them in, and saying of each line what it is."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.currencies import currency_choices
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from .. import services
from ..forms import BookLineForm, LineAmountForm, StatementForm
from ..models import LINE_STATES, PAYMENT_EDIT, Account, BankLine, BankStatement
from ..settling import propose
from .blueprint import bp, load_payment, need_chart
from .receivables import load_customer, shares_of

SHOWN = 30
LARGEST = 5_000_000
STATES = {choice.value: choice for choice in LINE_STATES}


def _bank_page(form: StatementForm | None = None, status: int = 200) -> Response:
    lines = services.lines_to_match(SHOWN)
    return page(
        "finance/bank.html",
        lines=lines,
        matches=services.propose_matches(lines),
        count=services.count_to_match(),
        statements=services.statements(),
        form=form or StatementForm(formdata=None),
        status=status,
    )


@bp.get("/bank")
@allow(PAYMENT_EDIT)
def bank() -> Response:
    """What the bank tells and nobody has matched yet, each line with what it probably is."""
    return _bank_page() if (instead := need_chart()) is None else instead


@bp.post("/bank")
@allow(PAYMENT_EDIT)
def take_statement() -> Response:
    form = StatementForm()
    if not form.validate():
        return _bank_page(form, 422)
    account = next((one for one in services.money_accounts() if one.id == form.account_id.data), None)
    if account is None:
        raise NotThere
    with form.file.data.stream as stream:
        content = stream.read(LARGEST + 1)
    try:
        if len(content) > LARGEST:
            raise Refused(_("This file has too many lines. Split it by month."))
        made = services.take_statement(content, form.file.data.filename or "", account, current_user)
    except Refused as no:
        form.file.errors = [str(no.message)]
        return _bank_page(form, 422)
    flash(_("%(new)s new lines, %(known)s were there already.", new=made.new_lines, known=made.known_lines), "success")
    return redirect_to(url_for("finance.bank"))


@bp.get("/bank/statements/<int:id>")
@allow(PAYMENT_EDIT)
def bank_statement(id: int) -> Response:
    """The lines that a statement brought."""
    found = load(BankStatement, id, everyone)
    return list_page(record_type("bank_line"), where=[BankLine.statement_id == found.id])


@bp.get("/bank/lines")
@allow(PAYMENT_EDIT)
def bank_lines() -> Response:
    return list_page(record_type("bank_line"))


def _load_line(id: int) -> BankLine:
    return load(BankLine, id, everyone)


def _line_page(
    line: BankLine, form: BookLineForm | None = None, error: str | None = None, status: int = 200
) -> Response:
    """A line with what it may be: the customer that is asked for, or proposed, with what is open."""
    match = services.propose_matches([line]).get(line.id) if line.status == "open" else None
    customer_id = request.values.get("customer_id", type=whole)
    customer = load_customer(customer_id) if customer_id else match.customer if match else None
    kept = services.kept_in(line.account)
    proposed = match.currency if match is not None and match.customer is customer else None
    currency = _currency(request.values.get("currency")) or proposed or kept
    every = services.open_items(customer.id, debits=line.amount > 0) if customer else []
    items = [one for one in every if one.currency == currency]
    amount = _amount_in(currency, line, match)
    shares: dict[int, Any] = {}
    if match is not None and match.customer is customer and match.shares and currency == kept:
        shares = {share.item_id: share for share in match.shares}
    elif customer is not None and line.amount > 0 and amount is not None:
        of_match = match.items if match is not None and match.currency == currency else ()
        opens = [services.as_open(item, line.date) for item in of_match or items]
        shares = {one.item_id: one for one in propose(amount, opens)}
    return page(
        "finance/bank_line.html",
        line=line,
        state=STATES[line.status],
        match=match,
        customer=customer,
        open_items=items,
        shares=shares,
        typed=request.form if error else {},
        error=error,
        form=form or BookLineForm(formdata=None, data={"text": line.text}),
        kept=kept,
        currency=currency,
        currencies=sorted({kept, currency, *(one.currency for one in every)}),
        amount=amount,
        status=status,
    )


def _currency(text: str | None) -> str | None:
    return text if text in {code for code, _label in currency_choices()} else None


def _amount_in(currency: str, line: BankLine, match: services.Match | None) -> Decimal | None:
    """How much of `currency` the line is: what was typed, else what the documents that it names come to."""
    if currency == services.kept_in(line.account):
        return abs(line.amount)
    form = LineAmountForm(request.values)
    if "amount" in request.values:
        return form.amount.data if form.validate() else None
    if match is not None and match.currency == currency:
        return sum((item.open for item in match.items), Decimal(0))
    return None


@bp.get("/bank/lines/<int:id>")
@allow(PAYMENT_EDIT)
def bank_line(id: int) -> Response:
    return _line_page(_load_line(id))


@bp.post("/bank/lines/<int:id>/payment")
@allow(PAYMENT_EDIT)
def match_payment(id: int) -> Response:
    """The line is a payment that was entered already."""
    line = _load_line(id)
    services.match_payment(line, load_payment(request.form.get("payment", 0, type=whole)))
    flash(_("Matched."), "success")
    return redirect_to(url_for("finance.bank"))


@bp.post("/bank/lines/<int:id>/customer")
@allow(PAYMENT_EDIT)
def match_customer(id: int) -> Response:
    """The line is money from a customer, for the items that the form names."""
    line = _load_line(id)
    customer = load_customer(request.form.get("customer_id", 0, type=whole))
    try:
        currency = _currency(request.form.get("currency")) or services.kept_in(line.account)
        amount = _amount_in(currency, line, None)
        if amount is None:
            raise Refused(_("Enter how much of %(currency)s it settles.", currency=currency))
        shares = shares_of(request.form, customer.id, currency)
        made = services.match_customer(line, customer, shares, current_user, currency=currency, amount=amount)
    except Refused as no:
        return _line_page(line, error=str(no.message), status=422)
    flash(_("%(number)s is booked.", number=made.number), "success")
    return redirect_to(url_for("finance.bank"))


@bp.post("/bank/lines/<int:id>/refund")
@allow(PAYMENT_EDIT)
def match_refund(id: int) -> Response:
    """The line is money that went back to a customer, from a credit of theirs."""
    line = _load_line(id)
    customer = load_customer(request.form.get("customer_id", 0, type=whole))
    wanted = request.form.get("item", 0, type=whole)
    credit = next((one for one in services.open_items(customer.id, debits=False) if one.id == wanted), None)
    if credit is None:
        raise NotThere
    amount = _amount_in(credit.currency, line, None)
    if amount is None:
        return _line_page(
            line, error=_("Enter how much of %(currency)s it settles.", currency=credit.currency), status=422
        )
    services.match_refund(line, credit, current_user, amount)
    return redirect_to(url_for("finance.bank"))


@bp.post("/bank/lines/<int:id>/book")
@allow(PAYMENT_EDIT)
def book_line(id: int) -> Response:
    """The line has nothing to do with a customer."""
    line, form = _load_line(id), BookLineForm()
    if not form.validate():
        return _line_page(line, form, status=422)
    try:
        services.book_line(line, load(Account, form.account_id.data, everyone), form.text.data, current_user)
    except Refused as no:
        form.account_id.errors = [str(no.message)]
        return _line_page(line, form, status=422)
    flash(_("Booked."), "success")
    return redirect_to(url_for("finance.bank"))


@bp.post("/bank/lines/<int:id>/ignore")
@allow(PAYMENT_EDIT)
def ignore_line(id: int) -> Response:
    line = _load_line(id)
    services.ignore(line, back=line.status == "ignored")
    return redirect_to(url_for("finance.bank"))
