"""Which probability of a deal is in force: the seller's own figure, else that of its stage. Whatever is learned stands beside it."""

from sqlalchemy import ColumnElement, func

from .models import Opportunity, Stage


def probability_of(deal: Opportunity) -> int:
    """Percent."""
    return deal.stage.probability if deal.own_probability is None else deal.own_probability


PROBABILITY: ColumnElement[int] = func.coalesce(Opportunity.own_probability, Stage.probability)
"""The same in SQL, where the stage is joined"""
