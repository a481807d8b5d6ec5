"""One cell of text to a value: numbers, dates, yes and no, as people of many countries write them. No database."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal
from zoneinfo import ZoneInfo

from erpcrm.core.i18n import _

DateOrder = Literal["dmy", "mdy"]
Mark = Literal["point", "comma"]
"""What stands before the decimals."""

YES = frozenset(
    ["yes", "y", "true", "t", "1", "on", "x", "✓", "√", "✔", "是", "有", "对", "真", "启用", "已", "ja", "oui", "si"]
)
NO = frozenset(
    [
        "no",
        "n",
        "false",
        "f",
        "0",
        "off",
        "-",
        "×",
        "✗",
        "✘",
        "否",
        "无",
        "没有",
        "错",
        "假",
        "停用",
        "未",
        "nein",
        "non",
    ]
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_TIME = r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s*([ap])\.?m\.?)?(Z|[+-]\d{2}:?\d{2})?)?"
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?")
_YEAR_FIRST = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?" + _TIME, re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_DAY_NAMED = re.compile(r"(\d{1,2})[.\s-]*([a-z]{3})[a-z]*[.,\s-]*(\d{4}|\d{2})" + _TIME, re.IGNORECASE)
_MONTH_NAMED = re.compile(r"([a-z]{3})[a-z]*[.\s-]*(\d{1,2})(?:st|nd|rd|th)?[,\s-]+(\d{4})" + _TIME, re.IGNORECASE)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_CURRENCY = re.compile(
    r"[¥￥$€£₩₹]|(?<![a-z])(?:cny|rmb|usd|eur|gbp|jpy|hkd|us|元|人民币|美元)(?![a-z])", re.IGNORECASE
)
_TEN_THOUSANDS = {"万": 10**4, "亿": 10**8}
_EPOCH = datetime(1899, 12, 30)


class BadValue(ValueError):
    """This text is not what its column should hold; the message says why, in the reader's language."""


class LeftOut(BadValue):
    """The user has said that rows with this word are not wanted: nothing is wrong with them."""


@dataclass(frozen=True)
class Habits:
    """How the file writes what can be read in two ways, and the zone of its times."""

    dates: DateOrder = "mdy"
    mark: Mark = "point"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))


def folded(text: str) -> str:
    """For comparing: full-width letters made plain, no difference of case, runs of blanks as one."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split())


def to_number(text: str, mark: Mark = "point", *, places: int = 6, digits: int = 13) -> Decimal:
    """An exact number out of "1,234.50", "１２", "(5)", "¥ 3.2万", "12 %". Raises BadValue; nothing is rounded."""
    typed = unicodedata.normalize("NFKC", text).strip()
    negative = typed.startswith("(") and typed.endswith(")")
    bare = _CURRENCY.sub("", typed.strip("()")).removesuffix("%").strip()
    times = next((factor for word, factor in _TEN_THOUSANDS.items() if bare.endswith(word)), 1)
    bare = bare.rstrip("万亿").strip()
    if bare.endswith("-"):
        bare, negative = bare[:-1], not negative
    group, point = (",", ".") if mark == "point" else (".", ",")
    whole, found, rest = re.sub(r"[\s'_]", "", bare).partition(point)
    if group in whole and not re.fullmatch(rf"[+-]?\d{{1,4}}(?:{re.escape(group)}\d{{2,4}})+", whole):
        raise BadValue(_("“%(text)s” is not a number.", text=text))
    plain = whole.replace(group, "") + ("." + rest if found else "")
    if not re.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", plain):
        raise BadValue(_("“%(text)s” is not a number.", text=text))
    try:
        number = Decimal(plain) * times
    except InvalidOperation as error:
        raise BadValue(_("“%(text)s” is not a number.", text=text)) from error
    if abs(number) >= Decimal(10) ** digits:
        raise BadValue(_("“%(text)s” is too large.", text=text))
    if number != round(number, places):
        raise BadValue(_("“%(text)s” has more than %(places)s digits after the point.", text=text, places=places))
    return -number if negative else number


def decimal_mark(texts: Iterable[str]) -> Mark | None:
    """What stands before the decimals in these numbers; None when nothing tells ("1,234" may be either)."""
    votes = {"point": 0, "comma": 0}
    for text in texts:
        bare = unicodedata.normalize("NFKC", text)
        last_comma, last_point = bare.rfind(","), bare.rfind(".")
        if last_comma >= 0 and last_point >= 0:
            votes["comma" if last_comma > last_point else "point"] += 1
            continue
        for name, sign in (("comma", ","), ("point", ".")):
            if bare.count(sign) > 1:
                votes["point" if name == "comma" else "comma"] += 1
            elif bare.count(sign) == 1 and not re.search(rf"[1-9]\d{{0,2}}\{sign}\d{{3}}(?!\d)", bare):
                votes[name] += 1
    if votes["comma"] == votes["point"]:
        return None
    return "comma" if votes["comma"] > votes["point"] else "point"


def to_date(text: str, habits: Habits) -> date:
    """A calendar day. Raises BadValue."""
    return _moment(text, habits)[0].date()


def to_moment(text: str, habits: Habits) -> datetime:
    """A moment with its zone; without one in the text it is the company's. Raises BadValue."""
    moment, zoned = _moment(text, habits)
    return moment if zoned else moment.replace(tzinfo=habits.zone)


