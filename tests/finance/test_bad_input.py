"""Bad input on the pages of finance gets a message that says what to do, and leaves nothing half done."""

from datetime import date

import pytest
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.finance import services
from erpcrm.finance.models import Allocation, Entry, Invoice, Payment, ReceivableItem
from tests.finance.conftest import TODAY
from tests.finance.test_receivables import books_agree

HUGE = "99999999999999999999"
ALMOST = "99999999999999"


def rows() -> list[int]:
    return [
        session.scalar(select(func.count()).select_from(one))
        for one in (Entry, ReceivableItem, Allocation, Payment, Invoice)
    ]


def test_amounts_and_days_that_can_not_be_are_refused_beside_their_field(
    accountants, account, owed, customer, paid, accountant
):
    item, credit = owed(customer, "100"), paid(customer, "30").item
    dollars = owed(customer, "100", currency="USD")
    services.close(date(2026, 1, 1), accountant)
    session.commit()
    before = rows()
    bank = account("bank").id
    payment = {
        "customer_id": customer.id,
        "amount": "10",
        "currency": "CNY",
        "account_id": bank,
        "date": TODAY.isoformat(),
    }
    opening = {
        "customer_id": customer.id, "number": "N-1", "date": "2026-02-02", "due_on": "2026-03-02", "amount": "10", "currency": "CNY",
    }  # fmt: skip
    write_off = {"amount": "1", "why": "write_off", "reason": "Small"}
    refund = {"amount": "1", "account_id": bank, "date": TODAY.isoformat()}
    entry = {
        "date": "2026-02-02", "journal_id": services.journal_for("general").id, "text": "T", "post": "1",
        "lines-0-account_id": bank, "lines-0-debit": "1", "lines-1-account_id": account("sales").id, "lines-1-credit": "1",
    }  # fmt: skip
    invoice = {
        "date": "2026-02-02", "currency": "CNY", "language": "en", "discount": "", "then": "post", "lines-0-text": "Work",
        "lines-0-quantity": "1", "lines-0-price": "1", "lines-0-unit": "pcs", "reason": "Bonus",
    }  # fmt: skip
    tried = []
    for amount in ("0", "-5", HUGE, ALMOST + "9", "1.005", "x", "NaN"):
        tried += [("/finance/payments/new", payment | {"amount": amount})]
        tried += [(f"/finance/items/{item.id}/write-off", write_off | {"amount": amount})]
        tried += [(f"/finance/items/{credit.id}/refund", refund | {"amount": amount})]
        tried += [(f"/finance/items/{item.id}/allocate", {f"share-{credit.id}": amount})]
        tried += [("/finance/payments/new", payment | {f"share-{item.id}": amount})] if amount != "0" else []
        tried += [("/finance/entries/new", entry | {"lines-0-debit": amount})]
        if amount != "-5":
            tried += [("/finance/opening", opening | {"amount": amount})]
        if amount not in ("0", "1.005"):
            for kind in ("invoices", "credit-notes"):
                url = f"/finance/{kind}/new?customer={customer.id}"
                tried += [(url, invoice | {"lines-0-price": amount}), (url, invoice | {"lines-0-quantity": amount})]
    tried += [
        ("/finance/payments/new", payment | {"date": "2026-01-10"}),
        ("/finance/payments/new", payment | {"date": "2026-03-03"}),
        ("/finance/payments/new", payment | {"currency": "JPY"}),
        ("/finance/payments/new", payment | {f"share-{item.id}": "10.01"}),
        ("/finance/opening", opening | {"date": "2026-01-31"}),
        ("/finance/opening", opening | {"currency": "JPY"}),
        ("/finance/opening", opening | {"due_on": "2026-01-01", "date": "2026-02-02"}),
        ("/finance/entries/new", entry | {"date": "2026-01-31"}),
        ("/finance/entries/new", entry | {"lines-0-debit": "2"}),
        (f"/finance/items/{credit.id}/refund", refund | {"amount": "30.01"}),
        (f"/finance/items/{credit.id}/refund", refund | {"date": "2026-01-31"}),
        (f"/finance/items/{item.id}/allocate", {f"share-{credit.id}": "30.01"}),
        (f"/finance/items/{item.id}/write-off", write_off | {"amount": "100.01"}),
        (f"/finance/items/{dollars.id}/write-off", write_off | {"amount": "20"}),
        (f"/finance/invoices/new?customer={customer.id}", invoice | {"date": "2026-01-31"}),
        (f"/finance/invoices/new?customer={customer.id}", invoice | {"date": "2026-03-03"}),
        (f"/finance/invoices/new?customer={customer.id}", invoice | {"currency": "JPY"}),
        (f"/finance/credit-notes/new?customer={customer.id}", invoice | {"reason": ""}),
        (f"/finance/credit-notes/new?customer={customer.id}", invoice | {"lines-0-quantity": "0"}),
    ]
    wrong = []
    for url, data in tried:
        status = accountants.post(url, data=data).status_code
        session.rollback()
        if status not in (409, 422):
            wrong.append((status, url, data))
    assert wrong == []
    assert rows() == before
    assert books_agree()
    assert (item.open, credit.open, dollars.open) == (100, -30, 100)
    # All of it is accepted as it was before it was spoiled.
    good = [
        ("/finance/payments/new", payment | {f"share-{item.id}": "10"}),
        (f"/finance/items/{item.id}/write-off", write_off),
        (f"/finance/items/{credit.id}/refund", refund),
        (f"/finance/items/{item.id}/allocate", {f"share-{credit.id}": "29"}),
        ("/finance/opening", opening | {"amount": "-5"}),
        ("/finance/entries/new", entry),
        (f"/finance/invoices/new?customer={customer.id}", invoice),
        (f"/finance/credit-notes/new?customer={customer.id}", invoice),
    ]
    assert [accountants.post(url, data=data).status_code for url, data in good] == [303] * len(good)
    assert books_agree()


def test_a_statement_with_an_amount_that_can_not_be_is_refused_whole(accountant, account):
    for amount in ("100000000000000", "-99999999999999999999999"):
        content = f"date;amount;name\n2026-02-27;7;X\n2026-02-27;{amount};X\n"
        with pytest.raises(Refused, match="Line 3 can't be read"):
            services.take_statement(content.encode(), "bank.csv", account("bank"), accountant)
    assert services.count_to_match() == 0
