"""What is owed is settled to the cent: allocations, discounts, exchange differences, write-offs, ageing."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.customers.services import merge_records
from erpcrm.finance import services
from erpcrm.finance.ageing import band_of
from erpcrm.finance.models import CustomerAccount, ReceivableItem
from erpcrm.finance.printing import sums_of
from erpcrm.finance.services import write_offs
from erpcrm.finance.settling import OpenItem, Proposal, base_share, propose
from erpcrm.finance.terms import Part, Terms, due_rows
from tests.factories.customers import a_customer
from tests.finance.conftest import TODAY


def books_agree(on: date = TODAY) -> bool:
    """The account of receivables stands at the sum of what is open: on that day, and on every month's end before."""
    account = services.account_for("receivable")
    days = [on, *(date(2026, month, 28) for month in (1, 2)), date(2025, 12, 31)]
    return all(services.balance_of(account, day) == services.receivables_total(day) for day in days)


# ------------------------------------------------------------------ pure


def test_terms_split_an_amount_exactly():
    terms = Terms(
        (Part(Decimal(30), "day", 0), Part(Decimal(30), "month_end", 30), Part(Decimal(40), "day", 90)), Decimal(2), 10
    )
    rows = due_rows(Decimal("100.01"), date(2026, 1, 31), terms, "CNY")
    assert [row.amount for row in rows] == [Decimal("30.00"), Decimal("30.01"), Decimal("40.00")]
    assert [row.due_on for row in rows] == [date(2026, 1, 31), date(2026, 3, 2), date(2026, 5, 1)]
    assert [row.discount for row in rows] == [Decimal("0.60"), Decimal("0.60"), Decimal("0.80")]
    assert {row.discount_until for row in rows} == {date(2026, 2, 10)}


