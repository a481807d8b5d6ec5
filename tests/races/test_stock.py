"""Two want the same goods at the same moment; a process dies while goods leave: stock and books stay right."""

import os
import signal
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.catalog.models import Product
from erpcrm.catalog.services import create_product
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.jobs import enqueue
from erpcrm.core.lifecycle import transaction
from erpcrm.core.moves import make_move
from erpcrm.inventory.models import Delivery, Reservation, StockCount, StockItem, StockMove
from erpcrm.inventory.services import (
    Coming,
    adjust,
    begin_count,
    ensure_first_warehouse,
    main_location,
    plan_receipt,
    post_count,
    propose_deliveries,
    receive,
    record_counted,
    ship,
)
from erpcrm.inventory.services.counting import lines_of
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import create_order
from tests.factories.customers import a_customer
from tests.inventory.books import check_books
from tests.races.conftest import eventually

pytestmark = pytest.mark.races
D = Decimal


@pytest.fixture
def shop(session: Any) -> Callable[..., tuple[int, list[int]]]:
    """`shop(pieces, orders)`: a product of which so many lie in stock, and drafts of orders for one piece each: their ids."""

    def build(pieces: int, orders: int, quantity: int = 1) -> tuple[int, list[int]]:
        ensure_standard_roles()
        seller = create_user("Sam", "sam@example.com", roles=["admin"])
        blade = create_product({"name": "Blade"}, by=None)
        receipt = plan_receipt(
            {"warehouse_id": ensure_first_warehouse().id},
            [{"product": blade, "quantity": D(pieces), "unit_cost": D(2)}],
            by=None,
        )
        receive(receipt, [Coming(receipt.lines[0], D(pieces))], by=None)
        line = {"product_id": blade.id, "quantity": D(quantity), "price": D(5)}
        made = [create_order({"customer_id": a_customer(seller).id}, [line], seller).id for _order in range(orders)]
        session.commit()
        blade_id = blade.id
        session.rollback()
        return blade_id, made

    return build


def confirm(order_id: int) -> None:
    with transaction():
        make_move(db.session.get_one(SalesOrder, order_id), "confirm", by=None)


def deliver(order_id: int) -> list[int]:
    with transaction():
        return [one.id for one in propose_deliveries(db.session.get_one(SalesOrder, order_id), None)]


def post(count_id: int) -> None:
    with transaction():
        post_count(db.session.get_one(StockCount, count_id), None)


def test_two_counts_posted_at_once_post_a_difference_once(session: Any, shop: Any, at_once: Any) -> None:
    """And two taps on the same button post it once."""
    blade_id, _orders = shop(10, 0)
    ids = []
    for _count in range(2):
        count = begin_count({"warehouse_id": ensure_first_warehouse().id}, by=None)
        record_counted(lines_of(count)[0], D(7), by=None)
        ids.append(count.id)
    session.commit()
    session.rollback()
    results = at_once(*[lambda id=id: post(id) for id in (*ids, *ids)])
    assert sorted(type(one).__name__ for one in results if one is not None) == ["Refused"] * 3
    session.expire_all()
    item = session.scalars(select(StockItem).where(StockItem.product_id == blade_id)).one()
    assert item.on_hand == 7
    check_books(session)


def send(delivery_id: int) -> None:
    with transaction():
        ship(db.session.get_one(Delivery, delivery_id), by=None)


def test_the_last_piece_is_promised_and_shipped_once(session: Any, shop: Any, at_once: Any) -> None:
    blade, orders = shop(1, 4)
    assert at_once(*(lambda id=id: confirm(id) for id in orders)) == [None] * 4
    assert session.scalars(select(Reservation.quantity)).all() == [1]
    session.rollback()
    made = at_once(*(lambda id=id: deliver(id) for id in orders))
    (ready,) = [one[0] for one in made if isinstance(one, list)]
    assert all(isinstance(one, Refused) for one in made if not isinstance(one, list))
    sent = at_once(*(lambda: send(ready) for _tap in range(3)))
    assert sorted(str(type(one)) for one in sent) == sorted(str(type(one)) for one in (None, Refused(""), Refused("")))
    assert session.scalars(select(StockItem.on_hand).where(StockItem.product_id == blade)).one() == 0
    check_books(session)


