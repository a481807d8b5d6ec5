"""The manifest of finance."""

from erpcrm.core.area import Area, Create, Effect, Guard, NavItem, Panel, Permission
from erpcrm.core.i18n import _l, lazy_pgettext

from . import demo
from .effects import book_goods, join_accounts
from .models import (
    DUNNING_SEND,
    ENTRY_EDIT,
    ENTRY_FLOW,
    ENTRY_POST,
    INVOICE_EDIT,
    INVOICE_FLOW,
    INVOICE_POST,
    INVOICE_VIEW,
    LEDGER_VIEW,
    PAYMENT_EDIT,
    PAYMENT_FLOW,
    PAYMENT_REFUND,
    PERIOD_CLOSE,
    PERIOD_FLOW,
    PERIOD_REOPEN,
    RECEIVABLE_VIEW,
    SETUP,
    WRITE_OFF,
)
from .panels import account_of_customers, bills_of_contracts, invoices_of_orders, invoicing_of_orders
from .records import RECORD_TYPES
from .services.entries import ready_to_post
from .views import bp

BOOKS = ("accountant", "controller")
GROUP = _l("Finance")

area = Area(
    name="finance",
    label=_l("Finance"),
    about=_l("What customers owe and pay, the bank, reminders, and the books in double entry under it all."),
    requires=("access", "company", "customers", "catalog", "sales"),
    blueprints=[bp],
    record_types=RECORD_TYPES,
    workflows=[ENTRY_FLOW, PERIOD_FLOW, PAYMENT_FLOW, INVOICE_FLOW],
    permissions=[
        Permission(LEDGER_VIEW, _l("See accounts, entries and balances"), roles=BOOKS),
        Permission(ENTRY_EDIT, _l("Write journal entries"), roles=("accountant",)),
        Permission(ENTRY_POST, _l("Post and reverse journal entries"), roles=("accountant",)),
        Permission(PERIOD_CLOSE, _l("Close months"), roles=("accountant",)),
        Permission(PERIOD_REOPEN, _l("Open closed months again"), roles=("controller",)),
        Permission(SETUP, _l("Change accounts, payment terms, reminders and limits"), roles=("controller",)),
        Permission(RECEIVABLE_VIEW, _l("See what customers owe"), roles=(*BOOKS, "manager", "seller", "agent")),
        Permission(INVOICE_VIEW, _l("See invoices"), roles=(*BOOKS, "manager", "seller", "agent")),
        Permission(INVOICE_EDIT, _l("Write invoices and credit notes"), roles=("accountant",)),
        Permission(INVOICE_POST, _l("Post invoices and credit notes, and send them"), roles=("accountant",)),
        Permission(PAYMENT_EDIT, _l("Enter and allocate payments, match the bank"), roles=("accountant",)),
        Permission(PAYMENT_REFUND, _l("Pay money back to customers"), roles=BOOKS),
        Permission(WRITE_OFF, _l("Write off within the limit of the role"), roles=BOOKS),
        Permission(DUNNING_SEND, _l("Send reminders and stop them"), roles=BOOKS),
    ],
    guards=[Guard("journal_entry.post", ready_to_post)],
    effects=[
        Effect("customer.merge", join_accounts),
        Effect("receipt.receive", book_goods),
        Effect("receipt.receive_part", book_goods),
        Effect("delivery.ship", book_goods),
        Effect("return.receive", book_goods),
        Effect("stock_adjustment.post", book_goods),
        Effect("stock_count.post", book_goods),
    ],
    nav=[
        NavItem(_l("Finance today"), "finance.finance", "coin", RECEIVABLE_VIEW, group=GROUP, order=60),
        NavItem(_l("Invoices"), "finance.invoices", "file-invoice", INVOICE_VIEW, group=GROUP, order=61),
        NavItem(_l("Bank"), "finance.bank", "wallet", PAYMENT_EDIT, group=GROUP, order=62),
        NavItem(_l("Payments"), "finance.payments", "cash", RECEIVABLE_VIEW, group=GROUP, order=63),
        NavItem(_l("Ageing"), "finance.ageing", "clock", RECEIVABLE_VIEW, group=GROUP, order=64),
        NavItem(_l("Receivable items"), "finance.items", "coin", RECEIVABLE_VIEW, group=GROUP, order=65, in_menu=False),
        NavItem(_l("Reminders"), "finance.dunning", "mail", RECEIVABLE_VIEW, group=GROUP, order=66),
        NavItem(_l("Entries"), "finance.entries", "table", LEDGER_VIEW, group=GROUP, order=67),
        NavItem(_l("Trial balance"), "finance.trial_balance", "scale", LEDGER_VIEW, group=GROUP, order=68),
        NavItem(_l("Chart of accounts"), "finance.accounts", "list-details", LEDGER_VIEW, group=GROUP, order=69),
        NavItem(
            _l("Months of the books"), "finance.periods", "lock", LEDGER_VIEW, group=GROUP, order=70, in_menu=False
        ),
        NavItem(
            _l("Currency valuation"),
            "finance.revaluations",
            "arrows-exchange",
            LEDGER_VIEW,
            group=GROUP,
            order=71,
            in_menu=False,
        ),
        NavItem(
            _l("Payment terms"), "finance.terms", "calendar-due", LEDGER_VIEW, group=GROUP, order=72, in_menu=False
        ),
        NavItem(
            _l("Write-off limits"), "finance.write_off_limits", "shield", SETUP, group=GROUP, order=73, in_menu=False
        ),
    ],
    create=[
        Create(_l("Invoice"), "finance.new_invoice", "file-invoice", INVOICE_EDIT),
        Create(_l("Credit note"), "finance.new_credit_note", "arrow-back-up", INVOICE_EDIT),
        Create(_l("Payment"), "finance.new_payment", "cash", PAYMENT_EDIT),
        Create(_l("Journal entry"), "finance.new_entry", "table", ENTRY_EDIT),
    ],
    panels=[
        Panel(
            "customer_account",
            "customer.page",
            lazy_pgettext("customer", "Account"),
            "finance/panel_account.html",
            account_of_customers,
            RECEIVABLE_VIEW,
            lens="operations",
            order=10,
        ),
        Panel(
            "order_invoices",
            "order.page",
            _l("Invoices"),
            "finance/panel_invoices.html",
            invoices_of_orders,
            INVOICE_VIEW,
            order=40,
        ),
        Panel(
            "order_invoice_action",
            "order.page",
            _l("Invoice"),
            "finance/panel_invoice_action.html",
            invoicing_of_orders,
            INVOICE_EDIT,
            order=40,
        ),
        Panel(
            "contract_bills",
            "contract.page",
            _l("To invoice"),
            "finance/panel_bills.html",
            bills_of_contracts,
            INVOICE_EDIT,
            order=40,
        ),
    ],
    settings={"finance_write_off_limits": {}},
    demo=demo.fill,
    events={
        "written_off": _l("written off"),
        "dunning_stopped": _l("stopped reminders"),
        "dunning_resumed": _l("let reminders go on"),
        "disputed": _l("marked as disputed"),
        "undisputed": _l("no longer disputed"),
        "write_off_limit_changed": _l("changed the write-off limit"),
    },
)
