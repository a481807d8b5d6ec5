"""The form of a document: what is wrong is said beside its line, nothing typed is lost, nothing half done."""

import re
from decimal import Decimal as D
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.pipeline.services import set_lines
from erpcrm.sales.models import Quotation, SalesOrder
from erpcrm.sales.services import set_allowance
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal
from tests.factories.sales import a_line, a_product, an_order
from tests.forms import fields_of

HEAD = {"issued_on": "2026-03-02", "valid_until": "2027-03-02", "currency": "CNY", "language": "en"}


def typed(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return HEAD | {f"lines-{n}-{name}": value for n, line in enumerate(lines) for name, value in line.items()} | more


def of(product: Any, **more: Any) -> dict[str, Any]:
    return {"product_id": product.id, "product_id_text": product.name, "quantity": "1"} | more


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"quantity": "0"}, "A quantity is more than zero"),
        ({"quantity": "-2"}, "Quantity: At least 0"),
        ({"quantity": "1.5"}, "whole numbers"),
        ({"quantity": "1e30"}, "Quantity: "),
        ({"quantity": "99999999999", "price": "1000"}, "more than a document can be for"),
        ({"quantity": "twelve"}, "This is not a number"),
        ({"price": "cheap"}, "This is not a number"),
        ({"price": "-5"}, "Price: At least 0"),
        ({"discount": "101"}, "Discount: At most 100"),
        ({"discount": "1.23456"}, "At most 4 digits"),
        ({"product_id": "", "product_id_text": "Unheard-of"}, "Unheard-of"),
    ],
)
def test_a_wrong_number_is_told_beside_its_line_and_stays_as_it_was_typed(
    as_seller: Any, customer: Any, valve: Any, session: Any, line: dict[str, str], why: str
) -> None:
    session.commit()
    path = f"/sales/quotations/new?customer={customer.id}"
    answer = as_seller.post(path, data=typed(of(valve), of(valve) | line, introduction="Dear Ann"))
    assert answer.status_code == 422
    first, second = answer.text.partition('id="line_0"')[2].split('id="line_1"')[:2]
    assert "form-error" not in first
    assert why in second
    assert all(f'value="{value}"' in second for value in line.values() if value)
    assert "Dear Ann" in answer.text
    redrawn = as_seller.post(path, data=typed(of(valve) | line, act="add")).text
    assert all(f'value="{value}"' in redrawn for value in line.values() if value)
    assert session.scalar(select(func.count()).select_from(Quotation)) == 0


@pytest.mark.parametrize(("kind", "day"), [("quotations", "valid_until"), ("contracts", "starts_on")])
def test_a_day_that_nobody_means_is_refused(
    as_seller: Any, customer: Any, valve: Any, session: Any, kind: str, day: str
) -> None:
    """Days are counted on from it: a document until the end of the calendar could be stored, and never opened."""
    session.commit()
    head = typed(of(valve), name="Supply", starts_on="2026-03-02", ends_on="2027-03-01")
    for year in ("0001", "9999"):
        answer = as_seller.post(f"/sales/{kind}/new?customer={customer.id}", data=head | {day: f"{year}-12-31"})
        assert answer.status_code == 422
        assert "Choose a day from 1900 to 2199." in answer.text
        assert f'value="{year}-12-31"' in answer.text