def test_orders_and_losses_at_the_same_moment_never_promise_what_is_not_there(
    session: Any, shop: Any, at_once: Any
) -> None:
    blade, orders = shop(6, 5)

    def lose() -> None:
        with transaction():
            place = main_location(ensure_first_warehouse().id)
            adjust("lost", db.session.get_one(Product, blade), D(2), place, "counted", by=None)

    results = at_once(*(lambda id=id: confirm(id) for id in orders), lose, lose, lose)
    assert all(one is None or isinstance(one, Refused) for one in results), results
    item = session.scalars(select(StockItem).where(StockItem.product_id == blade)).one()
    assert 0 <= item.reserved <= item.on_hand
    check_books(session)


def test_a_process_that_is_killed_while_it_ships_has_shipped_nothing(
    session: Any, shop: Any, start_worker: Any, tmp_path: Path
) -> None:
    _blade, (order,) = shop(3, 1, quantity=3)
    confirm(order)
    (ready,) = deliver(order)
    marker = tmp_path / "in the middle"
    enqueue("races.ship", total=1, state={"delivery": ready, "marker": str(marker)})
    session.commit()
    worker = start_worker()
    eventually(marker.exists, "the goods have left, and nothing is committed yet")
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    moves = select(func.count()).select_from(StockMove).where(StockMove.document_type == "delivery")
    assert session.scalar(moves) == 0
    assert session.get_one(Delivery, ready).status == "ready"
    check_books(session)
    session.rollback()
    start_worker()

    def shipped() -> bool:
        found = session.scalar(select(Delivery.status).where(Delivery.id == ready))
        session.rollback()  # on SQLite whoever reads here holds the lock that the worker waits for
        return found == "shipped"

    eventually(shipped, "the next worker ships it")
    assert session.scalar(moves) == 1
    assert session.scalar(select(SalesOrder.delivery_state).where(SalesOrder.id == order)) == "all"
    check_books(session)
    session.rollback()


def test_nobody_waits_for_somebody_who_waits_for_them(session: Any, shop: Any, at_once: Any) -> None:
    """Orders and receipts of the same two products, in either order, while others ship and cancel."""
    blade, (first,) = shop(40, 1)
    film = create_product({"name": "Film"}, by=None).id
    seller = db.session.get_one(SalesOrder, first).owner
    main = ensure_first_warehouse().id
    goods = [[film, blade], [blade, film]]

    def lines(turn: int, quantity: int) -> list[dict[str, Any]]:
        return [{"product_id": id, "quantity": D(quantity), "price": D(1)} for id in goods[turn % 2]]

    made = [create_order({"customer_id": a_customer(seller).id}, lines(turn, 2), seller).id for turn in range(6)]
    session.commit()

    def come(turn: int) -> None:
        with transaction():
            wanted = [{"product": db.session.get_one(Product, id), "quantity": D(5)} for id in goods[turn % 2]]
            receipt = plan_receipt({"warehouse_id": main}, wanted, by=None)
            receive(receipt, [Coming(line, D(5)) for line in receipt.lines], by=None)

    def way(order_id: int, turn: int) -> None:
        confirm(order_id)
        for ready in deliver(order_id):
            send(ready)
        if turn % 3 == 0:
            with transaction():
                make_move(db.session.get_one(SalesOrder, order_id), "close", by=None)

    come(0)
    calls = [lambda id=id, turn=turn: way(id, turn) for turn, id in enumerate(made)]
    results = at_once(*calls, *(lambda turn=turn: come(turn) for turn in range(4)))
    assert [one for one in results if one is not None and not isinstance(one, Refused)] == []
    check_books(session)
