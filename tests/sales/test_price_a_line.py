"""Which price, tax and amount a line gets, and why."""

from datetime import date
from decimal import Decimal as D
from html import unescape
from typing import Any

import pytest

from erpcrm.catalog.services import save_price, save_unit
from erpcrm.sales.services import give_list, update_quotation
from tests.factories.customers import a_customer
from tests.factories.sales import a_line, a_list, a_product, an_offer
from tests.refusals import refused


def test_the_customers_own_price_comes_before_its_groups_and_that_before_everybodys(seller: Any, valve: Any) -> None:
    everybodys, groups, own = (a_list({valve: price}, name=name) for name, price in
                               (("All", "90"), ("Dealers", "95"), ("Own", "97")))  # fmt: skip
    everybodys.for_everybody = True
    give_list(groups, customer_group="dealer")
    stranger, dealer, friend = (
        a_customer(seller, customer_group=group) for group in (None, "dealer", "dealer")
    )  # fmt: skip
    give_list(own, customer_id=friend.id)
    found = {}
    for name, who in (("stranger", stranger), ("dealer", dealer), ("friend", friend)):
        (line,) = an_offer(who, seller, a_line(valve, 2)).lines
        found[name] = (line.price, line.price_reason)
    assert {name: price for name, (price, _why) in found.items()} == {
        "stranger": D(90),
        "dealer": D(95),
        "friend": D(97),
    }
    assert ["All" in found["stranger"][1], "Dealers" in found["dealer"][1], "Own" in found["friend"][1]] == [True] * 3


def test_taxes_follow_the_groups_of_customer_and_product(seller: Any, valve: Any) -> None:
    service = a_product("100", kind="service", unit="day")
    abroad, at_home = a_customer(seller, tax_group="export"), a_customer(seller)
    rates = [[line.tax_rate for line in an_offer(who, seller, a_line(valve), a_line(service)).lines]
             for who in (at_home, abroad)]  # fmt: skip
    assert rates == [[D(13), D(6)], [D(0), D(0)]]
    assert an_offer(abroad, seller, a_line(valve)).gross == D(100)


def test_a_price_with_tax_is_converted_for_a_document_without(seller: Any, customer: Any, valve: Any) -> None:
    a_list({valve: "113"}, for_everybody=True, tax_included=True)
    offer = an_offer(customer, seller, a_line(valve, 3))
    assert (offer.lines[0].price, offer.net, offer.tax, offer.gross) == (D(100), D(300), D(39), D(339))
    with_tax = an_offer(customer, seller, a_line(valve, 3), tax_included=True)
    assert (with_tax.lines[0].price, with_tax.net, with_tax.gross) == (D(113), D(300), D(339))


def test_a_box_costs_what_its_pieces_do(seller: Any, customer: Any, valve: Any) -> None:
    save_unit(valve, "box", D(12), None)
    (line,) = an_offer(customer, seller, a_line(valve, 2, unit="box")).lines
    assert (line.price, line.factor, line.amount) == (D(1200), D(12), D(2400))


def test_a_line_keeps_the_price_by_rule_beside_one_typed_by_hand(seller: Any, customer: Any, valve: Any) -> None:
    offer = an_offer(customer, seller, a_line(valve, 10, price="80", discount="10"))
    (line,) = offer.lines
    assert (line.list_price, line.price, line.amount) == (D(100), D(80), D(720))
    update_quotation(offer, {"discount": D(10)}, [a_line(valve, 10, id=line.id, price="80", discount="10")], seller)
    assert offer.net == D(648)  # 1,000 less a price lowered by 20, less 10, less 10 percent


def test_yen_have_no_cents(seller: Any, customer: Any) -> None:
    offer = an_offer(customer, seller, a_line(None, 3, text="Visit", price="33.5"), currency="CNY")
    assert offer.lines[0].amount == D("100.5")
    with refused("JPY"):
        an_offer(customer, seller, a_line(None, 3, text="Visit", price="33.5"), currency="JPY")


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"quantity": D(0)}, "more than zero"),
        ({"quantity": D(-1)}, "more than zero"),
        ({"quantity": D("1.5")}, "whole numbers"),
        ({"quantity": D(10) ** 11, "price": D(1000)}, "more than a document"),
        ({"discount": D(101)}, "0 to 100"),
        ({"unit": "kg"}, "not traded"),
    ],
    ids=["zero", "negative", "half a piece", "huge", "discount", "unit"],
)
def test_what_a_line_refuses(seller: Any, customer: Any, valve: Any, given: dict[str, Any], why: str) -> None:
    with refused("Line 2: .*" + why):
        an_offer(customer, seller, a_line(valve), {**a_line(valve), **given})


def test_a_product_without_a_price_asks_for_one(seller: Any, customer: Any) -> None:
    with refused("no price"):
        an_offer(customer, seller, a_line(a_product(None)))


def test_words_alone_cost_nothing_and_go_along(seller: Any, customer: Any, valve: Any) -> None:
    offer = an_offer(customer, seller, {"text": "Phase one"}, a_line(valve))
    assert [(line.name, line.quantity) for line in offer.lines] == [("Phase one", D(0)), (valve.name, D(1))]
    assert offer.net == D(100)


def test_what_is_discontinued_is_not_offered_anew(seller: Any, customer: Any, valve: Any) -> None:
    offer = an_offer(customer, seller, a_line(valve))
    valve.status = "discontinued"
    with refused("discontinued"):
        an_offer(customer, seller, a_line(valve))
    update_quotation(offer, {}, [a_line(valve, 2, id=offer.lines[0].id)], seller)
    assert offer.net == D(200)


def test_whoever_reads_a_line_reads_the_reason_of_its_price_in_their_own_language(
    session: Any, seller: Any, customer: Any, valve: Any, as_seller: Any, as_manager: Any, manager: Any
) -> None:
    """Seller and manager read English and Chinese; what was written before reasons were kept as data stays as it is."""
    own = a_list({}, name="Harbour")
    values = {"product": valve, "price": D(80), "min_quantity": D(100), "starts_on": date(2026, 3, 3)}
    save_price(own, None, values)
    give_list(own, customer_id=customer.id)
    manager.language = "zh"
    offer = an_offer(customer, seller, a_line(valve, 100))
    old = an_offer(customer, seller, a_line(valve, 1))
    old.lines[0].price_reason = "List price of old"
    session.commit()

    def reads(who: Any, about: Any, tab: str = "") -> str:
        return unescape(who.get(f"/sales/quotations/{about.id}{tab}").text)

    assert "Customer’s price, Harbour, from Mar 3, 2026, from 100 pcs" in reads(as_seller, offer)
    assert "客户专属价，Harbour，自 2026年3月3日 起，满 100 件" in reads(as_manager, offer)
    assert "客户专属价，Harbour" in reads(as_manager, offer, "/edit")
    assert "List price of old" in reads(as_seller, old)
    assert "List price of old" in reads(as_manager, old)
    history = unescape(as_manager.get(f"/admin/audit/quotation/{offer.id}").text)
    assert '{"tier"' not in history