def test_a_currency_without_a_rate_is_refused_on_the_form(
    as_seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    session.commit()
    form = typed(of(valve, price="5"), currency="JPY", reference="PO-9")
    answer = as_seller.post(f"/sales/quotations/new?customer={customer.id}", data=form)
    assert answer.status_code == 409
    assert "JPY" in answer.text
    assert 'value="PO-9"' in answer.text
    assert session.scalar(select(func.count()).select_from(Quotation)) == 0


def test_lines_are_completed_by_the_rules_while_they_are_typed(
    as_seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    session.commit()
    path = f"/sales/lines?kind=quotation&customer={customer.id}"
    answer = as_seller.post(
        path, data=typed(of(valve, quantity="3")), headers={"HX-Request": "true", "HX-Target": "div#lines"}
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'value="100"' in answer.text
    assert "339.00" in answer.text
    assert "List price" in answer.text
    typed_by_hand = as_seller.post(path, data=typed(of(valve, quantity="3", price="90", found="100"))).text
    assert "By the rules" in typed_by_hand
    assert session.scalar(select(func.count()).select_from(Quotation)) == 0


def test_the_whole_way_without_a_script(
    as_seller: Any, client: Any, customer: Any, valve: Any, session: Any, roles: Any
) -> None:
    """New, two lines, one dropped, saved and sent, accepted by the customer, ordered."""
    set_allowance(roles["seller"], D(10))
    session.commit()
    path = f"/sales/quotations/new?customer={customer.id}"
    by_name = {"product_id": "", "product_id_text": valve.name, "quantity": "2"}
    more = as_seller.post(path, data=typed(by_name, of(valve), act="add"))
    assert more.text.count('role="group"') == 5
    fewer = as_seller.post(path, data=typed(by_name, of(valve), act="drop-1"))
    assert fewer.text.count('class="line-row line-blank"') == 1
    saved = as_seller.post(path, data=typed(by_name, then="send"))
    offer = session.scalars(select(Quotation)).one()
    assert saved.location == f"/sales/quotations/{offer.id}/send"
    assert as_seller.get(saved.location).status_code == 200
    wrong = as_seller.post(saved.location, data={"by_mail": "y", "to": "", "subject": "Offer", "text": "See [link]"})
    assert wrong.status_code == 422
    form = {"by_mail": "y", "to": "buyer@harbour.example", "subject": "Offer", "text": "See [link]"}
    assert as_seller.post(saved.location, data=form).status_code == 303
    session.refresh(offer)
    key = offer.link_key
    assert client.post(f"/sales/offers/{key}/accept", data={"name": "Ann", "agreed": "y"}).status_code == 303
    ordered = as_seller.post(f"/sales/quotations/{offer.id}/order")
    order = session.scalars(select(SalesOrder)).one()
    assert (ordered.location, order.net, order.status) == (f"/sales/orders/{order.id}", 200, "confirmed")


def test_an_offer_from_a_deal_takes_its_lines(
    as_seller: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    deal = a_deal(seller, customer_id=customer.id)
    from_deal = {"product_id": valve.id, "quantity": D(4), "price": D(90)}
    set_lines(deal, [from_deal], seller)
    session.commit()
    page = as_seller.get(f"/sales/quotations/new?opportunity={deal.id}").text
    assert 'value="90"' in page
    assert "360.00" in page


def test_an_order_is_saved_and_confirmed_in_one(as_seller: Any, customer: Any, valve: Any, session: Any) -> None:
    session.commit()
    form = typed(of(valve), ordered_on="2026-03-02", then="confirm")
    assert as_seller.post(f"/sales/orders/new?customer={customer.id}", data=form).status_code == 303
    assert session.scalars(select(SalesOrder)).one().status == "confirmed"


def test_editing_an_order_without_a_change_changes_nothing(
    as_seller: Any, seller: Any, roles: Any, customer: Any, valve: Any, session: Any
) -> None:
    set_allowance(roles["seller"], D(100))
    order = an_order(
        customer,
        seller,
        {"text": "Words"},
        a_line(valve, 3, price="90", discount="2.5"),
        a_line(None, 1, text="X", price="7"),
    )
    session.commit()
    before = [(line.text, line.quantity, line.price, line.discount, line.tax_id, line.amount) for line in order.lines]
    form = fields_of(as_seller.get(f"/sales/orders/{order.id}/edit").text)
    form |= textareas(as_seller.get(f"/sales/orders/{order.id}/edit").text)
    answer = as_seller.post(f"/sales/orders/{order.id}/edit", data=form)
    assert answer.status_code == 303, answer.text
    session.expire_all()
    after = [(line.text, line.quantity, line.price, line.discount, line.tax_id, line.amount) for line in order.lines]
    assert after == before


def textareas(html: str) -> dict[str, str]:
    found = re.findall(r'(?s)<textarea[^>]*\sname="([^"]+)"[^>]*>(.*?)</textarea>', html)
    return {name: text.strip() for name, text in found}


def test_nobody_draws_lines_for_a_customer_they_do_not_see(as_outsider: Any, customer: Any, session: Any) -> None:
    session.commit()
    assert as_outsider.post(f"/sales/lines?kind=order&customer={customer.id}", data=HEAD).status_code == 404
    assert as_outsider.get(f"/sales/quotations/new?customer={customer.id}").status_code == 404


def test_an_archived_customer_is_offered_nothing(as_seller: Any, seller: Any, session: Any) -> None:
    gone = a_customer(seller)
    gone.status = "archived"
    session.commit()
    answer = as_seller.get(f"/sales/quotations/new?customer={gone.id}")
    assert (answer.status_code, "archived" in answer.text) == (409, True)


def test_many_lines_take_no_more_queries_than_few(
    as_seller: Any, customer: Any, session: Any, count_queries: Any
) -> None:
    products = [a_product("10") for _ in range(40)]
    session.commit()
    path, counts = f"/sales/quotations/new?customer={customer.id}", []
    for some in (products[:2], products):
        form = typed(*(of(product) for product in some), act="add")
        as_seller.post(path, data=form)
        with count_queries() as seen:
            as_seller.post(path, data=form)
        counts.append(len(seen))
    assert counts[0] == counts[1]
