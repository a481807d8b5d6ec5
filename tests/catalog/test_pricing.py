"""Which price holds, as arithmetic."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.catalog.pricing import TIERS, Offer, best

D = Decimal
TODAY = date(2026, 3, 10)
BOX = {"unit": "box", "factor": D(12)}


def offer(tier="everybody", price=1, **more):
    return Offer(**{"tier": tier, "price": D(price), "unit": "pcs"} | more)


def price(*offers, quantity=1, unit="pcs", on=TODAY):
    found = best(offers, quantity=D(quantity), unit=unit, on=on)
    return found and found.price


def test_the_customer_s_own_price_comes_before_the_group_s_and_that_before_everybody_s():
    offers = [offer("product", 4), offer("everybody", 3), offer("group", 9), offer("customer", 10)]
    assert price(*offers) == 10
    assert price(*offers[:3]) == 9
    assert price(*offers[:2]) == 3
    assert price(*offers[:1]) == 4
    assert price() is None


def test_a_price_of_the_product_comes_before_a_reduction_on_everything():
    assert price(offer(price=8, general=True), offer(price=9)) == 9
    assert price(offer("customer", 8, general=True), offer("group", 5)) == 8


@pytest.mark.parametrize(("quantity", "expected"), [(1, 10), ("9.99", 10), (10, 9), (99, 9), (100, 7)])
def test_the_highest_break_that_is_reached_holds(quantity, expected):
    offers = [offer(price=9, min_quantity=D(10)), offer(price=7, min_quantity=D(100)), offer(price=10)]
    assert price(*offers, quantity=quantity) == expected


def test_breaks_are_reached_in_the_unit_in_which_they_are_said():
    offers = [offer(price=10), offer(price=100, min_quantity=D(10), **BOX)]
    assert price(*offers, quantity=119, unit="box") == 10
    assert price(*offers, quantity=120, unit="box") == 100


def test_a_price_by_the_box_holds_for_boxes():
    offers = [offer(price=10, min_quantity=D(12)), offer(price=100, **BOX)]
    assert price(*offers, quantity=24, unit="box") == 100
    assert price(*offers, quantity=24, unit="pcs") == 10


@pytest.mark.parametrize(("days", "expected"), [(-1, 10), (0, 9), (5, 9), (6, 10)])
def test_a_price_holds_from_its_first_day_to_its_last(days, expected):
    action = offer(price=9, starts_on=TODAY, ends_on=TODAY + timedelta(5))
    assert price(offer(price=10), action, on=TODAY + timedelta(days)) == expected


def test_of_two_that_hold_the_one_that_began_last_counts_then_the_one_entered_last():
    older, newer = offer(price=9, starts_on=date(2026, 1, 1)), offer(price=11, starts_on=date(2026, 3, 1))
    assert price(newer, older) == 11
    assert price(offer(price=1, entered=2), offer(price=2, entered=3), offer(price=3, entered=1)) == 2


offers = st.builds(
    Offer,
    tier=st.sampled_from(TIERS),
    price=st.decimals(0, 1000, places=2),
    unit=st.sampled_from(["pcs", "box"]),
    factor=st.sampled_from([D(1), D(12)]),
    min_quantity=st.decimals(0, 200, places=1),
    starts_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    ends_on=st.none() | st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    general=st.booleans(),
    entered=st.integers(0, 50),
)


@given(
    st.lists(offers, max_size=12, unique_by=lambda one: one.entered), st.decimals("0.1", 3000, places=1), st.randoms()
)
def test_the_price_does_not_depend_on_the_order_in_which_offers_are_looked_at(given_offers, quantity, random):
    found = best(given_offers, quantity=quantity, unit="pcs", on=TODAY)
    mixed = list(given_offers)
    random.shuffle(mixed)
    assert best(mixed, quantity=quantity, unit="pcs", on=TODAY) == found
    assert found is None or found.holds(quantity, TODAY)
