"""Languages, time zone and the display of numbers, dates and money."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta, get_datetime_format
from babel.numbers import format_compact_currency, format_currency, format_decimal
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, force_locale, get_locale, get_translations, ngettext
from flask_babel.speaklater import LazyString
from markupsafe import escape

from .actor import current_actor
from .db import now
from .settings import setting

__all__ = ["LANGUAGES", "_", "_l", "lazy_pgettext", "ngettext", "pgettext"]


def gettext(text: str, /, **values: Any) -> str:
    """`text` in the language of this request; `values` fill its placeholders.

    A page asks hundreds of times, so the texts of its language are kept where one look finds them.
    """
    try:
        babel = g._flask_babel
        locale, texts = babel.texts
        if locale is not babel.babel_locale:  # somebody has changed the language since, for a while or for good
            texts = _texts()
    except (AttributeError, RuntimeError):
        texts = _texts()
    said: str = texts.gettext(text)
    return said % values if values else said


def _texts() -> Any:
    texts = get_translations()
    if g:
        g._flask_babel.texts = (g._flask_babel.babel_locale, texts)
    return texts


class LazyText(LazyString):  # type: ignore[misc]
    """Words that are found only when somebody reads them. They are text: the library's own class calls itself markup, and a
    choice that somebody has named <script> would be one."""

    def __html__(self) -> str:
        return escape(str(self))


def lazy_gettext(text: str, /, **values: Any) -> LazyText:
    """The same, put into words only when somebody reads it."""
    return LazyText(gettext, text, **values)


def pgettext(context: str, text: str, /) -> str:
    """A text that means different things in different places: "Open" is a state of a deal and the name of a button."""
    return str(get_translations().pgettext(context, text))


def lazy_pgettext(context: str, text: str, /) -> LazyString:
    """The same, put into words only when somebody reads it."""
    return LazyString(pgettext, context, text)


_ = gettext
_l = lazy_gettext


def spelled_out(text: Any) -> dict[str, Any] | None:
    """The parts of a lazy translation, to be kept and said later in the language of whoever reads it then."""
    if not isinstance(text, LazyString):
        return None
    values = {name: value if isinstance(value, int) else str(value) for name, value in text._kwargs.items()}
    return {"text": text._args[-1], "values": values} | ({"context": text._args[0]} if text._func is pgettext else {})


def said_again(parts: dict[str, Any]) -> str:
    """What `spelled_out` took apart, in the language of this request."""
    # Into names first: what stands within the call would be taken for a text to translate.
    text, context = parts["text"], parts.get("context")
    return gettext(text, **parts["values"]) if context is None else pgettext(context, text)


NO_CENTS = re.compile(r"[.,]0+(?=\D*$)")
LANGUAGES = {"en": "English", "zh": "简体中文"}
NUMBER_FORMATS = {
    "1,234.56": "en",
    "1.234,56": "de",
    "1 234,56": "fr",
    "1'234.56": "de_CH",
}


def choose_language() -> str:
    """The user's own choice, else the one of this browser (cookie, then Accept-Language), else the company's."""
    actor = current_actor()
    chosen = getattr(actor, "language", None)
    if chosen in LANGUAGES:
        return str(chosen)
    if has_request_context():
        if request.cookies.get("language") in LANGUAGES:
            return request.cookies["language"]
        if (best := request.accept_languages.best_match(["zh", "en"])) is not None:
            return best
    return str(setting("language"))


@contextmanager
def in_language(code: str | None) -> Iterator[None]:
    """Within it texts are in this language; the company's where none is known. For what somebody else will read."""
    with force_locale(code if code in LANGUAGES else str(setting("language"))):
        yield


def locale_code() -> str:
    return str(get_locale() or "en")[:2]


def zone() -> ZoneInfo:
    return ZoneInfo(setting("time_zone"))


_day: ContextVar[date | None] = ContextVar("day", default=None)


def today() -> date:
    """The date in the company's zone; within `on_day` that day."""
    return _day.get() or local_day(now())


def moment() -> datetime:
    """When business happens: now; within `on_day` noon of that day in the company's zone."""
    day = _day.get()
    return now() if day is None else datetime.combine(day, time(12), zone()).astimezone(UTC)


@contextmanager
def on_day(day: date) -> Iterator[None]:
    """Within it business has the date of `day`: for history that is entered later. Time stamps of records and of the audit
    trail stay true."""
    token = _day.set(day)
    try:
        yield
    finally:
        _day.reset(token)


def _locale() -> Locale:
    try:  # where it is once it was asked for
        return g._flask_babel.babel_locale or Locale.parse("en")
    except (AttributeError, RuntimeError):
        return get_locale() or Locale.parse("en")


def number_locale() -> Locale | str:
    return NUMBER_FORMATS.get(setting("number_format")) or _locale()


# Babel takes as long for one amount as a template for ten table rows, and the same amounts and days are shown again and
# again. What a text depends on is in the key.
KEPT = 20_000


@lru_cache(KEPT)
def _date_text(value: date, locale: Locale) -> str:
    return format_date(value, "medium", locale=locale)


@lru_cache(KEPT)
def _moment_text(local: datetime, locale: Locale) -> str:
    """A date with the minute: seconds would only be read over."""
    together = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    clock = format_time(local.time(), "short", locale=locale)
    return together.replace("{1}", _date_text(local.date(), locale)).replace("{0}", clock)


