"""What an accountant does in an hour, over HTTP without JavaScript."""

import re
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.mail import Mail
from erpcrm.finance import services
from erpcrm.finance.models import Entry, Invoice, Payment, ReceivableItem
from tests.factories.customers import a_customer
from tests.forms import fields_of


def test_the_books_are_opened_by_whoever_may_and_lead_there_before(client, sign_in, controller, accountant, session):
    session.commit()
    assert "not open yet" in sign_in(client, accountant).get("/finance").text
    controllers = sign_in(client, controller)
    assert controllers.get("/finance").location.endswith("/finance/start")
    assert "Accounts receivable" in controllers.get("/finance/start").text
    assert controllers.post("/finance/start/cn").status_code == 303
    assert controllers.post("/finance/start/cn").status_code == 409
    assert controllers.post("/finance/start/none").status_code == 404
    assert "1122" in controllers.get("/finance/accounts").text


def test_an_entry_is_written_posted_and_reversed(accountants, account):
    form = fields_of(accountants.get("/finance/entries/new").text)
    bank, cash = account("bank").id, account("cash").id
    form |= {"text": "To the bank", "lines-0-account_id": bank, "lines-0-debit": "1,000.5", "lines-1-account_id": cash}
    wrong = accountants.post("/finance/entries/new", data=form | {"lines-1-credit": "1000", "post": "1"})
    assert (wrong.status_code, "differ by" in wrong.text, session.query(Entry).count()) == (422, True, 0)
    both = accountants.post("/finance/entries/new", data=form | {"lines-1-credit": "1", "lines-1-debit": "1"})
    assert (both.status_code, "Debit or credit, not both." in both.text) == (422, True)
    more = accountants.post("/finance/entries/new", data=form | {"more": "1"})
    assert "lines-7-account_id" in more.text
    assert 'value="1,000.5"' in more.text
    made = accountants.post("/finance/entries/new", data=form | {"lines-1-credit": "1000.50"})
    assert made.status_code == 303
    draft = session.scalars(select(Entry)).one()
    assert accountants.post(f"/finance/entries/{draft.id}/post", data={"version": draft.version}).status_code == 303
    assert accountants.post(f"/finance/entries/{draft.id}/post").status_code == 409
    assert accountants.post(f"/finance/entries/{draft.id}/delete").status_code == 409
    back = accountants.post(f"/finance/entries/{draft.id}/reverse", data={"on": "2026-03-02", "text": ""})
    assert back.status_code == 303
    assert "GEN-2026-00001" in accountants.get(back.location).text
    trial = accountants.get("/finance/trial-balance").text
    assert "1002" in trial


def test_a_payment_settles_what_the_form_proposes(accountants, owed, customer):
    first, second = owed(customer, "100"), owed(customer, "50")
    session.commit()
    asked = f"/finance/payments/new?customer_id={customer.id}&customer_id_text={customer.name}&amount=150&currency=CNY&date=2026-03-02"
    form = fields_of(accountants.get(asked).text)
    assert (form[f"share-{first.id}"], form[f"share-{second.id}"]) == ("100", "50")
    too_much = accountants.post("/finance/payments/new", data=form | {"amount": "120"})
    assert (too_much.status_code, "are allocated, but" in too_much.text) == (422, True)
    bad = accountants.post("/finance/payments/new", data=form | {f"share-{first.id}": "abc"})
    assert (bad.status_code, "not an amount" in bad.text, session.query(Payment).count()) == (422, True, 0)
    assert accountants.post("/finance/payments/new", data=form).status_code == 303
    session.expire_all()
    assert (first.open, second.open) == (0, 0)
    payment = session.scalars(select(Payment)).one()
    page = accountants.get(f"/finance/payments/{payment.id}").text
    assert first.number in page
    cancelled = accountants.post(f"/finance/payments/{payment.id}/cancel", data={"reason": "Bounced"})
    assert cancelled.status_code == 303
    session.expire_all()
    assert first.open == 100


