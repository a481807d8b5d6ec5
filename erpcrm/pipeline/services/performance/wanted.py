"""Which closed deals a figure is about."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement

from erpcrm.core.actor import Actor

from ...models import Opportunity
from ..shares import CREDITED_TEAM, CREDITED_USER, credited_to

ENDS = ("won", "lost")


@dataclass(frozen=True)
class Wanted:
    """Deals that were closed from `first` to `last`, both included, narrowed to what is not None."""

    first: date
    last: date
    team: int | None = None
    person: int | None = None
    source: str | None = None
    pipeline: int | None = None


def conditions(wanted: Wanted, actor: Actor) -> list[ColumnElement[bool]]:
    """For statements over `CREDITED`: what is wanted, and what of it this user may see."""
    deal = Opportunity
    found: list[Any] = [
        deal.status.in_(ENDS),
        deal.closed_on.between(wanted.first, wanted.last),
        credited_to(actor, actor.scope(deal.record_name)),
    ]
    for column, value in (
        (CREDITED_TEAM, wanted.team),
        (CREDITED_USER, wanted.person),
        (deal.source, wanted.source),
        (deal.pipeline_id, wanted.pipeline),
    ):
        if value is not None:
            found.append(column == value)
    return found
