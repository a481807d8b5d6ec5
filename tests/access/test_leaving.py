"""Somebody leaves: what is open goes to a colleague, what is closed stays where it was earned."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.access.services import hand_over, possessions
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import Notification
from erpcrm.customers.services import add_activity, create_customer
from erpcrm.pipeline.services import create_opportunity
from erpcrm.pipeline.services.stages import ensure_standard_pipeline


@pytest.fixture
def customer(seller):
    return create_customer({"name": "Acme", "kind": "company"}, seller)


@pytest.fixture
def deals(seller, customer):
    """An open one and one that is won."""
    ensure_standard_pipeline()
    values = {"customer_id": customer.id, "amount": Decimal(1), "expected_close": today()}
    deals = [create_opportunity({"name": name} | values, seller) for name in ("Open", "Won")]
    make_move(deals[1], "win", by=seller)
    return deals


@pytest.fixture
def tasks(seller, customer):
    """A task to do and a note, which is done as soon as it is written."""
    return [add_activity(customer, kind, "Think", seller) for kind in ("task", "note")]


def test_what_is_open_is_counted_by_type(seller, customer, deals, tasks):
    assert {kind.name: count for kind, count in possessions(seller)} == {"customer": 1, "opportunity": 1, "activity": 1}


def test_open_records_go_to_the_colleague_and_their_team_and_closed_ones_stay(
    admin, seller, outsider, customer, deals, tasks, run_jobs
):
    hand_over(seller, outsider, by=admin)
    run_jobs()
    assert [deal.owner_id for deal in deals] == [outsider.id, seller.id]
    assert [task.owner_id for task in tasks] == [outsider.id, seller.id]
    assert (customer.owner_id, customer.team_id) == (outsider.id, outsider.team_id)
    assert possessions(seller) == []


def test_each_record_tells_of_it_and_the_colleague_is_told_once(
    admin, seller, colleague, customer, deals, tasks, run_jobs, session
):
    hand_over(seller, colleague, by=admin)
    run_jobs()
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "customer", AuditEntry.action == "changed")
    ).one()
    assert entry.actor_id == admin.id
    assert entry.changes["owner_id"] == [seller.id, colleague.id]
    told = session.scalars(select(Notification).where(Notification.user_id == colleague.id)).all()
    assert [notice.text for notice in told] == ["You have taken over 3 records from 王芳."]


def test_it_is_done_on_the_page_of_who_leaves(admin, seller, colleague, customer, client, sign_in, run_jobs):
    sign_in(client, admin)
    assert "Customers" in client.get(f"/admin/users/{seller.id}/leave").text
    answer = client.post(f"/admin/users/{seller.id}/hand-over", data={"to": colleague.id, "to_text": colleague.name})
    assert answer.location.startswith("/jobs/")
    run_jobs()
    assert customer.owner_id == colleague.id


def test_nothing_is_handed_to_somebody_who_left_too(admin, seller, colleague, customer):
    colleague.active = False
    with pytest.raises(Refused):
        hand_over(seller, colleague, by=admin)
    with pytest.raises(Refused):
        hand_over(seller, seller, by=admin)
