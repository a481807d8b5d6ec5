"""Goods come, are carried, scrapped and found missing; what would be wrong is refused and nothing is half done."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from erpcrm.catalog.services import update_product
from erpcrm.core.errors import Refused
from erpcrm.core.moves import make_move
from erpcrm.inventory.services import (
    Coming,
    adjust,
    lot_of,
    main_location,
    plan_receipt,
    read_codes,
    receive,
    save_fifo_categories,
    save_line,
    save_location,
    save_warehouse,
)
from tests.inventory.books import check_books, stock

D = Decimal


def test_a_receipt_is_received_in_parts(session: Any, product: Any, main: Any, keeper: Any) -> None:
    blade = product()
    line = {"product": blade, "quantity": D(10), "unit_cost": D("2.5")}
    receipt = plan_receipt({"warehouse_id": main.id, "sender": "Baltic Film Oy"}, [line], by=keeper)
    assert receipt.number == "RC-00001"
    assert stock(session, blade, main) == (0, 0, 10)
    receive(receipt, [Coming(receipt.lines[0], D(4))], by=keeper)
    assert (receipt.status, *stock(session, blade, main)) == ("planned", 4, 0, 6)
    with pytest.raises(Refused, match="come already"):
        save_line(receipt, receipt.lines[0], line | {"quantity": D(3)})
    with pytest.raises(Refused, match="come already"):
        make_move(receipt, "cancel", by=keeper)
    receive(receipt, [Coming(receipt.lines[0], D(7))], by=keeper)  # one more than was expected
    assert (receipt.status, *stock(session, blade, main)) == ("received", 11, 0, 0)
    assert receipt.received_at is not None
    with pytest.raises(Refused, match="can't be changed"):
        receive(receipt, [Coming(receipt.lines[0], D(1))], by=keeper)
    check_books(session)


def test_what_does_not_come_any_more_is_not_expected(session: Any, product: Any, main: Any, keeper: Any) -> None:
    blade = product()
    receipt = plan_receipt({"warehouse_id": main.id}, [{"product": blade, "quantity": D(10)}], by=keeper)
    make_move(receipt, "cancel", by=keeper)
    assert stock(session, blade, main)[2] == 0
    make_move(receipt, "plan_again", by=keeper)
    assert stock(session, blade, main)[2] == 10
    receive(receipt, [Coming(receipt.lines[0], D(4))], by=keeper)
    make_move(receipt, "close", by=keeper)
    assert stock(session, blade, main) == (4, 0, 0)


def test_goods_leave_at_the_moving_average(session: Any, product: Any, main: Any, come: Any) -> None:
    """100 at 10 and 100 at 12: each is worth 11, wherever it lies, and scrapping moves no value."""
    blade, shelf = product(), main_location(main.id)
    come(blade, 100, "10")
    come(blade, 100, "12")
    scrapped = adjust("scrapped", blade, D(10), shelf, "bent", by=None)
    assert scrapped.value == 110
    lost = adjust("lost", blade, D(50), shelf, "counted", by=None)
    assert lost.value == 550
    gone = adjust("disposed", blade, D(10), main_location(main.id, "scrap"), "to the dump", by=None)
    assert gone.value == 110
    found = adjust("found", blade, D(5), shelf, "behind the shelf", by=None)
    assert found.value == 55
    check_books(session)


def test_first_in_first_out_by_product_category(session: Any, product: Any, main: Any, come: Any) -> None:
    save_fifo_categories(["part"])
    blade, shelf = product(category="part"), main_location(main.id)
    come(blade, 100, "10")
    come(blade, 100, "12")
    assert adjust("lost", blade, D(150), shelf, "counted", by=None).value == 1600
    check_books(session)
    save_fifo_categories([])  # what lies there keeps its value
    come(blade, 50, "24")
    assert adjust("lost", blade, D(50), shelf, "counted", by=None).value == 900
    save_fifo_categories(["part"])
    assert adjust("lost", blade, D(25), shelf, "counted", by=None).value == 450
    check_books(session)


def test_nothing_leaves_that_is_not_there(session: Any, product: Any, main: Any, come: Any) -> None:
    blade, shelf = product(), main_location(main.id)
    come(blade, 3, "10")
    with pytest.raises(Refused, match=r"3 pcs lie at STOCK in Main warehouse, 4 pcs are wanted"):
        adjust("lost", blade, D(4), shelf, "counted", by=None)


def test_a_warehouse_may_go_below_zero_and_the_difference_is_told_apart(
    session: Any, product: Any, main: Any, come: Any
) -> None:
    blade, shelf = product(), main_location(main.id)
    come(blade, 1, "10")
    save_warehouse(main, {"allow_negative": True}, by=None)
    assert adjust("lost", blade, D(6), shelf, "counted", by=None).value == 60
    assert stock(session, blade, main)[0] == -5
    move = come(blade, 10, "12")[0]
    assert (move.value, move.difference) == (110, 10)
    assert adjust("lost", blade, D(5), shelf, "counted", by=None).value == 60
    check_books(session)
    tracked = product("Machine", tracking="serial")
    come(tracked, 1, "5", "SN-1")
    with pytest.raises(Refused, match="Machine"):
        adjust("lost", tracked, D(1), main_location(main.id), "gone", lot="SN-2", by=None)


@pytest.mark.parametrize(
    ("quantity", "why"),
    [("0", "more than zero"), ("-1", "more than zero"), ("0.5", "whole numbers"), ("NaN", "more than")],
)
def test_a_quantity_that_makes_no_sense_is_refused(product: Any, main: Any, quantity: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        adjust("found", product(), D(quantity), main_location(main.id), "found", by=None)


def test_services_are_not_kept_in_stock(product: Any, main: Any) -> None:
    repair = product("Repair", kind="service")
    with pytest.raises(Refused, match="not kept in stock"):
        adjust("found", repair, D(1), main_location(main.id), "found", by=None)
    with pytest.raises(Refused, match="not kept in stock"):
        plan_receipt({"warehouse_id": main.id}, [{"product": repair, "quantity": D(1)}], by=None)


def test_a_serial_number_exists_once(session: Any, product: Any, main: Any, depot: Any, come: Any) -> None:
    machine, shelf = product("Machine", tracking="serial"), main_location(main.id)
    come(machine, 2, "5", "SN-1\nSN-2")
    for again in ("SN-2", "sn-2"):
        with pytest.raises(Refused, match="exists once"):
            come(machine, 1, "5", again)
    with pytest.raises(Refused, match="twice"):
        read_codes("SN-3, sn-3", machine, D(2))
    with pytest.raises(Refused, match="2 serial numbers are needed, 1 are given"):
        read_codes("SN-3", machine, D(2))
    with pytest.raises(Refused, match="one piece"):
        adjust("lost", machine, D(2), shelf, "gone", lot="SN-1", by=None)
    adjust("lost", machine, D(1), shelf, "gone", lot="SN-1", by=None)
    adjust("found", machine, D(1), main_location(depot.id), "there it is", lot="SN-1", by=None)
    check_books(session)


def test_lots_are_told_apart(session: Any, product: Any, main: Any, come: Any) -> None:
    film, shelf = product("Film", tracking="lot"), main_location(main.id)
    moves = come(film, 10, "1.01", "A = 3\nB = 7")
    assert [(move.lot_id, move.quantity, move.value) for move in moves] == [
        (lot_of(film, "a").id, 3, D("3.03")), (lot_of(film, "B").id, 7, D("7.07")),
    ]  # fmt: skip
    with pytest.raises(Refused, match="B"):
        adjust("lost", film, D(8), shelf, "torn", lot="B", by=None)
    with pytest.raises(Refused, match="no lot or serial number C"):
        adjust("lost", film, D(1), shelf, "torn", lot="C", by=None)
    with pytest.raises(Refused, match="say which lot"):
        adjust("found", film, D(1), shelf, "torn", by=None)
    with pytest.raises(Refused, match="how much of each"):
        read_codes("A, B = 4", film, D(7))
    check_books(session)


def test_a_warehouse_with_stock_stays_in_use(product: Any, main: Any, depot: Any, come: Any) -> None:
    come(product(), 1, "1", at=depot)
    with pytest.raises(Refused, match="stock in this warehouse"):
        save_warehouse(depot, {"active": False}, by=None)
    with pytest.raises(Refused, match="belongs to"):
        save_warehouse(None, {"code": "depot", "name": "Another"}, by=None)
    with pytest.raises(Refused, match="belongs to"):
        save_location(depot, None, {"code": "stock", "name": "Again"})


def test_the_database_itself_keeps_moves_as_they_are(session: Any, product: Any, come: Any) -> None:
    come(product(), 1, "1")
    session.commit()
    for statement in ("UPDATE stock_moves SET quantity = 2", "DELETE FROM stock_moves"):
        with pytest.raises(DBAPIError, match="never changed"):
            session.execute(text(statement))
        session.rollback()


steps = st.lists(
    st.tuples(
        st.sampled_from(["come", "lost", "found", "scrapped", "disposed", "carried"]),
        st.integers(0, 1),
        st.integers(1, 9),
        st.integers(0, 5000),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=15)
@given(steps, st.booleans(), st.booleans())
def test_stock_and_its_value_equal_its_moves_whatever_happens(
    session: Any, product: Any, main: Any, depot: Any, come: Any, happens: Any, first_in: bool, below_zero: bool
) -> None:
    save_fifo_categories(["part"] if first_in else [])
    for warehouse in (main, depot):
        save_warehouse(warehouse, {"allow_negative": below_zero}, by=None)
    goods = [product(f"Thing {place}", category="part") for place in range(2)]
    for kind, which, quantity, cents in happens:
        place = main_location(main.id, "scrap" if kind == "disposed" else "stock")
        cost = D(cents) / 100
        try:
            if kind == "come":
                come(goods[which], quantity, cost)
            else:
                adjust(
                    kind,
                    goods[which],
                    D(quantity),
                    place,
                    "said",
                    target=main_location(depot.id),
                    unit_cost=cost,
                    by=None,
                )
        except Refused:
            session.expire_all()
    check_books(session)


def test_a_product_of_which_there_is_stock_is_counted_as_before(product: Any, main: Any, come: Any) -> None:
    blade = product()
    come(blade, 3)
    for change in ({"unit": "kg"}, {"tracking": "lot"}, {"stocked": False}):
        with pytest.raises(Refused, match="There is stock of"):
            update_product(blade, change, by=None)
    update_product(blade, {"name": "Blade 2", "unit": "pcs"}, by=None)
    adjust("lost", blade, D(3), main_location(main.id), "sold out", by=None)
    update_product(blade, {"unit": "kg"}, by=None)
    assert blade.unit == "kg"
