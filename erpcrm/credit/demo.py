"""The demo company's credit: limits, assessments, orders that wait, applications at every step, and what will not come."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.moves import make_move
from erpcrm.finance.models import ReceivableItem
from erpcrm.finance.services import money_accounts
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import create_order

from . import services
from .models import CreditApplication

ASSESSED: tuple[tuple[int, dict[str, str]], ...] = (
    # customer, what the controller knows besides
    (0, {"rating": "a", "equity": "12000000", "bank_reference": "good", "guarantee": "insured"}),
    (1, {"rating": "b", "equity": "5200000", "bank_reference": "good", "guarantee": "none"}),
    (2, {"rating": "c", "bank_reference": "fair", "guarantee": "none"}),
    (3, {"rating": "b", "equity": "900000", "bank_reference": "good", "guarantee": "bank"}),
    (6, {"rating": "d", "bank_reference": "poor", "guarantee": "none"}),
    (8, {"rating": "e", "bank_reference": "poor", "guarantee": "none"}),
)
LIMITS: tuple[tuple[int, str], ...] = (
    (0, "150000"),
    (1, "120000"),
    (2, "80000"),
    (3, "90000"),
    (4, "20000"),
    (5, "450000"),
    (6, "40000"),
    (7, "300000"),
    (8, "0"),
)


def fill(world: Any) -> None:
    controller = world.users["controller"]
    with acting_as(controller):
        for place, known in ASSESSED:
            values: dict[str, Any] = dict(known)
            services.assess(_customer(world, place), values, None, controller)
        for place, amount in LIMITS:
            services.update_account(_customer(world, place), {"limit": Decimal(amount)})
        services.update_account(_customer(world, 6), {"watch": True, "note": "Pays later every month 付款逐月推迟"})
        services.hold(_customer(world, 8), "Complaint about quality unsettled since summer 质量问题自夏季未解决")
        start = world.today + timedelta(days=7)
        services.add_deputy(controller.id, world.users["manager"].id, start, start + timedelta(days=11))
    _applications(world)
    _losses(world)


def _customer(world: Any, place: int) -> Any:
    return world.customers[place % len(world.customers)]


def _order(world: Any, place: int, amount: str, text: str) -> SalesOrder:
    """An order that waits: its customer may not owe so much."""
    seller = world.users["seller"]
    values = {
        "customer_id": _customer(world, place).id,
        "currency": "CNY",
        "wanted_on": world.today + timedelta(days=14),
    }
    line = {"text": text, "quantity": Decimal(1), "price": Decimal(amount), "tax_id": 0}
    order = create_order(values, [line], seller)
    make_move(order, "confirm", by=seller)
    return order


def _apply(world: Any, place: int, kind: str, reason: str, **more: Any) -> CreditApplication:
    seller = world.users["seller"]
    with acting_as(seller):
        return services.apply(_customer(world, place), {"kind": kind, "reason": reason, **more}, seller)


def _applications(world: Any) -> None:
    """One at each step, the large one in front of the second pair of eyes."""
    controller, seller, day = world.users["controller"], world.users["seller"], world.today
    with acting_as(seller):
        held = _order(world, 8, "9800", "Spare parts set 备件套装")
        over = _order(world, 6, "86000", "Tray sealer, refurbished 翻新封盒机")
        later = _order(world, 4, "31500", "Cutting station 切割工位")
    released = _apply(
        world,
        6,
        "release",
        "Paid half in advance last time; the line stands still. 客户产线停工，上次预付一半。",
        order_id=over.id,
    )
    raised = _apply(world, 2, "raise", "Second plant opens in spring. 二厂春季投产。", amount=Decimal(130_000))
    looked_at = _apply(
        world, 5, "temporary", "Season from March to June. 三至六月旺季。", amount=Decimal(520_000),
        wanted_until=day + timedelta(days=120),
    )  # fmt: skip
    asked = _apply(
        world, 8, "release", "Needs the parts to settle the complaint. 需要备件以解决投诉。", order_id=held.id
    )
    large = _apply(world, 7, "raise", "Framework contract for two years. 两年框架合同。", amount=Decimal(480_000))
    granted = _apply(
        world, 4, "raise", "Good payer for five years. 五年良好付款记录。", amount=Decimal(100_000), order_id=later.id
    )
    thin = _apply(world, 9, "limit", "First order. 首单。", amount=Decimal(50_000))
    with acting_as(controller):
        services.review(looked_at, controller)
        services.ask_back(asked, "Is there a date for the settlement? 投诉有解决日期吗？", controller)
        services.approve(
            large, {"amount": Decimal(420_000), "conditions": "Half-yearly accounts 半年度报表"}, controller
        )
        services.approve(granted, {"amount": Decimal(90_000)}, controller)
        for application, days in ((released, 1), (raised, 5), (looked_at, 3), (asked, 9), (large, 2)):
            application.created_at = now() - timedelta(days=days, hours=2)
        session.flush()
        services.reject(
            thin, "No figures at all yet; prepayment for the first order. 暂无资料，首单请预付。", controller
        )


def _losses(world: Any) -> None:
    """A debt that was given up and came back in part, one that waits for approval, and the losses of last month's end."""
    controller, accountant = world.users["controller"], world.users["accountant"]
    small = _oldest(_customer(world, 2).id, Decimal(1500))
    if small is not None:
        with acting_as(accountant):
            given_up = services.propose_debt(
                small, min(small.open, Decimal(1500)), "Disputed freight 运费争议", accountant
            )
        with acting_as(controller):
            services.approve_debt(given_up, controller)
            bank = money_accounts()[0]
            services.recover(given_up, Decimal(400), bank, world.today, controller)
    lost = _oldest(_customer(world, 8).id, Decimal(0))
    if lost is not None:
        with acting_as(accountant):
            services.propose_debt(lost, lost.open, "Company is being wound up 公司清算中", accountant)
    with acting_as(accountant):
        services.post_expected(world.today - timedelta(days=1), accountant)


def _oldest(customer_id: int, least: Decimal) -> ReceivableItem | None:
    query = select(ReceivableItem).where(ReceivableItem.customer_id == customer_id, ReceivableItem.open > least)
    return session.scalars(query.order_by(ReceivableItem.due_on, ReceivableItem.id)).first()
