"""The exact count of a list, and the sums of its columns: asked for after the page, because they read every row."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from ..db import session
from ..i18n import show_money, show_number
from ..records import Column, join_key
from ..settings import setting
from .state import ListState


@dataclass(frozen=True)
class Totals:
    """How many rows match; by column name its sums, already in words: one a currency for money."""

    count: int
    sums: dict[str, list[str]]


def totals_of(state: ListState, columns: list[Column]) -> Totals:
    """Count and sums of all rows that match, within the user's scope. Money is summed by currency, never across."""
    plain = [column for column in columns if column.kind != "money" or column.currency is None]
    query = _over(state, plain).add_columns(func.count(), *(func.sum(column.expr) for column in plain))
    count, *sums = session.execute(query).one()
    found = {column.name: [_shown(column, value, None)] for column, value in zip(plain, sums, strict=True)}
    for column in columns:
        if column.kind == "money" and column.currency is not None:
            by_currency = (
                _over(state, [column]).add_columns(column.currency, func.sum(column.expr)).group_by(column.currency)
            )
            found[column.name] = _by_currency(column, session.execute(by_currency).all())
    return Totals(count, found)


def _over(state: ListState, columns: list[Column]) -> Any:
    query = select().select_from(state.kind.model)
    for target, on in join_key([join for column in columns for join in column.joins]):
        query = query.outerjoin(target, on)
    return query.where(*state.conditions())


def _by_currency(column: Column, rows: Any) -> list[str]:
    own = setting("currency")
    sums: dict[str, Decimal] = {}
    for currency, amount in rows:
        if amount is not None:
            sums[currency or own] = sums.get(currency or own, Decimal(0)) + amount
    return [
        _shown(column, amount, currency)
        for currency, amount in sorted(sums.items(), key=lambda item: (item[0] != own, item[0]))
    ]


def _shown(column: Column, value: Any, currency: str | None) -> str:
    if value is None:
        return ""
    return show_money(value, currency) if column.kind == "money" else show_number(value)
