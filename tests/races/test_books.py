"""Two who work on the same books at the same moment: money is allocated once, a draft posted once, a closed month stays closed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.customers.models import Customer
from erpcrm.customers.services import merge_records
from erpcrm.finance import services
from erpcrm.finance.models import (
    BankLine,
    BankStatement,
    CustomerAccount,
    Entry,
    Invoice,
    Payment,
    ReceivableItem,
)
from erpcrm.finance.services import Posting
from erpcrm.finance.settling import Proposal
from tests.factories.customers import a_customer

pytestmark = pytest.mark.races
JANUARY = date(2026, 1, 10)


@pytest.fixture
def accountant(app: Any, session: Any) -> int:
    ensure_standard_roles()
    services.choose_chart("generic")
    user = create_user("Ann", "ann@example.com", roles=["accountant"])
    session.commit()
    return user.id


def a_draft() -> Entry:
    accounts = services.accounts_for(["bank", "cash"])
    postings = [Posting(accounts["bank"], Decimal(5)), Posting(accounts["cash"], Decimal(-5))]
    return services.draft_entry(services.journal_for("general"), JANUARY, "x", postings)


def outcome(call: Callable[[], Any]) -> Callable[[], str]:
    """Each in a transaction of its own: "done", or "refused"."""

    def run() -> str:
        try:
            with transaction():
                call()
        except Refused:
            return "refused"
        return "done"

    return run


def test_the_same_money_is_allocated_once(session: Any, accountant: int, at_once: Callable[..., list[Any]]) -> None:
    customer = a_customer()
    more = {"on": JANUARY, "due_on": JANUARY, "currency": "CNY", "rate": Decimal(1), "by": None}
    items = [services.add_opening_item(customer, number=f"A-{n}", amount=Decimal(100), **more) for n in range(4)]
    credit = services.add_opening_item(customer, number="CR", amount=Decimal(-150), **more)
    session.commit()
    ids, credit_id = [item.id for item in items], credit.id
    session.rollback()

    def settle(item_id: int) -> Callable[[], str]:
        def call() -> None:
            debit, money = db.session.get(ReceivableItem, item_id), db.session.get(ReceivableItem, credit_id)
            services.allocate(debit, money, Decimal(100), None)

        return outcome(call)

    assert sorted(at_once(*(settle(one) for one in ids))) == ["done", "refused", "refused", "refused"]
    session.expire_all()
    assert session.get(ReceivableItem, credit_id).open == -50
    assert (
        services.balance_of(services.account_for("receivable"), JANUARY) == services.receivables_total(JANUARY) == 250
    )


def test_a_draft_is_posted_once(session: Any, accountant: int, at_once: Callable[..., list[Any]]) -> None:
    draft_id = a_draft().id
    session.commit()

    def post() -> None:
        services.post(db.session.get(Entry, draft_id), db.session.get(User, accountant))

    assert sorted(at_once(*[outcome(post)] * 4)) == ["done", "refused", "refused", "refused"]
    session.expire_all()
    assert session.get(Entry, draft_id).number == "GEN-2026-00001"


def test_nothing_is_posted_into_a_month_that_closes_at_that_moment(
    session: Any, accountant: int, at_once: Callable[..., list[Any]]
) -> None:
    def post() -> None:
        services.post(a_draft(), None)

    def close() -> None:
        services.close(JANUARY, db.session.get(User, accountant))

    results = at_once(outcome(post), outcome(post), outcome(close), outcome(post))
    posted = sum(result == "done" for place, result in enumerate(results) if place != 2)
    numbers = sorted(session.query(Entry.number).filter_by(status="posted").all())
    assert results[2] == "done"
    assert [number for (number,) in numbers] == [f"GEN-2026-{n:05d}" for n in range(1, posted + 1)]


STATEMENT = b"Date,Amount,Counterparty,Text\n2026-01-10,150.00,One Ltd,Invoice A-1\n2026-01-11,-20.00,Landlord,Rent\n"


def test_a_bank_statement_that_two_take_in_at_once_is_there_once(
    session: Any, accountant: int, at_once: Callable[..., list[Any]]
) -> None:
    def take() -> None:
        services.take_statement(STATEMENT, "january.csv", services.account_for("bank"), None)

    assert at_once(*[outcome(take)] * 3) == ["done"] * 3
    session.expire_all()
    assert sorted(session.scalars(select(BankLine.amount))) == [-20, 150]
    assert sorted(session.scalars(select(BankStatement.new_lines))) == [0, 0, 2]


def test_an_invoice_that_two_post_at_once_is_booked_once(
    session: Any, accountant: int, at_once: Callable[..., list[Any]]
) -> None:
    customer = a_customer(currency="CNY")
    lines = [{"text": "Repair", "quantity": Decimal(1), "price": Decimal(80)}]
    draft = services.create_invoice({"customer_id": customer.id, "currency": "CNY"}, lines, None)
    session.commit()
    draft_id, on = draft.id, draft.date
    session.rollback()

    def post() -> None:
        services.post_invoice(session.get(Invoice, draft_id), session.get(User, accountant))

    assert sorted(at_once(*[outcome(post)] * 4)) == ["done", "refused", "refused", "refused"]
    session.expire_all()
    assert session.scalars(select(ReceivableItem.amount)).all() == [80]
    assert services.balance_of(services.account_for("receivable"), on) == 80
    assert session.get(Invoice, draft_id).number.endswith("00001")


def test_money_that_comes_while_two_customers_become_one_is_theirs(
    session: Any, accountant: int, at_once: Callable[..., list[Any]]
) -> None:
    kept, gone = a_customer(name="Kept Ltd"), a_customer(name="Gone Ltd")
    more = {"on": JANUARY, "due_on": JANUARY, "currency": "CNY", "rate": Decimal(1), "by": None}
    item = services.add_opening_item(gone, number="A-1", amount=Decimal(100), **more)
    session.commit()
    kept_id, gone_id, item_id = kept.id, gone.id, item.id
    session.rollback()

    def merge() -> None:
        merge_records(session.get(Customer, kept_id), session.get(Customer, gone_id), {}, session.get(User, accountant))

    def pay() -> None:
        customer = session.get(Customer, gone_id)
        if customer is None:
            raise Refused("merged already")
        values = {"amount": Decimal(40), "account": services.account_for("bank"), "date": JANUARY}
        services.receive(customer, values, None, [Proposal(item_id, Decimal(40))])

    results = at_once(outcome(pay), outcome(merge), outcome(pay))
    paid = len([place for place in (0, 2) if results[place] == "done"])
    session.expire_all()
    assert session.get(Customer, gone_id) is None, results
    assert set(session.scalars(select(ReceivableItem.customer_id))) == {kept_id}
    assert session.get(ReceivableItem, item_id).open == 100 - 40 * paid, results
    assert session.scalars(select(Payment.customer_id)).all() == [kept_id] * paid
    assert session.scalars(select(CustomerAccount.customer_id)).all() == [kept_id]
    assert services.balance_of(services.account_for("receivable"), JANUARY) == 100 - 40 * paid