@given(st.integers(1, 10**9), st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_due_rows_always_add_up(cents, shares):
    whole = sum(shares)
    percents = [Decimal(100 * share) / whole for share in shares[:-1]]
    parts = [Part(percent.quantize(Decimal("0.0001")), "day", 1) for percent in percents]
    parts.append(Part(Decimal(100) - sum((part.percent for part in parts), Decimal(0)), "day", 2))
    total = Decimal(cents) / 100
    assert sum(row.amount for row in due_rows(total, TODAY, Terms(parts), "CNY")) == total


def test_a_payment_is_proposed_to_an_exact_match_first_then_to_the_oldest():
    items = [
        OpenItem(1, Decimal(100), date(2026, 1, 1)),
        OpenItem(2, Decimal(70), date(2026, 2, 1)),
        OpenItem(3, Decimal(50), date(2026, 3, 1), discount=Decimal(1)),
    ]

    def proposed(amount: str) -> list[tuple[int, Decimal, Decimal]]:
        return [(one.item_id, one.amount, one.discount) for one in propose(Decimal(amount), items)]

    assert proposed("70") == [(2, 70, 0)]
    assert proposed("49") == [(3, 49, 1)]
    assert proposed("120") == [(2, 70, 0), (3, 50, 0)]
    assert proposed("220") == [(1, 100, 0), (2, 70, 0), (3, 50, 0)]
    assert proposed("130") == [(1, 100, 0), (2, 30, 0)]
    assert proposed("300") == [(1, 100, 0), (2, 70, 0), (3, 50, 0)]
    assert proposed("0") == []


@given(st.integers(1, 10**7), st.integers(1, 10**7), st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_shares_in_the_company_s_currency_add_up_whatever_the_parts(cents, base_cents, cuts):
    amount, base = Decimal(cents) / 100, Decimal(base_cents) / 100
    left, base_left, taken = amount, base, Decimal(0)
    for cut in cuts:
        part = min(Decimal(cut) / 100, left)
        if not part:
            break
        share = base_share(amount, base, left, base_left, part, "CNY")
        left, base_left, taken = left - part, base_left - share, taken + share
        assert 0 <= base_left <= base
    if left:
        taken += base_share(amount, base, left, base_left, left, "CNY")
    assert taken == base


def test_days_overdue_fall_into_bands():
    on = date(2026, 3, 2)
    names = [band_of(on - timedelta(days=days), on).name for days in (-5, 0, 1, 30, 31, 60, 61, 90, 91, 4000)]
    assert names == [
        "current", "current", "upto_30", "upto_30", "upto_60", "upto_60", "upto_90", "upto_90", "beyond", "beyond",
    ]  # fmt: skip


# ----------------------------------------------------------- allocations


def test_a_payment_settles_several_items_partly_and_the_rest_stays_with_the_customer(owed, paid, customer):
    first, second = owed(customer, "100"), owed(customer, "50")
    payment = paid(customer, "200", Proposal(first.id, Decimal(100)), Proposal(second.id, Decimal(20)))
    assert (first.open, second.open, payment.item.open) == (0, 30, -80)
    assert (first.closed_on, second.closed_on) == (TODAY, None)
    assert books_agree()


def test_nothing_is_allocated_above_what_is_open(owed, paid, customer, accountant):
    item = owed(customer, "100")
    payment = paid(customer, "300", Proposal(item.id, Decimal(60)))
    with pytest.raises(Refused, match=r"40\.00 are open"):
        services.allocate(item, payment.item, Decimal("40.01"), accountant)
    with pytest.raises(Refused, match="above zero"):
        services.allocate(item, payment.item, Decimal(0), accountant)
    with pytest.raises(Refused, match="are allocated, but"):
        paid(customer, "10", Proposal(item.id, Decimal(11)))
    with pytest.raises(Refused, match="different customers"):
        services.allocate(owed(a_customer(), "5"), payment.item, Decimal(5), accountant)
    with pytest.raises(Refused, match="different currencies"):
        services.allocate(owed(customer, "5", currency="USD"), payment.item, Decimal(5), accountant)


def test_an_allocation_is_taken_back_once_and_both_are_open_again(owed, paid, customer, accountant):
    item = owed(customer, "100", currency="USD")
    payment = paid(customer, "100", Proposal(item.id, Decimal(100)), currency="USD")
    made = services.in_force(item)[0]
    services.take_back_allocation(made, accountant)
    assert (item.open, item.base_open, item.closed_on, payment.item.base_open) == (100, 700, None, -720)
    assert services.in_force(item) == []
    assert services.balance_of(services.account_for("fx_gain"), TODAY) == 0
    assert books_agree()
    with pytest.raises(Refused, match="taken back already"):
        services.take_back_allocation(made, accountant)


def test_a_cancelled_payment_leaves_everything_as_it_was(owed, paid, customer, accountant, account):
    item = owed(customer, "100")
    payment = paid(customer, "130", Proposal(item.id, Decimal(100)))
    services.cancel_payment(payment, "The cheque bounced", accountant)
    assert (payment.status, item.open, payment.item.open) == ("cancelled", 100, 0)
    assert services.balance_of(account("bank"), TODAY) == 0
    assert books_agree()
    with pytest.raises(Refused):
        services.cancel_payment(payment, "Again", accountant)


def test_money_that_a_customer_has_with_us_is_paid_back(paid, customer, accountant, account):
    payment = paid(customer, "80")
    values = {"amount": Decimal("80.01"), "account": account("bank"), "date": TODAY}
    with pytest.raises(Refused, match=r"80\.00 are open"):
        services.refund(customer, payment.item, values, accountant)
    services.refund(customer, payment.item, values | {"amount": Decimal(80)}, accountant)
    assert (payment.item.open, services.balance_of(account("bank"), TODAY)) == (0, 0)
    assert books_agree()


def test_payments_of_tomorrow_or_without_a_rate_are_refused(paid, customer):
    with pytest.raises(Refused, match="future"):
        paid(customer, "1", date=TODAY + timedelta(days=1))
    with pytest.raises(Refused, match="no exchange rate for JPY"):
        paid(customer, "100", currency="JPY")


# ------------------------------------------------------------- discounts


def test_an_early_payment_takes_its_discount(customer, accountant, account, paid, session):
    services.save_terms("net_30", Terms((Part(Decimal(100), "day", 30),), Decimal(2), 10))
    row = services.due_rows_of("net_30", Decimal(1000), TODAY, "CNY")[0]
    entry = services.book(
        "general", TODAY, "Invoice", [
            services.Posting(account("receivable"), Decimal(1000)), services.Posting(account("sales"), Decimal(-1000)),
        ],
    )  # fmt: skip
    item = services.add_item(
        "invoice", customer.id, entry, number="R-1", on=TODAY, due_on=row.due_on, amount=row.amount, base_amount=row.amount,
        currency="CNY", rate=Decimal(1), discount=row.discount, discount_until=row.discount_until,
    )  # fmt: skip
    session.commit()
    shares = services.proposal_for(customer.id, Decimal(980), "CNY", date(2026, 3, 12))
    assert shares == [Proposal(item.id, Decimal(980), Decimal(20))]
    assert services.proposal_for(customer.id, Decimal(980), "CNY", date(2026, 3, 13)) == [
        Proposal(item.id, Decimal(980))
    ]
    with pytest.raises(Refused, match="given with a payment"):
        paid(customer, "980", Proposal(item.id, Decimal(0), Decimal(20)))
    session.rollback()
    paid(customer, "980", *shares)
    assert item.open == 0
    assert services.balance_of(account("discount_given"), TODAY) == 20
    assert books_agree()
    with pytest.raises(Refused, match="allow a discount"):
        services.grant_discount(item, Decimal(21), accountant, TODAY)


# -------------------------------------------------------- exchange rates


def test_partial_payments_in_dollars_book_each_difference_to_the_cent(owed, paid, customer, account):
    """The worked example: 100.00 USD invoiced at 7.1235, paid in three parts at 7.2."""
    item = owed(customer, "100", currency="USD", rate=Decimal("7.1235"))
    assert item.base_amount == Decimal("712.35")
    seen = []
    for part in ("33.33", "33.33", "33.34"):
        payment = paid(customer, part, Proposal(item.id, Decimal(part)), currency="USD")
        made = services.in_force(item)[-1]
        seen.append((payment.base_amount, made.debit_base, made.credit_base - made.debit_base))
        assert books_agree()
    assert seen == [
        (Decimal("239.98"), Decimal("237.43"), Decimal("2.55")),
        (Decimal("239.98"), Decimal("237.42"), Decimal("2.56")),
        (Decimal("240.05"), Decimal("237.50"), Decimal("2.55")),
    ]
    assert -services.balance_of(account("fx_gain"), TODAY) == Decimal("7.66")
    assert (item.open, item.base_open, services.balance_of(account("receivable"), TODAY)) == (0, 0, 0)


def test_a_fallen_rate_is_a_loss_and_what_the_bank_tells_wins(owed, paid, customer, account):
    item = owed(customer, "100", currency="USD", rate=Decimal("7.5"))
    paid(customer, "100", Proposal(item.id, Decimal(100)), currency="USD", bank_amount=Decimal("718.88"))
    assert services.balance_of(account("bank"), TODAY) == Decimal("718.88")
    assert services.balance_of(account("fx_loss"), TODAY) == Decimal("31.12")
    assert services.balance_of(account("fx_gain"), TODAY) == 0
    assert books_agree()


def test_open_dollars_are_valued_at_a_day_and_taken_back_on_the_next(owed, paid, customer, account, accountant):
    item = owed(customer, "100", currency="USD")
    paid(customer, "40", Proposal(item.id, Decimal(40)), currency="USD")
    made = services.revalue(date(2026, 2, 28), accountant)
    # On that day all 100 were open: 720 less 700, though 40 were paid since.
    assert (made.difference, made.rates) == (20, [["USD", "7.2", "100", "700", "720"]])
    valuation = account("receivable_valuation")
    assert services.balance_of(valuation, date(2026, 2, 28)) == 20
    assert services.balance_of(valuation, date(2026, 3, 1)) == 0
    assert -services.balance_of(account("fx_gain"), date(2026, 2, 28)) == 20
    assert books_agree()
    with pytest.raises(Refused, match="valued already"):
        services.revalue(date(2026, 2, 28), accountant)


# ------------------------------------------------------------ write-offs


def test_each_role_writes_off_within_its_limit(owed, customer, accountant, controller, account, roles):
    item = owed(customer, "300")
    with pytest.raises(Refused, match=r"You may write off .*100\.00"):
        services.write_off(item, Decimal("100.01"), "write_off", "Too small to chase", accountant, TODAY)
    with pytest.raises(Refused, match="Say why"):
        services.write_off(item, Decimal(1), "write_off", " ", accountant, TODAY)
    services.write_off(item, Decimal(100), "write_off", "Too small to chase", accountant, TODAY)
    services.write_off(item, Decimal(150), "bad_debt", "Insolvent", controller, TODAY)
    assert item.open == 50
    assert services.balance_of(account("write_off"), TODAY) == 100
    assert services.balance_of(account("bad_debt"), TODAY) == 150
    assert books_agree()
    write_offs.set_limit(roles["accountant"], Decimal(20))
    with pytest.raises(Refused):
        services.write_off(item, Decimal(21), "write_off", "Rest", accountant, TODAY)
    told = session.query(AuditEntry).filter_by(action="written_off").count()
    assert told == 2


# ---------------------------------------------------------------- ageing


def test_ageing_shows_what_was_owed_on_any_day(owed, paid, customer, accountant, seller):
    other = a_customer(seller, name="Green Hill")
    old = owed(customer, "100", on=date(2025, 11, 20), due=date(2025, 12, 1))
    owed(customer, "70", on=date(2026, 2, 1), due=date(2026, 2, 25))
    owed(other, "30", on=date(2026, 2, 1), due=date(2026, 4, 1))
    paid(customer, "60", Proposal(old.id, Decimal(50)), date=date(2026, 2, 10))
    now = services.ageing(TODAY, accountant)
    assert {row.name: row.total for row in now.rows} == {"Blue Ocean Foods": 110, "Green Hill": 30}
    assert {name: amount for name, amount in now.total.amounts.items() if amount} == {
        "current": 30, "upto_30": 70, "beyond": 50, "credit": -10, "total": 140,
    }  # fmt: skip
    then = services.ageing(date(2026, 2, 9), accountant)
    assert {name: amount for name, amount in then.total.amounts.items() if amount} == {
        "current": 100, "upto_90": 100, "total": 200,
    }  # fmt: skip
    oldest = services.aged_items(customer.id, date(2026, 2, 9))[0]
    assert (oldest.item.id, oldest.open, oldest.days) == (old.id, 100, 70)
    # What is allocated on a day counts on that day.
    assert [one.open for one in services.aged_items(customer.id, date(2026, 2, 10))] == [50, -10, 70]
    assert [row.name for row in services.ageing(TODAY, seller).rows] == ["Green Hill"]
    assert books_agree()


def test_the_sums_of_a_statement_add_up_in_each_currency(owed, paid, customer):
    owed(customer, "400", due=date(2026, 1, 1))
    paid(customer, "150")
    owed(customer, "100", currency="USD", due=TODAY + timedelta(days=9), number="In dollars")
    found = sums_of(services.aged_items(customer.id, TODAY))
    for currency, parts in (("CNY", [400, -150]), ("USD", [100])):
        *terms, total = [(amount, strong) for _label, amount, of, strong in found if of == currency]
        assert (sorted(terms, reverse=True), total) == ([(part, False) for part in parts], (sum(parts), True))
    assert "Credits" in [label for label, *_rest in found]


def test_two_records_of_one_customer_become_one_account(owed, paid, customer, manager, accountant):
    twin = a_customer(manager, name="Blue Ocean Foods Ltd")
    first, second = owed(customer, "100"), owed(twin, "50")
    services.stop_reminders(twin, stop=True, note="In talks")
    merge_records(customer, twin, {}, manager)
    session.refresh(second)
    assert second.customer_id == customer.id
    assert session.get(CustomerAccount, customer.id).dunning_note == "In talks"
    paid(customer, "150", Proposal(first.id, Decimal(100)), Proposal(second.id, Decimal(50)))
    assert books_agree()


actions = st.lists(
    st.tuples(
        st.sampled_from(["owe", "pay", "settle", "undo", "cancel", "write_off"]), st.integers(1, 50_000), st.booleans()
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=12)
@given(actions)
def test_whatever_happens_ledger_items_and_ageing_agree(owed, paid, customer, accountant, controller, steps):
    """Never more is allocated than either side has, and the receivable account is the sum of the open items on every day."""
    payments = []
    for place, (what, cents, foreign) in enumerate(steps):
        currency, amount = "USD" if foreign else "CNY", Decimal(cents) / 100
        debits = services.open_items(customer.id, currency, debits=True)
        credits = services.open_items(customer.id, currency, debits=False)
        match what:
            case "owe":
                owed(
                    customer,
                    str(amount),
                    currency=currency,
                    number=f"{id(steps)}-{place}",
                    due=date(2026, 2, place + 1),
                )
            case "pay":
                shares = services.proposal_for(customer.id, amount, currency, TODAY)
                payments.append(paid(customer, str(amount), *shares, currency=currency, date=date(2026, 2, 20)))
            case "settle" if debits and credits:
                with suppress(Refused):  # more than either side has
                    services.allocate(debits[0], credits[0], amount, accountant)
            case "undo" if debits:
                for made in services.in_force(debits[0])[:1]:
                    services.take_back_allocation(made, accountant)
            case "cancel" if payments:
                services.cancel_payment(payments.pop(), "Mistake", accountant)
            case "write_off" if debits and debits[0].open < 400:
                services.write_off(debits[0], debits[0].open, "bad_debt", "Gone", controller, TODAY)
    items = session.query(ReceivableItem).filter_by(customer_id=customer.id).all()
    for item in items:
        allocated = sum((one.amount for one in services.allocations_of(item)), Decimal(0))
        assert abs(item.amount) - allocated == abs(item.open) >= 0
    assert books_agree()
    for on in (TODAY, date(2026, 2, 21), date(2026, 2, 10)):
        assert services.ageing(on, accountant).total.total == services.receivables_total(on)
