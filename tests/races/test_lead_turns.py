"""Leads that come, or are converted, at the same moment come out as if it had been one after the other."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.access.services import create_team, ensure_standard_roles
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.customers.models import Contact, Customer
from erpcrm.pipeline.models import Lead, Opportunity
from erpcrm.pipeline.services import Conversion, convert, create_lead, ensure_standard_pipeline
from tests.factories.leads import a_seller, an_assignment_rule

pytestmark = pytest.mark.races


def test_leads_that_come_at_once_go_to_the_members_in_turn(session: Any, at_once: Callable[..., list[Any]]) -> None:
    ensure_standard_roles()
    team = create_team("North")
    members = [a_seller(team).id for _n in range(3)]
    an_assignment_rule(team)
    session.commit()
    session.rollback()

    def come(place: int) -> None:
        for n in range(6):
            with transaction():
                create_lead({"company": f"Lead {place}.{n}"}, None)

    assert at_once(*(lambda place=place: come(place) for place in range(4))) == [None] * 4
    owners = session.scalars(select(Lead.owner_id).order_by(Lead.id)).all()
    assert Counter(owners) == dict.fromkeys(members, 8)
    session.rollback()


def test_two_rules_are_never_waited_for_in_a_circle(session: Any, at_once: Callable[..., list[Any]]) -> None:
    ensure_standard_roles()
    for name, region in (("North", "asia"), ("South", "europe")):
        team = create_team(name)
        a_seller(team)
        an_assignment_rule(team, regions=[region])
    session.commit()
    session.rollback()

    def come(*regions: str) -> None:
        for n in range(5):
            with transaction():
                for region in regions:
                    create_lead({"company": f"Lead {n}", "region": region}, None)

    results = at_once(lambda: come("asia", "europe"), lambda: come("europe", "asia"), lambda: come("asia", "europe"))
    assert results == [None] * 3
    assert len(session.scalars(select(Lead.id).where(Lead.owner_id.is_not(None))).all()) == 30
    session.rollback()


def test_of_two_conversions_at_once_one_is_told_and_nothing_is_made_twice(
    session: Any, at_once: Callable[..., list[Any]]
) -> None:
    ensure_standard_roles()
    ensure_standard_pipeline()
    seller = a_seller(create_team("North"))
    lead_id, seller_id = (
        create_lead({"company": "Wanted Works", "person": "P", "owner_id": seller.id}, None).id,
        seller.id,
    )
    session.commit()
    session.rollback()

    def turn() -> str:
        with transaction():
            by = db.session.get_one(User, seller_id)
            convert(db.session.get_one(Lead, lead_id), Conversion(), by)
        return "converted"

    results = at_once(turn, turn, turn)
    assert results.count("converted") == 1
    assert sum(isinstance(result, Refused) for result in results) == 2
    made = [session.scalar(select(func.count()).select_from(model)) for model in (Customer, Contact, Opportunity)]
    assert made == [1, 1, 1]
    session.rollback()
