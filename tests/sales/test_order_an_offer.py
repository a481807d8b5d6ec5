"""From an offer to its order: once, however often it is asked for."""

from typing import Any

from sqlalchemy import func, select

from erpcrm.core.moves import make_move
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import copy_order, order_of, order_quotation
from tests.factories.customers import a_customer
from tests.factories.sales import a_line, an_offer, an_order
from tests.refusals import refused


def test_one_button_accepts_orders_and_confirms(as_seller: Any, seller: Any, valve: Any, session: Any) -> None:
    prospect = a_customer(seller)
    lines = [{"text": "Phase one"}, a_line(valve, 2, discount=None), a_line(valve, 9, optional=True)]
    offer = an_offer(prospect, seller, *lines, reference="PO-7", sent=True)
    session.commit()
    assert as_seller.post(f"/sales/quotations/{offer.id}/order").status_code == 303
    again = as_seller.post(f"/sales/quotations/{offer.id}/order")
    assert again.status_code == 409
    assert session.scalar(select(func.count()).select_from(SalesOrder)) == 1
    session.expire_all()
    order = order_of(offer)
    assert order is not None
    assert order.number in again.text
    assert (offer.status, order.status, order.reference, order.net) == ("accepted", "confirmed", "PO-7", offer.net)
    assert [line.name for line in order.lines] == ["Phase one", valve.name]
    assert prospect.status == "active"


def test_what_was_cancelled_can_be_ordered_anew(seller: Any, customer: Any, valve: Any) -> None:
    offer = an_offer(customer, seller, a_line(valve), sent=True)
    first = order_quotation(offer, seller)
    with refused("ordered already"):
        order_quotation(offer, seller)
    make_move(first, "cancel", by=seller, reason="by mistake")
    assert order_quotation(offer, seller).status == "confirmed"
    with refused("ordered already"):
        make_move(first, "restore", by=seller)


def test_an_offer_to_approve_is_not_ordered_past_the_approval(seller: Any, customer: Any, valve: Any) -> None:
    draft = an_offer(customer, seller, a_line(valve, discount="50"))
    with refused("Draft"):
        order_quotation(draft, seller)


def test_a_copy_starts_as_a_draft_of_today(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, {"text": "Words"}, a_line(valve, 3), a_line(None, 2, text="Visit", price="50"))
    made = copy_order(order, seller)
    assert (made.status, made.net, made.confirmed_on, made.quotation_id) == ("draft", order.net, None, None)
    assert [line.delivered for line in made.lines] == [0, 0, 0]


def test_an_empty_order_is_not_confirmed(seller: Any, customer: Any) -> None:
    order = an_order(customer, seller, {"text": "Words"}, confirmed=False)
    with refused("nothing in it yet"):
        make_move(order, "confirm", by=seller)


def test_others_orders_and_offers_are_not_there(
    as_outsider: Any, as_seller: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    order, offer = an_order(customer, seller, a_line(valve)), an_offer(customer, seller, a_line(valve))
    session.commit()
    for path in (f"/sales/orders/{order.id}", f"/sales/quotations/{offer.id}"):
        assert as_seller.get(path).status_code == 200
        assert as_outsider.get(path).status_code == 404
        assert as_outsider.post(f"{path}/cancel").status_code == 404
    assert "Margin" not in as_seller.get(f"/sales/orders/{order.id}").text
