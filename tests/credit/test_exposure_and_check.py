"""What a customer owes by its terms, and which orders pass, wait, are refused a rise, or may not leave."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from erpcrm.catalog.services import create_product
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.core.moves import make_move
from erpcrm.core.settings import save_setting
from erpcrm.credit import policy as rules
from erpcrm.credit import services
from erpcrm.credit.policy import Case, Limit
from erpcrm.customers.services import merge_records, update_customer
from erpcrm.finance import services as finance
from erpcrm.finance.settling import Proposal
from erpcrm.inventory.services import (
    Coming,
    ensure_first_warehouse,
    plan_receipt,
    propose_deliveries,
    receive,
    ship,
)
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import copy_order, create_order, move_line, update_order
from tests.factories.customers import a_customer

STRICT = dict.fromkeys(rules.RULES, "stop")


def lines_of(order, **change):
    """The lines of an order as its form would send them, with the first one changed."""
    given = [
        {"id": line.id, "text": line.text, "quantity": line.quantity, "price": line.price, "discount": line.discount}
        for line in order.lines
    ]
    given[0] |= change
    return given


# ------------------------------------------------------------------- the worked example


def test_the_worked_example(example, order):
    where = services.standing(example.id)
    terms = where.terms
    assert (terms.invoices, terms.uninvoiced, terms.undelivered, terms.credits) == (4000, 1000, 2500, -500)
    assert (terms.exposure, where.headroom) == (7000, 3000)
    too_much = order("3000.01", confirm=True)
    assert too_much.status == "waiting"
    fits = order("3000.00", confirm=True)
    assert fits.status == "confirmed"
    assert services.standing(example.id).headroom == 0
    assert order("0.01", confirm=True).status == "waiting"
    found = services.known_of(too_much.id).findings
    assert [one["figures"]["beyond"] for one in found] == ["0.01"]
    assert "10,000.00" in services.told(found[0])


def test_every_term_opens_to_the_documents_that_add_up_to_it(example):
    terms = services.standing(example.id).terms
    for name in services.TERMS:
        documents = services.documents_behind([example.id], name)
        assert sum((one.amount for one in documents), Decimal(0)) == getattr(terms, name)


# ---------------------------------------------------------------------- pure policy


def test_no_limit_lets_pass_and_zero_is_cash_only():
    none, cash = Limit("customer"), Limit("customer", amount=Decimal(0), exposure=Decimal(-100))
    assert rules.findings(Case(Decimal(10**9), Decimal(0), [none]), STRICT) == []
    assert rules.findings(Case(Decimal(100), Decimal(-100), [cash]), STRICT) == []
    assert [one.rule for one in rules.findings(Case(Decimal("100.01"), Decimal(-100), [cash]), STRICT)] == [
        "over_limit"
    ]


def test_cents_and_days_of_grace_hold_nobody_up():
    def overdue(amount, minimum="100", limit="0"):
        where = Limit(
            "customer", overdue=Decimal(amount), overdue_limit=Decimal(limit), overdue_minimum=Decimal(minimum)
        )
        return [one.rule for one in rules.findings(Case(Decimal(1), Decimal(1), [where]), STRICT)]

    assert overdue("100") == []
    assert overdue("100.01") == ["overdue"]
    assert overdue("500", limit="500") == []
    assert overdue("500.01", limit="500") == ["overdue"]


def test_each_rule_leads_to_what_the_company_has_chosen():
    case = Case(Decimal(2), Decimal(1), [Limit("customer", amount=Decimal(0))], [("Blue", "late")], assessed=False)
    found = rules.findings(case, {"over_limit": "warn", "overdue": "stop", "hold": "pass", "no_assessment": "pass"})
    assert [(one.rule, one.action) for one in found] == [("over_limit", "warn")]
    assert rules.verdict(found) == "warn"
    assert rules.verdict(rules.findings(case, STRICT)) == "stop"
    assert len(rules.findings(case, STRICT)) == 3


def test_what_the_customers_own_money_covers_always_passes():
    case = Case(
        Decimal(500), Decimal(-500), [Limit("group", amount=Decimal(0), exposure=Decimal(9))], [("", "")], False
    )
    assert rules.findings(case, STRICT) == []


# --------------------------------------------------------------------------- limits


def test_a_limit_is_looked_up_on_the_customer_then_the_group_then_the_company(customer, owed, limited, order):
    parent, sister = a_customer(name="Holding"), a_customer(name="Sister")
    for one in (customer, sister):
        update_customer(one, {"parent_id": parent.id}, None, None)
    assert services.standing(customer.id).headroom is None
    save_setting("credit_limit", "1000")
    owed(sister, "800")
    assert services.standing(customer.id).headroom == 1000  # the company's limit is for each by itself
    limited("2000", of=parent)
    where = services.standing(customer.id)
    assert (where.limit.source, where.headroom) == ("group", 1200)
    assert order("1200.01", confirm=True).status == "waiting"
    limited("500")
    assert services.standing(customer.id).headroom == 500
    assert {limit.source for limit in services.standing(customer.id).limits if limit.amount is not None} == {
        "customer",
        "group",
    }
    limited("5000")
    assert order("1200.01", confirm=True).status == "waiting"  # both are checked
    assert order("1200", confirm=True).status == "confirmed"


def test_a_temporary_limit_holds_until_its_last_day(customer, limited, order, clock):
    limited("100", temporary_limit=Decimal(1000), temporary_until=date(2026, 3, 10))
    assert services.standing(customer.id).headroom == 1000
    clock.move_to(datetime(2026, 3, 10, 23, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    assert services.standing(customer.id).headroom == 1000
    clock.shift(timedelta(hours=2))
    assert services.standing(customer.id).headroom == 100


# --------------------------------------------------------------------- confirmation


def test_a_copy_of_an_order_is_checked_like_the_order(example, order, seller):
    first = order("3000", confirm=True)
    copy = copy_order(first, seller)
    make_move(copy, "confirm", by=seller)
    assert (first.status, copy.status) == ("confirmed", "waiting")


def test_a_warning_is_kept_in_the_history_of_the_order(customer, owed, order, session):
    owed(customer, "500", due=date(2026, 1, 20))
    made = order("100", confirm=True)
    assert made.status == "confirmed"
    assert services.known_of(made.id).verdict == "warn"
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "credit_warned")).one()
    assert (entry.record_type, entry.record_id) == ("order", made.id)
    assert "500.00 is overdue by more than 14 days" in entry.reason


def test_an_overdue_customer_a_held_one_and_one_without_assessment_wait_by_policy(customer, owed, order, policy):
    policy(overdue="stop", no_assessment="pass")
    owed(customer, "500", due=date(2026, 2, 16))  # 14 days: within grace
    assert order("100", confirm=True).status == "confirmed"
    owed(customer, "500", due=date(2026, 2, 15))
    waits = order("100", confirm=True)
    assert waits.status == "waiting"
    policy(overdue="pass", no_assessment="stop")
    make_move(waits, "confirm", by=None)
    assert waits.status == "waiting"
    services.assess(customer, {}, None, None)
    make_move(waits, "confirm", by=None)
    assert waits.status == "confirmed"
    services.hold(customer, "Insolvency rumours")
    assert order("100", confirm=True).status == "waiting"


def test_whoever_pays_in_advance_is_never_stopped(customer, owed, order, limited, policy):
    policy(**STRICT)
    limited("0")
    services.hold(customer, "Never paid")
    waits = order("300", confirm=True)
    assert waits.status == "waiting"
    owed(customer, "-300")
    make_move(waits, "confirm", by=None)
    assert waits.status == "confirmed"
    services.check_release(waits)
    assert order("0.01", confirm=True).status == "waiting"


# ---------------------------------------------------------------- change afterwards


def test_a_rise_of_a_confirmed_order_is_checked_and_a_fall_always_passes(example, order, seller, limited):
    made = order("3000", confirm=True)
    with pytest.raises(Refused) as refused:
        update_order(made, {}, lines_of(made, price=Decimal("3000.01")), seller)
    assert "can't be raised" in refused.value.message
    assert "0.01" in refused.value.message


def test_an_order_over_the_limit_may_fall_or_stay_but_not_rise(example, order, seller, limited):
    made = order("3000", confirm=True)
    limited("100")
    update_order(made, {"reference": "New text"}, lines_of(made), seller)
    update_order(made, {}, lines_of(made, price=Decimal(2900)), seller)
    assert made.gross == 2900
    with pytest.raises(Refused):
        update_order(made, {}, lines_of(made, price=Decimal(2950)), seller)


def test_a_line_that_was_closed_is_a_rise_when_it_is_opened_again(customer, order, seller, limited):
    limited("1000")
    made = order("1000", confirm=True)
    move_line(made.lines[0], "close", seller)
    assert services.standing(customer.id).headroom == 1000
    assert order("600", confirm=True).status == "confirmed"
    with pytest.raises(Refused):
        move_line(made.lines[0], "reopen", seller)


# ------------------------------------------------------------------------- delivery


def test_goods_of_a_customer_over_the_limit_do_not_leave_and_invoicing_is_never_stopped(
    customer, order, seller, limited, owed
):
    limited("1000")
    made = order("1000", confirm=True, quantity="4")
    move_line(made.lines[0], "deliver", seller, quantity=Decimal(1))
    limited("999")
    with pytest.raises(Refused) as refused:
        move_line(made.lines[0], "deliver", seller, quantity=Decimal(1))
    assert "may leave" in refused.value.message
    invoice = finance.invoice_order(made, None)
    finance.post_invoice(invoice, None)
    assert services.standing(customer.id).terms.invoices == 250


def test_what_was_invoiced_in_advance_and_paid_leaves_whatever_else_is_owed(
    customer, order, seller, limited, owed, accountant, policy
):
    made = order("1000", confirm=True, quantity="2")
    advance = finance.invoice_advance(made, Decimal(100), None)
    finance.post_invoice(advance, None)
    terms = services.standing(customer.id).terms
    assert (terms.invoices, terms.undelivered, terms.advances, terms.exposure) == (1000, 1000, -1000, 1000)
    owed(customer, "5000", due=date(2026, 1, 20))
    policy(**STRICT)
    limited("10")
    with pytest.raises(Refused):
        move_line(made.lines[0], "deliver", seller, quantity=Decimal(1))
    item = finance.items_of(advance)[0]
    values = {"amount": Decimal(1000), "account": finance.account_for("bank"), "date": date(2026, 3, 2)}
    finance.receive(customer, values, accountant, [Proposal(item.id, Decimal(1000))])
    assert services.standing(customer.id).terms.exposure == 5000
    move_line(made.lines[0], "deliver", seller, quantity=Decimal(1))
    assert services.standing(customer.id).terms.exposure == 5000
    finance.post_invoice(finance.invoice_order(made, None), None)
    terms = services.standing(customer.id).terms
    assert (terms.exposure, terms.advances, terms.undelivered) == (5000, -500, 500)


def test_an_order_that_waits_goes_on_once_it_is_paid_in_advance_whatever_else_is_owed(
    customer, order, seller, limited, owed, accountant, policy, client, sign_in, session
):
    policy(**STRICT)
    owed(customer, "5000", due=date(2026, 1, 20))
    limited("10")
    made = order("1000", confirm=True)
    assert made.status == "waiting"
    with pytest.raises(Refused, match="not confirmed"), session.begin_nested():
        finance.invoice_order(made, None, all_lines=True)
    session.commit()
    page = sign_in(client, accountant).get(f"/sales/orders/{made.id}").text
    assert f"/finance/orders/{made.id}/invoice" in page
    asked = {"what": "advance", "percent": "100", "post": "y"}
    assert client.post(f"/finance/orders/{made.id}/invoice", data=asked).status_code == 303
    advance = finance.invoices_of_order(made.id)[0]
    make_move(made, "confirm", by=None)
    assert made.status == "waiting"  # asked for is not paid
    half, rest = Decimal("999.99"), Decimal("0.01")
    for amount, status in ((half, "waiting"), (rest, "confirmed")):
        item = finance.items_of(advance)[0]
        values = {"amount": amount, "account": finance.account_for("bank"), "date": date(2026, 3, 2)}
        finance.receive(customer, values, accountant, [Proposal(item.id, amount)])
        make_move(made, "confirm", by=None)
        assert made.status == status
    assert services.standing(customer.id).terms.exposure == 5000
    move_line(made.lines[0], "deliver", seller)
    # Paid is what it came to: what is more of it is checked as ever.
    other = order("200", confirm=True)
    assert other.status == "waiting"


def test_a_delivery_of_stocked_goods_is_not_shipped_until_the_order_is_released(
    customer, limited, seller, controller, session
):
    warehouse, blade = ensure_first_warehouse(), create_product({"name": "Blade"}, by=None)
    receipt = plan_receipt(
        {"warehouse_id": warehouse.id}, [{"product": blade, "quantity": Decimal(10), "unit_cost": Decimal(1)}], by=None
    )
    receive(receipt, [Coming(receipt.lines[0], Decimal(10), "")], by=None)
    limited("1000")
    made = create_order(
        {"customer_id": customer.id}, [{"product_id": blade.id, "quantity": Decimal(10), "price": Decimal(100)}], seller
    )
    make_move(made, "confirm", by=seller)
    delivery = propose_deliveries(made, None)[0]
    limited("500")
    before = services.standing(customer.id).terms.exposure
    with pytest.raises(Refused, match="may leave"), session.begin_nested():
        ship(delivery, by=None)
    assert delivery.status == "ready"
    application = services.apply(customer, {"kind": "release", "order_id": made.id, "reason": "Old friend"}, seller)
    services.approve(application, {}, controller)
    ship(delivery, by=None)
    assert delivery.status == "shipped"
    terms = services.standing(customer.id).terms
    assert (terms.uninvoiced, terms.undelivered, terms.exposure) == (1000, 0, before)


# ---------------------------------------------------------------------- switched off


def test_switching_the_area_off_lets_waiting_orders_go(example, order, client, sign_in, admin, session):
    waits = order("5000", confirm=True)
    assert waits.status == "waiting"
    sign_in(client, admin)
    assert waits.number in client.get("/admin/modules/credit/off").text
    assert client.post("/admin/modules/credit/off", data={"seen": "1"}).status_code == 303
    assert session.get(SalesOrder, waits.id).status == "confirmed"
    assert client.get("/credit/applications").status_code == 404


def test_orders_from_before_are_noted_so_that_a_rise_of_them_is_known_as_one(customer, order, seller, limited, session):
    made = order("1000", confirm=True)
    session.delete(services.known_of(made.id))
    session.flush()
    assert services.note_orders_before() == 1
    limited("10")
    update_order(made, {}, lines_of(made, price=Decimal(900)), seller)
    with pytest.raises(Refused):
        update_order(made, {}, lines_of(made, price=Decimal(1000)), seller)


# ---------------------------------------------------------------------------- merging


def test_two_customers_become_one_with_the_more_careful_of_both_accounts(admin, books, owed, limited, session):
    one, other = a_customer(admin, name="One"), a_customer(admin, name="Other")
    limited("5000", of=one, note="good")
    limited("3000", of=other, watch=True)
    services.hold(other, "Late")
    services.assess(other, {}, None, admin)
    owed(one, "100")
    owed(other, "200")
    merge_records(one, other, {}, admin)
    where = services.standing(one.id)
    assert (where.account.limit, where.account.held, where.account.watch) == (3000, True, True)
    assert where.terms.exposure == 300
    assert len(services.assessments_of(one.id)) == 1


def test_a_customer_without_an_account_takes_over_that_of_the_other(admin, books, limited):
    one, other = a_customer(admin, name="One"), a_customer(admin, name="Other")
    limited("3000", of=other)
    merge_records(one, other, {}, admin)
    assert services.account_of(one.id).limit == 3000
