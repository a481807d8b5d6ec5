"""How rows of a file become what customers owed, or had with us, when these books began."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from erpcrm.company.services import rate
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, _l, show_money
from erpcrm.core.records import Importer, ImportField
from erpcrm.core.settings import setting
from erpcrm.customers.models import Customer

from . import services
from .models import PAYMENT_EDIT, ReceivableItem


def opening_from_file(values: Mapping[str, Any], by: Actor | None) -> ReceivableItem:
    """A row: an open invoice of the old system, or below zero a credit. What is open of it is owed; the amount it once had is told
    in its entry. Refused when nothing is open, or more than it ever was.
    """
    customer = session.get(Customer, values["customer"])
    if customer is None:
        raise NotThere
    amount, left, day = values.get("amount"), values.get("open"), values["date"]
    left = amount if left is None else left
    if not left:
        raise Refused(_("Nothing of it is open."))
    if (values.get("due_on") or day) < day:
        raise Refused(_("It can't be due before its own day."))
    currency = (values.get("currency") or setting("currency")).strip().upper()
    if amount is not None and (amount * left < 0 or abs(left) > abs(amount)):
        raise Refused(
            _(
                "%(open)s can't be open of %(amount)s.",
                open=show_money(left, currency),
                amount=show_money(amount, currency),
            )
        )
    return services.add_opening_item(
        customer,
        number=values["number"],
        on=day,
        due_on=values.get("due_on") or day,
        amount=left,
        currency=currency,
        rate=_rate(values.get("rate"), currency, day),
        by=by,
        was=amount if amount not in (None, left) else None,
    )


def _rate(told: Decimal | None, currency: str, day: Any) -> Decimal:
    if told is None or currency == setting("currency"):
        return rate(currency, day)
    if told <= 0:
        raise Refused(_("Enter an exchange rate above zero."))
    return told


def _never(item: ReceivableItem, values: Mapping[str, Any], by: Actor | None) -> None:
    raise Refused(_("%(number)s is booked already. What is booked is never changed.", number=item.number))


def _match(rows: Sequence[Mapping[str, Any]]) -> Mapping[int, int]:
    """{position: the opening item of this customer and number that is there}."""
    wanted = {
        at: (row["customer"], " ".join(str(row["number"]).split()))
        for at, row in enumerate(rows)
        if isinstance(row.get("customer"), int) and row.get("number")
    }
    known = services.opening_items_of(wanted.values())
    return {at: known[key] for at, key in wanted.items() if key in known}


OPENING_IMPORTER = Importer(
    permission=PAYMENT_EDIT,
    fields=(
        ImportField(
            "customer",
            _l("Customer"),
            "ref",
            ref="customer",
            required=True,
            aliases=(
                "customer code",
                "customer no",
                "debtor",
                "account",
                "client",
                "客户",
                "客户编号",
                "客户名称",
                "往来单位",
            ),
        ),
        ImportField(
            "number",
            _l("Number"),
            required=True,
            aliases=(
                "invoice",
                "invoice no",
                "invoice number",
                "document no",
                "发票号",
                "发票号码",
                "单据号",
                "单据编号",
            ),
        ),
        ImportField(
            "date", _l("Date"), "date", required=True, aliases=("invoice date", "document date", "开票日期", "单据日期")
        ),
        ImportField(
            "due_on",
            _l("Due on"),
            "date",
            aliases=("due date", "due", "到期日", "到期日期", "应收日期"),
            help=_l("Left out, it is due on its date."),
        ),
        ImportField(
            "amount",
            _l("Amount"),
            "money",
            aliases=("total", "invoice amount", "gross", "金额", "发票金额", "价税合计"),
        ),
        ImportField(
            "open",
            _l("Open amount"),
            "money",
            aliases=("open", "balance", "outstanding", "residual", "未收金额", "余额", "未核销金额", "欠款"),
            help=_l("Left out, all of the amount is open. Below zero: what the customer has with you."),
        ),
        ImportField("currency", _l("Currency"), aliases=("ccy", "币种", "货币")),
        ImportField(
            "rate",
            _l("Exchange rate"),
            "number",
            aliases=("rate", "fx rate", "汇率"),
            help=_l("Left out, that of the day."),
        ),
    ),
    create=opening_from_file,
    update=_never,
    lookup=lambda texts: {},
    find=lambda field, texts: {},
    matched_by=("customer", "number"),
    match=_match,
    remove=services.take_back_opening_item,
    sees_to=("journal_entry",),
)
