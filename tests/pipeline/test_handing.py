"""Whoever is given a lead or a deal learns it, once, with its name."""

from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.mail import Mail
from erpcrm.core.notifications import Notification
from erpcrm.pipeline.bulk import give_to
from erpcrm.pipeline.models import AssignmentRule
from erpcrm.pipeline.services import (
    create_lead,
    create_opportunity,
    ensure_standard_pipeline,
    update_lead,
    update_opportunity,
)


def told(session: Any, user: Any) -> list[tuple[str, str]]:
    rows = session.scalars(select(Notification).where(Notification.user_id == user.id).order_by(Notification.id))
    return [(notice.words, notice.url) for notice in rows]


def test_the_new_owner_of_a_deal_is_told(session: Any, manager: Any, colleague: Any) -> None:
    ensure_standard_pipeline()
    with acting_as(manager):
        deal = create_opportunity({"name": "Ten pumps", "owner_id": manager.id}, manager)
        update_opportunity(deal, {"owner_id": colleague.id}, manager)
        update_opportunity(deal, {"name": "Twelve pumps", "owner_id": colleague.id}, manager)
    url = f"/pipeline/opportunities/{deal.id}"
    assert told(session, colleague) == [("Max Manager gave you the opportunity Ten pumps", url)]
    assert told(session, manager) == []
    assert session.scalars(select(Mail.to)).all() == [colleague.email]


def test_the_new_owner_of_a_lead_is_told(session: Any, manager: Any, colleague: Any) -> None:
    with acting_as(manager):
        lead = create_lead({"company": "Solara", "owner_id": manager.id}, manager)
        update_lead(lead, {"owner_id": colleague.id}, manager)
    assert told(session, colleague) == [("Max Manager gave you the lead Solara", f"/pipeline/leads/{lead.id}")]
    assert told(session, manager) == []


def test_who_gets_a_lead_by_a_rule_is_told_so(session: Any, colleague: Any) -> None:
    session.add(AssignmentRule(name="All", position=1, user_id=colleague.id, regions=[], industries=[], sources=[]))
    lead = create_lead({"company": "Solara"}, None)
    assert told(session, colleague) == [("You have a new lead: Solara", f"/pipeline/leads/{lead.id}")]


def test_many_at_once_are_told_once(session: Any, manager: Any, colleague: Any) -> None:
    ensure_standard_pipeline()
    with acting_as(manager):
        deals = [create_opportunity({"name": f"Deal {n}"}, manager) for n in range(3)]
        give_to(deals, {"owner_id": colleague.id}, manager)
    assert told(session, colleague) == [("Max Manager gave you 3 opportunities", "/pipeline/opportunities?owner=me")]
