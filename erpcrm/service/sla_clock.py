"""The clock of a service level agreement: when a ticket is due, which working time was paused, and by how much it is late.

A pure function of what happened to the ticket, the calendar and the targets. While we wait for the customer, and after we
have said that it is solved, the time to resolution stands still; the time to the first response never does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from erpcrm.company.calendars import Calendar

RESTS = ("waiting_customer", "resolved", "closed")
"""States in which the time to resolution stands still"""
ZERO = timedelta()

Event = tuple[datetime, str]
"""When the ticket came into which state"""


@dataclass(frozen=True)
class Targets:
    """How much working time there is. None: no promise."""

    response: timedelta | None
    resolution: timedelta | None


@dataclass(frozen=True)
class Clock:
    """Where a ticket stands. While it rests, `resolution_due` is when it would be due if it went on this very moment."""

    response_due: datetime | None
    resolution_due: datetime | None
    paused: timedelta
    """Working time that did not count towards the resolution"""
    running: bool
    left: timedelta | None
    """Working time that is left to the resolution; negative when it is late"""
    late: timedelta
    """Working time by which the resolution is late, or was when it came"""


def stretches(events: Sequence[Event], until: datetime) -> list[tuple[datetime, datetime, bool]]:
    """What happened as (from, to, runs), one after the other, up to `until`."""
    found = []
    for n, (at, state) in enumerate(events):
        end = events[n + 1][0] if n + 1 < len(events) else max(until, at)
        found.append((at, end, state not in RESTS))
    return found


def clock(events: Sequence[Event], calendar: Calendar, targets: Targets, now: datetime) -> Clock:
    """Read the clock at `now`. `events` begin with the creation and are in order of time."""
    created = events[0][0]
    parts = stretches(events, now)
    paused = sum((calendar.between(start, end) for start, end, runs in parts if not runs), ZERO)
    response_due = calendar.add(created, targets.response) if targets.response is not None else None
    running = events[-1][1] not in RESTS
    if targets.resolution is None:
        return Clock(response_due, None, paused, running, None, ZERO)
    worked = sum((calendar.between(start, end) for start, end, runs in parts if runs), ZERO)
    due = _due(parts, calendar, targets.resolution, running, now)
    left = targets.resolution - worked
    return Clock(response_due, due, paused, running, left, max(-left, ZERO))


def _due(
    parts: Sequence[tuple[datetime, datetime, bool]],
    calendar: Calendar,
    target: timedelta,
    running: bool,
    now: datetime,
) -> datetime:
    left = target
    last = len(parts) - 1
    for n, (start, end, runs) in enumerate(parts):
        if not runs:
            continue
        if n == last and running:
            return calendar.add(start, left)
        work = calendar.between(start, end)
        if left <= work:
            return calendar.add(start, left)
        left -= work
    return calendar.add(max(now, parts[-1][0]), left)
