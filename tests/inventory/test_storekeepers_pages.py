"""The storekeeper's way over the pages, what each figure opens to, and what others see of it."""

import re
from base64 import b64encode
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.files import Attachment
from erpcrm.inventory.models import Delivery, Receipt, Return, StockAdjustment, StockItem, StockMove
from erpcrm.inventory.services import lot_of, main_location, propose_deliveries, save_fifo_categories, ship
from tests.inventory.books import check_books

D = Decimal
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6364606060f80f00010401005fe5c34b0000000049454e44ae426082"
)


def only(session: Any, model: Any) -> Any:
    return session.scalars(select(model).order_by(model.id.desc())).first()


def test_from_the_order_to_the_signature(
    session: Any, product: Any, come: Any, order: Any, keepers: Any, main: Any
) -> None:
    film, blade = product("Film", tracking="lot"), product()
    come(film, 9, "2", "A = 4\nB = 5")
    come(blade, 3)
    sold = order((film, 6), (blade, 5))
    page = keepers.get(f"/sales/orders/{sold.id}").text
    assert f"/inventory/orders/{sold.id}/deliver" in page
    assert sold.customer.name in keepers.get("/inventory/").text
    for _second_tap in range(2):
        answer = keepers.post(f"/inventory/orders/{sold.id}/deliver", data={"_key": "one tap"})
        assert answer.status_code == 303
    ready = only(session, Delivery)
    assert (session.query(Delivery).count(), answer.location) == (1, f"/inventory/deliveries/{ready.id}")
    url = answer.location
    listed = keepers.get(f"{url}/pick").text
    assert "A = 4" in listed
    assert "STOCK (9)" in listed
    field = re.search(r'name="(lots_\d+)"', listed)[1]
    wrong = keepers.post(f"{url}/pick", data={field: "A = 4\nC = 2", "version": ready.version})
    assert (wrong.status_code, "no lot or serial number C" in wrong.text) == (422, True)
    assert "A = 4\nC = 2" in wrong.text.replace("\r", "")
    assert keepers.post(f"{url}/pick", data={field: "A = 1\nB = 5", "version": ready.version}).status_code == 303
    session.expire_all()
    assert ready.status == "picked"
    assert keepers.post(f"{url}/pack", data={"version": ready.version}).status_code == 303
    session.expire_all()
    sent = {"carrier": "SF", "tracking": "SF-77", "version": ready.version, "_key": "ship it"}
    assert [keepers.post(f"{url}/ship", data=sent).status_code for _tap in range(2)] == [303, 303]
    session.expire_all()
    assert (ready.status, ready.tracking, int(sold.lines[1].delivered)) == ("shipped", "SF-77", 3)
    assert "SF-77" in keepers.get(f"/sales/orders/{sold.id}").text
    assert keepers.post(f"{url}/sign", data={"name": ""}).status_code == 422
    drawn = "data:image/png;base64," + b64encode(PNG).decode()
    for bad in ("data:image/png;base64,???", "data:image/png;base64," + b64encode(b"<svg>").decode()):
        assert keepers.post(f"{url}/sign", data={"name": "Wu", "signature": bad}).status_code == 409
    assert keepers.post(f"{url}/sign", data={"name": "Wu Gang", "signature": drawn}).status_code == 303
    session.expire_all()
    assert (ready.status, ready.signed_by) == ("delivered", "Wu Gang")
    assert session.get(Attachment, ready.signature_id).record_id == ready.id
    assert "Signature of Wu Gang" in keepers.get(url).text
    check_books(session)


def test_the_name_alone_will_do(session: Any, product: Any, come: Any, order: Any, keepers: Any, keeper: Any) -> None:
    blade = product()
    come(blade, 1)
    url = f"/inventory/deliveries/{propose_deliveries(order(blade, 1), keeper)[0].id}"
    assert keepers.post(f"{url}/sign", data={"name": "Wu"}).status_code == 409  # it has not left yet
    keepers.post(f"{url}/ship", data={})
    assert keepers.post(f"{url}/sign", data={"name": "Wu"}).status_code == 303
    assert (only(session, Delivery).status, only(session, Delivery).signature_id) == ("delivered", None)


def test_goods_come_back_over_the_page(
    session: Any, product: Any, come: Any, order: Any, keepers: Any, keeper: Any
) -> None:
    blade = product()
    come(blade, 5)
    sold = order(blade, 5)
    ready = propose_deliveries(sold, keeper)[0]
    url = f"/inventory/deliveries/{ready.id}"
    assert keepers.get(f"{url}/return").status_code == 303  # nothing has left
    keepers.post(f"{url}/ship", data={})
    line = ready.lines[0].id
    given = {"reason": "wrong size", "warehouse_id": ready.warehouse_id, f"becomes_{line}": "scrap"}
    assert keepers.post(f"{url}/return", data=given | {f"quantity_{line}": "6"}).status_code == 422
    nothing = keepers.post(f"{url}/return", data=given)
    assert (nothing.status_code, "Enter what comes back" in nothing.text) == (422, True)
    assert keepers.post(f"{url}/return", data=given | {f"quantity_{line}": "2"}).status_code == 303
    announced = only(session, Return)
    assert announced.status == "planned"
    assert keepers.post(f"/inventory/returns/{announced.id}/receive", data={}).status_code == 303
    session.expire_all()
    assert (announced.status, int(sold.lines[0].returned)) == ("received", 2)
    assert keepers.post(f"/inventory/returns/{announced.id}/receive", data={}).status_code == 409
    check_books(session)


