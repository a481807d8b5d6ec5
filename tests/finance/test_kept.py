"""What is posted stays as it is, whoever asks: tried in raw SQL, past every service."""

from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from erpcrm.company.services import save_tax
from erpcrm.core.db import session
from erpcrm.customers.services import merge_records
from erpcrm.finance import services
from erpcrm.finance.models import Invoice
from erpcrm.finance.settling import Proposal
from erpcrm.finance.terms import Part, Terms
from tests.factories.customers import a_customer

DELETED = ("payments", "receivable_items", "allocations", "discount_shares")
CHANGES = {
    "invoices": (
        "number = 'INV-9'", "date = '2026-01-01'", "gross = 1", "net = 1", "tax = 0", "base_gross = 1", "rate = 2", "currency = 'EUR'",
        "status = 'draft'", "kind = 'credit_note', reason = 'x'", "entry_id = NULL", "number = NULL", "billing_address = 'elsewhere'",
    ),
    "invoice_lines": ("amount = 1", "quantity = 2", "price = 2", "text = 'other'", "tax_rate = 0", "base_net = 1", "invoice_id = {draft}"),
    "payments": ("amount = 1", "base_amount = 1", "bank_amount = 1", "date = '2026-01-01'", "item_id = NULL", "account_id = 2"),
    "receivable_items": ("amount = 5, open = 5", "base_amount = 1", "due_on = '2030-01-01'", "number = 'x'", "discount = 9"),
    "allocations": ("amount = 1", "debit_base = 1", "date = '2026-01-01'", "reverses_id = 1"),
    "discount_shares": ("tax = 1", "net = 1", "item_id = 1"),
}  # fmt: skip
ALLOWED = (
    "UPDATE invoices SET sent_on = '2026-03-02', note = 'seen', owner_id = NULL, contact_id = NULL",
    "UPDATE invoice_lines SET credited = 0",
    "UPDATE payments SET note = 'seen'",
    "UPDATE receivable_items SET disputed = (1 = 1), dunning_level = 2",
)


@pytest.fixture
def posted(books, customer, accountant, paid):
    """An invoice, a payment with its discount, and a draft."""
    tax = save_tax(None, {"name": "VAT 13%", "kind": "charged", "rate": Decimal(13)})
    services.save_terms("net_30", Terms((Part(Decimal(100), "day", 30),), Decimal(2), 10, lowers_tax=True))
    line = {"text": "Goods", "quantity": Decimal(1), "unit": "pcs", "price": Decimal(100), "tax_id": tax.id}
    values = {"customer_id": customer.id, "payment_terms": "net_30", "currency": "CNY"}
    made = services.create_invoice(values, [line], accountant)
    services.post_invoice(made, accountant)
    (item,) = services.items_of(made)
    paid(customer, "50", Proposal(item.id, Decimal(50), Decimal(1)))
    services.create_invoice(values, [line], accountant)
    session.flush()
    return made


def refused(statement: str) -> bool:
    point = session.begin_nested()
    try:
        session.execute(text(statement))
    except DBAPIError as no:
        return any(words in str(no) for words in ("never", "stays", "begins"))
    finally:
        point.rollback()
    return False


def test_the_database_refuses_to_change_what_is_posted(posted: Invoice, customer, accountant):
    line, draft = posted.lines[0].id, posted.id + 1
    tried = [
        f"UPDATE {table} SET {change.format(draft=draft)} WHERE "
        + {"invoices": f"id = {posted.id}", "invoice_lines": f"id = {line}"}.get(table, "1 = 1")
        for table, changes in CHANGES.items()
        for change in changes
    ]
    tried += [f"DELETE FROM {table}" for table in DELETED]
    tried += [f"DELETE FROM invoices WHERE id = {posted.id}", f"DELETE FROM invoice_lines WHERE id = {line}"]
    names = ", ".join(name for column in posted.lines[0].__table__.c if (name := column.name) != "id")
    tried.append(f"INSERT INTO invoice_lines ({names}) SELECT {names} FROM invoice_lines WHERE id = {line}")
    tried.append(f"UPDATE invoice_lines SET invoice_id = {posted.id} WHERE invoice_id = {draft}")
    heads = [name for column in posted.__table__.c if (name := column.name) != "id"]
    shown = ", ".join("'INV-9'" if name == "number" else name for name in heads)
    tried.append(f"INSERT INTO invoices ({', '.join(heads)}) SELECT {shown} FROM invoices WHERE id = {posted.id}")
    assert [one for one in tried if not refused(one)] == []
    for statement in ALLOWED:
        assert not refused(statement)
        session.execute(text(statement))
    session.execute(text(f"UPDATE invoices SET number = NULL, gross = 7 WHERE id = {draft}"))
    twin = a_customer(name="Blue Ocean Foods Ltd")
    session.expire_all()
    merge_records(twin, customer, {}, accountant)
    assert {one.customer_id for one in services.open_items(twin.id)} == {twin.id} == {posted.customer_id}


def test_a_cancelled_payment_stays_cancelled(paid, customer, accountant):
    payment = paid(customer, "5")
    services.cancel_payment(payment, "Mistake", accountant)
    assert refused("UPDATE payments SET status = 'posted'")
