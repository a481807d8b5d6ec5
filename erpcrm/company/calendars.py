"""Working time: how much lies between two moments, and which moment lies so much working time later.

Pure arithmetic on aware datetimes. Windows are times of day in the company's zone; what a clock change adds to or takes
from a window counts as it really passed.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Window = tuple[time, time]
"""From, to: on the same day; 24:00 is written as `time.max`."""

HORIZON = 3660
"""Days that are searched before a calendar without working time is given up."""

WINDOW = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")


class NeverWorks(ValueError):
    """The calendar holds no working time for ten years."""


@dataclass(frozen=True)
class Calendar:
    """Windows by weekday (0 is Monday), in order and apart from each other, without the days in `holidays`."""

    zone: ZoneInfo
    week: Mapping[int, Sequence[Window]]
    holidays: frozenset[date] = field(default_factory=frozenset)

    def _windows(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The windows of a day as moments in UTC."""
        if day in self.holidays:
            return
        for start, end in self.week.get(day.weekday(), ()):
            yield self._moment(day, start), self._moment(day, end)

    def _moment(self, day: date, at: time) -> datetime:
        if at == time.max:
            day, at = day + timedelta(days=1), time()
        return datetime.combine(day, at, self.zone).astimezone(UTC)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from `start` to `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        total = timedelta()
        day, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for opens, closes in self._windows(day):
                total += max(min(closes, end) - max(opens, start), timedelta())
            day += timedelta(days=1)
        return total

    def add(self, start: datetime, working: timedelta) -> datetime:
        """The first moment by which `working` time has passed since `start`.

        Adding nothing outside working hours gives the next opening. Raises ValueError for negative time and NeverWorks.
        """
        if working < timedelta():
            raise ValueError("working time to add can't be negative")
        left, day = working, start.astimezone(self.zone).date()
        for _n in range(HORIZON):
            for opens, closes in self._windows(day):
                begins = max(opens, start)
                # A window that ends exactly now has nothing left, and the next one is no later than needed.
                if begins >= closes:
                    continue
                if left <= closes - begins:
                    return (begins + left).astimezone(start.tzinfo)
                left -= closes - begins
            day += timedelta(days=1)
        raise NeverWorks

    def before(self, end: datetime, working: timedelta) -> datetime:
        """The last moment from which `working` time is left until `end`: the other way round of `add`.

        Raises ValueError for negative time and NeverWorks.
        """
        if working < timedelta():
            raise ValueError("working time to take away can't be negative")
        left, day = working, end.astimezone(self.zone).date()
        for _n in range(HORIZON):
            for opens, closes in reversed(list(self._windows(day))):
                ends = min(closes, end)
                if ends <= opens:
                    continue
                if left <= ends - opens:
                    return (ends - left).astimezone(end.tzinfo)
                left -= ends - opens
            day -= timedelta(days=1)
        raise NeverWorks


def parse_windows(text: str) -> list[Window]:
    """Windows as people type them: "9:00-12:00, 13:30-18:00" (also with Chinese marks). Raises ValueError otherwise.

    They come back in order; windows that overlap, end before they begin or are empty are refused.
    """
    rest = WINDOW.sub("", text)
    if re.sub(r"[\s,，、;；和]", "", rest):
        raise ValueError(text)
    found = []
    for match in WINDOW.finditer(text):
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        end = time.max if (to_hour, to_minute) == (24, 0) else time(to_hour, to_minute)
        found.append((time(from_hour, from_minute), end))
    found.sort()
    if any(start >= end for start, end in found):
        raise ValueError(text)
    if any(later[0] < earlier[1] for earlier, later in pairwise(found)):
        raise ValueError(text)
    return found


def show_windows(windows: Sequence[Window]) -> str:
    """The other way round."""
    return ", ".join(f"{start:%H:%M}–{'24:00' if end == time.max else f'{end:%H:%M}'}" for start, end in windows)
