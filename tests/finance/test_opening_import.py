"""Open items of the old system come in from a file: tried first, booked once, and taken back whole."""

from datetime import date
from decimal import Decimal

from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.jobs import run_pending
from erpcrm.finance import services
from erpcrm.finance.models import Entry, ReceivableItem
from erpcrm.finance.settling import Proposal
from tests.factories.customers import a_customer
from tests.finance.conftest import TODAY
from tests.finance.test_receivables import books_agree
from tests.wizard import Wizard

FILE = """客户,发票号,开票日期,到期日,金额,未收金额,币种
Blue Ocean Foods,A-1,2026-01-10,2026-02-09,1130.00,630.50,CNY
Blue Ocean Foods,A-2,2026-01-20,,-80,,
Green Hill,A-1,2026-01-15,2026-03-01,200,200,USD
Green Hill,A-3,2026-01-15,2026-03-01,100,150,CNY
Green Hill,A-4,2026-01-15,2026-03-01,100,0,CNY
Green Hill,A-5,2026-01-15,2026-03-01,100,,JPY
Green Hill,A-7,2026-01-15,2025-03-01,100,,CNY
Nobody,A-6,2026-01-15,2026-03-01,100,,CNY
"""


def items() -> list[ReceivableItem]:
    query = (
        select(ReceivableItem)
        .where(ReceivableItem.kind == "opening")
        .order_by(ReceivableItem.number, ReceivableItem.id)
    )
    return list(session.scalars(query))


def take_in(client, app) -> Wizard:
    wizard = Wizard(client, app).upload(FILE, "receivable_item", "open.csv")
    wizard.columns(mode="create")
    wizard.words(Nobody="reject")
    return wizard


def test_open_items_come_in_from_a_file_once_and_go_again(accountants, app, customer, owed, paid):
    green = a_customer(name="Green Hill")
    wizard = take_in(accountants, app)
    assert wizard.trial() == {"created": 3, "updated": 0, "skipped": 1, "bad": 4}
    assert (items(), session.scalars(select(Entry)).all()) == ([], []), "a trial leaves nothing"
    assert wizard.start().counts() == (3, 0, 1, 4)
    first, other, credit = items()
    assert (first.customer_id, first.amount, first.due_on) == (customer.id, Decimal("630.50"), date(2026, 2, 9))
    assert (other.customer_id, other.currency, other.base_amount) == (green.id, "USD", 1400)
    assert (credit.amount, credit.due_on) == (-80, date(2026, 1, 20))
    text = session.get_one(Entry, first.entry_id).text
    assert "1,130.00" in text, "what the old invoice came to is told"
    assert -services.balance_of(services.account_for("opening"), TODAY) == Decimal("1950.50")
    assert books_agree()
    again = take_in(accountants, app)
    assert again.trial() == {"created": 0, "updated": 0, "skipped": 4, "bad": 4}
    wizard.post("/undo")
    run_pending()
    session.expire_all()
    assert [one.open for one in items()] == [0, 0, 0]
    assert services.balance_of(services.account_for("opening"), TODAY) == 0
    assert books_agree()
    third = take_in(accountants, app)
    assert third.start().counts()[0] == 3, "what was taken back may come in again"
    item = next(one for one in items() if one.open == Decimal("630.50"))
    paid(customer, "10", Proposal(item.id, Decimal(10)))
    session.commit()
    assert "used by Allocations" in third.post("/undo", status=409)
    session.refresh(item)
    assert item.open == Decimal("620.50")