def _moment(text: str, habits: Habits) -> tuple[datetime, bool]:
    typed = unicodedata.normalize("NFKC", text).strip()
    try:
        return _read_moment(typed, habits)
    except (ValueError, OverflowError) as error:
        raise BadValue(_("“%(text)s” is not a date.", text=text)) from error


def _read_moment(typed: str, habits: Habits) -> tuple[datetime, bool]:
    if found := _COMPACT.fullmatch(typed):
        year, month, day = (int(part) for part in found.groups())
        return datetime(year, month, day), False
    if found := _YEAR_FIRST.fullmatch(typed):
        return _with_time(date(int(found[1]), int(found[2]), int(found[3])), *found.groups()[3:])
    if found := _YEAR_LAST.fullmatch(typed):
        first, second = int(found[1]), int(found[3])
        day, month = (first, second) if habits.dates == "dmy" or found[2] == "." else (second, first)
        return _with_time(date(_full_year(found[4]), month, day), *found.groups()[4:])
    if found := _DAY_NAMED.fullmatch(typed):
        return _with_time(date(_full_year(found[3]), _month(found[2]), int(found[1])), *found.groups()[3:])
    if found := _MONTH_NAMED.fullmatch(typed):
        return _with_time(date(int(found[3]), _month(found[1]), int(found[2])), *found.groups()[3:])
    if _SERIAL.fullmatch(typed):
        days, _point, part = typed.partition(".")
        seconds = int(Decimal("0." + (part or "0")) * 86400 + Decimal("0.5"))
        return _EPOCH + timedelta(days=int(days), seconds=seconds), False
    raise ValueError(typed)


def _month(name: str) -> int:
    number = _MONTHS.get(name.lower())
    if number is None:
        raise ValueError(name)
    return number


def _full_year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _with_time(
    day: date, hour: str | None, minute: str | None, second: str | None, half: str | None, zone: str | None
) -> tuple[datetime, bool]:
    if hour is None:
        return datetime.combine(day, time()), False
    hours = int(hour)
    if half is not None:
        hours = hours % 12 + (12 if half.lower() == "p" else 0)
    moment = datetime.combine(day, time(hours, int(minute or 0), int(second or 0)))
    if zone is None:
        return moment, False
    return datetime.fromisoformat(moment.isoformat() + ("+00:00" if zone == "Z" else zone)), True


def date_order(texts: Iterable[str]) -> tuple[DateOrder | None, bool]:
    """(day first or month first when some date tells, whether any date is written in a way that could be either)."""
    day_first = month_first = either = False
    for text in texts:
        found = _YEAR_LAST.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if found is None or found[2] == ".":
            continue
        first, second = int(found[1]), int(found[3])
        day_first |= first > 12
        month_first |= second > 12
        either |= first <= 12 and second <= 12 and first != second
    if day_first != month_first:
        return ("dmy" if day_first else "mdy"), either
    return None, either


def to_bool(text: str) -> bool:
    """Yes or no, in many words. Raises BadValue."""
    word = folded(text)
    if word in YES:
        return True
    if word in NO:
        return False
    raise BadValue(_("“%(text)s” is neither yes nor no.", text=text))


def to_tags(text: str) -> list[str]:
    """Words between commas, semicolons or their Chinese forms, without repeats."""
    words = re.split(r"[,，、;；]", text)
    return list(dict.fromkeys(word.strip() for word in words if word.strip()))
