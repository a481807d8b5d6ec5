"""Stock is counted: what differs is posted, what moves meanwhile is not mistaken for a difference, nothing is posted twice."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.access.services import create_user
from erpcrm.catalog.services import save_unit
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.moves import make_move
from erpcrm.inventory import counts
from erpcrm.inventory.models import Reservation, StockCount, StockCountLine, StockItem, StockMove
from erpcrm.inventory.services import (
    add_line,
    adjust,
    ask_recount,
    begin_count,
    keep_first_count,
    main_location,
    post_count,
    propose_deliveries,
    record_counted,
    save_location,
    ship,
)
from erpcrm.inventory.services.counting import lines_of
from tests.inventory.books import check_books, stock

D = Decimal


@pytest.fixture
def other_keeper(roles: Any) -> Any:
    return create_user("Sven Second", "other@example.com", roles=["storekeeper"], language="en")


def begin(main: Any, by: Any, **values: Any) -> StockCount:
    return begin_count({"warehouse_id": main.id, **values}, by=by)


def count(line: StockCountLine, quantity: Any, by: Any) -> None:
    record_counted(line, D(quantity), by=by)


def test_what_moves_while_it_is_counted_is_no_difference(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    """Ten in the books, nine on the shelf; three leave before and two come after: one is missing, whenever it is posted."""
    blade, film = product(), product("Film")
    come(blade, 10, "2.50")
    come(film, 4)
    sheet = begin(main, keeper)
    line, untouched = lines_of(sheet)
    ship(propose_deliveries(order(blade, 3), keeper)[0], by=keeper)
    count(line, 6, keeper)  # seven are in the books by now
    come(blade, 2, "2.50")
    seen = counts.differences_of(sheet)
    assert [(row.found, row.since.moved, row.value) for row in seen.rows] == [(D(-1), D(2), D("-2.5"))]
    post_count(sheet, keeper)
    assert (sheet.status, line.difference, untouched.difference) == ("posted", -1, None)
    assert [stock(session, one, main)[0] for one in (blade, film)] == [8, 4]
    moves = session.scalars(select(StockMove).where(StockMove.document_type == "stock_count")).all()
    assert [(one.product_id, one.quantity, one.value) for one in moves] == [(blade.id, 1, D("2.5"))]
    with pytest.raises(Refused, match="Posted"):
        count(line, 9, keeper)
    with pytest.raises(Refused, match="not possible any more"):
        post_count(sheet, keeper)
    check_books(session)


def test_two_counts_of_one_place_post_a_difference_once(
    session: Any, product: Any, main: Any, come: Any, keeper: Any, other_keeper: Any
) -> None:
    blade, film = product(), product("Film")
    come(blade, 10)
    come(film, 5)
    mine, theirs = begin(main, keeper), begin(main, other_keeper)
    assert [one.number for one in counts.others_at(mine)] == [theirs.number]
    for sheet, by in ((mine, keeper), (theirs, other_keeper)):
        count(lines_of(sheet)[0], 9, by)
    post_count(mine, keeper)
    with pytest.raises(Refused, match=f"{mine.number} has put the books right") as no, session.begin_nested():
        post_count(theirs, other_keeper)
    assert "Blade" in str(no.value.message)
    session.expire_all()
    assert (theirs.status, stock(session, blade, main)[0]) == ("counting", 9)
    count(lines_of(theirs)[0], 9, other_keeper)
    line = lines_of(theirs)[1]
    count(line, 4, other_keeper)
    adjust("lost", film, D(1), main_location(main.id), "fell into the drain", by=keeper)
    with pytest.raises(Refused, match="ADJ-"), session.begin_nested():
        post_count(theirs, other_keeper)
    session.expire_all()
    adjust("scrapped", film, D(1), main_location(main.id), "bent", by=keeper)
    count(line, 3, other_keeper)
    adjust("scrapped", film, D(1), main_location(main.id), "bent", by=keeper)  # goods that go, not books put right
    post_count(theirs, other_keeper)
    assert [stock(session, one, main)[0] for one in (blade, film)] == [9, 2]
    check_books(session)


def test_somebody_else_counts_again(
    session: Any, product: Any, main: Any, come: Any, keeper: Any, other_keeper: Any
) -> None:
    blade, film = product(), product("Film")
    come(blade, 10)
    come(film, 10)
    sheet = begin(main, keeper)
    line, other = lines_of(sheet)
    with pytest.raises(Refused, match="Nothing is counted"), session.begin_nested():
        post_count(sheet, keeper)
    session.expire_all()
    count(line, 2, keeper)
    count(other, 7, keeper)
    assert ask_recount(sheet, {line.id, other.id}) == 2
    with pytest.raises(Refused, match="counted again first"), session.begin_nested():
        post_count(sheet, keeper)
    session.expire_all()
    with pytest.raises(Refused, match="Somebody else"):
        count(line, 10, keeper)
    count(line, 10, other_keeper)
    come(film, 1)
    keep_first_count(other)  # three missing of the ten that were in the books then
    post_count(sheet, keeper)
    assert (line.first_counted, line.counted, line.difference) == (2, 10, 0)
    assert [stock(session, one, main)[0] for one in (blade, film)] == [10, 8]
    with pytest.raises(Refused, match="Posted"):
        ask_recount(sheet, {line.id})
    check_books(session)


@pytest.mark.parametrize(
    ("quantity", "why"),
    [("-1", "less than nothing"), ("0.5", "whole numbers"), ("NaN", "more than zero"), ("Infinity", "more than zero")],
)
def test_a_count_that_makes_no_sense_is_refused(
    product: Any, main: Any, come: Any, keeper: Any, quantity: str, why: str
) -> None:
    come(product(), 3)
    line = lines_of(begin(main, keeper))[0]
    with pytest.raises(Refused, match=why):
        count(line, quantity, keeper)
    assert line.counted is None
    count(line, 0, keeper)
    assert line.counted == 0
    record_counted(line, None, by=keeper)
    assert (line.counted, line.booked) == (None, None)


def test_what_the_sheet_lacks_is_added(
    session: Any, product: Any, main: Any, depot: Any, come: Any, keeper: Any
) -> None:
    machine, film, service = product("Machine", tracking="serial"), product("Film"), product("Repair", kind="service")
    come(machine, 1, lots="SN-1", cost="100")
    shelf = save_location(main, None, {"code": "A-01"})
    sheet = begin(main, keeper, location_id=main_location(main.id).id)
    here = main_location(main.id)
    for what, where, lot, why in (
        (film, shelf, "", "not counted on this sheet"),
        (film, main_location(depot.id), "", "not counted on this sheet"),
        (film, here, "L-1", "not tracked"),
        (machine, here, "", "say which lot"),
        (service, here, "", "not kept in stock"),
    ):
        with pytest.raises(Refused, match=why):
            add_line(sheet, what, where, lot, by=keeper)
    known, new = (add_line(sheet, machine, here, code, by=keeper) for code in ("sn-1", "SN-2"))
    assert (known.expected, new.expected, len(lines_of(sheet))) == (1, 0, 2)
    with pytest.raises(Refused, match="one piece"):
        count(new, 2, keeper)
    count(new, 1, keeper)
    count(known, 0, keeper)
    count(add_line(sheet, film, here, by=keeper), 3, keeper)
    post_count(sheet, keeper)
    assert [stock(session, one, main)[0] for one in (machine, film)] == [1, 3]
    with pytest.raises(Refused, match="no location for stock of this warehouse"):
        begin(depot, keeper, location_id=here.id)
    check_books(session)


def test_what_is_not_there_is_not_promised_any_more(
    session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any
) -> None:
    """The newest promise goes first, in whole boxes; goods that somebody is packing stay promised."""
    blade = product()
    save_unit(blade, "box", D(12))
    come(blade, 40)
    first, boxes = order(blade, 10), order(blade, 2, "box")
    sheet = begin(main, keeper)
    line = lines_of(sheet)[0]
    count(line, 30, keeper)
    post_count(sheet, keeper)
    assert [_promised(session, one) for one in (first, boxes)] == [10, 12]
    ready = propose_deliveries(first, keeper)[0]
    again = begin(main, keeper)
    count(lines_of(again)[0], 4, keeper)
    with pytest.raises(Refused, match="6 pcs of what is missing are in deliveries"), session.begin_nested():
        post_count(again, keeper)
    session.expire_all()
    assert (again.status, ready.status, stock(session, blade, main)[:2]) == ("counting", "ready", (30, 22))
    count(lines_of(again)[0], 11, keeper)
    post_count(again, keeper)
    assert stock(session, blade, main)[:2] == (11, 10)
    check_books(session)


def _promised(session: Any, sold: Any) -> Any:
    query = select(func.sum(Reservation.quantity)).where(Reservation.document_type == "order")
    return session.scalar(query.where(Reservation.document_id == sold.id))


def test_more_left_than_was_counted(session: Any, product: Any, main: Any, come: Any, order: Any, keeper: Any) -> None:
    blade = product()
    come(blade, 10)
    sheet = begin(main, keeper)
    count(lines_of(sheet)[0], 4, keeper)
    ship(propose_deliveries(order(blade, 8), keeper)[0], by=keeper)
    with pytest.raises(Refused, match="More has left"), session.begin_nested():
        post_count(sheet, keeper)
    session.expire_all()
    assert counts.differences_of(sheet).blocked
    assert stock(session, blade, main)[0] == 2
    check_books(session)


def test_a_storekeeper_counts_over_the_pages(
    session: Any, app: Any, product: Any, come: Any, keepers: Any, sign_in: Any, main: Any, seller: Any, keeper: Any
) -> None:
    blade, film = product(barcode="4006381333931"), product("Film", tracking="lot")
    come(blade, 10, "7.77")
    come(film, 5, lots="F-1")
    session.commit()
    new = {"warehouse_id": main.id, "location_id": "", "category": ""}  # what the books say is not shown
    url = keepers.post("/inventory/counts/new", data=new).location
    sheet = session.scalars(select(StockCount)).one()
    line, lot = lines_of(sheet)
    assert "In the books" not in keepers.get(url).text
    for code, row in (("4006381333931", line), ("f-1", lot), (blade.code.lower(), line)):
        assert keepers.get(f"{url}/scan", query_string={"code": code}).location.endswith(f"?at={row.id}")
    assert "autofocus" in keepers.get(f"{url}?at={line.id}").text.partition(f'id="counted_{line.id}"')[2][:200]
    unknown = product("Unknown", code="U-1")
    session.commit()
    assert f"lines/new?product={unknown.id}" in keepers.get(f"{url}/scan?code=U-1").location
    assert "Nobody knows" in keepers.get(f"{url}/scan?code=xyz", follow_redirects=True).text
    hx = {"HX-Request": "true", "HX-Target": f"li#line_{line.id}"}
    bad = keepers.post(f"{url}/lines/{line.id}", data={"counted": "1.5"}, headers=hx)
    assert (bad.status_code, "whole numbers" in bad.text, 'value="1.5"' in bad.text) == (422, True, True)
    assert keepers.post(f"{url}/lines/{line.id}", data={"counted": "1e99"}, headers=hx).status_code == 422
    good = keepers.post(f"{url}/lines/{line.id}", data={"counted": "9"}, headers=hx)
    assert (good.status_code, "1 of 2 counted" in good.text) == (200, True)
    assert keepers.post(f"{url}/lines/{lot.id}", data={"counted": "5"}).status_code == 303
    assert keepers.get(f"{url}?show=left").text.count("count-row") == 0
    extra = {"product_id": unknown.id, "location": main_location(main.id).id, "counted": "2"}
    assert keepers.post(f"{url}/lines/new", data=extra | {"lot": "L"}).status_code == 422
    assert keepers.post(f"{url}/lines/new", data=extra).status_code == 303
    shown = keepers.get(f"{url}/differences").text
    assert ("−1" in shown or "-1" in shown, "7.77" in shown) == (True, False)  # what goods cost is not for storekeepers
    assert keepers.post(f"{url}/recount", data={"line": line.id}).status_code == 303
    assert keepers.post(f"{url}/post", data={}).status_code == 409
    assert "disabled" in keepers.get(url).text.partition(f'id="counted_{line.id}"')[2][:200]
    assert keepers.post(f"{url}/lines/{line.id}/keep", data={}).status_code == 303
    managers = sign_in(app.test_client(), create_user("Mia", "mia@example.com", roles=["manager"], language="zh"))
    assert "7.77" in managers.get(f"{url}/differences").text
    sellers = sign_in(app.test_client(), seller)
    assert sellers.get(url).status_code == 200
    assert sellers.get(f"{url}/differences").status_code == 403
    assert sellers.post(f"{url}/lines/{line.id}", data={"counted": "1"}).status_code == 403
    assert keepers.post(f"{url}/post", data={}).status_code == 303
    session.expire_all()
    assert [stock(session, one, main)[0] for one in (blade, film, unknown)] == [9, 5, 2]
    assert keepers.get(url).status_code == 200
    item = session.scalars(
        select(StockItem).where(StockItem.product_id == blade.id, StockItem.warehouse_id == main.id)
    ).one()
    moved = session.scalars(select(StockMove).where(StockMove.document_type == "stock_count")).first()
    for path in (f"stock/{item.id}", f"stock/{item.id}/on-hand", f"moves/{moved.id}", "moves"):
        shown = keepers.get(f"/inventory/{path}")
        assert (path, shown.status_code, sheet.number in shown.text) == (path, 200, True)
    assert url in keepers.get(f"/inventory/stock/{item.id}").text
    history = managers.get(f"/admin/audit/stock_count/{sheet.id}").text
    assert ("盘点中" in history, "counting" in history) == (True, False)
    with pytest.raises(NotAllowed):
        make_move(begin(main, keeper), "post", by=seller)
    check_books(session)
