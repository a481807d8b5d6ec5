"""Currencies and time zones to choose from, named in the reader's language."""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import get_timezone_location
from babel.numbers import get_currency_name, get_territory_currencies
from flask_babel import get_locale

from .db import now
from .pinyin import pinyin_key
from .settings import setting

FIRST_CURRENCIES = ("CNY", "USD", "EUR", "GBP", "JPY", "HKD", "TWD", "SGD", "KRW", "AUD", "CAD", "CHF", "INR")
ZONE_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CN": "Asia/Shanghai",
    "DE": "Europe/Berlin",
    "ES": "Europe/Madrid",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PT": "Europe/Lisbon",
    "US": "America/New_York",
}
"""Where most people of a country with several zones live."""


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


@lru_cache(maxsize=8)
def _zones(day: str, language: str) -> list[tuple[str, str]]:
    """Each zone once, without its older names, in the order in which the reader would look for its country."""
    moment, locale, territories = now(), Locale.parse(language), get_global("zone_territories")
    older = get_global("zone_aliases")
    found = []
    for name in available_timezones():
        territory = locale.territories.get(territories.get(name, ""))
        if territory is None or name in older or name.partition("/")[0] not in ZONE_REGIONS:
            continue
        city = get_timezone_location(name, locale=locale, return_city=True)
        place = territory if city == territory else f"{territory} · {city}"
        found.append((pinyin_key(place), name, f"{place} ({_offset(_minutes(name, moment))})"))
    return [(name, label) for _key, name, label in sorted(found)] + [("UTC", "UTC")]


def _minutes(name: str, moment: datetime) -> int:
    offset = moment.astimezone(ZoneInfo(name)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset is not None else 0


def _offset(minutes: int) -> str:
    sign = "−" if minutes < 0 else "+"
    return f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def zone_choices() -> list[tuple[str, str]]:
    """[("Asia/Shanghai", "China · Shanghai (+08:00)")] by country, with the offsets of today."""
    known = _zones(now().date().isoformat(), str(get_locale() or "en"))
    here = setting("time_zone")
    # A zone that was chosen under an older name stays what it is.
    return known if any(name == here for name, _label in known) else [(here, here), *known]


def home_of(language_tags: Iterable[str]) -> tuple[str, str] | None:
    """Currency and time zone of the country that a browser's languages ("de-DE", "de") speak of; None when they name none."""
    for tag in language_tags:
        try:
            known = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        territory = known.territory or get_global("likely_subtags").get(known.language, "").rpartition("_")[2]
        zones = get_global("territory_zones").get(territory, [])
        currencies = get_territory_currencies(territory) if territory else []
        zone = MAIN_ZONES.get(territory) or (zones[0] if len(zones) == 1 else None)
        if zone is not None and currencies:
            return currencies[0], zone
    return None