def test_an_invoice_is_written_posted_mailed_and_credited(accountants, customer):
    session.commit()
    form = fields_of(accountants.get(f"/finance/invoices/new?customer={customer.id}").text)
    form |= {"lines-0-text": "Consulting", "lines-0-quantity": "2", "lines-0-price": "100"}
    made = accountants.post(f"/finance/invoices/new?customer={customer.id}", data=form | {"then": "post"})
    assert made.status_code == 303, re.findall(r"(?s)form-error.{200}", made.text)
    invoice = session.scalars(select(Invoice)).one()
    assert (invoice.number, invoice.gross) == ("INV-2026-00001", 200)
    pdf = accountants.get(f"/finance/invoices/{invoice.id}/pdf")
    assert (pdf.mimetype, pdf.data[:4]) == ("application/pdf", b"%PDF")
    sent = accountants.post(
        f"/finance/invoices/{invoice.id}/send",
        data={"to": "pay@example.com", "subject": "Invoice", "text": "Please find it."},
    )
    assert sent.status_code == 303
    mail = session.scalars(select(Mail)).one()
    assert [file.name for file in mail.files] == ["INV-2026-00001.pdf"]
    wrong = accountants.post(
        f"/finance/invoices/{invoice.id}/credit", data={f"quantity-{invoice.lines[0].id}": "3", "reason": "x"}
    )
    assert (wrong.status_code, "may still be credited" in wrong.text) == (422, True)
    data = {f"quantity-{invoice.lines[0].id}": "0.5", "reason": "Shorter", "post": "y"}
    credited = accountants.post(f"/finance/invoices/{invoice.id}/credit", data=data)
    assert "CN-2026-00001" in accountants.get(credited.location).text
    session.expire_all()
    assert services.items_of(invoice)[0].open == 150
    statement = accountants.get(f"/finance/ageing/{customer.id}/statement")
    assert statement.data[:4] == b"%PDF"


@pytest.mark.parametrize("amount", ["0", "-5", "99999999999999", "0.001", ""])
def test_amounts_that_are_none_are_refused_beside_the_field(accountants, customer, account, amount):
    session.commit()
    data = {
        "customer_id": customer.id, "customer_id_text": customer.name, "amount": amount, "currency": "CNY",
        "account_id": account("bank").id, "date": "2026-03-02",
    }  # fmt: skip
    answer = accountants.post("/finance/payments/new", data=data)
    assert (answer.status_code, "form-error" in answer.text, session.query(Payment).count()) == (422, True, 0)


def test_opening_items_begin_what_is_owed(accountants, customer):
    session.commit()
    data = {
        "customer_id": customer.id, "customer_id_text": customer.name, "number": "2025-77", "date": "2025-12-01",
        "due_on": "2025-12-31", "amount": "1,250.75", "currency": "CNY",
    }  # fmt: skip
    assert accountants.post("/finance/opening", data=data).status_code == 303
    twice = accountants.post("/finance/opening", data=data)
    assert (twice.status_code, "is there already" in twice.text) == (422, True)
    item = session.scalars(select(ReceivableItem)).one()
    assert (item.amount, item.due_on) == (Decimal("1250.75"), date(2025, 12, 31))
    assert customer.name in accountants.get("/finance/ageing").text
    page = accountants.get(f"/finance/ageing/{customer.id}?band=upto_90").text
    assert "2025-77" in page


def test_a_seller_sees_what_own_customers_owe_and_changes_nothing(client, sign_in, seller, outsider, owed, books):
    from_mine, theirs = (owed(a_customer(one), "10") for one in (seller, outsider))
    session.commit()
    sellers = sign_in(client, seller)
    assert sellers.get(f"/finance/items/{from_mine.id}").status_code == 200
    assert sellers.get(f"/finance/items/{theirs.id}").status_code == 404
    assert sellers.get(f"/finance/ageing/{theirs.customer_id}").status_code == 404
    assert theirs.number not in sellers.get("/finance/items").text
    for path in ("/finance/trial-balance", "/finance/entries", "/finance/bank", "/finance/payments/new"):
        assert sellers.get(path).status_code == 403
