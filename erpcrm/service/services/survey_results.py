"""What came of surveys: rates, scores, trend and parts, each counted by the database within what the user may see."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from erpcrm.access.models import User
from erpcrm.analytics.models import Segment, SegmentMember
from erpcrm.catalog.models import Product
from erpcrm.core.db import session
from erpcrm.core.i18n import locale_code, today, zone
from erpcrm.core.options import option_label
from erpcrm.core.registry import is_on, registry
from erpcrm.customers.models import Customer

from ..models.surveys import Survey, SurveyInvitation
from ..scores import Figure, Result, result, share_of

MONTHS = 12
MOST_PARTS = 12
COMMENTS = 8


@dataclass(frozen=True)
class Summary:
    """How a survey stands: how many were asked, what share answered, and the score."""

    asked: int
    rate: Figure
    result: Result


@dataclass(frozen=True)
class Part:
    """The answers about one agent, product or group of customers."""

    id: Any
    name: str
    result: Result


def summaries(surveys: Sequence[Survey], seen: ColumnElement[bool]) -> dict[int, Summary]:
    """{survey: how it stands}, of all of them with two queries."""
    ids = [survey.id for survey in surveys]
    mine = SurveyInvitation.survey_id.in_(ids) & seen
    sent = select(SurveyInvitation.survey_id, func.count()).where(mine, SurveyInvitation.sent_at.is_not(None))
    asked = {survey_id: count for survey_id, count in session.execute(sent.group_by(SurveyInvitation.survey_id))}
    counts = _counts(SurveyInvitation.survey_id, mine)
    found = {}
    for survey in surveys:
        came = result(survey.kind, counts.get(survey.id, {}))
        found[survey.id] = Summary(asked.get(survey.id, 0), share_of(came.answers, asked.get(survey.id, 0)), came)
    return found


def _counts(
    key: Any, where: ColumnElement[bool], join: Callable[[Any], Any] | None = None
) -> dict[Any, dict[int, int]]:
    """{key: {score: how many}} of the answers."""
    query = select(key, SurveyInvitation.score, func.count()).where(where, SurveyInvitation.answered_at.is_not(None))
    if join is not None:
        query = join(query)
    found: dict[Any, dict[int, int]] = defaultdict(dict)
    for value, score, count in session.execute(query.group_by(key, SurveyInvitation.score)):
        found[value][score] = count
    return found


def months_until(day: date, count: int = MONTHS) -> list[date]:
    """The first days of the last months, that of `day` the last."""
    number = day.year * 12 + day.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


def trend(survey: Survey, seen: ColumnElement[bool]) -> list[tuple[date, Result]]:
    """Month by month, in the company's zone."""
    months = months_until(today())
    begins = [datetime.combine(month, time(), zone()).astimezone(UTC) for month in months]
    place = case(
        *((SurveyInvitation.answered_at >= moment, number) for number, moment in reversed(list(enumerate(begins)))),
        else_=-1,
    ).label("place")
    mine = (SurveyInvitation.survey_id == survey.id) & seen & (SurveyInvitation.answered_at >= begins[0])
    counts = _counts(place, mine)
    return [(month, result(survey.kind, counts.get(number, {}))) for number, month in enumerate(months)]


def parts(survey: Survey, seen: ColumnElement[bool]) -> Mapping[str, Sequence[Part]]:
    """By agent, product, group of customers and segment; those with most answers."""
    mine = (SurveyInvitation.survey_id == survey.id) & seen

    def of(key: Any, names: Callable[[Sequence[Any]], Mapping[Any, str]], join: Any = None) -> list[Part]:
        counts = _counts(key, mine & key.is_not(None), join)
        shown = sorted(counts, key=lambda value: -sum(counts[value].values()))[:MOST_PARTS]
        called = names(shown)
        return [Part(value, called.get(value, ""), result(survey.kind, counts[value])) for value in shown]

    return {
        "agent": of(SurveyInvitation.agent_id, _names(User)),
        "product": of(SurveyInvitation.product_id, _names(Product, product_name())),
        "group": of(
            Customer.customer_group,
            lambda values: {value: str(option_label("customer.group", value)) for value in values},
            lambda query: query.join(Customer, Customer.id == SurveyInvitation.customer_id),
        ),
        "segment": of(SegmentMember.segment_id, _names(Segment), _members)
        if is_on(registry().by_name["analytics"])
        else [],
    }


def _members(query: Any) -> Any:
    """Who is in a segment as it was counted last: a customer may be in several."""
    return query.join(SegmentMember, SegmentMember.customer_id == SurveyInvitation.customer_id)


def product_name() -> Any:
    """A product in the language of this request."""
    if locale_code() == "zh":
        return Product.name
    return func.coalesce(func.nullif(Product.english_name, ""), Product.name)


def _names(model: Any, name: Any = None) -> Callable[[Sequence[Any]], Mapping[Any, str]]:
    def of(ids: Sequence[Any]) -> Mapping[Any, str]:
        if not ids:
            return {}
        return {
            id: name
            for id, name in session.execute(
                select(model.id, model.name if name is None else name).where(model.id.in_(ids))
            )
        }

    return of


def skipped(survey: Survey, seen: ColumnElement[bool]) -> dict[str, int]:
    """{reason: how many were not asked}."""
    mine = (SurveyInvitation.survey_id == survey.id) & seen & SurveyInvitation.skipped.is_not(None)
    query = select(SurveyInvitation.skipped, func.count()).where(mine).group_by(SurveyInvitation.skipped)
    return {str(reason): count for reason, count in session.execute(query)}


def last_comments(survey: Survey, seen: ColumnElement[bool]) -> Sequence[SurveyInvitation]:
    query = select(SurveyInvitation).where(
        SurveyInvitation.survey_id == survey.id, seen, SurveyInvitation.comment.is_not(None)
    )
    return session.scalars(query.order_by(SurveyInvitation.answered_at.desc()).limit(COMMENTS)).all()
