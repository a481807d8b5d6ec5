"""What happens to a contract by itself: a deal before its notice, renewal or expiry after its last day; what is billed when."""

import re
from datetime import timedelta
from decimal import Decimal as D
from html import unescape
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import Notification
from erpcrm.pipeline.models import Opportunity
from erpcrm.sales.models import Contract, PlannedBill
from erpcrm.sales.services import months_later, notice_by, plan_bills, renew, save_bill, save_obligation, watch
from tests.factories.customers import a_customer
from tests.factories.sales import a_contract, a_line
from tests.forms import fields_of
from tests.refusals import refused


def test_months_end_with_their_last_day() -> None:
    day = today().replace(year=2027, month=10, day=31)
    assert [months_later(day, count).isoformat() for count in (1, 4, 16, -1)] == [
        "2027-11-30", "2028-02-29", "2029-02-28", "2027-09-30",
    ]  # fmt: skip


def test_a_deal_about_the_renewal_is_opened_once_in_time(
    seller: Any, manager: Any, customer: Any, valve: Any, session: Any, clock: Any
) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100), notice_days=30)
    clock.move_to(contract_noon(notice_by(contract) - timedelta(days=91)))
    assert watch() == 0
    clock.shift(timedelta(days=1))
    assert [watch(), watch()] == [1, 0]
    deal = session.scalars(select(Opportunity)).one()
    assert (deal.id, deal.amount, deal.owner_id) == (contract.opportunity_id, 10_000, seller.id)
    following = renew(contract, seller)
    make_move(following, "submit", by=seller)
    assert deal.status == "open"
    make_move(following, "activate", by=manager)
    assert (deal.status, contract.status, following.status) == ("won", "renewed", "active")


def contract_noon(day: Any) -> Any:
    return f"{day.isoformat()}T04:00:00+00:00"


def test_after_its_last_day_it_expires_or_renews_itself(
    seller: Any, manager: Any, customer: Any, valve: Any, session: Any, clock: Any
) -> None:
    ends = a_contract(customer, seller, manager, a_line(valve, 100), renewal="none")
    goes_on = a_contract(
        customer, seller, manager, a_line(valve, 100, price="80"), renewal="automatic", renewal_months=6
    )
    closed = a_customer(seller)
    stuck = a_contract(closed, seller, manager, a_line(valve, 100), renewal="automatic")
    for contract in (ends, goes_on, stuck):
        contract.opportunity_id = None
    closed.status = "archived"
    session.flush()
    clock.move_to(contract_noon(ends.ends_on + timedelta(days=1)))
    watch()
    assert (ends.status, goes_on.status, stuck.status) == ("expired", "renewed", "expired")
    after = session.get_one(Contract, goes_on.renewed_by_id)
    assert (after.status, after.starts_on, after.ends_on) == (
        "active", goes_on.ends_on + timedelta(days=1), months_later(after.starts_on, 6) - timedelta(days=1),
    )  # fmt: skip
    assert [(line.quantity, line.price) for line in after.lines] == [(100, 80)]
    told = [str(one.text) for one in session.scalars(select(Notification).where(Notification.user_id == seller.id))]
    assert any("was not renewed" in text and "archived" in text for text in told)
    assert watch() == 0


def test_notice_ends_an_automatic_renewal_while_there_is_time(
    seller: Any, manager: Any, customer: Any, valve: Any, clock: Any
) -> None:
    early, late = (
        a_contract(customer, seller, manager, a_line(valve, 100), renewal="automatic", notice_days=30) for _ in range(2)
    )
    clock.move_to(contract_noon(notice_by(early)))
    with refused("needs a reason"):
        make_move(early, "give_notice", by=seller)
    make_move(early, "give_notice", by=seller, reason="their letter of today")
    assert (early.status, early.renewal) == ("active", "none")
    with refused("ends with its term already"):
        make_move(early, "give_notice", by=seller, reason="again")
    clock.shift(timedelta(days=1))
    with refused("Notice could be given until"):
        make_move(late, "give_notice", by=seller, reason="too late")


