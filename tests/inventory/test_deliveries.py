"""From a confirmed order to goods that have left and come back: what is promised, shipped, returned, and to whom."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from erpcrm.catalog.services import add_component, create_product, save_unit
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.exact import QUANTITY
from erpcrm.core.moves import make_move
from erpcrm.finance.services import choose_chart, has_chart
from erpcrm.inventory.models import Reservation, StockMove
from erpcrm.inventory.services import (
    Back,
    adjust,
    announce_return,
    cancel,
    choose_lots,
    let_go,
    lot_of,
    main_location,
    propose_deliveries,
    save_fifo_categories,
    save_warehouse,
    ship,
    sign,
    take_back,
)
from erpcrm.sales.services import move_line, update_order
from tests.inventory.books import check_books, stock

D = Decimal


def lines_of(order: Any, **changes: Any) -> list[dict[str, Any]]:
    names = ("id", "product_id", "quantity", "unit", "price")
    return [{name: getattr(line, name) for name in names} | changes for line in order.lines]


def moves_of(session: Any, document: Any) -> list[StockMove]:
    query = select(StockMove).where(
        StockMove.document_type == document.record_name, StockMove.document_id == document.id
    )
    return list(session.scalars(query.order_by(StockMove.id)))


def test_a_confirmed_order_is_delivered_in_parts(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    blade = product()
    come(blade, 6, "2.50")
    sold = order(blade, 10)
    assert stock(session, blade, main) == (6, 6, 0)
    first = propose_deliveries(sold, keeper)[0]
    assert (first.number, [int(line.quantity) for line in first.lines]) == ("D-00001", [6])
    assert stock(session, blade, main) == (6, 6, 0)  # promised to the delivery now
    ship(first, carrier="SF", tracking="SF-1", by=keeper)
    assert (first.status, sold.lines[0].delivered, sold.delivery_state) == ("shipped", 6, "partly")
    assert [move.value for move in moves_of(session, first)] == [15]
    assert stock(session, blade, main) == (0, 0, 0)
    with pytest.raises(Refused, match="Nothing of what is open"):
        propose_deliveries(sold, keeper)
    come(blade, 9, "3")  # the rest waits for it
    assert stock(session, blade, main) == (9, 4, 0)
    rest = propose_deliveries(sold, keeper)[0]
    ship(rest, by=keeper)
    sign(rest, "Mr Wu", by=keeper)
    assert (sold.delivery_state, rest.status, rest.signed_by) == ("all", "delivered", "Mr Wu")
    with pytest.raises(Refused, match="Everything of"):
        propose_deliveries(sold, keeper)
    check_books(session)


def test_a_delivery_leaves_once(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any, seller: Any
) -> None:
    blade = product()
    come(blade, 5)
    ready = propose_deliveries(order(blade, 5), keeper)[0]
    with pytest.raises(NotAllowed):
        ship(ready, by=seller)
    with pytest.raises(Stale):
        ship(ready, version=ready.version - 1, by=keeper)
    ship(ready, by=keeper)
    for again in (lambda: ship(ready, by=keeper), lambda: cancel(ready, keeper)):
        with pytest.raises(Refused, match="not possible any more"):
            again()
    assert len(moves_of(session, ready)) == 1
    with pytest.raises(Refused, match="Who has taken it"):
        sign(ready, " ", by=keeper)


def test_who_waits_longest_gets_what_comes(
    session: Any, product: Any, main: Any, come: Any, order: Any, seller: Any
) -> None:
    blade = product()
    late, early = order(blade, 4, wanted_on=date(2026, 12, 9)), order(blade, 4, wanted_on=date(2026, 12, 1))
    come(blade, 5)
    held = {row.document_id: row.quantity for row in session.scalars(select(Reservation))}
    assert held == {early.id: 4, late.id: 1}
    make_move(early, "cancel", by=seller, reason="too late")
    held = {row.document_id: row.quantity for row in session.scalars(select(Reservation))}
    assert held == {late.id: 4}
    check_books(session)


def test_changes_of_an_order_change_what_is_promised(
    session: Any, product: Any, main: Any, come: Any, order: Any, seller: Any
) -> None:
    blade = product()
    come(blade, 10)
    sold = order(blade, 4)
    update_order(sold, {}, lines_of(sold, quantity=D(7)), seller)
    assert stock(session, blade, main)[1] == 7
    update_order(sold, {}, lines_of(sold, quantity=D(2)), seller)
    assert stock(session, blade, main)[1] == 2
    move_line(sold.lines[0], "hold", seller)
    assert stock(session, blade, main)[1] == 2
    let_go(sold.lines[0])
    assert stock(session, blade, main)[1] == 0
    move_line(sold.lines[0], "release", seller)
    assert stock(session, blade, main)[1] == 2
    move_line(sold.lines[0], "close", seller)
    assert stock(session, blade, main)[1] == 0
    move_line(sold.lines[0], "reopen", seller)
    assert stock(session, blade, main)[1] == 2
    film = product("Film")
    come(film, 3)
    update_order(sold, {}, [{"product_id": film.id, "quantity": D(3), "price": D(1)}], seller)
    assert (stock(session, blade, main)[1], stock(session, film, main)[1]) == (0, 3)
    make_move(sold, "close", by=seller)
    assert stock(session, film, main)[1] == 0
    check_books(session)


def test_an_order_does_not_fall_below_its_open_delivery(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any, seller: Any
) -> None:
    blade, film = product(), product("Film")
    come(blade, 10)
    sold = order((blade, 6), (film, 1))
    ready = propose_deliveries(sold, keeper)[0]
    for lines in (lines_of(sold, quantity=D(5)), lines_of(sold)[1:]):
        with pytest.raises(Refused, match="D-00001"), session.begin_nested():
            update_order(sold, {}, lines, seller)
        session.expire_all()
    with pytest.raises(Refused, match="D-00001"), session.begin_nested():
        move_line(sold.lines[0], "close", seller)
    session.expire_all()
    make_move(ready, "pick", by=keeper)
    with pytest.raises(Refused, match="D-00001"), session.begin_nested():
        make_move(sold, "cancel", by=seller, reason="changed my mind")
    session.expire_all()
    cancel(ready, keeper)
    assert stock(session, blade, main) == (10, 6, 0)  # back to the order
    again = propose_deliveries(sold, keeper)[0]
    make_move(sold, "cancel", by=seller, reason="changed my mind")
    assert (again.status, *stock(session, blade, main)) == ("cancelled", 10, 0, 0)
    check_books(session)


def test_stocked_goods_leave_with_a_delivery_only(product: Any, order: Any, seller: Any, main: Any) -> None:
    repair = create_product({"name": "Repair", "kind": "service"}, by=None)
    sold = order((product(), 1), (repair, 1))
    with pytest.raises(Refused, match="leaves from stock"):
        move_line(sold.lines[0], "deliver", seller)
    move_line(sold.lines[1], "deliver", seller)
    assert sold.lines[1].delivered == 1


def test_a_held_line_does_not_leave(
    session: Any, product: Any, come: Any, order: Any, keeper: Any, seller: Any
) -> None:
    blade = product()
    come(blade, 3)
    sold = order(blade, 3)
    ready = propose_deliveries(sold, keeper)[0]
    move_line(sold.lines[0], "hold", seller)
    with pytest.raises(Refused, match="on hold"), session.begin_nested():
        ship(ready, by=keeper)
    session.expire_all()
    assert ready.status == "ready"


def test_goods_of_a_held_line_stay_promised_until_somebody_frees_them(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any, seller: Any
) -> None:
    blade = product()
    come(blade, 4)
    sold = order(blade, 6)
    other = order(blade, 3)
    ready = propose_deliveries(sold, keeper)[0]
    move_line(sold.lines[0], "hold", seller)
    cancel(ready, keeper)  # back to the line, not to the other order
    assert [promised(session, one) for one in (sold, other)] == [4, 0]
    with pytest.raises(Refused, match="on hold"):
        propose_deliveries(sold, keeper)
    come(blade, 1)  # what comes is for those that may leave
    assert [promised(session, one) for one in (sold, other)] == [4, 1]
    update_order(sold, {}, lines_of(sold, quantity=D(2)), seller)  # and a held line keeps no more than it wants
    assert [promised(session, one) for one in (sold, other)] == [2, 3]
    let_go(sold.lines[0])
    assert [promised(session, one) for one in (sold, other)] == [0, 3]
    with pytest.raises(Refused, match="Nothing is promised"):
        let_go(sold.lines[0])
    move_line(sold.lines[0], "release", seller)
    assert promised(session, sold) == 2
    with pytest.raises(Refused, match="not on hold"):
        let_go(sold.lines[0])
    check_books(session)


def promised(session: Any, sold: Any) -> Any:
    query = select(func.coalesce(func.sum(Reservation.quantity), 0, type_=QUANTITY))
    return session.scalar(query.where(Reservation.document_type == "order", Reservation.document_id == sold.id))


def test_full_boxes_are_promised_and_delivered(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    blade = product()
    save_unit(blade, "box", D(12))
    come(blade, 30)
    sold = order(blade, 3, "box")
    assert stock(session, blade, main)[1] == 24
    ready = propose_deliveries(sold, keeper)[0]
    ship(ready, by=keeper)
    assert (int(ready.lines[0].quantity), int(sold.lines[0].delivered)) == (24, 2)


def test_a_set_leaves_as_its_components(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    blade, film = product(), product("Film", tracking="lot")
    kit = create_product({"name": "Kit", "kind": "set"}, by=None)
    add_component(kit, blade, D(4))
    add_component(kit, film, D(1))
    come(blade, 10, "1")
    come(film, 5, "2", "A = 1\nB = 4")
    sold = order(kit, 3)
    assert (stock(session, blade, main)[1], stock(session, film, main)[1]) == (8, 2)  # two complete ones
    ready = propose_deliveries(sold, keeper)[0]
    assert sorted((line.product.name, int(line.quantity)) for line in ready.lines) == [
        ("Blade", 8),
        ("Film", 1),
        ("Film", 1),
    ]
    ship(ready, by=keeper)
    assert sold.lines[0].delivered == 2
    by_name = {line.product.name: line for line in ready.lines}
    back = announce_return(ready, [Back(by_name["Film"], D(1), "scrap")], "torn", by=keeper)
    take_back(back, keeper)
    assert sold.lines[0].returned == 0  # a component is no set
    take_back(announce_return(ready, [Back(by_name["Blade"], D(4))], "the rest of it", by=keeper), keeper)
    assert sold.lines[0].returned == 1
    check_books(session)


def test_what_expires_first_leaves_first(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    film = product("Film", tracking="lot")
    come(film, 9, "1", "A = 3\nB = 3\nC = 3")
    lot_of(film, "B").expires_on = date(2027, 1, 1)
    session.flush()
    first, second = order(film, 4), order(film, 4)
    ready = propose_deliveries(first, keeper)[0]
    assert [(line.lot.code, int(line.quantity)) for line in ready.lines] == [("B", 3), ("A", 1)]
    other = propose_deliveries(second, keeper)[0]
    assert [(line.lot.code, int(line.quantity)) for line in other.lines] == [("A", 2), ("C", 2)]
    key = first.lines[0].id, film.id
    with pytest.raises(Refused, match="A: 1 pcs are free"), session.begin_nested():
        choose_lots(ready, {key: "A = 3\nC = 1"}, ready.version)
    session.expire_all()
    with pytest.raises(Refused, match="no lot or serial number D"):
        choose_lots(ready, {key: "D"})
    choose_lots(ready, {key: "B = 3\nC = 1"})
    ship(ready, by=keeper)
    assert sorted((move.lot.code, int(move.quantity)) for move in moves_of(session, ready)) == [("B", 3), ("C", 1)]
    check_books(session)


def test_it_leaves_from_wherever_it_lies(
    session: Any, product: Any, main: Any, depot: Any, come: Any, order: Any, keeper: Any
) -> None:
    blade = product()
    come(blade, 3)
    come(blade, 4, at=depot)
    sold = order(blade, 6)
    made = propose_deliveries(sold, keeper)
    assert [(one.warehouse.code, int(one.lines[0].quantity)) for one in made] == [("MAIN", 3), ("DEPOT", 3)]
    for one in made:
        ship(one, by=keeper)
    assert sold.delivery_state == "all"
    assert stock(session, blade, depot)[0] == 1


def test_below_zero_leaves_what_is_not_booked_in_yet(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    blade = product()
    come(blade, 2, "10")
    save_warehouse(main, {"allow_negative": True}, by=None)
    ready = propose_deliveries(order(blade, 5), keeper)[0]
    ship(ready, by=keeper)
    assert stock(session, blade, main) == (-3, 0, 0)
    assert sum(move.value for move in moves_of(session, ready)) == 50
    check_books(session)


def test_what_is_promised_to_others_stays(product: Any, main: Any, come: Any, order: Any) -> None:
    blade = product()
    come(blade, 5)
    order(blade, 4)
    with pytest.raises(Refused, match=r"only 1 pcs are free in Main warehouse, 4 pcs are promised"):
        adjust("lost", blade, D(2), main_location(main.id), "counted", by=None)


@pytest.mark.parametrize("method", ["average", "fifo"])
def test_what_comes_back_is_worth_what_it_cost_when_it_left(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any, method: str
) -> None:
    save_fifo_categories(["part"] if method == "fifo" else [])
    blade = product(category="part")
    come(blade, 3, "3.33")
    come(blade, 3, "5")
    ready = propose_deliveries(order(blade, 4), keeper)[0]
    ship(ready, by=keeper)
    left = sum(move.value for move in moves_of(session, ready))
    assert left == (D("16.66") if method == "average" else D("14.99"))
    come(blade, 10, "9")  # what it costs now is nothing to it
    line, worth = ready.lines[0], D(0)
    for quantity, into in ((D(1), "stock"), (D(2), "scrap"), (D(1), "stock")):
        back = announce_return(ready, [Back(line, quantity, into)], "wrong size", by=keeper)
        take_back(back, keeper)
        worth += sum(move.value for move in moves_of(session, back))
    assert worth == left
    assert (int(ready.order.lines[0].returned), stock(session, blade, main)[0]) == (4, 14)
    with pytest.raises(Refused, match="at most 0 pcs"):
        announce_return(ready, [Back(line, D(1))], "again", by=keeper)
    check_books(session)


def test_only_what_has_left_comes_back(session: Any, product: Any, come: Any, order: Any, keeper: Any) -> None:
    blade = product()
    come(blade, 3)
    ready = propose_deliveries(order(blade, 3), keeper)[0]
    with pytest.raises(Refused, match="has not left yet"):
        announce_return(ready, [Back(ready.lines[0], D(1))], "early", by=keeper)
    ship(ready, by=keeper)
    for quantity, why in (
        ("4", "at most 3 pcs"),
        ("0.5", "whole numbers"),
        ("-1", "more than zero"),
        ("0", "what comes back"),
    ):
        with pytest.raises(Refused, match=why):
            announce_return(ready, [Back(ready.lines[0], D(quantity))], "wrong", by=keeper)
    announced = announce_return(ready, [Back(ready.lines[0], D(2))], "wrong", by=keeper)
    with pytest.raises(Refused, match="at most 1 pcs"):
        announce_return(ready, [Back(ready.lines[0], D(2))], "wrong", by=keeper)
    make_move(announced, "cancel", by=keeper)
    take_back(announce_return(ready, [Back(ready.lines[0], D(3))], "wrong", by=keeper), keeper)


def test_a_lot_is_traced_both_ways(
    session: Any, product: Any, come: Any, order: Any, keeper: Any, keepers: Any
) -> None:
    machine = product("Machine", tracking="serial")
    come(machine, 2, "5", "SN-1, SN-2")
    sold = order(machine, 1)
    ready = propose_deliveries(sold, keeper)[0]
    ship(ready, by=keeper)
    take_back(announce_return(ready, [Back(ready.lines[0], D(1), "scrap")], "broken", by=keeper), keeper)
    text = keepers.get(f"/inventory/lots/{lot_of(machine, 'SN-1').id}").text
    for words in ("RC-00001", "D-00001", "R-00001", sold.customer.name, "SCRAP"):
        assert words in text, words


happenings = st.lists(
    st.tuples(
        st.sampled_from(["come", "order", "propose", "ship", "cancel", "return", "lost", "less", "close"]),
        st.integers(0, 1),
        st.integers(1, 9),
    ),
    min_size=4,
    max_size=16,
)


@settings(max_examples=12)
@given(happenings)
@example([("come", 0, 9), ("return", 0, 4), ("return", 1, 1), ("come", 1, 9), ("propose", 0, 1)])
def test_books_are_right_whatever_happens(
    session: Any, product: Any, main: Any, depot: Any, come: Any, order: Any, keeper: Any, admin: Any, happens: Any
) -> None:
    if not has_chart():
        choose_chart("generic")
    goods = [product("Thing"), product("Film", tracking="lot")]
    numbers = count(1)

    def brought(thing: Any, quantity: int, cost: str, at: Any = main) -> None:
        come(thing, quantity, cost, f"L{next(numbers)}" if thing.tracking == "lot" else "", at=at)

    for thing in goods:
        brought(thing, 8, "1.01")
        brought(thing, 4, "2.03")
    orders: list[Any] = [order((goods[0], 5), (goods[1], 9))]
    ready: list[Any] = propose_deliveries(orders[0], keeper)
    ship(ready[0], by=keeper)  # so that something can come back from the first step on
    for kind, which, quantity in happens:
        thing = goods[which]
        with suppress(Refused), session.begin_nested():
            match kind:
                case "come":
                    brought(thing, quantity, "1.37", depot if quantity % 2 else main)
                case "order":
                    orders.append(order((thing, quantity), (goods[1 - which], 2)))
                case "propose" if orders:
                    ready += propose_deliveries(orders[quantity % len(orders)], keeper)
                case "ship" if ready:
                    ship(ready[quantity % len(ready)], by=keeper)
                case "cancel" if ready:
                    cancel(ready[quantity % len(ready)], keeper)
                case "return" if ready:
                    sent = ready[quantity % len(ready)]
                    back = announce_return(
                        sent,
                        [
                            Back(
                                sent.lines[which % len(sent.lines)],
                                D(quantity % 3 + 1),
                                "scrap" if quantity % 2 else "stock",
                            )
                        ],
                        "said",
                        by=keeper,
                    )
                    take_back(back, keeper)
                case "lost":
                    adjust("lost", goods[0], D(quantity), main_location(main.id), "said", by=keeper)
                case "less" if orders:
                    changed = orders[quantity % len(orders)]
                    update_order(changed, {}, lines_of(changed, quantity=D(1)), admin)
                case "close" if orders:
                    make_move(orders[quantity % len(orders)], "close", by=admin)
    session.expire_all()
    check_books(session)


def test_what_a_write_asks_does_not_grow_with_what_is_there(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any, seller: Any, count_queries: Any
) -> None:
    goods = [product(f"Thing {place}") for place in range(3)]
    for thing in goods:
        come(thing, 200, "1")
    asked: list[list[int]] = []
    for _round in range(2):
        sold = order(*((thing, 5) for thing in goods), confirm=False)
        session.flush()
        with count_queries() as confirming:
            make_move(sold, "confirm", by=seller)
        with count_queries() as proposing:
            ready = propose_deliveries(sold, keeper)[0]
        with count_queries() as shipping:
            ship(ready, by=keeper)
        asked.append([len(confirming), len(proposing), len(shipping)])
        for _more in range(20):
            order(*((thing, 1) for thing in goods))
    few, many = asked
    assert [later <= first for first, later in zip(few, many, strict=True)] == [True] * 3, asked
