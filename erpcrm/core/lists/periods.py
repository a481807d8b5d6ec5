"""Spans of days that people name: "this month", "2026-Q2". Pure arithmetic."""

import re
from datetime import date, timedelta
from typing import Any

from ..i18n import _l

Span = tuple[date | None, date | None]
"""First and last day, both included; None is open."""

PERIODS: dict[str, Any] = {
    "today": _l("Today"),
    "yesterday": _l("Yesterday"),
    "tomorrow": _l("Tomorrow"),
    "this_week": _l("This week"),
    "last_week": _l("Last week"),
    "next_week": _l("Next week"),
    "this_month": _l("This month"),
    "last_month": _l("Last month"),
    "next_month": _l("Next month"),
    "this_quarter": _l("This quarter"),
    "last_quarter": _l("Last quarter"),
    "next_quarter": _l("Next quarter"),
    "this_year": _l("This year"),
    "last_year": _l("Last year"),
    "last_7_days": _l("Last 7 days"),
    "last_30_days": _l("Last 30 days"),
    "last_90_days": _l("Last 90 days"),
    "next_7_days": _l("Next 7 days"),
    "next_30_days": _l("Next 30 days"),
    "next_90_days": _l("Next 90 days"),
    "past": _l("Before today"),
    "future": _l("After today"),
}

_FIXED = re.compile(r"(\d{4})(?:-Q([1-4])|-(0[1-9]|1[0-2]))?")
_AROUND = {"last": -1, "this": 0, "next": 1}
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def span(name: str, today: date) -> Span | None:
    """The days of a name of PERIODS, a year "2026", a quarter "2026-Q2", a month "2026-05", or a day; else None."""
    if (days := _named(name, today)) is not None:
        return days
    if (match := _FIXED.fullmatch(name)) is not None and match[1] not in ("0000", "9999"):
        year = int(match[1])
        if match[2]:
            return _months(year, 3 * int(match[2]) - 2, 3)
        return _months(year, int(match[3]), 1) if match[3] else _months(year, 1, 12)
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day, day


def _named(name: str, today: date) -> Span | None:
    if name not in PERIODS:
        return None
    one = timedelta(days=1)
    simple: dict[str, Span] = {
        "today": (today, today),
        "yesterday": (today - one, today - one),
        "tomorrow": (today + one, today + one),
        "past": (None, today - one),
        "future": (today + one, None),
    }
    if name in simple:
        return simple[name]
    where, *rest = name.split("_")
    if rest[-1] == "days":
        length = timedelta(days=int(rest[0]) - 1)
        return (today - length, today) if where == "last" else (today, today + length)
    step = _AROUND[where]
    if rest[0] == "week":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    length_in_months = _MONTHS[rest[0]]
    first = (today.month - 1) // length_in_months * length_in_months + step * length_in_months
    return _months(today.year + first // 12, first % 12 + 1, length_in_months)


def _months(year: int, month: int, count: int) -> Span:
    after = month - 1 + count
    return date(year, month, 1), date(year + after // 12, after % 12 + 1, 1) - timedelta(days=1)
