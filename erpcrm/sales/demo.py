"""The demo company's quotations, orders and contracts: for the customers and deals that lower areas have built."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.access.models import Role
from erpcrm.catalog.models import PriceList
from erpcrm.core.actor import acting_as
from erpcrm.core.db import now, session
from erpcrm.core.moves import make_move
from erpcrm.customers.models import Customer, CustomerContact
from erpcrm.pipeline.models import Opportunity

from . import services
from .models import Contract, Quotation, SalesOrder

COSTS = {
    "PM-100": "43500", "PM-120": "12800", "PM-200": "101000", "PM-210": "83000", "CV-050": "15200", "SP-011": "148",
    "SP-024": "3100", "SP-031": "790", "CM-001": "176", "SV-001": "1350",
}  # fmt: skip
ALLOWANCES = (("seller", "10"), ("manager", "25"))
DEALERS = (3, 8)
"""Customers, by their place in the demo company, that buy as dealers"""
ABROAD = ("EUR", "USD", "GBP")
EUROS = {"PM-120": "2790", "PM-200": "21900", "SP-024": "685", "SP-031": "178", "CM-001": "39.8", "SV-001": "620"}
DOLLARS = {"PM-200": "23800", "PM-210": "19600", "CV-050": "3650", "SP-024": "740", "SV-001": "680"}

# What is offered: (key, customer, who, language of the words, issued so many days ago, lines, opening text, closing text).
# A line is (product or words, quantity, discount or price by hand, "optional").
Line = tuple[Any, ...]
CLOSING_ZH = "交期：合同生效后45天。质保：验收后12个月。"
CLOSING_EN = "Delivery: 8 weeks after your order. Warranty: 12 months from commissioning."
QUOTATIONS: tuple[tuple[str, int, str, int, tuple[Line, ...], str, str], ...] = (
    ("draft", 9, "seller", 1, (("PM-120", "1"), ("SP-011", "24"), ("SV-001", "2")), "", CLOSING_ZH),
    ("in_approval", 0, "seller", 2, (("PM-100", "2", "15"), ("SV-001", "4")), "感谢贵司对二期产线的信任。", CLOSING_ZH),
    ("sent", 6, "seller", 5, (("CV-050", "3", "5"), ("SV-001", "3"), ("SP-024", "2", "", "optional")), "", CLOSING_ZH),
    ("opened", 13, "maria", 8, (("PM-200", "2"), ("SV-001", "5"), ("CM-001", "40", "", "optional")), "Thank you for the "
     "visit to your plant. As discussed:", CLOSING_EN),
    ("revised", 17, "james", 16, (("PM-210", "2"), ("SP-024", "2"), ("SV-001", "6")), "Two flow wrappers for line 4.",
     CLOSING_EN),
    ("rejected", 12, "seller", 40, (("PM-120", "1"),), "", CLOSING_ZH),
    ("expired", 16, "maria", 70, (("PM-120", "2"), ("SV-001", "2")), "", CLOSING_EN),
    ("accepted", 2, "colleague", 6, (("PM-200", "1", "8"), ("IQ/OQ 验证文件", "1", "6800"), ("SV-001", "3")), "", CLOSING_ZH),
    ("ordered", 4, "lin", 21, (("SP-031", "6"), ("SP-011", "120"), ("SV-001", "1")), "", CLOSING_ZH),
)  # fmt: skip
# What is ordered without an offer: (state, customer, who, ordered so many days ago, wanted in so many days, lines).
ORDERS: tuple[tuple[str, int, str, int, int, tuple[Line, ...]], ...] = (
    ("draft", 1, "seller", 0, 20, (("PM-100", "1"), ("CV-050", "1"))),
    ("confirmed", 3, "seller", 4, 6, (("CM-001", "8", "", "box"), ("SP-011", "36"))),
    ("confirmed", 20, "colleague", 7, 35, (("CV-050", "2"), ("SV-001", "2"))),
    ("partly", 0, "seller", 18, -2, (("SV-001", "6"), ("SP-024", "2"))),
    ("closed", 8, "colleague", 65, -40, (("SV-001", "3"),)),
    ("cancelled", 10, "lin", 33, -10, (("SP-011", "60"),)),
)


def fill(world: Any) -> None:
    """Everything that a seller meets: offers and orders in each state, versions, contracts, a price list for dealers."""
    _terms(world)
    made = {given[0]: _offer(world, *given[1:]) for given in QUOTATIONS}
    _decide(world, made)
    for given in ORDERS:
        _order(world, *given)
    _contracts(world)
    session.flush()


def _terms(world: Any) -> None:
    """Who may give how much, who buys as a dealer or abroad, and what things cost the company."""
    for product in world.products:
        if product.code in COSTS:
            product.cost = Decimal(COSTS[product.code])
    for key, percent in ALLOWANCES:
        role = session.scalars(select(Role).where(Role.key == key)).one()
        services.set_allowance(role, Decimal(percent))
    for customer in world.customers:
        if customer.currency in ABROAD:
            customer.tax_group = "export"
    for place in DEALERS:
        world.customers[place].customer_group = "dealer"
    dealers = session.scalars(select(PriceList).where(PriceList.name.startswith("Dealers"))).one()
    services.give_list(dealers, customer_group="dealer")


def _offer(world: Any, at: int, who: str, ago: int, lines: tuple[Line, ...], opening: str, closing: str) -> Quotation:
    customer, user = world.customers[at], world.users[who]
    issued = world.today - timedelta(days=ago)
    values = {
        "customer_id": customer.id, "issued_on": issued, "valid_until": issued + timedelta(days=30),
        "introduction": opening or None, "closing": closing, "opportunity_id": _deal_of(customer, user),
        "contact_id": _contact_of(customer),
    }  # fmt: skip
    with acting_as(user):
        made = services.create_quotation(values, [_line(world, customer, line) for line in lines], user)
    made.created_at = now() - timedelta(days=ago)
    return made


def _contact_of(customer: Customer) -> int | None:
    places = select(CustomerContact.contact_id).where(CustomerContact.customer_id == customer.id)
    return session.scalars(places.order_by(CustomerContact.is_primary.desc(), CustomerContact.id)).first()


def _deal_of(customer: Customer, user: Any) -> int | None:
    """An open deal of the customer that has no offer yet, in its currency and without lines of its own."""
    offered = select(Quotation.opportunity_id).where(Quotation.opportunity_id.is_not(None))
    deals = select(Opportunity).where(
        Opportunity.customer_id == customer.id,
        Opportunity.owner_id == user.id,
        Opportunity.status == "open",
        Opportunity.currency == customer.currency,
        Opportunity.amount.is_not(None),
        Opportunity.id.not_in(offered),
    )
    return next((deal.id for deal in session.scalars(deals.order_by(Opportunity.id)) if not deal.lines), None)


def _line(world: Any, customer: Customer, given: Line) -> dict[str, Any]:
    what, quantity, third, fourth = (*given, "", "")[:4]
    product = next((one for one in world.products if one.code == what), None)
    if product is None:
        return {"text": what, "quantity": Decimal(quantity), "price": Decimal(third)}
    abroad = {"EUR": EUROS, "USD": DOLLARS}.get(customer.currency or "", {})
    found: dict[str, Any] = {"product_id": product.id, "quantity": Decimal(quantity)}
    found["price"] = Decimal(abroad[what]) if what in abroad else None
    found["discount"] = Decimal(third) if third else None
    if fourth == "optional":
        found["optional"] = True
    elif fourth:
        found["unit"] = fourth
    return found


def _decide(world: Any, made: dict[str, Quotation]) -> None:
    users = world.users
    by = {given[0]: users[given[2]] for given in QUOTATIONS}
    with _as(by["in_approval"]) as user:
        make_move(made["in_approval"], "submit", by=user)
    for key in ("sent", "opened", "revised", "rejected", "accepted", "ordered"):
        with _as(by[key]) as user:
            # The dates of what happened lie in the past, and the moves are made now.
            until, made[key].valid_until = made[key].valid_until, world.today + timedelta(days=30)
            session.flush()
            make_move(made[key], "send", by=user)
            made[key].valid_until = max(until, world.today)
            made[key].sent_at = made[key].created_at + timedelta(hours=3)
            session.flush()
    made["opened"].seen_at = made["opened"].created_at + timedelta(hours=23)
    services.comment(made["opened"], "Katrin Vogel", "Can the film be included for the first month?")
    with _as(by["revised"]) as user:
        second = services.revise(made["revised"], user)
        lines = [_line(world, second.customer, line) for line in (("PM-210", "2", "6"), ("SV-001", "6"))]
        services.update_quotation(second, {}, lines, user)
        make_move(second, "send", by=user)
    second.seen_at = now() - timedelta(days=2)
    with _as(by["rejected"]) as user:
        services.reject(made["rejected"], "no_budget", user, note="今年预算已用完，明年再议。")
    made["rejected"].closed_on = world.today - timedelta(days=15)
    with _as(by["expired"]) as user:
        until, made["expired"].valid_until = made["expired"].valid_until, world.today
        session.flush()
        make_move(made["expired"], "send", by=user)
        made["expired"].valid_until = until
        session.flush()
        make_move(made["expired"], "expire", by=None)
    services.accept(made["accepted"], None, name="顾晓东")
    with _as(by["ordered"]) as user:
        order = services.order_quotation(made["ordered"], user)
        services.move_line(order.lines[-1], "deliver", user)
    order.wanted_on = world.today + timedelta(days=9)


@contextmanager
def _as(user: Any) -> Iterator[Any]:
    with acting_as(user):
        yield user


def _order(world: Any, state: str, at: int, who: str, ago: int, wanted: int, lines: tuple[Line, ...]) -> SalesOrder:
    customer, user = world.customers[at], world.users[who]
    values = {
        "customer_id": customer.id, "ordered_on": world.today - timedelta(days=ago), "contact_id": _contact_of(customer),
        "wanted_on": world.today + timedelta(days=wanted), "reference": f"PO-{4100 + 7 * at}",
    }  # fmt: skip
    with acting_as(user):
        order = services.create_order(values, [_line(world, customer, line) for line in lines], user)
        order.created_at = now() - timedelta(days=ago)
        if state == "draft":
            return order
        make_move(order, "confirm", by=user)
        order.confirmed_on = order.ordered_on
        if state == "partly":
            services.move_line(order.lines[0], "deliver", user, quantity=Decimal(4))
        elif state == "closed":
            services.move_line(order.lines[0], "deliver", user)
            make_move(order, "close", by=user, reason="按合同一次性结算")
        elif state == "cancelled":
            make_move(order, "cancel", by=user, reason="客户改为自行采购")
    return order


def _contracts(world: Any) -> None:
    """One with half of its term before it, one near its end that renews by decision, and one in each other state."""
    manager = world.users["manager"]
    film = _contract(
        world, 3, "seller", "收缩膜年度供货协议", 150, "automatic",
        (("CM-001", "1200", "252"), ("SP-011", "600", "268")),
    )  # fmt: skip
    with _as(world.users["seller"]) as seller:
        lines = services.lines_to_call_off(film)[:1]
        order = services.call_off(film, [lines[0] | {"quantity": Decimal(240)}], seller)
        make_move(order, "confirm", by=seller)
    services.save_obligation(
        film, None, {"text": "每季度提供用量预测", "ours": False, "due_on": world.today + timedelta(days=24)}
    )
    services.save_obligation(
        film, None, {"text": "安全库存 100 卷", "ours": True, "due_on": world.today - timedelta(days=60),
                     "done_on": world.today - timedelta(days=62)}
    )  # fmt: skip
    care = _contract(
        world, 13, "maria", "Maintenance of six machines, Stuttgart", 335, "decision",
        (("Maintenance visit, travel included", "4", "1850"),),
    )  # fmt: skip
    with acting_as(world.users["maria"]):
        services.plan_bills(care, 4, 3)
    for bill in care.bills[:3]:
        bill.billed_on = bill.due_on
    services.save_obligation(
        care, None, {"text": "Fourth visit, with report", "ours": True, "due_on": world.today + timedelta(days=11)}
    )
    _contract(world, 7, "seller", "食品级包装膜框架协议（草案）", -20, "decision", (("CM-001", "400", "255"),), "draft")
    _contract(
        world, 17, "james", "Spare parts at fixed prices, Manchester", -12, "automatic",
        (("Parts package, by call", "12", "960"),), "in_review",
    )  # fmt: skip
    _contract(
        world, 4, "lin", "刀片与感应探头季度供货", 372, "none", (("SP-011", "240", "262"), ("SP-031", "12", "1190"))
    )
    left = _contract(world, 10, "lin", "设备租赁与维护", 210, "decision", (("设备月租", "12", "6800"),))
    with _as(manager):
        make_move(left, "terminate", by=manager, reason="客户停产该产线，双方协商终止")
    kept = _contract(world, 2, "colleague", "年度校准服务协议", 352, "decision", (("SV-001", "12", "2600"),))
    with _as(world.users["colleague"]) as colleague:
        services.renew(kept, colleague)
    with acting_as(manager):
        services.watch()


def _contract(
    world: Any, at: int, who: str, name: str, ago: int, renewal: str, lines: tuple[Line, ...], state: str = "active"
) -> Contract:  # fmt: skip
    """A contract of twelve months that began so many days ago, signed unless it is still being talked about."""
    customer, user = world.customers[at], world.users[who]
    starts_on = world.today - timedelta(days=ago)
    values = {
        "customer_id": customer.id, "name": name, "starts_on": starts_on,
        "ends_on": services.months_later(starts_on, 12) - timedelta(days=1),
        "signed_on": starts_on - timedelta(days=9) if state == "active" else None,
        "renewal": renewal, "notice_days": 30, "contact_id": _contact_of(customer),
        "value": sum(Decimal(quantity) * Decimal(price) for _what, quantity, price in lines),
    }  # fmt: skip
    agreed = [_line(world, customer, (what, quantity)) | {"price": Decimal(price)} for what, quantity, price in lines
              if any(one.code == what for one in world.products)]  # fmt: skip
    agreed += [
        {"text": what, "quantity": Decimal(quantity), "price": Decimal(price)}
        for what, quantity, price in lines
        if not any(one.code == what for one in world.products)
    ]
    with acting_as(user):
        made = services.create_contract(values, agreed, user)
        if state != "draft":
            make_move(made, "submit", by=user)
    if state == "active":
        with _as(world.users["manager"]) as manager:
            make_move(made, "activate", by=manager)
    return made
