"""Claims of the same record, and of one user over the limit, at the same moment."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.access.services import create_team, ensure_standard_roles
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.core.settings import save_setting
from erpcrm.pipeline.models import POOLED, Lead, PoolMove
from erpcrm.pipeline.services.pool import claim
from tests.factories.leads import a_lead, a_seller

pytestmark = pytest.mark.races


def a_claim(user_id: int, ids: list[int]) -> Callable[[], int]:
    def run() -> int:
        with transaction():
            return len(claim(POOLED["lead"], ids, db.session.get_one(User, user_id)).records)

    return run


def test_one_gets_it_and_the_others_are_told(session: Any, at_once: Callable[..., list[Any]]) -> None:
    ensure_standard_roles()
    save_setting("pool_leads", {"on": True})
    team = create_team("North")
    sellers = [a_seller(team).id for _n in range(4)]
    lead = a_lead().id
    session.commit()
    session.rollback()
    results = at_once(*(a_claim(seller, [lead]) for seller in sellers))
    assert results.count(1) == 1
    assert sum(isinstance(result, Refused) for result in results) == 3
    winner = sellers[results.index(1)]
    assert session.scalar(select(Lead.owner_id).where(Lead.id == lead)) == winner
    assert session.scalars(select(PoolMove.to_id)).all() == [winner]
    session.rollback()


def test_a_user_who_claims_in_many_windows_does_not_pass_the_limit(
    session: Any, at_once: Callable[..., list[Any]]
) -> None:
    ensure_standard_roles()
    save_setting("pool_leads", {"on": True, "claims_a_day": 3, "most_held": 100})
    seller = a_seller(create_team("North")).id
    leads = [a_lead().id for _n in range(6)]
    session.commit()
    session.rollback()
    results = at_once(*(a_claim(seller, [lead]) for lead in leads))
    assert results.count(1) == 3
    assert sum(isinstance(result, Refused) for result in results) == 3
    assert session.scalar(select(func.count()).select_from(Lead).where(Lead.owner_id == seller)) == 3
    session.rollback()


def test_two_who_claim_the_same_many_in_other_orders_do_not_block_each_other(
    session: Any, at_once: Callable[..., list[Any]]
) -> None:
    ensure_standard_roles()
    save_setting("pool_leads", {"on": True, "claims_a_day": None, "most_held": None})
    team = create_team("North")
    one, other = a_seller(team).id, a_seller(team).id
    leads = [a_lead().id for _n in range(10)]
    session.commit()
    session.rollback()
    results = at_once(a_claim(one, leads), a_claim(other, leads[::-1]))
    assert 10 in results
    assert sum(isinstance(result, Refused) for result in results) == 1
    session.rollback()
