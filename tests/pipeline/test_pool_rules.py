"""When something goes back to the pool: days alone, no database."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from erpcrm.pipeline.pooling import Due, Held, Rules, Tonight, due_back, extended, free_again_at, goes_back_on, tonight

DAY = date(2026, 11, 2)
RULES = Rules(on=True, contact_days=30, deal_days=90, remind_days=5, extend_days=15)


def plus(days: int) -> date:
    return DAY + timedelta(days=days)


def test_the_clock_starts_with_the_holder_and_anew_with_each_contact():
    assert due_back(Held(DAY), RULES) == Due(plus(30), "no_contact")
    assert due_back(Held(DAY, last_contact=plus(10)), RULES) == Due(plus(40), "no_contact")
    assert due_back(Held(DAY, last_contact=plus(-200)), RULES) == Due(plus(30), "no_contact"), "before it was theirs"
    assert due_back(Held(DAY, last_contact=plus(80)), RULES) == Due(plus(90), "no_deal"), "whatever comes first"
    assert due_back(Held(DAY, plus(80), last_end=plus(20)), RULES) == Due(plus(110), "no_contact")
    assert due_back(Held(DAY), Rules(on=True, contact_days=None)) is None
    assert due_back(Held(DAY), Rules(contact_days=1)) is None, "switched off"


def test_protection_moves_the_day_back_and_never_forth():
    assert due_back(Held(DAY, protected_until=plus(44)), RULES) == Due(plus(44), "no_contact")
    assert due_back(Held(DAY, protected_until=plus(3)), RULES) == Due(plus(30), "no_contact")
    assert extended(Held(DAY), RULES, plus(28)) == plus(45)
    assert extended(Held(DAY), RULES, plus(50)) == plus(65), "from today, when the day has passed"
    assert extended(Held(DAY), Rules(), plus(1)) is None


def test_a_reminder_comes_once_and_the_return_not_before_the_day_it_named():
    assert tonight(Held(DAY), RULES, plus(24)) is None
    assert tonight(Held(DAY), RULES, plus(25)) == Tonight("remind", plus(30), "no_contact")
    told = Held(DAY, told_for=plus(30))
    assert tonight(told, RULES, plus(26)) is None
    assert tonight(told, RULES, plus(29)) is None
    assert tonight(told, RULES, plus(30)) == Tonight("return", plus(30), "no_contact")
    called = Held(DAY, last_contact=plus(27), told_for=plus(30))
    assert tonight(called, RULES, plus(30)) is None, "who has called keeps it"
    assert tonight(called, RULES, plus(52)) == Tonight("remind", plus(57), "no_contact")
    assert goes_back_on(called, RULES) == Due(plus(57), "no_contact")


def test_nothing_goes_back_unannounced_when_the_rules_are_switched_on_late():
    assert tonight(Held(plus(-400)), RULES, DAY) == Tonight("remind", plus(5), "no_contact")
    told = Held(plus(-400), told_for=plus(5))
    assert goes_back_on(told, RULES) == Due(plus(5), "no_contact")
    assert tonight(told, RULES, plus(4)) is None
    assert tonight(told, RULES, plus(5)) == Tonight("return", plus(5), "no_contact")
    at_once = Rules(on=True, contact_days=30, remind_days=0)
    assert tonight(Held(DAY), at_once, plus(29)) is None
    assert tonight(Held(DAY), at_once, plus(30)) == Tonight("return", plus(30), "no_contact")


days = st.integers(-60, 200).map(plus)


@given(
    last_contact=st.none() | days,
    contact_days=st.integers(2, 60),
    deal_days=st.none() | st.integers(2, 120),
    remind=st.integers(0, 1),
)
def test_night_by_night_it_goes_back_once_on_its_day_and_announced(
    last_contact: date | None, contact_days: int, deal_days: int | None, remind: int
):
    rules = Rules(on=True, contact_days=contact_days, deal_days=deal_days, remind_days=remind)
    told: date | None = None
    reminders = 0
    for night in range(400):
        held = Held(DAY, last_contact, told_for=told)
        todo = tonight(held, rules, plus(night))
        if todo is None:
            continue
        if todo.what == "return":
            due = due_back(held, rules)
            assert due is not None
            assert plus(night) == due.on
            assert reminders == (1 if remind else 0)
            return
        told, reminders = todo.on, reminders + 1
    raise AssertionError("it never went back")


def test_the_former_owner_waits_by_the_clock():
    returned = datetime(2026, 11, 2, 17, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert free_again_at(returned, Rules(cool_hours=12)).isoformat() == "2026-11-03T05:30:00+08:00"


def test_stored_rules_of_another_version_are_read_as_far_as_they_are_known():
    assert Rules.read({"on": True, "contact_days": None, "gone": 3}) == Rules(on=True, contact_days=None)
