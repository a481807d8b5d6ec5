"""Of several orders that want the last headroom at the same moment one gets it, whatever else happens to the customer."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from erpcrm.access.models import User
from erpcrm.access.services import create_user
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.lifecycle import transaction
from erpcrm.core.moves import make_move
from erpcrm.credit import services
from erpcrm.credit.models import CreditApplication
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import update_order
from tests.credit.conftest import an_order
from tests.factories.customers import a_customer

pytestmark = pytest.mark.races
AtOnce = Callable[..., list[Any]]


def confirm(order_id: int) -> str:
    with transaction():
        order = db.session.get(SalesOrder, order_id)
        make_move(order, "confirm", by=None)
        return order.status


def raise_to(order_id: int, price: str) -> str:
    with transaction():
        order = db.session.get(SalesOrder, order_id)
        line = order.lines[0]
        given = {"id": line.id, "text": "Machine", "quantity": Decimal(1), "price": Decimal(price)}
        update_order(order, {}, [given], None)
        return order.status


def test_two_orders_at_once_do_not_both_take_the_last_headroom(at_once: AtOnce, seller: Any, session: Any) -> None:
    """No account is there before: the row that is the lock is made by whoever comes first."""
    parent = a_customer(seller, name="Holding")
    customers = [a_customer(seller, parent_id=parent.id) for _n in range(2)]
    services.update_account(parent, {"limit": Decimal(1000)})
    orders = [an_order(customers[n % 2], "600", seller).id for n in range(6)]
    session.commit()
    results = at_once(*(lambda id=id: confirm(id) for id in orders))
    session.expire_all()
    assert sorted(results) == ["confirmed", *["waiting"] * 5]
    assert services.standing(customers[0].id).headroom == 400


def test_a_rise_and_an_order_at_once_do_not_both_fit(at_once: AtOnce, seller: Any, session: Any) -> None:
    customer = a_customer(seller)
    first, second = an_order(customer, "500", seller), an_order(customer, "400", seller)
    make_move(first, "confirm", by=seller)
    services.update_account(customer, {"limit": Decimal(1000)})
    ids = first.id, second.id
    session.commit()
    at_once(lambda: raise_to(ids[0], "700"), lambda: confirm(ids[1]))
    session.expire_all()
    where = services.standing(customer.id)
    assert where.terms.exposure in (700, 900)
    assert where.headroom >= 0


def test_two_who_approve_the_same_do_it_once(at_once: AtOnce, seller: Any, session: Any, roles: Any) -> None:
    controllers = [
        create_user(name, f"{name}@example.com", roles=["controller"], language="en") for name in ("cora", "sven")
    ]
    customer = a_customer(seller)
    services.update_account(customer, {"limit": Decimal(1)})
    order = an_order(customer, "600", seller)
    make_move(order, "confirm", by=seller)
    application = services.apply(customer, {"kind": "release", "order_id": order.id, "reason": "Now"}, seller)
    ids = application.id, order.id, [one.id for one in controllers]
    session.commit()

    def approve(user_id: int) -> str:
        with transaction():
            found = db.session.get(CreditApplication, ids[0])
            return services.approve(found, {}, db.session.get(User, user_id))

    results = at_once(*(lambda id=id: approve(id) for id in ids[2]))
    session.expire_all()
    assert [one for one in results if one == "approved"] == ["approved"]
    assert all(one == "approved" or isinstance(one, Refused) for one in results)
    assert session.get(SalesOrder, ids[1]).status == "confirmed"


def test_a_confirmation_and_an_approval_of_the_same_order_do_not_block_each_other(
    at_once: AtOnce, seller: Any, session: Any, roles: Any
) -> None:
    controller = create_user("cora", "cora@example.com", roles=["controller"], language="en")
    customer = a_customer(seller)
    services.update_account(customer, {"limit": Decimal(1)})
    order = an_order(customer, "600", seller)
    make_move(order, "confirm", by=seller)
    application = services.apply(
        customer, {"kind": "raise", "amount": Decimal(600), "order_id": order.id, "reason": "Now"}, seller
    )
    ids = application.id, order.id, controller.id
    session.commit()

    def approve() -> str:
        with transaction():
            found = db.session.get(CreditApplication, ids[0])
            return services.approve(found, {}, db.session.get(User, ids[2]))

    results = at_once(approve, lambda: confirm(ids[1]), lambda: confirm(ids[1]))
    session.expire_all()
    assert results[0] == "approved"
    assert session.get(SalesOrder, ids[1]).status == "confirmed"
    assert services.standing(customer.id).terms.exposure == 600