@lru_cache(KEPT)
def _short_moment_text(local: datetime, locale: Locale) -> str:
    together = str(get_datetime_format("medium", locale=locale)).replace("'", "")
    day, clock = format_skeleton("MMMd", local, locale=locale), format_time(local.time(), "short", locale=locale)
    return together.replace("{1}", day).replace("{0}", clock)


@lru_cache(KEPT)
def _number_text(value: Decimal | int, locale: Locale | str) -> str:
    return format_decimal(value, "#,##0.##########", locale=locale)


@lru_cache(KEPT)
def _money_text(value: Decimal, currency: str, locale: Locale | str) -> str:
    return format_currency(value, currency, locale=locale)


def local_day(moment: datetime) -> date:
    """The day of a moment in the company's zone."""
    return moment.astimezone(zone()).date()


def show_date(value: date | None) -> str:
    """A day; of a moment the day that it has in the company's zone."""
    if value is None:
        return ""
    return _date_text(local_day(value) if isinstance(value, datetime) else value, _locale())


def show_month(value: date | None) -> str:
    return format_skeleton("yMMMM", value, locale=_locale()) if value is not None else ""


def show_month_name(value: date | None) -> str:
    """ "Oct", 10月: where the year stands beside it."""
    return format_skeleton("MMM", value, locale=_locale()) if value is not None else ""


def show_datetime(value: datetime | None) -> str:
    if value is None:
        return ""
    return _moment_text(_local_minute(value, zone()), _locale())


def show_moment_in_short(value: datetime | None) -> str:
    """ "Nov 18, 1:15 PM"; the day alone for another year than this one."""
    return moments_in_short()(value)


def moments_in_short() -> Callable[[datetime | None], str]:
    """The same for a whole column: zone, language and year are looked up once."""
    here, locale, this_year = zone(), _locale(), today().year

    def show(value: datetime | None) -> str:
        if value is None:
            return ""
        local = _local_minute(value, here)
        return _short_moment_text(local, locale) if local.year == this_year else _date_text(local.date(), locale)

    return show


def _local_minute(value: datetime, here: ZoneInfo) -> datetime:
    # Without its zone: moments of different zones are equal, and what is kept of one would be said of the other.
    return value.astimezone(here).replace(second=0, microsecond=0, tzinfo=None)


def show_ago(value: datetime | None) -> str:
    """ "3 hours ago", within a month; the date after that."""
    if value is None:
        return ""
    gap = value - now()
    if abs(gap) > timedelta(days=30):
        return show_date(value)
    return format_timedelta(gap, add_direction=True, locale=_locale())


def show_duration(value: timedelta | None) -> str:
    """ "6 hours", "1 day"."""
    return "" if value is None else format_timedelta(value, threshold=1, locale=_locale())


def show_size(size: int | None) -> str:
    """A file's size: "340 kB"."""
    if size is None:
        return ""
    power = min(3, (len(str(size)) - 1) // 3)
    amount = round(Decimal(size) / 1000**power, 0 if power < 2 else 1)
    return f"{show_number(amount)} {('B', 'kB', 'MB', 'GB')[power]}"


def show_number(value: Decimal | int | None, places: int | None = None) -> str:
    """A number with the reader's separators; `places` fixes the digits after the point, else as many as it has."""
    if value is None:
        return ""
    if places is None:
        return _number_text(value + 0, number_locale())  # minus zero is zero
    return format_decimal(value, "#,##0." + "0" * places if places else "#,##0", locale=number_locale())


def show_money(value: Decimal | None, currency: str | None = None) -> str:
    """An amount with its currency; the company's currency when none is named."""
    if value is None:
        return ""
    return _money_text(value + 0, currency or setting("currency"), number_locale())


def show_money_short(value: Decimal | None, currency: str | None = None) -> str:
    """For headers of a board: 1.2M, 120万."""
    if value is None:
        return ""
    if abs(value) < 10000:
        return show_money(value.quantize(Decimal(1)), currency).removesuffix(".00")
    return format_compact_currency(value, currency or setting("currency"), locale=_locale(), fraction_digits=1)


def show_money_whole(value: Decimal | None, currency: str | None = None) -> str:
    """For cards, where room is short: a whole amount without its zeros."""
    text = show_money(value, currency)
    return NO_CENTS.sub("", text) if value is not None and value == value.to_integral_value() else text


def show_percent(value: Decimal | int | None) -> str:
    return "" if value is None else f"{show_number(value)}%"


def catalogue_folders() -> list[str]:
    """One catalogue an area, so that an area can be read, translated and moved as a whole."""
    return sorted(str(folder) for folder in Path(__file__).parents[1].glob("*/translations"))


@lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """Two letters for an avatar: the last two characters of a Chinese name, else the first of two words."""
    if any("\u4e00" <= char <= "\u9fff" for char in name):
        return name[-2:]
    words = [word for word in name.split() if word[0].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


def init_i18n(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(catalogue_folders())
    Babel(
        app,
        locale_selector=choose_language,
        timezone_selector=lambda: setting("time_zone"),
    )
    filters: dict[str, Any] = {
        "date": show_date,
        "month": show_month,
        "month_name": show_month_name,
        "datetime": show_datetime,
        "ago": show_ago,
        "number": show_number,
        "money": show_money,
        "money_short": show_money_short,
        "money_whole": show_money_whole,
        "percent": show_percent,
        "initials": initials,
        "duration": show_duration,
        "size": show_size,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(
        locale_code=locale_code, today=today, now=now, _=gettext, pgettext=pgettext, LANGUAGES=LANGUAGES
    )
