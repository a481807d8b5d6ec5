"""The clock of a service level agreement: pure arithmetic on what happened."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.company.calendars import Calendar
from erpcrm.service.priorities import LEVELS, MATRIX, PRIORITIES, priority
from erpcrm.service.sla_clock import Targets, clock

ZONE = ZoneInfo("Asia/Shanghai")
DAY = ((time(9), time(18)),)
OFFICE = Calendar(ZONE, dict.fromkeys(range(5), DAY))
LUNCH = Calendar(ZONE, dict.fromkeys(range(5), ((time(9), time(12)), (time(13, 30), time(18)))))
HOURS = timedelta(hours=1)
FOUR = Targets(HOURS, 4 * HOURS)


def at(text, zone=ZONE):
    """ "Fri 16:30": in the week of Friday, 6 November 2026; "Mon" and later days are those after it."""
    day, clock_time = text.split()
    days = {"Fri": 6, "Sat": 7, "Sun": 8, "Mon": 9, "Tue": 10, "Wed": 11}
    hour, minute = map(int, clock_time.split(":"))
    return datetime(2026, 11, days[day], hour, minute, tzinfo=zone).astimezone(UTC)


def due(events, calendar=OFFICE, targets=FOUR, now="Wed 17:00"):
    return clock([(at(when), state) for when, state in events], calendar, targets, at(now)).resolution_due


def test_the_worked_example_of_friday_afternoon():
    assert due([("Fri 16:30", "new")]) == at("Mon 11:30")
    waited = [("Fri 16:30", "new"), ("Mon 09:30", "waiting_customer"), ("Mon 10:30", "open")]
    assert due(waited) == at("Mon 12:30")
    read = clock([(at(when), state) for when, state in waited], OFFICE, FOUR, at("Mon 13:00"))
    assert (read.response_due, read.paused, read.running) == (at("Fri 17:30"), HOURS, True)
    assert (read.left, read.late) == (-HOURS / 2, HOURS / 2)


@pytest.mark.parametrize(
    ("events", "calendar", "expected"),
    [
        # a lunch break counts for nothing
        ([("Mon 10:00", "new")], LUNCH, "Mon 15:30"),
        # made outside hours: it begins with the next opening
        ([("Sat 11:00", "new")], OFFICE, "Mon 13:00"),
        ([("Mon 06:00", "new"), ("Mon 07:00", "open")], OFFICE, "Mon 13:00"),
        # a holiday on Monday
        ([("Fri 16:30", "new")], Calendar(ZONE, OFFICE.week, frozenset({date(2026, 11, 9)})), "Tue 11:30"),
        # waiting over night and over the weekend costs the hours of work in it only
        ([("Fri 16:30", "new"), ("Fri 17:30", "waiting_customer"), ("Mon 09:30", "open")], OFFICE, "Mon 12:30"),
        # waiting that begins and ends outside hours costs nothing
        ([("Fri 16:30", "new"), ("Fri 19:00", "waiting_customer"), ("Mon 08:00", "open")], OFFICE, "Mon 11:30"),
        # several
        (
            [
                ("Mon 09:00", "new"),
                ("Mon 10:00", "waiting_customer"),
                ("Mon 11:00", "open"),
                ("Mon 12:00", "waiting_customer"),
                ("Mon 14:00", "waiting_third"),
            ],
            OFFICE,
            "Mon 16:00",
        ),
        # waiting for a third party is our time; called resolved and taken up again goes on where it was
        ([("Mon 09:00", "new"), ("Mon 10:00", "waiting_third")], OFFICE, "Mon 13:00"),
        ([("Mon 09:00", "new"), ("Mon 12:00", "resolved"), ("Tue 09:00", "open")], OFFICE, "Tue 10:00"),
        # it was due before it waited: what comes later changes nothing
        ([("Mon 09:00", "new"), ("Mon 15:00", "waiting_customer"), ("Tue 09:00", "open")], OFFICE, "Mon 13:00"),
    ],
)
def test_when_a_ticket_is_due(events, calendar, expected):
    assert due(events, calendar) == at(expected)


def test_a_changed_policy_keeps_the_pauses():
    waited = [("Mon 09:00", "new"), ("Mon 10:00", "waiting_customer"), ("Mon 12:00", "open")]
    assert due(waited) == at("Mon 15:00")
    assert due(waited, targets=Targets(None, 8 * HOURS)) == at("Tue 10:00")
    assert clock([(at(a), b) for a, b in waited], OFFICE, Targets(None, None), at("Tue 09:00")).resolution_due is None


def test_while_it_waits_the_due_time_moves_along_and_the_first_response_does_not():
    waits = [(at("Mon 09:00"), "new"), (at("Mon 11:00"), "waiting_customer")]
    at_noon, at_two = (clock(waits, OFFICE, FOUR, at(when)) for when in ("Mon 12:00", "Mon 14:00"))
    assert (at_noon.resolution_due, at_two.resolution_due) == (at("Mon 14:00"), at("Mon 16:00"))
    assert at_noon.response_due == at_two.response_due == at("Mon 10:00")
    assert (at_two.running, at_two.left, at_two.late) == (False, 2 * HOURS, timedelta())


def test_a_clock_change_takes_an_hour_from_a_ticket_that_counts_round_the_clock():
    berlin = ZoneInfo("Europe/Berlin")
    always = Calendar(berlin, dict.fromkeys(range(7), ((time.min, time.max),)))
    made = datetime(2026, 3, 28, 20, 0, tzinfo=berlin).astimezone(UTC)
    read = clock([(made, "new")], always, Targets(None, 12 * HOURS), made)
    assert read.resolution_due == datetime(2026, 3, 29, 9, 0, tzinfo=berlin)  # two o'clock never was
    assert read.resolution_due - made == 12 * HOURS


def test_urgent_is_what_harms_much_and_cannot_wait():
    assert priority("high", "high") == "urgent"
    assert priority("low", "low") == priority("medium", "low") == "low"
    assert set(MATRIX) == {(impact, urgency) for impact in LEVELS for urgency in LEVELS}
    rank = [PRIORITIES.index(priority(impact, "medium")) for impact in LEVELS]
    assert rank == sorted(rank)


START = datetime(2026, 11, 2, tzinfo=UTC)
minutes = st.integers(0, 14 * 24 * 60)


@given(st.lists(minutes, min_size=3, max_size=3), st.integers(0, 5000), st.integers(1, 3000))
def test_a_longer_pause_never_makes_it_due_earlier(points, longer, target):
    made, waits, goes_on = sorted(points)
    read = [
        clock(
            [
                (START + timedelta(minutes=made), "new"),
                (START + timedelta(minutes=waits), "waiting_customer"),
                (START + timedelta(minutes=goes_on + more), "open"),
            ],
            LUNCH,
            Targets(None, timedelta(minutes=target)),
            START + timedelta(days=60),
        )
        for more in (0, longer)
    ]
    assert read[0].resolution_due <= read[1].resolution_due
    assert read[0].paused <= read[1].paused


@given(minutes, st.integers(0, 20), st.integers(0, 14 * 60), st.integers(0, 14 * 60))
def test_a_pause_outside_hours_adds_nothing(made, weeks_day, begins, lasts):
    """Between 18:00 and 09:00 of the next day."""
    evening = datetime(2026, 11, 2, 18, 0, tzinfo=ZONE).astimezone(UTC) + timedelta(days=weeks_day)
    first = START + timedelta(minutes=made)
    waits = evening + timedelta(minutes=min(begins, 15 * 60 - lasts) if lasts < 15 * 60 else 0)
    goes_on = min(waits + timedelta(minutes=lasts), evening + timedelta(hours=15))
    targets, later = Targets(None, 3 * HOURS), START + timedelta(days=60)
    if first > waits:
        return
    paused = clock([(first, "new"), (waits, "waiting_customer"), (goes_on, "open")], OFFICE, targets, later)
    assert paused.resolution_due == clock([(first, "new")], OFFICE, targets, later).resolution_due
    assert paused.paused == timedelta()


@given(minutes, st.integers(0, 10000))
def test_taking_working_time_away_is_the_other_way_round_of_adding_it(end, working):
    finish, amount = START + timedelta(minutes=end), timedelta(minutes=working)
    begin = LUNCH.before(finish, amount)
    assert LUNCH.between(begin, finish) == amount
    assert begin <= finish
