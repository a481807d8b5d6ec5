"""Two who work on the same books at the same moment: money is allocated once, a draft posted once, a closed month stays closed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from erpcrm.access.models import User
from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.finance import services
from erpcrm.finance.models import Entry, ReceivableItem
from erpcrm.finance.services import Posting
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
