"""What lists, search and export know about the records of finance."""

from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, or_

from erpcrm.core.access import KEPT, everyone, owned
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Column, Join, RecordType, Searchable, states_of
from erpcrm.customers.records import customer_column
from erpcrm.customers.scopes import of_seen_customers
from erpcrm.pipeline.records import owner_column
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.records import total_column

from .importer import OPENING_IMPORTER
from .models import (
    ACCOUNT_KINDS,
    ACCOUNT_ROLES,
    DIRECTIONS,
    DUNNING_SEND,
    ENTRY_EDIT,
    INVOICE_EDIT,
    INVOICE_FLOW,
    INVOICE_KINDS,
    INVOICE_VIEW,
    ITEM_KINDS,
    LEDGER_VIEW,
    LINE_STATES,
    PAYMENT_EDIT,
    RECEIVABLE_VIEW,
    SETUP,
    Account,
    BankLine,
    BankStatement,
    Dunning,
    DunningLevel,
    Entry,
    Invoice,
    Journal,
    Payment,
    PaymentTerm,
    Period,
    ReceivableItem,
    Revaluation,
)

_OWNED = owned(Invoice.owner_id, Invoice.team_id)
_SEEN = of_seen_customers(Invoice.customer_id)


def INVOICE_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Own invoices, and those of the customers that the reader sees."""
    return _either(_OWNED(actor, scope), _SEEN(actor, scope))


@lru_cache(KEPT)
def _either(own: ColumnElement[bool], seen: ColumnElement[bool]) -> ColumnElement[bool]:
    return or_(own, seen)


invoice = RecordType(
    name="invoice",
    model=Invoice,
    label=_l("Invoice"),
    plural=_l("Invoices"),
    icon="file-invoice",
    endpoint="finance.invoice",
    list_endpoint="finance.invoices",
    view=INVOICE_VIEW,
    edit=INVOICE_EDIT,
    create=INVOICE_EDIT,
    create_endpoint="finance.new_invoice",
    title=func.coalesce(Invoice.number, "–"),
    code=Invoice.number,
    scope=INVOICE_SCOPE,
    open=lambda: Invoice.status == "draft",
    sort="-date",
    custom_fields=True,
    search=Searchable(
        title=lambda one: one.number or "–",
        subtitle=lambda one: one.customer.name,
        names=lambda one: [],
        words=lambda one: [one.number, one.reference],
    ),
    columns=(
        Column("number", _l("Number"), Invoice.number),
        customer_column(Invoice, "invoice_customer"),
        Column("kind", _l("Kind"), Invoice.kind, "choice", choices=INVOICE_KINDS),
        Column("date", _l("Date"), Invoice.date, "date", sortable=True),
        Column("status", _l("Status"), Invoice.status, "state", choices=states_of(INVOICE_FLOW)),
        total_column(Invoice, sortable=True),
        Column("net", _l("Net"), Invoice.net, "money", currency=Invoice.currency, total=True, shown=False),
        Column(
            "order",
            _l("Sales order"),
            SalesOrder.number,
            "ref",
            key=Invoice.order_id,
            ref="order",
            joins=(Join("invoice_order", SalesOrder, SalesOrder.id == Invoice.order_id),),
            shown=False,
        ),
        owner_column(Invoice.owner_id, "invoice_owner"),
        Column("reference", _l("Customer’s reference"), Invoice.reference, shown=False),
        Column("sent_on", _l("Sent on"), Invoice.sent_on, "date", shown=False),
        Column("created", _l("Created"), Invoice.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "drafts": (_l("Drafts"), "status=draft"),
        "credit_notes": (_l("Credit notes"), "kind=credit_note"),
    },
)

account = RecordType(
    name="account",
    model=Account,
    label=_l("Account"),
    plural=_l("Chart of accounts"),
    icon="list-details",
    endpoint="finance.account",
    list_endpoint="finance.accounts",
    view=LEDGER_VIEW,
    edit=SETUP,
    create=SETUP,
    create_endpoint="finance.new_account",
    title=Account.name,
    code=Account.code,
    scope=everyone,
    sort="code",
    search=Searchable(
        title=lambda one: f"{one.code} {one.label}",
        names=lambda one: [(one.name, None), (one.name_zh or "", None)],
        words=lambda one: [one.code],
    ),
    columns=(
        Column("code", _l("Account number"), Account.code, sortable=True),
        Column("name", _l("Name"), Account.name),
        Column("name_zh", _l("Name in Chinese"), Account.name_zh),
        Column("kind", _l("Kind"), Account.kind, "choice", choices=ACCOUNT_KINDS),
        Column("role", _l("Used for"), Account.role, "choice", choices=ACCOUNT_ROLES),
        Column("currency", _l("Kept in"), Account.currency, shown=False),
        Column("active", _l("In use"), Account.active, "bool"),
    ),
)

_JOURNAL = Join("entry_journal", Journal, Journal.id == Entry.journal_id)

journal_entry = RecordType(
    name="journal_entry",
    model=Entry,
    label=_l("Entry"),
    plural=_l("Entries"),
    icon="table",
    endpoint="finance.entry",
    list_endpoint="finance.entries",
    view=LEDGER_VIEW,
    edit=ENTRY_EDIT,
    create=ENTRY_EDIT,
    create_endpoint="finance.new_entry",
    title=Entry.text,
    code=Entry.number,
    scope=everyone,
    sort="-date",
    columns=(
        Column("date", _l("Date"), Entry.date, "date", sortable=True),
        Column("number", _l("Number"), Entry.number),
        Column("text", lazy_pgettext("entry", "Text"), Entry.text),
        Column("journal", _l("Journal"), Journal.code, joins=(_JOURNAL,)),
        Column("total", _l("Amount"), Entry.total, "money", total=True),
        Column("status", _l("Status"), Entry.status, "state"),
        Column("created", _l("Created"), Entry.created_at, "datetime", shown=False),
    ),
    presets={"drafts": (_l("Drafts"), "status=draft")},
)

journal = RecordType(
    name="journal",
    model=Journal,
    label=_l("Journal"),
    plural=_l("Journals"),
    icon="list",
    endpoint="finance.journal",
    list_endpoint="finance.journals",
    view=LEDGER_VIEW,
    edit=SETUP,
    title=Journal.name,
    code=Journal.code,
    scope=everyone,
    sort="code",
    columns=(Column("code", _l("Code"), Journal.code, sortable=True), Column("name", _l("Name"), Journal.name)),
)

accounting_period = RecordType(
    name="accounting_period",
    model=Period,
    label=_l("Month of the books"),
    plural=_l("Months of the books"),
    icon="calendar",
    endpoint="finance.period",
    list_endpoint="finance.periods",
    view=LEDGER_VIEW,
    edit="finance.period.close",
    title=Period.status,
    scope=everyone,
    sort="-id",
    columns=(Column("id", _l("Number"), Period.id, "number", sortable=True),),
)

receivable_item = RecordType(
    name="receivable_item",
    model=ReceivableItem,
    label=_l("Receivable item"),
    plural=_l("Receivable items"),
    icon="coin",
    endpoint="finance.item",
    list_endpoint="finance.items",
    view=RECEIVABLE_VIEW,
    edit=PAYMENT_EDIT,
    title=ReceivableItem.number,
    code=ReceivableItem.number,
    importer=OPENING_IMPORTER,
    scope=of_seen_customers(ReceivableItem.customer_id),
    sort="due_on",
    columns=(
        Column("number", _l("Number"), ReceivableItem.number, sortable=True),
        customer_column(ReceivableItem, "item_customer"),
        Column("kind", _l("Kind"), ReceivableItem.kind, "choice", choices=ITEM_KINDS),
        Column("date", _l("Date"), ReceivableItem.date, "date", sortable=True),
        Column("due_on", _l("Due on"), ReceivableItem.due_on, "date", sortable=True),
        Column("amount", _l("Amount"), ReceivableItem.amount, "money", currency=ReceivableItem.currency),
        Column(
            "open",
            lazy_pgettext("amount", "Open"),
            ReceivableItem.open,
            "money",
            currency=ReceivableItem.currency,
            total=True,
        ),
        Column(
            "base_open",
            _l("Open, in the company’s currency"),
            ReceivableItem.base_open,
            "money",
            shown=False,
            total=True,
        ),
        Column("dunning_level", _l("Dunning level"), ReceivableItem.dunning_level, "number", shown=False),
        Column("disputed", _l("Disputed"), ReceivableItem.disputed, "bool", shown=False),
    ),
    presets={
        "open": (lazy_pgettext("amount", "Open"), "open.min=0.0001"),
        "credits": (_l("Credits"), "open.max=-0.0001"),
    },
)

payment = RecordType(
    name="payment",
    model=Payment,
    label=_l("Payment"),
    plural=_l("Payments"),
    icon="cash",
    endpoint="finance.payment",
    list_endpoint="finance.payments",
    view=RECEIVABLE_VIEW,
    edit=PAYMENT_EDIT,
    create=PAYMENT_EDIT,
    create_endpoint="finance.new_payment",
    title=Payment.number,
    code=Payment.number,
    scope=of_seen_customers(Payment.customer_id),
    sort="-date",
    search=Searchable(
        title=lambda one: one.number,
        names=lambda one: [],
        words=lambda one: [one.number, one.reference],
        subtitle=lambda one: one.reference or "",
    ),
    columns=(
        Column("date", _l("Date"), Payment.date, "date", sortable=True),
        Column("number", _l("Number"), Payment.number),
        customer_column(Payment, "payment_customer"),
        Column("direction", _l("Direction"), Payment.direction, "choice", choices=DIRECTIONS),
        Column("amount", _l("Amount"), Payment.amount, "money", currency=Payment.currency, total=True),
        Column(
            "unallocated",
            _l("Not allocated"),
            ReceivableItem.open,
            "money",
            currency=Payment.currency,
            joins=(Join("payment_item", ReceivableItem, ReceivableItem.id == Payment.item_id),),
        ),
        Column("reference", _l("Reference"), Payment.reference),
        Column("status", _l("Status"), Payment.status, "state"),
    ),
)

bank_line = RecordType(
    name="bank_line",
    model=BankLine,
    label=_l("Bank line"),
    plural=_l("Bank lines"),
    icon="wallet",
    endpoint="finance.bank_line",
    list_endpoint="finance.bank_lines",
    view=PAYMENT_EDIT,
    edit=PAYMENT_EDIT,
    title=BankLine.mark,
    scope=everyone,
    sort="-date",
    columns=(
        Column("date", _l("Date"), BankLine.date, "date", sortable=True),
        Column("counterparty", _l("Counterparty"), BankLine.counterparty),
        Column("text", lazy_pgettext("entry", "Text"), BankLine.text),
        Column("reference", _l("Reference"), BankLine.reference, shown=False),
        Column(
            "amount",
            _l("Amount"),
            BankLine.amount,
            "money",
            currency=Account.currency,
            joins=(Join("bank_line_account", Account, Account.id == BankLine.account_id),),
            total=True,
        ),
        Column("status", _l("Status"), BankLine.status, "choice", choices=LINE_STATES),
    ),
)


def _hidden(
    name: str, model: Any, label: Any, plural: Any, endpoint: str, list_endpoint: str, **more: Any
) -> RecordType:
    """A record that has no list of its own: the audit trail and the search for names know it all the same."""
    return RecordType(
        name=name, model=model, label=label, plural=plural, icon="settings", endpoint=endpoint, list_endpoint=list_endpoint,
        scope=everyone, **more,
    )  # fmt: skip


bank_statement = _hidden(
    "bank_statement", BankStatement, _l("Bank statement"), _l("Bank statements"), "finance.bank_statement", "finance.bank",
    view=PAYMENT_EDIT, edit=PAYMENT_EDIT, title=BankStatement.name,
)  # fmt: skip
payment_term = _hidden(
    "payment_term", PaymentTerm, _l("Payment terms"), _l("Payment terms"), "finance.payment_term", "finance.terms",
    view=LEDGER_VIEW, edit=SETUP, title=PaymentTerm.value,
)  # fmt: skip
dunning_level = _hidden(
    "dunning_level", DunningLevel, _l("Dunning level"), _l("Dunning levels"), "finance.dunning_level", "finance.dunning",
    view=RECEIVABLE_VIEW, edit=SETUP, title=DunningLevel.name,
)  # fmt: skip
revaluation = _hidden(
    "revaluation", Revaluation, _l("Currency valuation"), _l("Currency valuations"), "finance.revaluation",
    "finance.revaluations", view=LEDGER_VIEW, edit=ENTRY_EDIT, title=Revaluation.date,
)  # fmt: skip

dunning = RecordType(
    name="dunning",
    model=Dunning,
    label=_l("Reminder"),
    plural=_l("Reminders sent"),
    icon="mail",
    endpoint="finance.reminder",
    list_endpoint="finance.reminders",
    view=RECEIVABLE_VIEW,
    edit=DUNNING_SEND,
    title=Dunning.subject,
    scope=of_seen_customers(Dunning.customer_id),
    sort="-date",
    columns=(
        Column("date", _l("Date"), Dunning.date, "date", sortable=True),
        customer_column(Dunning, "dunning_customer"),
        Column("level", _l("Level"), Dunning.level, "number"),
        Column("amount", _l("Amount"), Dunning.amount, "money", total=True),
        Column("to", _l("To"), Dunning.to),
    ),
)

RECORD_TYPES = [
    invoice, account, journal, journal_entry, accounting_period, receivable_item, payment, bank_line, bank_statement, payment_term,
    dunning_level, revaluation, dunning,
]  # fmt: skip
