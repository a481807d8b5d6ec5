"""A filter in the address narrows the list to exactly what it says."""

from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import parse_qsl

import pytest
from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.lists import ListState
from tests.core.lists.gizmos import Gizmo, kind


def read(query, actor=None):
    return ListState.read(kind, parse_qsl(query), path="/gizmos", actor=actor)


def shown(query, actor=None):
    """The names that the list with this address shows."""
    return set(session.scalars(select(Gizmo.name).where(*read(query, actor).conditions())))


@pytest.fixture
def gizmos(app, clock, make, anna, person):
    ben = person("Ben")
    make(
        "Pump",
        email="p@a.example",
        pieces=5,
        amount=Decimal("10.50"),
        currency="CNY",
        due_on=date(2026, 3, 2),
        seen_at=datetime(2026, 3, 1, 16, 0, tzinfo=UTC),
        ready=True,
        colour="red",
        tags=["fast", "中文"],
        owner_id=anna.id,
    )
    make(
        "Valve",
        pieces=50,
        amount=Decimal("-3"),
        currency="USD",
        due_on=date(2026, 3, 31),
        seen_at=datetime(2026, 3, 1, 15, 59, tzinfo=UTC),
        ready=False,
        colour="blue",
        tags=["slow"],
        owner_id=ben.id,
        status="closed",
    )
    make("50% off_", colour="", tags=[], email="")
    make("Old", status="archived", colour="red")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Pump", "Valve", "50% off_"}),
        ("colour=red", {"Pump"}),
        ("colour=red&colour=blue", {"Pump", "Valve"}),
        ("colour=red&pieces.min=6", set()),
        ("name.has=UM", {"Pump"}),
        ("name.has=%25", {"50% off_"}),
        ("name.has=f_", {"50% off_"}),
        ("name=Valve", {"Valve"}),
        ("pieces=5", {"Pump"}),
        ("pieces.min=6", {"Valve"}),
        ("amount.min=-3&amount.max=10.4999", {"Valve"}),
        ("amount=10.5", {"Pump"}),
        ("due=2026-03-02", {"Pump"}),
        ("due=today", {"Pump"}),
        ("due=this_month", {"Pump", "Valve"}),
        ("due=2026-Q1", {"Pump", "Valve"}),
        ("due=2026-04", set()),
        ("due.min=2026-03-03&due.max=2026-03-31", {"Valve"}),
        ("due=future", {"Valve"}),
        ("ready=1", {"Pump"}),
        ("ready=0", {"Valve", "50% off_"}),
        ("tags=fast", {"Pump"}),
        ("tags=中文", {"Pump"}),
        ("tags=fast, slow", {"Pump", "Valve"}),
        ("tags=fas", set()),
        ("tags.empty=1", {"50% off_"}),
        ("tags.empty=0", {"Pump", "Valve"}),
        ("email.empty=1", {"Valve", "50% off_"}),
        ("amount.empty=0", {"Pump", "Valve"}),
        ("status=closed", {"Valve"}),
        ("status=archived", {"Old"}),
        ("status=archived&colour=blue", set()),
        ("owner.empty=1", {"50% off_"}),
        ("owner_email.has=BEN", {"Valve"}),
        ("owner_email.empty=1", {"50% off_"}),
        ("q=pum", {"Pump"}),
        ("q=pum&colour=blue", set()),
        ("colour=&name.has=&q=&page=1&nonsense=1", {"Pump", "Valve", "50% off_"}),
    ],
)
def test_a_filter_shows_exactly_what_it_says(gizmos, query, names):
    assert shown(query) == names


def test_a_day_begins_at_midnight_of_the_company(gizmos):
    # 16:00 UTC is midnight in Shanghai.
    assert shown("seen=2026-03-02") == {"Pump"}
    assert shown("seen=2026-03-01") == {"Valve"}


def test_me_is_whoever_opens_the_link(gizmos, anna, person):
    assert shown("owner=me", anna) == {"Pump"}
    assert shown("owner=me", person("Cleo")) == set()


def test_own_scope_holds_whatever_the_filter_says(gizmos, person, make):
    cleo = person("Cleo", scope="own")
    make("Cleo's", owner_id=cleo.id)
    assert shown("", cleo) == {"Cleo's"}
    assert shown("colour=red&colour=blue&status=archived", cleo) == set()
    assert shown("q=pump", cleo) == set()


def test_a_column_that_needs_a_permission_can_t_be_filtered_without_it(gizmos, anna, person):
    session.scalars(select(Gizmo).where(Gizmo.name == "Pump")).one().secret = "code"
    assert shown("secret=other", anna) == {"Pump", "Valve", "50% off_"}
    assert "secret" not in read("", anna).columns
    assert shown("secret=code", person("Dora", may=["gizmos.gizmo.secret"])) == {"Pump"}


@pytest.mark.parametrize(
    "query",
    ["amount.min=abc", "due=someday", "due.max=31.3.2026x", "pieces=1.5", "owner=x", "amount=1e300", "amount.min=NaN"],
)
def test_a_filter_that_is_not_understood_says_so_and_stops_exports(gizmos, query):
    state = read(query)
    (chip,) = state.chips()
    assert chip.wrong
    with pytest.raises(Refused):
        state.check()


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("colour=red&colour=blue", "Red or Blue"),
        ("amount.min=1000&amount.max=2000", "1,000 to 2,000"),
        ("amount.min=1000", "from 1,000"),
        ("due.max=2026-03-31", "up to Mar 31, 2026"),
        ("due=this_month", "This month"),
        ("name.has=pu", "contains “pu”"),
        ("email.empty=1", "is empty"),
        ("status=closed", "Closed"),
        ("ready=1", "yes"),
        ("owner=me", "me"),
    ],
)
def test_a_chip_says_its_filter_in_words(app, anna, query, text):
    with app.test_request_context("/"), acting_as(anna):
        assert [chip.text for chip in read(query).chips()] == [text]


def test_a_chip_names_the_chosen_user_and_no_user_out_of_reach(gizmos, anna):
    with acting_as(anna):
        assert [chip.text for chip in read(f"owner={anna.id}&owner=999").chips()] == ["Anna or #999"]


def test_removing_a_chip_keeps_everything_else(app, anna):
    state = read("q=pump&colour=red&colour=blue&amount.min=3&sort=-amount&cols=name,amount&view=7&page=3")
    urls = {chip.name: chip.remove_url for chip in state.chips()}
    assert urls["colour"] == "/gizmos?q=pump&amount.min=3&sort=-amount&cols=name,amount&view=7"
    assert state.own_url().endswith("&page=3")
