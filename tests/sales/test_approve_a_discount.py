"""Nobody gives more away than their role allows, by whichever way."""

from decimal import Decimal as D
from typing import Any

import pytest

from erpcrm.core.moves import make_move
from erpcrm.sales.services import set_allowance, update_quotation
from tests.factories.sales import a_line, an_offer
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
