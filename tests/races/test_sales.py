"""Two people at one offer, one order, one contract: what only one of them can have, one gets."""

from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.company.services import take_standard_taxes
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.core.moves import make_move
from erpcrm.pipeline.services import ensure_standard_pipeline
from erpcrm.sales.models import OrderLine, Quotation, SalesOrder
from erpcrm.sales.services import accept, order_quotation, progress_of, record_delivered
from tests.factories.customers import a_customer
from tests.factories.sales import a_contract, a_line, a_product, an_offer, an_order
from tests.forms import fields_of

AtOnce = Callable[..., list[Any]]


@pytest.fixture
def valve(app: Any) -> Any:
    take_standard_taxes("china")
    ensure_standard_pipeline()
    return a_product("100")


@pytest.mark.parametrize("accepted", [False, True])
def test_an_offer_ordered_by_two_at_once_is_one_order(
    at_once: AtOnce, seller: Any, manager: Any, valve: Any, session: Any, accepted: bool
) -> None:
    offer = an_offer(a_customer(seller), seller, a_line(valve), sent=True)
    if accepted:
        accept(offer, None, name="Ann")
    session.commit()
    offer_id, users = offer.id, (seller.id, manager.id)
    user = type(seller)
    session.rollback()

    def order(user_id: int) -> str:
        with transaction():
            by = session.get(user, user_id)
            return order_quotation(session.get(Quotation, offer_id), by).number

    results = at_once(*(lambda user_id=user_id: order(user_id) for user_id in users * 2))
    assert len([one for one in results if isinstance(one, str)]) == 1, results
    assert all(isinstance(one, str | Refused) for one in results), results
    session.expire_all()
    assert session.scalar(select(func.count()).select_from(SalesOrder)) == 1


def test_two_orders_at_once_do_not_both_take_the_rest_of_a_contract(
    at_once: AtOnce, seller: Any, manager: Any, valve: Any, session: Any
) -> None:
    customer = a_customer(seller)
    contract = a_contract(customer, seller, manager, a_line(valve, 10))
    orders = [an_order(customer, seller, a_line(valve, 6), contract_id=contract.id, confirmed=False) for _ in range(3)]
    session.commit()
    ids, user, user_id = [order.id for order in orders], type(seller), seller.id
    session.rollback()

    def confirm(order_id: int) -> bool:
        with transaction():
            make_move(session.get(SalesOrder, order_id), "confirm", by=session.get(user, user_id))
            return True

    results = at_once(*(lambda order_id=order_id: confirm(order_id) for order_id in ids))
    assert results.count(True) == 1, results
    assert all(one is True or isinstance(one, Refused) for one in results), results
    session.expire_all()
    assert progress_of(contract).called_off == 600


def test_the_last_pieces_of_a_line_are_delivered_once(at_once: AtOnce, seller: Any, valve: Any, session: Any) -> None:
    order = an_order(a_customer(seller), seller, a_line(valve, 5))
    session.commit()
    line_id = order.lines[0].id
    session.rollback()

    def deliver() -> bool:
        with transaction():
            record_delivered(session.get(OrderLine, line_id), D(3))
            return True

    results = at_once(*[deliver] * 3)
    assert results.count(True) == 1, results
    session.expire_all()
    assert (order.lines[0].delivered, order.undelivered) == (3, 226)


def test_of_two_who_save_or_confirm_one_order_at_once_one_does_and_the_other_sees_both_versions(
    app: Any, at_once: AtOnce, sign_in: Any, seller: Any, manager: Any, valve: Any, session: Any
) -> None:
    order = an_order(a_customer(seller), seller, a_line(valve, 5), confirmed=False)
    session.commit()
    path = f"/sales/orders/{order.id}"
    clients = [sign_in(app.test_client(), user) for user in (seller, manager)]
    session.rollback()
    forms = [fields_of(client.get(f"{path}/edit").text) for client in clients]

    def save(place: int) -> tuple[int, str]:
        mine = forms[place] | {"reference": f"REF-{place}", "lines-0-quantity": str(7 + place)}
        answer = clients[place].post(f"{path}/edit", data=mine)
        return answer.status_code, answer.text

    results = at_once(lambda: save(0), lambda: save(1))
    assert sorted(status for status, _text in results) == [303, 409], results
    won = 0 if results[0][0] == 303 else 1
    told = results[1 - won][1]
    assert f"REF-{won}" in told  # what the other has saved
    assert f"REF-{1 - won}" in told  # and what was typed
    session.expire_all()
    assert (order.reference, order.lines[0].quantity) == (f"REF-{won}", 7 + won)
    session.rollback()

    def confirm(place: int) -> int:
        return int(clients[place].post(f"{path}/confirm", data={}).status_code)

    assert sorted(at_once(lambda: confirm(0), lambda: confirm(1))) == [303, 409]
    entries = select(AuditEntry).where(AuditEntry.record_type == "order", AuditEntry.action == "confirm")
    assert len(session.scalars(entries).all()) == 1
    assert (order.status, order.undelivered) == (
        "confirmed",
        D(100) * (7 + won) * (100 + order.lines[0].tax_rate) / 100,
    )
