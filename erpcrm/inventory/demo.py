"""The stock of the demo company: two warehouses, what lies in them, what is on its way, and goods that go to customers."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from erpcrm.core.db import now
from erpcrm.core.moves import make_move
from erpcrm.sales.services import create_order

from .models import SCRAPPED, STOCK
from .services import (
    Back,
    Coming,
    adjust,
    announce_return,
    begin_count,
    ensure_first_warehouse,
    locations_of,
    main_location,
    plan_receipt,
    post_count,
    propose_deliveries,
    receive,
    record_counted,
    save_fifo_categories,
    save_location,
    save_warehouse,
    ship,
    sign,
    take_back,
    warehouses,
)
from .services.counting import lines_of

OPENING = (
    ("PM-100", "6", "41000", "SN-2601 SN-2602 SN-2603 SN-2604 SN-2605 SN-2606"),
    ("PM-120", "8", "11800", "ST-3001 ST-3002 ST-3003 ST-3004 ST-3005 ST-3006 ST-3007 ST-3008"),
    ("PM-210", "2", "79000", "FW-1107 FW-1108"),
    ("CV-050", "8", "14200", ""),
    ("SP-011", "640", "145", ""),
    ("SP-024", "20", "3100", ""),
    ("CM-001", "360", "171.5", "F2609-A = 240\nF2610-B = 120"),
)
SECOND = (("SP-011", "96", "149", ""), ("SP-031", "25", "790", ""), ("CM-001", "60", "174", "F2611-C"))
EXPECTED = (
    ("华东电机有限公司", 3, (("SP-024", "20", "3060"), ("SP-031", "40", "781"))),
    ("Baltic Film Oy", -2, (("CM-001", "300", "168"),)),
)
"""(from whom, in how many days, lines)"""


ORDERS = (
    (1, -1, (("SP-024", "30"), ("SP-011", "12"))),
    (2, 2, (("PM-120", "2"), ("CM-001", "30"))),
    (3, -6, (("CV-050", "1"), ("SP-011", "8"))),
    (4, -9, (("PM-100", "1"), ("CM-001", "12"))),
    (5, 9, (("SP-031", "60"),)),
    (6, 1, (("SP-011", "20"),)),
    (0, 0, (("PM-120", "1"), ("SP-011", "10"))),
)
"""(which customer, wanted in how many days, lines)"""


def fill(world: Any) -> None:
    by = world.users.get("admin")
    products = {product.code: product for product in world.products}
    _stock(world, products, by)
    _sell(world, products, by)
    _count(world, by)


def _stock(world: Any, products: dict[str, Any], by: Any) -> None:
    main = ensure_first_warehouse()
    save_warehouse(main, {"name": "Main warehouse 主仓库", "address": "江苏省苏州市工业园区星湖街 88 号"}, by=by)
    south = save_warehouse(None, {"code": "SOUTH", "name": "Depot South 华南仓", "active": True}, by=by)
    shelf = save_location(main, None, {"code": "A-01", "name": "Shelf A-01 货架", "kind": STOCK})
    save_fifo_categories(["consumable"])
    for warehouse, days, lines in ((main, 40, OPENING), (south, 25, SECOND)):
        receipt = plan_receipt(
            {
                "warehouse_id": warehouse.id,
                "sender": "Opening stock 期初库存",
                "expected_on": world.today - timedelta(days=days),
            },
            [_line(products[code], quantity, cost) for code, quantity, cost, _lots in lines],
            by=by,
        )
        coming = [
            Coming(line, line.quantity, lots.replace(" ", "\n") if line.product.tracking == "serial" else lots)
            for line, (_code, _quantity, _cost, lots) in zip(receipt.lines, lines, strict=True)
        ]
        receive(receipt, coming, by=by, at=now() - timedelta(days=days))
    for sender, days, expected in EXPECTED:
        values = {"warehouse_id": main.id, "sender": sender, "expected_on": world.today + timedelta(days=days)}
        plan_receipt(values, [_line(products[code], quantity, cost) for code, quantity, cost in expected], by=by)
    adjust(
        "carried", products["SP-011"], Decimal(60), main_location(main.id), "Nearer to the door", target=shelf, by=by
    )
    adjust(SCRAPPED, products["SP-011"], Decimal(2), main_location(main.id), "Edge damaged 刃口损伤", by=by)


def _count(world: Any, by: Any) -> None:
    """Shelf A-01 was counted, one blade was missing; the depot is being counted now."""
    keeper, main = world.users["storekeeper"], ensure_first_warehouse()
    shelf = next(one for one in locations_of(main.id, STOCK) if one.code == "A-01")
    done = begin_count({"warehouse_id": main.id, "location_id": shelf.id}, by=keeper)
    for line in lines_of(done):
        record_counted(line, line.expected - 1, by=keeper)
    post_count(done, keeper)
    depot = next(one for one in warehouses() if one.code == "SOUTH")
    note = "Before the end of the year 年终盘点"
    going_on = begin_count({"warehouse_id": depot.id, "note": note}, by=keeper)
    for line in lines_of(going_on)[:2]:
        record_counted(line, line.expected - (2 if line.lot_id is None else 0), by=keeper)


def _sell(world: Any, products: dict[str, Any], by: Any) -> None:
    """Orders beside those that sales has, at every step: being made ready, picked,
    packed, on the way, delivered, come back in part, short."""
    seller, keeper = world.users["seller"], world.users["storekeeper"]
    mine = [one for one in world.customers if one.owner_id == seller.id and one.status != "archived"]
    orders = []
    for place, days, lines in ORDERS:
        values = {"customer_id": mine[place % len(mine)].id, "wanted_on": world.today + timedelta(days=days)}
        given = [{"product_id": products[code].id, "quantity": Decimal(quantity)} for code, quantity in lines]
        order = create_order(values | {"currency": "CNY"}, given, seller)
        make_move(order, "confirm", by=seller)
        orders.append(order)
    in_part, ready, on_the_way, done, _short, picked, packed = orders
    ship(propose_deliveries(in_part, keeper)[0], carrier="SF Express 顺丰", tracking="SF1029384756", by=keeper)
    propose_deliveries(ready, keeper)
    for order, move in ((picked, "pick"), (packed, "pack")):
        make_move(propose_deliveries(order, keeper)[0], move, by=keeper)
    sent = propose_deliveries(on_the_way, keeper)[0]
    ship(sent, carrier="Deppon 德邦", tracking="DPK20211", by=keeper)
    signed = propose_deliveries(done, keeper)[0]
    ship(signed, carrier="Own van 自有车辆", by=keeper)
    sign(signed, "Wu Gang 吴刚", by=keeper)
    blades = [line for line in sent.lines if line.product.code == "SP-011"]
    announce_return(sent, [Back(blades[0], Decimal(3))], "Ordered too many 多订", by=keeper)
    films = [line for line in signed.lines if line.product.code == "CM-001"]
    take_back(announce_return(signed, [Back(films[0], Decimal(2))], "Wrong width 宽度不符", by=keeper), keeper)


def _line(product: Any, quantity: str, cost: str) -> dict[str, Any]:
    return {"product": product, "quantity": Decimal(quantity), "unit_cost": Decimal(cost)}
