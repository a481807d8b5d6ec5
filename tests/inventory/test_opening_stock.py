"""Opening stock comes in from a file, with its cost and lots; what is wrong says why; a whole file is taken back, or not."""

from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.access.services import create_user
from erpcrm.catalog.services import save_unit
from erpcrm.core.errors import Refused
from erpcrm.core.jobs import run_pending
from erpcrm.inventory.models import Lot, ProductCost, StockAdjustment, StockItem
from erpcrm.inventory.services import adjust, main_location, save_fifo_categories, save_location, take_back_adjustment
from erpcrm.inventory.services.opening import opening_from_file
from tests.inventory.books import check_books, stock
from tests.wizard import Wizard

D = Decimal


@pytest.fixture
def wizard(app: Any, sign_in: Any, roles: Any) -> Wizard:
    return Wizard(
        sign_in(app.test_client(), create_user("Mia", "mia@example.com", roles=["manager"], language="en")), app
    )


def upload(wizard: Wizard, *rows: str) -> Wizard:
    text = "\n".join(("product,qty,unit,warehouse,location,lot,best before,unit cost", *rows))
    wizard.upload(text, "stock_adjustment", "opening.csv").columns()
    return wizard


def worth(session: Any, product: Any) -> tuple[Any, Any]:
    cost = session.scalars(select(ProductCost).where(ProductCost.product_id == product.id)).one()
    return cost.quantity, cost.value


def test_a_file_becomes_stock_and_is_taken_back(
    session: Any, product: Any, main: Any, depot: Any, come: Any, wizard: Wizard
) -> None:
    """Five at 1.00 were there already: after the undo they are worth what they were, whatever the file had said."""
    save_fifo_categories(["spare"])
    blade, film, machine = (
        product(),
        product("Film", tracking="lot", category="spare"),
        product("Mill", tracking="serial"),
    )
    save_unit(blade, "box", D(12))
    save_location(main, None, {"code": "A-01"})
    come(blade, 5, "1")
    come(film, 2, "3", lots="F-0")
    session.commit()
    upload(
        wizard,
        "Blade,1,box,,a-01,,,60",
        "Blade,3,,,,,,7",
        "Film,10,,Depot,,F-1,2027-05-31,4.5",
        "Mill,1,,MAIN,STOCK,SN-1,,1000",
        "Mill,1,,MAIN,STOCK,SN-1,,1000",
        "Mill,2,,MAIN,STOCK,SN-2,,1000",
        "Mill,1,,,,,,",
        "Blade,0,,,,,,",
        "Blade,-4,,,,,,",
        "Blade,0.5,,,,,,",
        "Blade,1,,,B-99,,,",
        "Blade,1,,,SCRAP,,,",
        "Blade,1,kg,,,,,",
        "Blade,1,,,,L-1,,",
        "Blade,1,,,,,2027-01-01,",
        "Blade,1,,,,,,-2",
        "Blade,999999999999,box,,,,,",
        "Blade,99999999999,,,,,,99999999999",
    )
    trial = wizard.trial()
    assert (trial["created"], trial["bad"]) == (4, 14)
    said = unescape(wizard.get())
    for why in (
        "SN-1 is in stock already", "A serial number stands for one piece", "is tracked: say which", "more than zero",
        "whole numbers", "has no location “B-99”", "SCRAP is no location for stock", "is not tracked by lot",
        "belongs to a lot", "less than nothing", "more than the books can hold",
    ):  # fmt: skip
        assert why in said
    assert stock(session, blade, main)[0] == 5  # a trial leaves nothing
    wizard.start()
    run_pending()
    session.expire_all()
    assert [stock(session, one, at)[0] for one, at in ((blade, main), (film, depot), (machine, main))] == [20, 10, 1]
    assert [worth(session, one) for one in (blade, film)] == [(20, 86), (12, 51)]
    assert session.scalars(select(Lot).where(Lot.code == "F-1")).one().expires_on == date(2027, 5, 31)
    check_books(session)
    again = Wizard(wizard.client, wizard.app)
    upload(again, "Blade,12,,,a-01,,,5")
    assert "Opening stock of it is in already: ADJ-" in unescape(again.get())
    wizard.post("/undo")
    run_pending()
    session.expire_all()
    assert "posted the other way" in wizard.get()
    assert [worth(session, one) for one in (blade, film, machine)] == [(5, 5), (2, 6), (0, 0)]
    made = session.scalars(select(StockAdjustment).order_by(StockAdjustment.id)).all()
    assert (len(made), {one.status for one in made}) == (8, {"posted"})
    with pytest.raises(Refused, match=made[0].number):
        take_back_adjustment(made[0], None)
    with pytest.raises(Refused, match=made[-1].number):
        take_back_adjustment(made[-1], None)
    check_books(session)
    upload(again, "Blade,12,,,a-01,,,5")
    assert "is in already" not in again.get()  # what was taken back is none


def test_what_was_used_since_is_not_taken_back(
    session: Any, product: Any, main: Any, come: Any, order: Any, wizard: Wizard
) -> None:
    blade, film, disc = product(), product("Film"), product("Disc")
    session.commit()
    upload(wizard, "Blade,10,,,,,,2", "Film,10,,,,,,2", "Disc,1,,,,,,2").start()
    run_pending()
    session.expire_all()
    adjust("lost", blade, D(1), main_location(main.id), "gone", by=None)
    order(film, 4)
    session.commit()
    said = unescape(wizard.post("/undo", status=409))
    assert ("its product has moved since" in said, "promised to orders" in said) == (True, True)
    session.expire_all()
    assert [stock(session, one, main)[0] for one in (blade, film, disc)] == [9, 10, 1]
    check_books(session)


def test_who_may_not_see_costs_does_not_set_them(session: Any, product: Any, main: Any, keeper: Any) -> None:
    blade = product(cost=D(8))
    with pytest.raises(Refused, match="not yours to say"):
        opening_from_file({"product": blade.id, "quantity": D(2), "unit_cost": D(1)}, keeper)
    assert session.scalars(select(StockItem)).first() is None
    made = opening_from_file({"product": blade.id, "quantity": D(2)}, keeper)
    assert (made.kind, made.status, made.quantity) == ("found", "posted", 2)
    check_books(session)
