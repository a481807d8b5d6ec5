"""An early-payment discount lowers the tax where the law says so, tax by tax, to the cent, and goes with the payment that earned it."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.company.services import save_tax
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.finance import services
from erpcrm.finance.charts import CHARTS
from erpcrm.finance.discounting import Share, Taxed, split
from erpcrm.finance.models import EntryLine, PaymentTerm
from erpcrm.finance.settling import Proposal
from erpcrm.finance.terms import Part, Terms
from tests.finance.conftest import TODAY
from tests.finance.test_receivables import books_agree

ZERO = Decimal(0)
TWO_PERCENT = Terms((Part(Decimal(100), "day", 30),), Decimal(2), 10, lowers_tax=True)
IN_TWO = Terms((Part(Decimal(40), "day", 10), Part(Decimal(60), "day", 30)), Decimal(3), 10, lowers_tax=True)


@pytest.fixture
def taxes(books):
    return [save_tax(None, {"name": f"VAT {rate}%", "kind": "charged", "rate": Decimal(rate)}) for rate in (19, 7)]


@pytest.fixture
def invoice(taxes, customer, accountant):
    """`invoice(("1000", 0), ("200", 1))`: a posted invoice with these net amounts at 19 and 7 percent."""

    def make(*lines, terms=TWO_PERCENT, **values):
        services.save_terms("net_30", terms)
        rows = [
            {"text": "Goods", "quantity": Decimal(1), "unit": "pcs", "price": Decimal(net), "tax_id": taxes[which].id}
            for net, which in lines
        ]
        made = services.create_invoice(
            {"customer_id": customer.id, "payment_terms": "net_30", "currency": "CNY"} | values, rows, accountant
        )
        services.post_invoice(made, accountant)
        return made

    return make


def balance(role):
    return services.balance_of(services.account_for(role), TODAY)


def test_a_discount_lowers_the_tax_at_each_rate_and_comes_back_with_its_payment(invoice, customer, paid, accountant):
    made = invoice(("1000", 0), ("200", 1))
    (item,) = services.items_of(made)
    assert (item.amount, item.discount) == (1404, Decimal("28.08"))
    shares = services.proposal_for(customer.id, Decimal("1375.92"), "CNY", TODAY)
    payment = paid(customer, "1375.92", *shares)
    # 2 percent of 1,190.00 and of 214.00: 20.00 and 3.80 of tax, 4.00 and 0.28.
    assert (balance("discount_given"), -balance("tax_payable"), item.open) == (24, 204 - Decimal("4.08"), 0)
    entry = session.scalars(
        select(EntryLine).where(EntryLine.account_id == services.account_for("tax_payable").id)
    ).all()
    assert [(line.text, line.debit) for line in sorted(entry, key=lambda line: -line.debit) if line.debit] == [
        ("19%", Decimal("3.80")),
        ("7%", Decimal("0.28")),
    ]
    services.cancel_payment(payment, "Bounced", accountant)
    assert (balance("discount_given"), -balance("tax_payable"), item.open) == (0, 204, 1404)
    assert books_agree()
    assert [one.open for one in services.open_items(customer.id)] == [1404], "nothing looks like the customer's money"
    # Once more, by hand and in two parts; then the allocation of the first alone is taken back.
    first = paid(customer, "600", Proposal(item.id, Decimal(600), Decimal("12.24")))
    paid(customer, "700", Proposal(item.id, Decimal(700), Decimal("14.29")))
    # 26.53 of 1,404.00 have 3.85 of the tax; 12.24 and 14.29 by themselves would have 1.78 and 2.08.
    assert 204 + balance("tax_payable") == Decimal("3.85")
    with pytest.raises(Refused, match=r"allow a discount of"):
        services.grant_discount(item, Decimal("1.56"), accountant, TODAY)
    (allocation,) = services.in_force(first.item)
    services.take_back_allocation(allocation, accountant)
    assert (services.granted_on(item), first.item.open) == (Decimal("14.29"), -600)
    reversal = next(one for one in services.allocations_of(item) if one.amount == Decimal("12.24"))
    settled = services.in_force(reversal.credit)[0]
    with pytest.raises(Refused, match="stays settled"):
        services.take_back_allocation(settled, accountant)
    assert books_agree()


def test_in_china_the_tax_stays_and_elsewhere_it_falls_unless_the_terms_say_otherwise(invoice, customer, paid):
    assert [chart.discount_lowers_tax for chart in (CHARTS["cn"], CHARTS["generic"])] == [False, True]
    made = invoice(("100", 0), terms=Terms(TWO_PERCENT.parts, Decimal(2), 10))
    (item,) = services.items_of(made)
    assert item.lowers_tax is False
    services.save_terms("net_30", TWO_PERCENT)  # posted before, so it keeps what held then
    paid(customer, "116.62", Proposal(item.id, Decimal("116.62"), Decimal("2.38")))
    assert (balance("discount_given"), -balance("tax_payable")) == (Decimal("2.38"), 19)


def test_a_write_off_that_is_taken_back_leaves_no_credit(owed, customer, accountant, account):
    item = owed(customer, "50")
    made = services.write_off(item, Decimal(50), "write_off", "Rounding", accountant, TODAY)
    services.take_back_allocation(made, accountant)
    assert [one.open for one in services.open_items(customer.id)] == [50]
    assert services.balance_of(account("write_off"), TODAY) == 0
    assert books_agree()


def test_terms_say_whether_the_tax_falls(client, sign_in, controller, books):
    page = sign_in(client, controller)
    form = {
        "parts-0-percent": "100",
        "parts-0-days": "30",
        "parts-0-counted_from": "day",
        "discount": "2",
        "discount_days": "10",
    }
    assert 'name="lowers_tax"' in page.get("/finance/terms/edit?value=net_30").text
    form |= {f"parts-{place}-counted_from": "day" for place in range(4)}
    page.post("/finance/terms/edit?value=net_30", data=form | {"lowers_tax": "y"})
    page.post("/finance/terms/edit?value=net_60", data=form)
    said = {row.value: row.lowers_tax for row in session.scalars(select(PaymentTerm))}
    assert said == {"net_30": True, "net_60": False}
    assert "lowers the tax too" in page.get("/finance/terms").text


cents = st.integers(1, 10**6)


@given(
    st.lists(st.tuples(cents, st.integers(0, 30)), min_size=1, max_size=4),
    st.lists(cents, min_size=1, max_size=5),
    st.integers(1, 10**6),
)
def test_shares_come_to_the_invoice_s_own_taxes_whatever_the_parts(groups, cuts, rate_cents):
    rate = Decimal(rate_cents) / 10_000
    invoiced = [
        Taxed(
            (place, Decimal(percent)), Decimal(net) / 100, (Decimal(net) * percent / 10_000).quantize(Decimal("0.01"))
        )
        for place, (net, percent) in enumerate(groups)
    ]
    gross = left = sum((one.net + one.tax for one in invoiced), ZERO)
    before: dict = {}
    for place, cut in enumerate(cuts):
        part = left if place == len(cuts) - 1 else min(Decimal(cut) / 100, left)
        if not part:
            continue
        base = (part * rate).quantize(Decimal("0.01"))
        found = split(part, base, invoiced, before, rate, "EUR", "CNY")
        assert sum((one.net + one.tax for one in found), ZERO) == part
        assert sum((one.base_net + one.base_tax for one in found), ZERO) == base
        for one in found:
            known = before.get(one.key, Share(one.key, ZERO, ZERO, ZERO, ZERO))
            before[one.key] = Share(
                one.key,
                known.net + one.net,
                known.tax + one.tax,
                known.base_net + one.base_net,
                known.base_tax + one.base_tax,
            )
        left -= part
    if not left and gross:
        assert [(before[one.key].net, before[one.key].tax) for one in invoiced] == [
            (one.net, one.tax) for one in invoiced
        ]


@settings(max_examples=10)
@given(
    st.lists(
        st.tuples(st.sampled_from(["pay", "pay", "cancel"]), st.integers(0, 1), st.integers(1, 900)),
        min_size=2,
        max_size=9,
    )
)
def test_whatever_is_paid_and_cancelled_the_tax_follows_the_discounts_in_force(
    invoice, customer, paid, accountant, steps
):
    """In dollars, at two rates, over two due dates: with nothing left in force everything is as it was invoiced."""
    before = {role: balance(role) for role in ("discount_given", "tax_payable")}
    made = invoice(("333.33", 0), ("77.77", 1), terms=IN_TWO, currency="USD")
    items, invoiced_tax = services.items_of(made), before["tax_payable"] - balance("tax_payable")
    assert invoiced_tax == Decimal("495.14")
    payments = []
    for what, which, amount in steps:
        item = items[which]
        discount = min(Decimal(amount) / 100, item.discount - services.granted_on(item))
        if what == "pay" and discount > 0 and item.open > discount + 5:
            payments.append(paid(customer, "5", Proposal(item.id, Decimal(5), discount), currency="USD"))
        elif what == "cancel" and payments:
            services.cancel_payment(payments.pop(0), "Mistake", accountant)
    given_now = sum((services.granted_on(item) for item in items), ZERO)
    lowered = invoiced_tax - (before["tax_payable"] - balance("tax_payable"))
    expected = made.tax * given_now / made.gross * Decimal("7.2")
    assert abs(lowered - expected) <= Decimal("0.20"), "a cent of each tax in dollars at most"
    for payment in payments:
        services.cancel_payment(payment, "Mistake", accountant)
    assert (balance("discount_given"), before["tax_payable"] - balance("tax_payable")) == (
        before["discount_given"],
        invoiced_tax,
    )
    assert [item.open for item in items] == [item.amount for item in items]
    assert books_agree()