def test_on_the_last_day_of_notice_its_page_says_that_there_is_time(
    client: Any, sign_in: Any, seller: Any, manager: Any, customer: Any, valve: Any, session: Any, clock: Any
) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100), renewal="automatic", notice_days=30)
    session.commit()
    clock.move_to(contract_noon(notice_by(contract)))
    page = f"/sales/contracts/{contract.id}"
    assert "Notice can be given until" in sign_in(client, seller).get(page).text
    clock.shift(timedelta(days=1))
    assert "the time for notice is over" in sign_in(client, seller).get(page).text


def test_a_list_names_what_ends_soon(
    as_seller: Any, seller: Any, manager: Any, customer: Any, valve: Any, session: Any
) -> None:
    long_ago = today() - timedelta(days=300)
    soon = a_contract(customer, seller, manager, a_line(valve), name="Soon over", starts_on=long_ago)
    a_contract(customer, seller, manager, a_line(valve), name="Just begun")
    session.commit()
    page = as_seller.get("/sales/contracts").text
    link = re.search(r'href="([^"]*ends_on=next_90_days[^"]*)"', page)
    assert link is not None
    found = as_seller.get(unescape(link[1])).text
    assert (soon.name in found, "Just begun" in found) == (True, False)


def test_a_terminated_contract_ends_today(seller: Any, manager: Any, customer: Any, valve: Any) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100))
    make_move(contract, "terminate", by=manager, reason="they closed")
    assert (contract.status, contract.ends_on) == ("terminated", today())


@given(value=st.decimals(D("0.5"), D(1_000_000), places=2), count=st.integers(1, 24))
def test_a_billing_plan_adds_up_to_the_contract(seller: Any, manager: Any, customer: Any, value: D, count: int) -> None:
    contract = a_contract(customer, seller, manager, value=value)
    plan_bills(contract, count, 1)
    assert sum(bill.amount for bill in contract.bills) == value
    assert len({bill.due_on for bill in contract.bills}) == count


def test_nothing_is_spread_thinner_than_a_cent(seller: Any, manager: Any, customer: Any) -> None:
    contract = a_contract(customer, seller, manager, value=D("0.05"))
    with refused("more than zero"):
        plan_bills(contract, 12, 1)


def test_planning_anew_keeps_what_was_invoiced(seller: Any, manager: Any, customer: Any, session: Any) -> None:
    contract = a_contract(customer, seller, manager, value=D(1000))
    plan_bills(contract, 3, 4)
    first = contract.bills[0]
    first.billed_on = today()
    session.flush()
    plan_bills(contract, 2, 3)
    assert [bill.amount for bill in contract.bills] == [D("333.33"), D("333.34"), D("333.33")]
    with refused("invoiced already"):
        save_bill(contract, first.id, {"amount": D(1)})
    assert len(session.scalars(select(PlannedBill)).all()) == 3


def test_two_who_change_one_obligation_or_planned_invoice_are_told(
    as_seller: Any, seller: Any, manager: Any, customer: Any, valve: Any, session: Any
) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100))
    save_obligation(contract, None, {"text": "Train the staff", "ours": True, "due_on": today()})
    plan_bills(contract, 1, 1)
    session.commit()
    path = f"/sales/contracts/{contract.id}"
    parts = (f"{path}/obligations/{contract.obligations[0].id}", f"{path}/bills/{contract.bills[0].id}")
    for part in parts:
        form = fields_of(as_seller.get(part).text)
        assert as_seller.post(part, data=form | {"text": "Changed by Ann"}).status_code == 303
        answer = as_seller.post(part, data=form | {"text": "Changed by Bob"})
        assert (answer.status_code, "Changed by Ann" in answer.text, "Changed by Bob" in answer.text) == (
            409,
            True,
            True,
        )
