"""Currencies and time zones to choose from, named in the reader's language."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.numbers import get_currency_name, get_territory_currencies
from flask_babel import get_locale

from .db import now

FIRST_CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "SGD", "KRW", "AUD", "CAD", "CHF", "INR")
ZONE_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@lru_cache(maxsize=1)
def current_currencies() -> frozenset[str]:
    """The currencies (ISO 4217) that are money somewhere today."""
    territories = Locale.parse("en").territories
    return frozenset(code for territory in territories for code in get_territory_currencies(str(territory)) or ())


@lru_cache(maxsize=8)
def _currencies(locale: str) -> list[tuple[str, str]]:
    codes = [*FIRST_CURRENCIES, *sorted(current_currencies() - set(FIRST_CURRENCIES))]
    return [(code, f"{code} · {get_currency_name(code, locale=locale)}") for code in codes]


def currency_choices() -> list[tuple[str, str]]:
    """[(code, "CNY · Chinese Yuan")], those that are most in use first."""
    return _currencies(str(get_locale() or "en"))


def is_currency(code: str) -> bool:
    return code in current_currencies()


@lru_cache(maxsize=4)
def _zones(day: str) -> list[tuple[str, str]]:
    moment = now()
    found: list[tuple[int, str, str]] = []
    for name in available_timezones():
        if name.partition("/")[0] not in ZONE_REGIONS:
            continue
        found.append((_minutes(name, moment), name, name.replace("_", " ")))
    return [(name, f"{_offset(minutes)} {label}") for minutes, name, label in sorted(found)] + [("UTC", "UTC")]


def _minutes(name: str, moment: datetime) -> int:
    offset = moment.astimezone(ZoneInfo(name)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset is not None else 0


def _offset(minutes: int) -> str:
    sign = "−" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def zone_choices() -> list[tuple[str, str]]:
    """[("Asia/Shanghai", "+08:00 Asia/Shanghai")], from west to east, with the offsets of today."""
    return _zones(now().date().isoformat())