def test_a_receipt_over_the_pages(session: Any, product: Any, keepers: Any, main: Any) -> None:
    machine = product("Machine", tracking="serial")
    answer = keepers.post("/inventory/receipts/new", data={"warehouse_id": main.id, "sender": "Baltic Film Oy"})
    url = answer.location
    bad = keepers.post(f"{url}/lines/new", data={"product_id": machine.id, "quantity": "0"})
    assert bad.status_code == 422
    assert keepers.post(f"{url}/lines/new", data={"product_id": machine.id, "quantity": "1.5"}).status_code == 409
    assert keepers.post(f"{url}/lines/new", data={"product_id": machine.id, "quantity": "2"}).status_code == 303
    line = only(session, Receipt).lines[0]
    came = {"location": main_location(main.id).id, f"quantity_{line.id}": "2", f"lots_{line.id}": "SN-1"}
    short = keepers.post(f"{url}/receive", data=came)
    assert (short.status_code, "2 serial numbers are needed, 1 are given" in short.text) == (422, True)
    assert keepers.post(f"{url}/receive", data=came | {f"lots_{line.id}": "SN-1, SN-2"}).status_code == 303
    assert only(session, Receipt).status == "received"
    assert keepers.get(f"{url}/receive").status_code == 303
    assert keepers.post(f"{url}/receive", data=came).status_code in (409, 422)
    text = keepers.get(f"/inventory/lots/{lot_of(machine, 'SN-2').id}").text
    assert "Baltic Film Oy" in text


def test_stock_is_put_right_over_the_dialog(session: Any, product: Any, come: Any, keepers: Any, main: Any) -> None:
    blade = product()
    come(blade, 5)
    url = f"/inventory/products/{blade.id}/adjust"
    given = {"kind": "lost", "quantity": "9", "location": main_location(main.id).id, "reason": "counted"}
    short = keepers.post(url, data=given)
    assert (short.status_code, "5 pcs lie at STOCK" in short.text) == (422, True)
    assert keepers.post(url, data=given | {"quantity": "2", "reason": ""}).status_code == 422
    assert keepers.post(url, data=given | {"quantity": "2", "kind": "carried"}).status_code == 422
    assert keepers.post(url, data=given | {"quantity": "2"}).status_code == 303
    assert only(session, StockAdjustment).kind == "lost"
    check_books(session)


def test_each_figure_opens_to_what_it_consists_of(
    session: Any, product: Any, come: Any, order: Any, keepers: Any, keeper: Any, main: Any
) -> None:
    blade = product()
    come(blade, 7)
    sold = order(blade, 4)
    keepers.post("/inventory/receipts/new", data={"warehouse_id": main.id})
    open_one = only(session, Receipt)
    keepers.post(f"/inventory/receipts/{open_one.id}/lines/new", data={"product_id": blade.id, "quantity": "3"})
    item = session.scalars(select(StockItem).where(StockItem.product_id == blade.id)).one()
    shown = {
        "on-hand": ("RC-00001", "+7", "7 pcs"),
        "reserved": (sold.number, f"/sales/orders/{sold.id}", "4 pcs"),
        "free": ("3 pcs", "/on-hand", "/reserved"),
        "incoming": (open_one.number, f"/inventory/receipts/{open_one.id}", "3 pcs"),
    }
    listed = keepers.get("/inventory/stock?view=all").text
    for figure, words in shown.items():
        url = f"/inventory/stock/{item.id}/{figure}"
        text = keepers.get(url).text
        assert [word for word in words if word not in text] == []
        assert f'hx-get="{url}"' in listed


def test_what_belongs_to_others_is_not_told(
    session: Any, app: Any, product: Any, come: Any, order: Any, keeper: Any, sign_in: Any, outsider: Any
) -> None:
    blade = product()
    come(blade, 7, "13.37")
    sold = order(blade, 2)
    ready = propose_deliveries(order(blade, 4), keeper)[0]
    item = session.scalars(select(StockItem).where(StockItem.product_id == blade.id)).one()
    others = sign_in(app.test_client(), outsider)
    reserved = others.get(f"/inventory/stock/{item.id}/reserved").text
    assert ("Documents of others" in reserved, "6 pcs" in reserved) == (True, True)
    assert sold.number not in reserved
    assert ready.number not in reserved
    assert others.get(f"/inventory/deliveries/{ready.id}").status_code == 404
    assert ready.number not in others.get("/inventory/deliveries?view=all").text
    assert sold.customer.name not in others.get("/inventory/").text
    assert others.post(f"/inventory/deliveries/{ready.id}/ship", data={}).status_code == 403
    move = only(session, StockMove)
    assert "13.37" not in others.get(f"/inventory/moves/{move.id}").text


@pytest.mark.parametrize(("first_in", "value"), [(False, "55"), (True, "50")])
def test_what_goods_cost_is_kept_with_the_product(
    session: Any, product: Any, come: Any, order: Any, keeper: Any, first_in: bool, value: str
) -> None:
    save_fifo_categories(["part"] if first_in else [])
    blade = product(category="part")
    come(blade, 5, "10")
    assert blade.cost == 10
    come(blade, 5, "12")
    assert blade.cost == 11
    version = blade.version
    sold = order(blade, 5)
    assert sold.lines[0].cost == 11  # what a margin is reckoned with
    ship(propose_deliveries(sold, keeper)[0], by=keeper)
    assert only(session, StockMove).value == D(value)
    assert blade.version == version  # whoever edits the product meanwhile is not disturbed
