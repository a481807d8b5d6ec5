"""A process is killed while somebody confirms, ships, invoices or is paid: all of it is there or nothing, and the same button
pressed again has its effect once."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import URL, func, select

from erpcrm.access.services import create_user, ensure_standard_roles
from erpcrm.catalog.services import create_product
from erpcrm.core.audit import AuditEntry
from erpcrm.core.idempotency import IdempotencyKey
from erpcrm.credit import services as credit
from erpcrm.finance import services as finance
from erpcrm.finance.models import Allocation, Entry, EntryLine, Invoice, Payment, ReceivableItem
from erpcrm.inventory.models import Delivery, Reservation, StockItem, StockMove
from erpcrm.inventory.services import Coming, ensure_first_warehouse, plan_receipt, receive
from erpcrm.sales.models import OrderLine, SalesOrder
from erpcrm.sales.services import create_order
from tests.factories.customers import a_customer
from tests.inventory.books import check_books
from tests.races.conftest import ROOT, eventually
from tests.races.pressing import MOMENTS

pytestmark = pytest.mark.races
Kill = Callable[[str, dict[str, str], int, str], None]


@pytest.fixture
def press_and_kill(app: Flask, database_url: URL, tmp_path: Path) -> Iterator[Kill]:
    """`press_and_kill(path, form, user, moment)`: a process sends the form, and is killed at that moment."""
    environment = os.environ | {
        "DATABASE_URL": database_url.render_as_string(hide_password=False),
        "FILES_FOLDER": app.config["FILES_FOLDER"],
        "SECRET_KEY": "tests only",
    }
    command = [sys.executable, "-m", "tests.races.pressing"]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert server.stdin is not None
    assert server.stdout is not None

    def kill(path: str, data: dict[str, str], user: int, moment: str) -> None:
        marker = tmp_path / f"{path.replace('/', '-')} {moment}"
        asked = {"path": path, "data": data, "user": user, "moment": moment, "marker": str(marker)}
        print(json.dumps(asked), file=server.stdin, flush=True)
        child = int(server.stdout.readline())
        eventually(marker.exists, f"{path} reaches {moment}")
        os.kill(child, signal.SIGKILL)

    yield kill
    server.kill()
    server.wait()
    server.stdin.close()
    server.stdout.close()


def everything(session: Any) -> tuple[Any, ...]:
    """What there is, as others see it: rows, states, and the sums that they keep."""
    session.rollback()
    counted = (
        StockMove,
        Reservation,
        Delivery,
        Entry,
        EntryLine,
        Invoice,
        Payment,
        Allocation,
        AuditEntry,
        IdempotencyKey,
    )
    found = [session.scalar(select(func.count()).select_from(model)) for model in counted]
    found += [
        tuple(session.scalars(select(model.status).order_by(model.id)))
        for model in (SalesOrder, Delivery, Invoice, Entry)
    ]
    found += session.execute(select(StockItem.on_hand, StockItem.reserved)).all()
    found += session.execute(select(OrderLine.delivered, OrderLine.invoiced)).all()
    found += session.execute(select(ReceivableItem.amount, ReceivableItem.open)).all()
    session.rollback()
    return tuple(found)


def all_agrees(session: Any, customer: int) -> None:
    """Stock is its moves, debits are credits, the ledger knows what is owed and what lies there, exposure is its terms."""
    check_books(session)
    debit, credits = session.execute(select(func.sum(EntryLine.debit), func.sum(EntryLine.credit))).one()
    assert debit == credits
    day = date.max.replace(year=2099)
    assert finance.balance_of(finance.account_for("receivable"), day) == finance.receivables_total(day)
    terms = credit.standing(customer).terms
    for name in credit.TERMS:
        documents = credit.documents_behind([customer], name)
        assert sum((one.amount for one in documents), D(0)) == getattr(terms, name)
    session.rollback()


def test_confirm_ship_invoice_and_pay_survive_a_kill_at_any_moment(
    app: Flask, session: Any, sign_in: Any, press_and_kill: Kill
) -> None:
    ensure_standard_roles()
    finance.choose_chart("generic")
    user = create_user("Sam", "sam@example.com", roles=["admin"], language="en")
    blade = create_product({"name": "Blade"}, by=None)
    receipt = plan_receipt(
        {"warehouse_id": ensure_first_warehouse().id},
        [{"product": blade, "quantity": D(5), "unit_cost": D(2)}],
        by=None,
    )
    receive(receipt, [Coming(receipt.lines[0], D(5))], by=None)
    buyer = a_customer(user, currency="CNY")
    credit.update_account(buyer, {"limit": D(15)})
    order = create_order({"customer_id": buyer.id}, [{"product_id": blade.id, "quantity": D(3), "price": D(5)}], user)
    bank = finance.account_for("bank").id
    order_id, customer, by = order.id, buyer.id, user.id
    client = sign_in(app.test_client(), user)

    def one(model: Any) -> int:
        session.rollback()
        found: int = session.scalars(select(model.id)).one()
        session.rollback()
        return found

    def steps() -> Iterator[tuple[str, dict[str, str]]]:
        yield f"/sales/orders/{order_id}/confirm", {}
        yield f"/inventory/orders/{order_id}/deliver", {}
        yield f"/inventory/deliveries/{one(Delivery)}/ship", {"carrier": "Fast"}
        yield f"/finance/orders/{order_id}/invoice", {"what": "delivered"}
        yield f"/finance/invoices/{one(Invoice)}/post", {}
        share = {f"share-{one(ReceivableItem)}": "15"}
        form = {"customer_id": str(customer), "amount": "15", "currency": "CNY", "account_id": str(bank)}
        yield "/finance/payments/new", form | share | {"date": str(finance_day(session))}

    for number, (path, form) in enumerate(steps()):
        data = form | {"_key": f"button {number}"}
        before = everything(session)
        press_and_kill(path, data, by, MOMENTS[0])
        assert everything(session) == before, f"{path}: nothing was committed, so nothing is there"
        press_and_kill(path, data, by, MOMENTS[1])
        done = everything(session)
        assert done != before, f"{path}: it was committed, so it is there"
        all_agrees(session, customer)
        assert client.post(path, data=data).status_code == 303, path
        assert everything(session) == done, f"{path}: the second press has the first one's answer, and no effect"
    assert session.scalars(select(SalesOrder.status)).one() == "closed"
    assert [one.open for one in session.scalars(select(ReceivableItem))] == [0, 0]
    assert session.execute(select(StockItem.on_hand, StockItem.reserved)).one() == (2, 0)
    assert credit.standing(customer).headroom == 15
    session.rollback()


def finance_day(session: Any) -> date:
    """The day of the invoice, which is today where the company is."""
    found: date = session.scalars(select(Invoice.date)).one()
    session.rollback()
    return found
