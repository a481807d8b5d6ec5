"""Working time, as arithmetic."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.company.calendars import Calendar, NeverWorks, parse_windows, show_windows

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
HALVES = [(time(9), time(12)), (time(13, 30), time(18))]
OFFICE = Calendar(SHANGHAI, dict.fromkeys(range(5), HALVES), frozenset({date(2026, 10, 1), date(2026, 10, 2)}))
NIGHTS = Calendar(BERLIN, {day: [(time(0), time(6)), (time(22), time.max)] for day in range(7)})


def at(day, hour, minute=0, zone=SHANGHAI):
    return datetime.combine(date(*day), time(hour, minute), zone)


MONDAY, FRIDAY = (2026, 3, 2), (2026, 3, 6)


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        (at(MONDAY, 9), at(MONDAY, 18), 7.5),
        (at(MONDAY, 11), at(MONDAY, 14), 1.5),
        (at(MONDAY, 12), at(MONDAY, 13, 30), 0),
        (at(FRIDAY, 17), at((2026, 3, 9), 10), 2),
        (at((2026, 9, 30), 17), at((2026, 10, 5), 10), 2),
        (at(MONDAY, 18), at(MONDAY, 9), -7.5),
    ],
)
def test_working_time_leaves_out_breaks_weekends_and_holidays(start, end, hours):
    assert OFFICE.between(start, end) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(MONDAY, 9), 3, at(MONDAY, 12)),
        (at(MONDAY, 9), 3.5, at(MONDAY, 14)),
        (at(MONDAY, 7), 1, at(MONDAY, 10)),
        (at(FRIDAY, 17), 2, at((2026, 3, 9), 10)),
        (at((2026, 9, 30), 17, 30), 1, at((2026, 10, 5), 9, 30)),
        (at(FRIDAY, 20), 0, at((2026, 3, 9), 9)),
    ],
)
def test_a_due_time_lies_within_working_hours(start, hours, end):
    assert OFFICE.add(start, timedelta(hours=hours)) == end


def test_a_night_shift_counts_the_hours_that_a_clock_change_really_leaves():
    start, end = at((2026, 3, 29), 0, zone=BERLIN), at((2026, 3, 29), 6, zone=BERLIN)
    assert NIGHTS.between(start, end) == timedelta(hours=5)
    assert NIGHTS.between(at((2026, 10, 25), 0, zone=BERLIN), at((2026, 10, 25), 6, zone=BERLIN)) == timedelta(hours=7)


def test_a_calendar_that_never_works_is_no_endless_search():
    with pytest.raises(NeverWorks):
        Calendar(SHANGHAI, {}).add(at(MONDAY, 9), timedelta(hours=1))


moments = st.integers(1735689600, 1830297600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
"""Whole seconds of 2025 to 2027."""
spans = st.timedeltas(timedelta(), timedelta(hours=300)).map(lambda span: timedelta(seconds=int(span.total_seconds())))
calendars = st.sampled_from([OFFICE, NIGHTS])


@given(calendars, moments, spans)
def test_what_was_added_lies_between(calendar, start, working):
    assert calendar.between(start, calendar.add(start, working)) == working


@given(calendars, moments, spans, spans)
def test_adding_twice_is_adding_the_sum(calendar, start, one, two):
    assert calendar.add(calendar.add(start, one), two) == calendar.add(start, one + two)


@given(calendars, st.lists(moments, min_size=3, max_size=3).map(sorted))
def test_time_between_adds_up_and_is_never_more_than_what_passed(calendar, three):
    first, second, third = three
    assert calendar.between(first, second) + calendar.between(second, third) == calendar.between(first, third)
    assert timedelta() <= calendar.between(first, third) <= third - first


@given(calendars, moments, spans.filter(bool))
def test_a_due_time_is_the_first_moment_that_will_do(calendar, start, working):
    due = calendar.add(start, working)
    assert calendar.between(start, due - timedelta(seconds=1)) < working


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("9:00-12:00, 13:30-18:00", "09:00–12:00, 13:30–18:00"),
        ("13:30 – 18:00；09：00至12：00", "09:00–12:00, 13:30–18:00"),
        ("0:00-24:00", "00:00–24:00"),
        ("", ""),
    ],
)
def test_windows_are_read_as_people_type_them(typed, shown):
    assert show_windows(parse_windows(typed)) == shown
    assert parse_windows(show_windows(parse_windows(typed))) == parse_windows(typed)


@pytest.mark.parametrize("typed", ["9-17", "12:00-9:00", "9:00-12:00, 11:00-13:00", "9:00-9:00", "25:00-26:00", "dawn"])
def test_windows_that_make_no_sense_are_refused(typed):
    with pytest.raises(ValueError):
        parse_windows(typed)
