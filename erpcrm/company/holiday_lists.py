"""Holidays as people paste them: a date a line, or the first and last day of a run, with or without a name."""

import re
from datetime import date, timedelta

DATE = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
LINE = re.compile(rf"^\W*{DATE}(?:\s*(?:-|–|—|~|至|到|to|\.\.)\s*{DATE})?[\s,;，；:：\t]*(.*)$")
LONGEST = 60
"""Days of one run."""


def parse_holidays(text: str) -> tuple[dict[date, str], list[str]]:
    """({day: name}, lines that could not be read). Understands 2026-01-01, 2026/1/1 and 2026年1月1日, and "… 至 …"."""
    found: dict[date, str] = {}
    unread = []
    for line in filter(None, (raw.strip() for raw in text.splitlines())):
        match = LINE.match(line)
        days = _days(match) if match else []
        if not days or match is None:
            unread.append(line)
            continue
        found |= dict.fromkeys(days, match.group(7).strip().strip('"'))
    return found, unread


def _days(match: re.Match[str]) -> list[date]:
    try:
        first = date(*(int(part) for part in match.groups()[:3]))
        last = date(*(int(part) for part in match.groups()[3:6])) if match.group(4) else first
    except ValueError:
        return []
    if not timedelta() <= last - first < timedelta(days=LONGEST):
        return []
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
