"""The figures of a forecast as it stands now, and the deals that each of them adds up from."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select, union_all

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.exact import AMOUNT, Share
from erpcrm.customers.models import Customer

from ...forecasting import COUNTED, ZERO, Period, Rate
from ...models import Opportunity, Stage
from ...probability import PROBABILITY
from ..board import named_customer
from .rates import stage_rates
from .view import View, category_now, in_period, money_digits, seen

FIGURES = (*COUNTED, "total", "weighted", "history")
"""What a row shows: the categories, all of them together, and that weighted by stage and by history."""
WEIGHTED = ("weighted", "history")
LISTED = 100
"""Deals of a figure that are shown one by one; the others come as one sum."""


@dataclass
class Row:
    """One line of a forecast: amounts and numbers of deals by figure, in company currency."""

    amounts: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(FIGURES, ZERO))
    deals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIGURES, 0))
    unpriced: int = 0

    def add(self, cell: "Cell") -> None:
        amounts = {cell.category: cell.amount, "total": cell.amount, "weighted": cell.weighted, "history": cell.history}
        for name, amount in amounts.items():
            self.amounts[name] += amount
            self.deals[name] += cell.deals
        self.unpriced += cell.unpriced


@dataclass(frozen=True)
class Cell:
    """The deals of one owner, month and category."""

    owner_id: int | None
    month: date
    category: str
    deals: int
    amount: Decimal
    weighted: Decimal
    history: Decimal
    unpriced: int


@dataclass(frozen=True)
class Forecast:
    """The cells of a view, and what they add up to."""

    cells: list[Cell]

    def by_month(self, months: Iterable[Period]) -> list[tuple[Period, Row]]:
        return [(month, self._row(cell for cell in self.cells if cell.month == month.first)) for month in months]

    def by_owner(self) -> dict[int | None, Row]:
        owners = dict.fromkeys(cell.owner_id for cell in self.cells)
        return {owner: self._row(cell for cell in self.cells if cell.owner_id == owner) for owner in owners}

    @property
    def total(self) -> Row:
        return self._row(self.cells)

    def within(self, period: Period) -> "Forecast":
        return Forecast([cell for cell in self.cells if period.holds(cell.month)])

    @staticmethod
    def _row(cells: Iterable[Cell]) -> Row:
        row = Row()
        for cell in cells:
            row.add(cell)
        return row


def _by_history(rates: Mapping[int, Rate]) -> ColumnElement[int]:
    if not rates:
        return literal(0)
    return case({id: rate.per_mille for id, rate in rates.items()}, value=Opportunity.stage_id, else_=0)


def _shares(status: str, rates: Mapping[int, Rate]) -> tuple[Any, Any, Any]:
    """The amount of a deal, and what of it counts by the probability in force and by history."""
    amount: Any = Opportunity.base_amount
    if status == "won":
        return amount, amount, amount
    digits = money_digits()
    return amount, Share(amount, PROBABILITY * 10, digits), Share(amount, _by_history(rates), digits)


def forecast(view: View, actor: Actor | None) -> Forecast:
    """All figures of a view in one query, summed by owner, month and category; deals left out are not in it."""
    rates = stage_rates()
    parts = []
    for status in ("open", "won"):
        amount, weighted, history = _shares(status, rates)
        day: Any = Opportunity.expected_close if status == "open" else Opportunity.closed_on
        year, month = func.extract("year", day), func.extract("month", day)
        parts.append(
            select(
                Opportunity.owner_id, year.label("year"), month.label("month"), category_now.label("category"),
                func.count().label("deals"), func.sum(amount).label("amount"), func.sum(weighted).label("weighted"),
                func.sum(history).label("history"), (func.count() - func.count(amount)).label("unpriced"),
            )
            .join(Stage, Stage.id == Opportunity.stage_id)
            .where(in_period(status, view.period), category_now != "omitted", *_chosen(view, actor))
            .group_by(Opportunity.owner_id, year, month, category_now)
        )  # fmt: skip
    return Forecast(
        [
            Cell(owner, date(int(year), int(month), 1), category, deals, amount or ZERO, weighted or ZERO,
                 history or ZERO, unpriced)
            for owner, year, month, category, deals, amount, weighted, history, unpriced in session.execute(
                union_all(*parts)
            )
        ]
    )  # fmt: skip


def _chosen(view: View, actor: Actor | None) -> list[ColumnElement[bool]]:
    return [seen(actor), *view.filters(Opportunity.owner_id, Opportunity.team_id, Opportunity.pipeline_id)]


@dataclass(frozen=True)
class Term:
    """One deal of a figure: its amount, the share of it that counts (thousandths), and what that comes to."""

    id: int
    version: int
    name: str
    status: str
    close: date | None
    customer: str | None
    owner: str | None
    stage_id: int
    stage: str
    stage_zh: str | None
    category: str
    own_category: str | None
    amount: Decimal | None
    per_mille: int
    share: Decimal | None

    @property
    def percent(self) -> Decimal:
        return Decimal(self.per_mille) / 10


@dataclass(frozen=True)
class Explanation:
    """The deals of a figure, the greatest first. `rest` of them, worth `rest_sum`, are not listed."""

    terms: list[Term]
    count: int
    total: Decimal

    @property
    def rest(self) -> int:
        return self.count - len(self.terms)

    @property
    def rest_sum(self) -> Decimal:
        return self.total - sum((term.share or ZERO for term in self.terms), ZERO)


def explain(view: View, figure: str, actor: Actor | None) -> Explanation:
    """What a figure of the page adds up from, in two queries."""
    rates = stage_rates()
    parts = [_terms(view, figure, status, rates, actor) for status in ("open", "won")]
    every = union_all(*parts).subquery()
    count, total = session.execute(select(func.count(), func.sum(every.c.share))).one()
    rows = session.execute(
        select(every).order_by(every.c.share.is_(None), every.c.share.desc(), every.c.id).limit(LISTED)
    )
    return Explanation([Term(*row) for row in rows], count, total or ZERO)


def _terms(view: View, figure: str, status: str, rates: Mapping[int, Rate], actor: Actor | None) -> Select[Any]:
    amount, weighted, history = _shares(status, rates)
    share = {"weighted": weighted, "history": history}.get(figure, amount)
    per_mille: Any = literal(1000)
    if status == "open" and figure in WEIGHTED:
        per_mille = PROBABILITY * 10 if figure == "weighted" else _by_history(rates)
    wanted = category_now == figure if figure in COUNTED else category_now != "omitted"
    day: Any = Opportunity.expected_close if status == "open" else Opportunity.closed_on
    return (
        select(
            Opportunity.id, Opportunity.version, Opportunity.name, Opportunity.status, day.label("close"),
            Customer.name.label("customer"), User.name.label("owner"), Stage.id.label("stage_id"),
            Stage.name.label("stage"), Stage.name_zh.label("stage_zh"), category_now.label("category"),
            Opportunity.forecast_category.label("own_category"), amount.label("amount"), per_mille.label("per_mille"),
            func.coalesce(share, literal(None, AMOUNT)).label("share"),
        )
        .join(Stage, Stage.id == Opportunity.stage_id)
        .outerjoin(Customer, named_customer())
        .outerjoin(User, User.id == Opportunity.owner_id)
        .where(in_period(status, view.period), wanted, *_chosen(view, actor))
    )  # fmt: skip


@dataclass(frozen=True)
class Beyond:
    """Open deals that no period counts any more, or none yet: expected before `view` begins, and without a day."""

    late: int
    late_sum: Decimal
    undated: int
    undated_sum: Decimal


def beyond(view: View, actor: Actor | None) -> Beyond:
    """One look at the open deals: they are few, while most deals that were expected earlier have ended long ago."""
    close: Any = Opportunity.expected_close
    amount: Any = func.coalesce(Opportunity.base_amount, literal(ZERO, AMOUNT))
    late, undated = (case((condition, amount)) for condition in (close < view.period.first, close.is_(None)))
    query = select(func.count(late), func.sum(late), func.count(undated), func.sum(undated))
    row = session.execute(query.where(Opportunity.status == "open", *_chosen(view, actor))).one()
    return Beyond(row[0], row[1] or ZERO, row[2], row[3] or ZERO)
