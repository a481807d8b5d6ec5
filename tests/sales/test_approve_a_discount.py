"""Nobody gives more away than their role allows, by whichever way."""

from decimal import Decimal as D
from typing import Any

import pytest

from erpcrm.catalog.services import update_product
from erpcrm.core.moves import make_move
from erpcrm.sales.services import (
    call_off,
    copy_order,
    lines_to_call_off,
    order_quotation,
    set_allowance,
    update_order,
    update_quotation,
)
from tests.factories.sales import a_contract, a_line, an_offer, an_order
from tests.refusals import refused


@pytest.fixture(autouse=True)
def allowances(roles: Any) -> None:
    set_allowance(roles["seller"], D(10))
    set_allowance(roles["manager"], D(25))


@pytest.mark.parametrize(
    ("line", "header", "passes"),
    [
        ({"discount": "10"}, "0", True),
        ({"discount": "10.0001"}, "0", False),
        ({"price": "90"}, "0", True),
        ({"price": "89.99"}, "0", False),
        ({"discount": "6"}, "5", False),  # 0.94 x 0.95 leaves 89.3 percent
        ({"discount": "5"}, "5", True),  # 90.25 percent
        ({"price": "95", "discount": "6"}, "0", False),
        ({"price": "110", "discount": "15"}, "0", True),  # a higher price makes good for it: 93.5 percent
        ({"optional": True, "discount": "50"}, "0", False),
    ],
)
def test_all_that_lowers_a_price_counts(
    seller: Any, customer: Any, valve: Any, line: dict[str, Any], header: str, passes: bool
) -> None:
    offer = an_offer(customer, seller, a_line(valve), a_line(valve, **line), discount=D(header))
    if passes:
        make_move(offer, "send", by=seller)
        assert offer.status == "sent"
    else:
        with refused("beyond the 10 %"):
            make_move(offer, "send", by=seller)


def test_an_approved_discount_may_be_sent_and_no_higher_one(
    seller: Any, manager: Any, customer: Any, valve: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve, discount="20"))
    make_move(offer, "submit", by=seller)
    make_move(offer, "approve", by=manager)
    assert (offer.status, offer.approved_discount) == ("draft", D(20))
    update_quotation(offer, {}, [a_line(valve, id=offer.lines[0].id, discount="21")], seller)
    with refused("beyond the 20 %"):
        make_move(offer, "send", by=seller)
    update_quotation(offer, {}, [a_line(valve, id=offer.lines[0].id, discount="20")], seller)
    make_move(offer, "send", by=seller)
    assert offer.status == "sent"


def test_who_approves_has_an_allowance_too(seller: Any, manager: Any, admin: Any, customer: Any, valve: Any) -> None:
    offer = an_offer(customer, seller, a_line(valve, discount="30"))
    make_move(offer, "submit", by=seller)
    with refused("beyond what you may give too"):
        make_move(offer, "approve", by=manager)
    make_move(offer, "approve", by=admin)
    assert offer.approved_discount == D(30)


def test_an_approval_does_not_go_on_to_the_next_version(
    seller: Any, manager: Any, customer: Any, valve: Any, as_seller: Any, session: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve, discount="20"))
    make_move(offer, "submit", by=seller)
    make_move(offer, "approve", by=manager)
    make_move(offer, "send", by=seller)
    session.commit()
    answer = as_seller.post(f"/sales/quotations/{offer.id}/revise")
    second = int(answer.location.rsplit("/", 2)[1])
    answer = as_seller.post(f"/sales/quotations/{second}/send", data={"subject": "Offer"})
    assert answer.status_code == 409
    assert "beyond the 10 %" in answer.text


def test_the_page_asks_for_approval_instead_of_sending(
    as_seller: Any, as_manager: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve, discount="20"))
    session.commit()
    page = as_seller.get(f"/sales/quotations/{offer.id}").text
    assert "Ask for approval" in page
    assert f"/sales/quotations/{offer.id}/send" not in page
    assert as_seller.post(f"/sales/quotations/{offer.id}/submit").status_code == 303
    assert as_seller.post(f"/sales/quotations/{offer.id}/approve").status_code == 403
    assert as_manager.post(f"/sales/quotations/{offer.id}/approve").status_code == 303
    assert as_seller.post(f"/sales/quotations/{offer.id}/send", data={"subject": "Offer"}).status_code == 303
    session.refresh(offer)
    assert offer.status == "sent"


def test_an_order_is_no_way_past_the_allowance(
    as_seller: Any, seller: Any, manager: Any, customer: Any, valve: Any, session: Any
) -> None:
    for line in (a_line(valve, discount="10"), a_line(valve, price="90"), a_line(valve, price="110", discount="15")):
        assert an_order(customer, seller, line).status == "confirmed"
    for line in (
        a_line(valve, discount="11"),
        a_line(valve, price="89"),
        a_line(None, text="Visit", price="5", discount="11"),
    ):
        order = an_order(customer, seller, line, confirmed=False)
        with refused("beyond the 10 %"):
            make_move(order, "confirm", by=seller)
        make_move(order, "confirm", by=manager)
    # What somebody has agreed to stays so when the order is changed, and nothing more is given away.
    order = an_order(customer, seller, a_line(valve, price="80"), confirmed=False)
    make_move(order, "confirm", by=manager)
    update_order(order, {}, [a_line(valve, 5, id=order.lines[0].id, price="80")], seller)
    with refused("beyond the 10 %"):
        update_order(order, {}, [a_line(valve, 5, id=order.lines[0].id, price="79")], seller)
    with refused("beyond the 10 %"):
        update_order(order, {"discount": D(20)}, [a_line(valve, 5, id=order.lines[0].id, price="80")], seller)
    # A copy is an order like any other.
    copied = copy_order(order, seller)
    with refused("beyond the 10 %"):
        make_move(copied, "confirm", by=seller)
    # What is refused while it is typed stays typed.
    session.commit()
    typed = {"ordered_on": "2026-03-02", "currency": "CNY", "language": "en", "then": "confirm", "reference": "PO 7"}
    typed |= {"lines-0-product_id": valve.id, "lines-0-product_id_text": valve.name, "lines-0-quantity": "3"}
    answer = as_seller.post(f"/sales/orders/new?customer={customer.id}", data=typed | {"lines-0-price": "70"})
    assert (answer.status_code, "beyond the 10 %" in answer.text) == (409, True)
    assert ('value="70"' in answer.text, "PO 7" in answer.text) == (True, True)


def test_what_an_offer_or_a_contract_grants_is_ordered_by_anybody(
    seller: Any, manager: Any, customer: Any, valve: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve, 2, discount="20"))
    make_move(offer, "submit", by=seller)
    make_move(offer, "approve", by=manager)
    make_move(offer, "send", by=seller)
    own = an_offer(customer, manager, a_line(valve, price="77"), discount=D(1), sent=True)  # nobody had to approve it
    contract = a_contract(customer, seller, manager, a_line(valve, 100, price="60"))
    save_price(valve, D(150))
    assert order_quotation(offer, seller).net == 160
    assert order_quotation(own, seller).status == "confirmed"
    lines = [{**line, "quantity": D(4)} for line in lines_to_call_off(contract)]
    order = call_off(contract, lines, seller)
    make_move(order, "confirm", by=seller)
    assert (order.status, order.net) == ("confirmed", 240)
    with refused("beyond the 10 %"):
        update_order(order, {}, [a_line(valve, 4, id=order.lines[0].id, price="59")], seller)


def save_price(product: Any, price: D) -> None:
    """It costs more today than when it was agreed."""
    update_product(product, {"price": price}, by=None)
