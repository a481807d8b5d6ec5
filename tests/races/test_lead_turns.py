"""Leads that come at the same moment are shared out as evenly as leads that come one after the other."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.access.services import create_team, ensure_standard_roles
from erpcrm.core.lifecycle import transaction
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.services import create_lead
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
