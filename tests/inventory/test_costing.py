"""Moving average, and first in, first out: the arithmetic alone, with worked examples and what must always hold."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.inventory.costing import Came, Held, come_back, come_in, leave_at_average, leave_first_in, share

D = Decimal
amounts = st.integers(0, 10_000_000).map(lambda cents: D(cents) / 100)
quantities = st.integers(1, 5000).map(D)


def test_the_average_of_a_textbook() -> None:
    """100 at 10 and 100 at 12 come: each is worth 11."""
    held = Held(D(200), D(2200))
    assert leave_at_average(held, D(50), D(12), "CNY") == 550
    assert leave_at_average(Held(D(3), D(10)), D(1), D(0), "CNY") == D("3.33")
    assert leave_at_average(Held(D(3), D(10)), D(3), D(0), "CNY") == 10  # the last takes what is left
    assert leave_at_average(Held(D(3), D(10)), D(1), D(0), "JPY") == 3  # no digits after the point


def test_first_in_first_out_of_a_textbook() -> None:
    """100 at 10, then 100 at 12 come; 150 leave: all of the first and half of the second."""
    value, taken = leave_first_in([Held(D(100), D(1000)), Held(D(100), D(1200))], D(150), D(12), "CNY")
    assert (value, taken) == (D(1600), [Held(D(100), D(1000)), Held(D(50), D(600))])


def test_what_left_below_zero_came_at_another_cost() -> None:
    """5 have left at an estimated 10; 10 come at 12: five cover those, and their 10 too much is told apart."""
    came = come_in(Held(D(-5), D(-50)), D(10), D(120), "CNY")
    assert came == Came(D(110), D(10), Held(D(5), D(60)))
    assert come_in(Held(D(0), D(0)), D(10), D(120), "CNY") == Came(D(120), D(0), Held(D(10), D(120)))
    assert come_in(Held(D(-5), D(-50)), D(2), D(24), "CNY") == Came(D(20), D(4), Held(D(0), D(0)))
    assert leave_at_average(Held(D(-5), D(-50)), D(2), D(10), "CNY") == 20


@pytest.mark.parametrize("parts", [(1, 1, 1), (2, 1), (3,)])
def test_parts_of_a_return_add_up_to_the_original_cost(parts: tuple[int, ...]) -> None:
    before, values = D(0), []
    for part in parts:
        values.append(come_back(D("10.00"), before, D(part), D(3), "CNY"))
        before += part
    assert sum(values) == 10


@given(st.lists(st.tuples(quantities, amounts), min_size=1, max_size=6), st.data())
def test_whatever_leaves_adds_up_to_what_came(came: list[tuple[Decimal, Decimal]], data: st.DataObject) -> None:
    """By both methods, in any parts, to the cent, and never below nothing."""
    layers = [Held(quantity, value) for quantity, value in came]
    total = Held(sum((q for q, _ in came), D(0)), sum((v for _, v in came), D(0)))
    held, worth_average, worth_fifo = total, D(0), D(0)
    while held.quantity:
        part = D(data.draw(st.integers(1, int(held.quantity))))
        value = leave_at_average(held, part, D(1), "CNY")
        assert D(0) <= value <= held.value
        held, worth_average = Held(held.quantity - part, held.value - value), worth_average + value
        value, taken = leave_first_in(layers, part, D(1), "CNY")
        assert sum((one.quantity for one in taken), D(0)) == part
        worth_fifo += value
        rest = [
            Held(layer.quantity - one.quantity, layer.value - one.value)
            for layer, one in zip(layers, taken, strict=False)
        ]
        layers = [layer for layer in [*rest, *layers[len(taken) :]] if layer.quantity]
        if part == total.quantity:
            break
        if held.quantity > 50:
            held_all = leave_at_average(held, held.quantity, D(1), "CNY")
            assert held_all == held.value
    assert worth_average == total.value
    assert worth_fifo == total.value


@given(amounts, quantities, quantities)
def test_a_share_is_never_more_than_the_whole(value: Decimal, part: Decimal, more: Decimal) -> None:
    assert D(0) <= share(value, part, part + more, "CNY") <= value
    assert share(value, part, part, "CNY") == value
