"""How numbers, amounts and dates are written in a language, quickly.

Babel knows how, and takes as long for one amount as a template for ten table rows. So it is asked once for a language and a
currency, by samples; what the samples don't explain is left to it. Tests compare the two.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.numbers import format_currency, format_decimal, get_currency_precision

SAMPLES = tuple(Decimal(text) for text in ("0", "1", "12", "123", "1234", "12345.5", "1234567.25", "1234567890123"))
MOST_PLACES = 10
PLAIN = "#,##0." + "#" * MOST_PLACES


@dataclass(frozen=True)
class Layout:
    """What stands before and after the digits, and which signs stand between them."""

    before: str
    after: str
    before_negative: str
    after_negative: str
    signs: dict[int, str]

    def write(self, digits: str, *, negative: bool) -> str:
        """`digits` with a comma for thousands and a point."""
        text = digits.translate(self.signs)
        if negative:
            return f"{self.before_negative}{text}{self.after_negative}"
        return f"{self.before}{text}{self.after}"


def _around(text: str) -> tuple[str, str]:
    places = [place for place, char in enumerate(text) if char.isdigit()]
    return text[: places[0]], text[places[-1] + 1 :]


def _layout(positive: str, negative: str, symbols: tuple[str, str]) -> Layout:
    group, point = symbols
    return Layout(*_around(positive), *_around(negative), {ord(","): group, ord("."): point})


def _symbols(locale: Locale) -> tuple[str, str]:
    known = locale.number_symbols[locale.default_numbering_system]
    return str(known["group"]), str(known["decimal"])


@lru_cache(maxsize=512)
def _money_layout(currency: str, locale: Locale | str) -> tuple[Layout, Decimal] | None:
    """How amounts in `currency` are written, and its smallest unit; None where Babel does more than the samples explain."""
    known = Locale.parse(locale) if isinstance(locale, str) else locale
    unit = Decimal(1).scaleb(-get_currency_precision(currency))
    layout = _layout(
        format_currency(1, currency, locale=known), format_currency(-1, currency, locale=known), _symbols(known)
    )
    for sample in SAMPLES:
        for value in (sample, -sample):
            if _money(layout, unit, value) != format_currency(value, currency, locale=known):
                return None
    return layout, unit


def _money(layout: Layout, unit: Decimal, value: Decimal) -> str:
    rounded = value.quantize(unit)
    return layout.write(f"{abs(rounded):,f}", negative=rounded.is_signed())


def money(value: Decimal, currency: str, locale: Locale | str) -> str:
    """An amount with its currency, rounded to the currency's digits."""
    known = _money_layout(currency, locale)
    if known is None or not isinstance(value, Decimal) or not value.is_finite() or (value.is_signed() and not value):
        return format_currency(value, currency, locale=locale)
    return _money(*known, value)


@lru_cache(maxsize=64)
def _number_layout(locale: Locale | str) -> Layout | None:
    known = Locale.parse(locale) if isinstance(locale, str) else locale
    layout = _layout(format_decimal(1, PLAIN, locale=known), format_decimal(-1, PLAIN, locale=known), _symbols(known))
    for sample in SAMPLES:
        for value in (sample, -sample):
            if _number(layout, value) != format_decimal(value, PLAIN, locale=known):
                return None
    return layout


def _number(layout: Layout, value: Decimal | int) -> str:
    digits = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,}"
    if "." in digits:
        digits = digits.rstrip("0").removesuffix(".")
    return layout.write(digits, negative=value < 0)


def number(value: Decimal | int, locale: Locale | str) -> str:
    """A number with as many digits after the point as it has."""
    layout = _number_layout(locale)
    if layout is None or not _is_common(value):
        return format_decimal(value, PLAIN, locale=locale)
    return _number(layout, value)


def _is_common(value: Decimal | int) -> bool:
    """No infinity, no minus zero, not more places than are shown."""
    if not isinstance(value, Decimal):
        return isinstance(value, int)
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MOST_PLACES and not (value.is_signed() and not value)


@lru_cache(maxsize=4096)
def day(value: date, locale: Locale) -> str:
    return format_date(value, "medium", locale=locale)


@lru_cache(maxsize=2048)
def _minute(hour: int, minute: int, locale: Locale) -> str:
    return format_time(time(hour, minute), "short", locale=locale)


@lru_cache(maxsize=16)
def _together(locale: Locale) -> str:
    return str(get_datetime_format("medium", locale=locale)).replace("'", "")


def moment(local: datetime, locale: Locale) -> str:
    """A date with the minute: seconds would only be read over."""
    text = _together(locale).replace("{1}", day(local.date(), locale))
    return text.replace("{0}", _minute(local.hour, local.minute, locale))


def moment_in_short(local: datetime, locale: Locale, this_year: int) -> str:
    """For columns: this year's moments without the year, older ones as the day alone."""
    if local.year != this_year:
        return day(local.date(), locale)
    text = _together(locale).replace("{1}", _day_of_year(local.month, local.day, locale))
    return text.replace("{0}", _minute(local.hour, local.minute, locale))


@lru_cache(maxsize=2048)
def _day_of_year(month: int, day_of_month: int, locale: Locale) -> str:
    # Any leap year: only month and day are shown.
    return format_skeleton("MMMd", date(2024, month, day_of_month), locale=locale)
