"""A confirmed order is changed in place: never below what has happened, never past those who watch it."""

from decimal import Decimal as D
from typing import Any

from erpcrm.core.trail import history
from erpcrm.sales.services import record_delivered, record_invoiced, set_allowance, update_order
from tests.factories.customers import a_customer
from tests.factories.sales import a_line, a_product, an_order
from tests.refusals import refused


def test_a_confirmed_order_is_changed_with_its_trail(app: Any, seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve, 10))
    line = order.lines[0]
    record_delivered(line, D(4))
    update_order(order, {}, [a_line(valve, 12, id=line.id, price="110"), a_line(valve, 1)], seller)
    assert (order.net, order.undelivered, order.status) == (1420, D("1107.40"), "confirmed")
    with app.test_request_context():
        actions = [entry.action for entry in history("order", order.id)]
    assert len(actions) > 3


def test_never_below_what_was_delivered_or_invoiced(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve, 10), a_line(valve, 5))
    first, second = order.lines
    record_delivered(first, D(4))
    record_invoiced(second, D(2))
    for lines in ([a_line(valve, 3, id=first.id), a_line(valve, 5, id=second.id)],
                  [a_line(valve, 10, id=first.id), a_line(valve, 1, id=second.id)]):  # fmt: skip
        with refused("can't be for less"):
            update_order(order, {}, lines, seller)
    with refused("the line stays"):
        update_order(order, {}, [a_line(valve, 10, id=first.id)], seller)
    update_order(order, {}, [a_line(valve, 4, id=first.id), a_line(valve, 2, id=second.id)], seller)
    assert order.net == 600


def test_what_was_delivered_stays_what_it_was_and_what_was_invoiced_keeps_its_price(
    seller: Any, roles: Any, customer: Any, valve: Any
) -> None:
    set_allowance(roles["seller"], D(100))
    other = a_product("100")
    order = an_order(customer, seller, a_line(valve, 10))
    line = order.lines[0]
    record_delivered(line, D(4))
    with refused("Add a line for the rest"):
        update_order(order, {}, [a_line(other, 10, id=line.id)], seller)
    update_order(order, {}, [a_line(valve, 10, id=line.id, price="90")], seller)
    record_invoiced(line, D(4))
    for header, change in (({}, {"price": "80"}), ({}, {"discount": "5"}), ({"discount": D(5)}, {})):
        with refused("Add a line for the rest"):
            update_order(order, header, [a_line(valve, 10, id=line.id, **({"price": "90"} | change))], seller)
    assert order.net == 900


def test_currency_and_taxes_stay_once_it_is_confirmed(seller: Any, customer: Any, valve: Any) -> None:
    order = an_order(customer, seller, a_line(valve))
    with refused("stay as they are"):
        update_order(order, {"tax_included": True}, [a_line(valve, id=order.lines[0].id)], seller)


def test_lines_of_another_order_are_not_touched(seller: Any, customer: Any, valve: Any) -> None:
    order, other = (an_order(who, seller, a_line(valve, 2)) for who in (customer, a_customer(seller)))
    with refused("somebody has removed it"):
        update_order(order, {}, [a_line(valve, 9, id=other.lines[0].id)], seller)
    assert (order.net, other.net) == (200, 200)


def test_lines_are_held_and_released_by_hand(
    app: Any, as_seller: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    order = an_order(customer, seller, a_line(a_product("50", kind="service"), 2), a_line(valve, 3))
    session.commit()
    path = f"/sales/orders/{order.id}"
    assert as_seller.post(f"{path}/lines/{order.lines[0].id}/hold").status_code == 303
    assert as_seller.post(f"{path}/lines/{order.lines[0].id}/hold").status_code == 409
    assert [line.status for line in order.lines] == ["held", "open"]
    with app.test_request_context():
        told = next(entry for entry in history("order", order.id) if entry.part and entry.action == "Put on hold")
    assert [(change.label, change.old, change.new) for change in told.changes] == [("Status", "Open", "On hold")]
    as_seller.post(f"{path}/hold-lines")
    assert [line.status for line in order.lines] == ["held", "held"]
    as_seller.post(f"{path}/release-lines")
    assert [line.status for line in order.lines] == ["open", "open"]
    wrong = as_seller.post(f"{path}/lines/{order.lines[0].id}/deliver", data={"quantity": "1.5"})
    assert "whole numbers" in wrong.text
    right = as_seller.post(f"{path}/lines/{order.lines[0].id}/deliver", data={"quantity": "2"})
    assert right.status_code == 303, right.text
    session.expire_all()
    assert [line.delivered for line in order.lines] == [2, 0]


def test_a_line_is_closed_short_with_a_reason_and_its_page_says_what_will_not_come(
    as_seller: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    order = an_order(customer, seller, a_line(valve, 10), a_line(valve, 2))
    record_delivered(order.lines[0], D(7))
    session.commit()
    path = f"/sales/orders/{order.id}"
    line = f"{path}/lines/{order.lines[0].id}"
    assert f"{line}/reason/close" in as_seller.get(path).text
    assert 'name="reason"' in as_seller.get(f"{line}/reason/close").text
    assert as_seller.get(f"{line}/reason/deliver").status_code == 404
    assert as_seller.post(f"{line}/close", data={"reason": "The rest is discontinued"}).status_code == 303
    assert as_seller.post(f"{line}/close").status_code == 409
    page = as_seller.get(path).text
    assert "3 will not come any more" in page
    assert "The rest is discontinued" in as_seller.get(f"/admin/audit/order/{order.id}").text
    assert as_seller.post(f"{line}/reopen").status_code == 303
    assert "will not come any more" not in as_seller.get(path).text
