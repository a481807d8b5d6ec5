"""Orders take what a contract has agreed, and no more without approval."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from erpcrm.catalog.services import save_unit
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.sales.services import (
    call_off,
    lines_to_call_off,
    progress_of,
    quantities_of,
    renew,
    set_allowance,
    update_contract,
    update_order,
)
from tests.factories.customers import a_customer
from tests.factories.sales import a_contract, a_line, a_product, an_order
from tests.refusals import refused


def test_an_order_takes_what_is_left_at_the_agreed_price(seller: Any, manager: Any, customer: Any, valve: Any) -> None:
    contract = a_contract(customer, seller, manager, {"text": "Prices for the year"}, a_line(valve, 100, price="80"))
    line = lines_to_call_off(contract)[0]
    first = call_off(contract, [line | {"quantity": D(60)}], seller)
    assert progress_of(contract).called_off == 0  # a draft takes nothing yet
    make_move(first, "confirm", by=seller)
    assert (progress_of(contract).left, lines_to_call_off(contract)[0]["quantity"]) == (3200, 40)
    assert first.lines[0].price == 80
    make_move(first, "cancel", by=seller, reason="not now")
    assert progress_of(contract).left == 8000


@pytest.mark.parametrize(
    ("line", "values", "why"),
    [
        ({"quantity": D(101), "price": D(1)}, {}, "more than the 100 agreed"),
        ({"quantity": D(100), "price": D("80.01")}, {}, "leaves 8,000.00 CNY, and this order is for 8,001.00"),
        ({"quantity": D(1)}, {"ordered_on": timedelta(days=-1)}, "does not hold on the day"),
        ({"quantity": D(1)}, {"ordered_on": timedelta(days=365)}, "does not hold on the day"),
    ],
    ids=["quantity", "value", "before", "after"],
)
def test_beyond_it_somebody_who_approves_contracts_confirms(
    seller: Any, manager: Any, roles: Any, customer: Any, valve: Any, clock: Any, line: Any, values: Any, why: str
) -> None:
    set_allowance(roles["seller"], D(100))
    contract = a_contract(customer, seller, manager, a_line(valve, 100, price="80"))
    days = {name: today() + span for name, span in values.items()}
    typed = a_line(valve, 1, price="80") | line  # typed by hand: what it belongs to is found by its product
    order = an_order(customer, seller, typed, contract_id=contract.id, confirmed=False, **days)
    with refused(why):
        make_move(order, "confirm", by=seller)
    with refused("Somebody who approves"):
        make_move(order, "confirm", by=None)
    make_move(order, "confirm", by=manager)
    assert order.status == "confirmed"


def test_nobody_calls_off_for_another_customer_or_in_another_currency(
    seller: Any, manager: Any, customer: Any, valve: Any
) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100))
    strange = an_order(a_customer(seller), seller, a_line(valve), contract_id=contract.id, confirmed=False)
    with refused("another customer"):
        make_move(strange, "confirm", by=manager)
    abroad = an_order(customer, seller, a_line(valve), contract_id=contract.id, confirmed=False)
    abroad.currency = "USD"
    with refused("is in CNY"):
        make_move(abroad, "confirm", by=manager)


def test_boxes_are_counted_in_the_contracts_pieces(seller: Any, manager: Any, customer: Any, valve: Any) -> None:
    save_unit(valve, "box", D(12), None)
    contract = a_contract(customer, seller, manager, a_line(valve, 30), value=D(100_000))
    first = an_order(customer, seller, a_line(valve, 2, unit="box"), contract_id=contract.id)
    assert quantities_of(contract) == {contract.lines[0].id: 24}
    more = an_order(customer, seller, a_line(valve, 1, unit="box"), contract_id=contract.id, confirmed=False)
    with refused("more than the 30 agreed"):
        make_move(more, "confirm", by=seller)
    with refused("more than the 30 agreed"):
        update_order(first, {}, [a_line(valve, 3, unit="box", id=first.lines[0].id)], seller)
    assert quantities_of(contract) == {contract.lines[0].id: 24}


def test_what_a_contract_does_not_name_counts_by_its_value(
    seller: Any, manager: Any, customer: Any, valve: Any
) -> None:
    contract = a_contract(customer, seller, manager, value=D(150))
    other = a_product("100")
    an_order(customer, seller, a_line(other), contract_id=contract.id)
    second = an_order(customer, seller, a_line(other), contract_id=contract.id, confirmed=False)
    with refused("leaves 50.00 CNY"):
        make_move(second, "confirm", by=seller)


def test_a_renewed_contract_holds_until_its_end(seller: Any, manager: Any, customer: Any, valve: Any) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100))
    after = renew(contract, seller)
    assert (contract.status, after.status, after.starts_on) == (
        "renewed",
        "draft",
        contract.ends_on + timedelta(days=1),
    )
    assert an_order(customer, seller, a_line(valve, 5), contract_id=contract.id).status == "confirmed"
    early = an_order(customer, seller, a_line(valve, 5), contract_id=after.id, confirmed=False)
    with refused("does not hold"):
        make_move(early, "confirm", by=seller)


def test_what_was_agreed_is_not_changed(seller: Any, manager: Any, customer: Any, valve: Any) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100))
    with refused("can't be changed"):
        update_contract(contract, {"value": D(1)}, [], manager)


def test_a_seller_does_not_activate_contracts(
    as_seller: Any, seller: Any, customer: Any, manager: Any, valve: Any, session: Any
) -> None:
    contract = a_contract(customer, seller, manager, a_line(valve, 100))
    contract.status = "in_review"
    session.commit()
    assert as_seller.post(f"/sales/contracts/{contract.id}/activate").status_code == 403
