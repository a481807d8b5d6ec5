"""Where an order stands follows from the quantities of its lines, and from nothing else."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.exact import round_money
from erpcrm.core.moves import make_move
from erpcrm.sales.amounts import part_amount
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import move_line, record_delivered, record_invoiced, record_returned, set_allowance
from tests.factories.sales import a_line, an_order
from tests.refusals import refused


def states(order: SalesOrder) -> tuple[str, str, str]:
    return order.status, order.delivery_state, order.invoice_state


def test_an_order_delivered_and_invoiced_in_parts_closes_itself(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve, 10), {"text": "Words"})
    line = order.lines[0]
    assert (order.undelivered, order.uninvoiced, *states(order)) == (1130, 0, "confirmed", "nothing", "nothing")
    record_delivered(line, D(4))
    assert (order.undelivered, order.uninvoiced, *states(order)) == (678, 452, "confirmed", "partly", "nothing")
    record_invoiced(line, D(4))
    record_delivered(line, D(6))
    assert (order.undelivered, order.uninvoiced, *states(order)) == (0, 678, "confirmed", "all", "partly")
    record_invoiced(line, D(6))
    assert (order.undelivered, order.uninvoiced, *states(order)) == (0, 0, "closed", "all", "all")
    record_returned(line, D(1))
    record_invoiced(line, D(-1))
    assert (line.kept, line.invoiced, order.uninvoiced, order.status) == (9, 9, 0, "closed")


def test_what_was_invoiced_ahead_is_not_owed_twice(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve, 10))
    record_invoiced(order.lines[0], D(3))
    assert (order.undelivered, order.uninvoiced) == (791, 0)
    record_delivered(order.lines[0], D(5))
    assert (order.undelivered, order.uninvoiced) == (565, 226)


@pytest.mark.parametrize(
    ("tell", "quantity", "why"),
    [
        (record_delivered, 7, "6 are still to be delivered"),
        (record_delivered, 0, "still to be delivered"),
        (record_delivered, -1, "still to be delivered"),
        (record_returned, 5, "the customer has 4"),
        (record_invoiced, 11, "10 may still be invoiced"),
        (record_invoiced, -1, "more would be credited"),
    ],
)
def test_nothing_is_told_beyond_what_is_open(
    seller: Any, customer: Any, valve: Any, tell: Callable[..., None], quantity: int, why: str
) -> None:
    order = an_order(customer, seller, a_line(valve, 10))
    record_delivered(order.lines[0], D(4))
    with refused(why):
        tell(order.lines[0], D(quantity))
    assert (order.lines[0].delivered, order.lines[0].returned, order.lines[0].invoiced) == (4, 0, 0)


def test_nothing_is_delivered_of_a_draft_or_a_held_line(seller: Any, customer: Any, valve: Any) -> None:
    draft = an_order(customer, seller, a_line(valve), confirmed=False)
    with refused("Draft"):
        record_delivered(draft.lines[0], D(1))
    order = an_order(customer, seller, a_line(valve, 2))
    move_line(order.lines[0], "hold", seller)
    with refused("on hold"):
        record_delivered(order.lines[0], D(1))
    move_line(order.lines[0], "release", seller)
    record_delivered(order.lines[0], D(1))


def test_a_line_closed_short_is_done_and_can_be_reopened(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve, 10), a_line(valve, 1))
    first, second = order.lines
    record_delivered(first, D(4))
    record_delivered(second, D(1))
    move_line(first, "close", seller, reason="no more needed")
    assert (first.closed, first.to_deliver, order.delivery_state, order.undelivered) == (6, 0, "all", 0)
    with refused("may still be invoiced"):
        record_invoiced(first, D(5))
    move_line(first, "reopen", seller)
    assert (first.closed, first.to_deliver, order.delivery_state, order.undelivered) == (0, 6, "partly", 678)


def test_closing_an_order_closes_what_is_open_and_reopening_lets_lines_go_on(
    seller: Any, customer: Any, valve: Any
) -> None:
    order = an_order(customer, seller, a_line(valve, 10))
    record_delivered(order.lines[0], D(4))
    make_move(order, "close", by=seller, reason="customer has stopped")
    assert (order.lines[0].status, order.undelivered, order.uninvoiced, order.status) == ("closed", 0, 452, "closed")
    with refused("Closed"):
        move_line(order.lines[0], "reopen", seller)
    make_move(order, "reopen", by=seller, reason="after all")
    move_line(order.lines[0], "reopen", seller)
    assert order.undelivered == 678


def test_an_order_is_cancelled_only_while_nothing_has_happened(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve, 2))
    record_delivered(order.lines[0], D(1))
    with refused("delivered or invoiced"):
        make_move(order, "cancel", by=seller, reason="changed their mind")
    record_returned(order.lines[0], D(1))
    make_move(order, "cancel", by=seller, reason="changed their mind")
    assert (order.undelivered, order.uninvoiced) == (0, 0)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.sampled_from(["deliver", "return", "invoice", "credit", "hold", "release", "close", "reopen"]),
        st.integers(1, 7),
    ),
    max_size=25,
)


@given(steps=STEPS)
def test_what_is_open_always_is_what_the_lines_add_up_to(
    seller: Any, roles: Any, customer: Any, valve: Any, steps: list[tuple[int, str, int]]
) -> None:
    set_allowance(roles["seller"], D(100))
    order = an_order(
        customer, seller, a_line(valve, 7, price="33.33"), a_line(valve, 3, discount="12.5"), a_line(valve, 5)
    )
    tell = {"deliver": record_delivered, "return": record_returned, "invoice": record_invoiced}
    for place, what, quantity in steps:
        line = order.lines[place]
        with suppress(Refused), session.begin_nested():
            if what == "credit":
                record_invoiced(line, D(-quantity))
            elif what in tell:
                tell[what](line, D(quantity))
            else:
                move_line(line, what, seller)
    session.flush()
    session.expire_all()
    open_goods = unbilled = D(0)
    for line in order.lines:
        assert 0 <= line.returned <= line.delivered <= line.quantity
        assert 0 <= line.invoiced <= line.quantity
        gross = line.amount + round_money(line.amount * line.tax_rate / 100, "CNY")
        to_come = D(0) if line.status == "closed" else line.quantity - line.delivered
        ahead = max(line.invoiced - (line.delivered - line.returned), D(0))
        open_goods += gross * max(to_come - ahead, D(0)) / line.quantity
        unbilled += gross * max(line.delivered - line.returned - line.invoiced, D(0)) / line.quantity
    assert order.undelivered == round_money(open_goods, "CNY")
    assert order.uninvoiced == round_money(unbilled, "CNY")


@given(
    amount=st.decimals(D("0.01"), D("99999.99"), places=2),
    parts=st.lists(st.decimals(D("0.001"), D(50), places=3), min_size=1, max_size=8),
)
def test_parts_of_a_line_add_up_to_the_whole_to_the_cent(amount: D, parts: list[D]) -> None:
    whole, before, found = sum(parts), D(0), D(0)
    for part in parts:
        found += part_amount(amount, whole, before, part, "CNY")
        before += part
    assert found == amount
