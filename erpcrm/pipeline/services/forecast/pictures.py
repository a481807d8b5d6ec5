"""Every night's picture of the forecast: what it looked like at the end of a day, in sums."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select
from sqlalchemy.orm import aliased

from erpcrm.core.db import session
from erpcrm.core.exact import Share
from erpcrm.core.i18n import today

from ...forecasting import FORTH, QUARTER, ZERO, month_after, quarter_of
from ...models import ForecastPicture, Opportunity, OpportunityHistory, Stage
from ...probability import PROBABILITY
from .changes import end_of
from .view import fiscal_start, money_digits

FIRST_TIME = 400
"""Days that are made up for when there is no picture yet: enough to compare a whole year of what was forecast."""


def missing_days(limit: int) -> list[date]:
    """The days that are over and have no picture yet, the earliest first: since the last picture, or since there are deals."""
    last = session.scalar(select(func.max(ForecastPicture.day)))
    if last is not None:
        first = last + timedelta(days=1)
    else:
        begun = session.scalar(select(func.min(OpportunityHistory.at)))
        if begun is None:
            return []
        first = max(begun.date(), today() - timedelta(days=FIRST_TIME))
    return [first + timedelta(days=step) for step in range(min(limit, (today() - first).days))]


def take_picture(day: date) -> int:
    """Keep what the forecast was at the end of `day`, read from the history; once more gives the same. Returns its rows.

    Months from the quarter of that day to four quarters later. Owner, team, amount and dates are those of that day;
    probabilities are today's, since nobody keeps what they were.
    """
    first = quarter_of(day, fiscal_start()).first
    last = month_after(first, QUARTER * (FORTH + 1)) - timedelta(days=1)
    row, later, until = OpportunityHistory, aliased(OpportunityHistory), end_of(day)
    close: ColumnElement[Any] = case((row.status == "open", row.expected_close), else_=row.closed_on)
    category: ColumnElement[Any] = case(
        (row.status == "won", "closed"), else_=func.coalesce(row.forecast_category, Stage.forecast_category)
    )
    newer = select(later.id).where(later.opportunity_id == row.opportunity_id, later.id > row.id, later.at < until)
    weighted: ColumnElement[Any] = case(
        (row.status == "won", row.base_amount), else_=Share(row.base_amount, PROBABILITY * 10, money_digits())
    )
    year, month = func.extract("year", close), func.extract("month", close)
    query = (
        select(
            row.owner_id, row.team_id, Stage.pipeline_id, year, month, category, func.count(),
            func.sum(row.base_amount), func.sum(weighted),
        )
        .join(Stage, Stage.id == row.stage_id)
        .join(Opportunity, Opportunity.id == row.opportunity_id)
        .where(
            row.at < until,
            or_(
                and_(row.status == "open", row.expected_close.between(first, last)),
                and_(row.status == "won", row.closed_on.between(first, last)),
            ),
            category != "omitted",
            ~newer.exists(),
        )
        .group_by(row.owner_id, row.team_id, Stage.pipeline_id, year, month, category)
    )  # fmt: skip
    rows = [
        {
            "day": day, "month": date(int(year), int(month), 1), "owner_id": owner, "team_id": team,
            "pipeline_id": pipeline, "category": of, "deals": deals, "amount": amount or ZERO,
            "weighted": whole or ZERO,
        }
        for owner, team, pipeline, year, month, of, deals, amount, whole in session.execute(query)
    ]  # fmt: skip
    session.execute(delete(ForecastPicture).where(ForecastPicture.day == day))
    if rows:
        session.execute(insert(ForecastPicture), rows)
    return len(rows)
