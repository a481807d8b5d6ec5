"""What goods that come and go do to the books: the account of goods in stock is what the stock is worth, always."""

from decimal import Decimal

import pytest

from erpcrm.finance import services
from erpcrm.finance.models import Entry
from erpcrm.inventory.services import (
    announce_return,
    begin_count,
    post_count,
    propose_deliveries,
    record_counted,
    ship,
    take_back,
    take_back_adjustment,
)
from erpcrm.inventory.services.adjustments import adjust
from erpcrm.inventory.services.counting import lines_of
from erpcrm.inventory.services.opening import opening_from_file
from erpcrm.inventory.services.places import main_location
from erpcrm.inventory.services.returns import Back
from tests.finance.conftest import TODAY
from tests.finance.test_receivables import books_agree

D = Decimal


def standing(*roles: str) -> tuple[Decimal, ...]:
    return tuple(services.balance_of(services.account_for(role), TODAY) for role in roles)


def test_costs_are_booked_when_goods_leave_and_taken_back_when_they_return(
    books, product, come, order, keeper, accountant
):
    blade = product()
    come(blade, 10, "3.33")
    assert standing("inventory", "uninvoiced_receipts") == (D("33.30"), D("-33.30"))
    delivery = propose_deliveries(order(blade, 4), keeper)[0]
    ship(delivery, by=keeper)
    assert standing("inventory", "cogs") == (D("19.98"), D("13.32"))
    invoice = services.invoice_order(delivery.order, accountant)
    services.post_invoice(invoice, accountant)
    take_back(announce_return(delivery, [Back(delivery.lines[0], D(1), "stock")], "wrong size", by=keeper), keeper)
    assert standing("inventory", "cogs") == (D("23.31"), D("9.99"))
    assert standing("inventory") == (services.stock_value(),)
    note = services.credit(invoice, accountant, "wrong size", {invoice.lines[0].id: D(1)})
    services.post_invoice(note, accountant)
    assert delivery.order.lines[0].invoiced == 3
    assert books_agree()


def test_what_is_lost_or_found_is_a_difference(books, product, come, keeper, main):
    blade = product()
    come(blade, 10, "5")
    adjust("lost", blade, D(2), main_location(main.id), "Counted", by=keeper)
    adjust("found", blade, D(1), main_location(main.id), "Counted", unit_cost=D(5), by=keeper)
    assert standing("inventory", "stock_difference") == (45, 5)
    assert services.stock_value() == 45


def test_a_count_and_opening_stock_stand_in_the_books_and_what_is_taken_back_does_not(
    books, product, come, keeper, main
):
    blade, film = product(), product("Film")
    come(blade, 10, "5")
    made = opening_from_file({"product": film.id, "quantity": D(4), "unit_cost": D(3)}, None)
    assert standing("inventory", "stock_difference") == (62, -12)
    count = begin_count({"warehouse_id": main.id}, by=keeper)
    for line in lines_of(count)[:1]:
        record_counted(line, D(7), by=keeper)
    post_count(count, keeper)
    assert standing("inventory", "stock_difference") == (47, 3)
    take_back_adjustment(made, keeper)
    assert standing("inventory", "stock_difference") == (35, 15)
    assert services.stock_value() == 35
    assert books_agree()


@pytest.mark.usefixtures("clock")
def test_goods_that_were_there_before_the_books_are_opened_with_them(app, roles, product, come):
    come(product(), 7, "11")
    assert app.extensions
    services.choose_chart("generic")
    services.open_stock(TODAY)
    assert standing("inventory", "opening") == (77, -77)


def test_a_move_of_goods_and_its_entry_are_one(books, product, come, session):
    moves = come(product(), 1, "9")
    entry = session.query(Entry).filter_by(document_type="receipt", document_id=moves[0].document_id).one()
    assert (entry.status, entry.total, entry.number) == ("posted", 9, "STK-2026-00001")
