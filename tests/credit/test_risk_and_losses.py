"""Scores from facts, holds by themselves, the risk of all together, expected losses in the books, debts given up."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.core.errors import Refused
from erpcrm.core.moves import make_move
from erpcrm.core.settings import save_setting
from erpcrm.credit import expected_loss, scoring, services
from erpcrm.credit.models import Assessment, BadDebt, CreditAccount
from erpcrm.credit.scoring import Band, Weighted
from erpcrm.finance import services as finance
from erpcrm.finance.settling import Proposal
from tests.credit.conftest import an_order
from tests.factories.customers import a_customer

TODAY = date(2026, 3, 2)
CARD = (
    Weighted("on_time", 60, (Band(None, 0), Band("50", 40), Band("90", 100)), 10),
    Weighted("rating", 40, (Band("a", 100), Band("e", 5)), 30),
)


@pytest.fixture
def invoiced(customer):
    """`invoiced("1000", day)`: an invoice of an order for so much, due at once."""

    def make(amount: str, on: date = TODAY, of=None):
        line = {"text": "Machine", "quantity": Decimal(1), "price": Decimal(amount)}
        values = {"customer_id": (of or customer).id, "date": on, "payment_terms": "prepaid"}
        invoice = finance.create_invoice(values, [line], None)
        finance.post_invoice(invoice, None)
        return finance.items_of(invoice)[0]

    return make


@pytest.fixture
def paid(accountant):
    def make(item, on: date):
        values = {"amount": item.open, "account": finance.account_for("bank"), "date": on}
        finance.receive(item.customer, values, accountant, [Proposal(item.id, item.open)])

    return make


# ------------------------------------------------------------------------------ scoring


def test_points_weights_and_grades_add_up_and_are_shown():
    earned = [scoring.earn(CARD[0], Decimal("89.9")), scoring.earn(CARD[1], "a")]
    assert [(one.band, one.points, one.counts) for one in earned] == [("50", 40, 24), ("a", 100, 40)]
    assert scoring.score_of(earned) == 64
    assert scoring.earn(CARD[0], None).points == 10
    assert scoring.earn(CARD[1], "b").points == 30
    starts = {"A": 80, "B": 64, "C": 50, "D": 30, "E": 0}
    assert [scoring.grade_of(score, starts) for score in (100, 80, 79, 64, 63, 0)] == ["A", "A", "B", "B", "C", "E"]


@given(st.lists(st.one_of(st.none(), st.decimals(-(10**9), 10**9, places=1)), min_size=11, max_size=11))
def test_whatever_is_known_the_score_is_from_0_to_100(values):
    assert scoring.problem_of(scoring.STANDARD) is None
    earned = [
        scoring.earn(factor, value if scoring.BY_KEY[factor.key].unit != "choice" else None)
        for factor, value in zip(scoring.STANDARD, values, strict=True)
    ]
    assert 0 <= scoring.score_of(earned) <= 100


@pytest.mark.parametrize(
    ("factors", "problem"),
    [
        (CARD[:1], "weights"),
        ((Weighted("on_time", 100, (Band(None, 101),)),), "points"),
        ((Weighted("on_time", 100, (Band(None, 0), Band("9", 5), Band("9", 6))),), "bands"),
        ((Weighted("shoe_size", 100, ()),), "factor"),
    ],
)
def test_a_scorecard_that_makes_no_sense_is_refused(factors, problem):
    assert scoring.problem_of(factors) == problem


def test_factors_are_read_from_what_the_customer_bought_and_paid(customer, invoiced, paid, owed):
    first, second = invoiced("1000", date(2026, 1, 10)), invoiced("3000", date(2026, 2, 1))
    paid(first, date(2026, 1, 10))
    paid(second, date(2026, 2, 21))
    invoiced("1000", date(2025, 2, 1))  # more than twelve months ago, and overdue
    facts = services.facts_of(customer)
    assert facts["turnover"] == 4000
    assert facts["trend"] == 300
    assert facts["days_late"] == 10
    assert facts["on_time"] == 20  # 1,000 of the 5,000 that were due
    assert (facts["overdue_share"], facts["returns"], facts["age"]) == (100, 0, 13)


def test_an_assessment_stays_as_it_was_and_a_used_scorecard_is_never_changed(customer, invoiced, controller, clock):
    invoiced("100000")
    first = services.assess(customer, {"rating": "a"}, "first", controller)
    card = services.active_scorecard()
    seen = (first.score, first.grade, first.values, card.factors)
    account = services.account_of(customer.id)
    assert (account.score, account.grade, account.reassess_on) == (first.score, first.grade, first.valid_until)
    assert first.suggested_limit == Decimal(100_000) * card.grades[first.grade]["percent"] / 100
    replaced = services.save_scorecard("Ours", CARD, card.grades)
    assert (replaced.revision, card.active, services.active_scorecard().id) == (2, False, replaced.id)
    again = services.save_scorecard("Ours, better", CARD, card.grades)
    assert again.id == replaced.id  # not used yet, so it may still change
    clock.shift(timedelta(days=1))
    second = services.assess(customer, {"rating": "e"}, None, controller)
    assert [one.id for one in services.assessments_of(customer.id)] == [second.id, first.id]
    assert (first.score, first.grade, first.values, card.factors) == seen
    assert [one["key"] for one in second.values] == ["on_time", "rating"]


def test_who_has_to_be_assessed_again_is_listed(customer, controller, clock, session):
    made = services.assess(customer, {}, None, controller)
    assert services.due_for_assessment(controller) == []
    clock.move_to(clock_day(made.valid_until - timedelta(days=14)))
    assert [one.customer_id for one in services.due_for_assessment(controller)] == [customer.id]
    assert services.standing(customer.id).assessed
    clock.move_to(clock_day(made.valid_until + timedelta(days=1)))
    assert not services.standing(customer.id).assessed


def clock_day(day):
    return f"{day.isoformat()}T04:00:00+00:00"


def test_the_scorecard_is_changed_on_its_page(controller, client, sign_in, session, books):
    sign_in(client, controller)
    page = client.get("/credit/scorecards/edit").text
    assert "Days late against terms" in page
    form = {
        "name": "Short",
        "on_time_weight": "100",
        "on_time_points_0": "0",
        "on_time_start_1": "80",
        "on_time_points_1": "99",
    }
    grades = {"A": (90, 20, 12), "B": (70, 10, 12), "C": (50, 5, 6), "D": (30, 1, 3), "E": (0, 0, 3)}
    for grade, (start, percent, months) in grades.items():
        form |= {f"{grade}_from": f"{start}", f"{grade}_percent": f"{percent}", f"{grade}_months": f"{months}"}
    wrong = client.post("/credit/scorecards/edit", data=form | {"on_time_weight": "99"})
    assert wrong.status_code == 422
    assert "add up to 100" in wrong.text
    assert client.post("/credit/scorecards/edit", data=form).status_code == 303
    card = services.active_scorecard()
    assert card.factors == [{"key": "on_time", "weight": 100, "unknown": 0, "bands": [[None, 0], ["80", 99]]}]


# ---------------------------------------------------------------------------------- holds


def test_who_is_long_overdue_is_held_by_itself_and_let_go_when_paid(customer, owed, seller, paid, session, run_jobs):
    save_setting("credit_hold_days", 30)
    fresh, small = a_customer(seller, name="Fresh"), a_customer(seller, name="Small")
    old = owed(customer, "500", due=TODAY - timedelta(days=45))
    owed(fresh, "500", due=TODAY - timedelta(days=44))
    owed(small, "100", due=TODAY - timedelta(days=400))
    assert services.hold_overdue() == (1, 0)
    account = services.account_of(customer.id)
    assert (account.held, account.hold_is_automatic, account.hold_reason) == (True, True, "Overdue by 45 days")
    assert services.hold_overdue() == (0, 0)
    paid(old, TODAY)
    services.hold(fresh, "By hand")
    assert services.hold_overdue() == (0, 1)
    assert (account.held, account.hold_reason) == (False, None)
    assert services.account_of(fresh.id).held  # what somebody put on stays until somebody lifts it


# ----------------------------------------------------------------------------------- risk


def test_the_risk_page_knows_dso_overdue_rate_and_concentration_and_how_they_come_about(
    customer, owed, invoiced, seller, controller, client, sign_in, session
):
    other = a_customer(seller, name="Other")
    invoiced("9000")
    owed(other, "1000", due=date(2026, 2, 1))
    owed(other, "-250")
    found = services.risk(controller)
    assert (found.open, found.overdue, found.sold) == (10_000, 1000, 9000)
    assert found.dso == Decimal(100)
    assert found.overdue_rate == 10
    assert [(one.customer_id, one.percent) for one in found.largest] == [
        (customer.id, Decimal("92.3")),
        (other.id, Decimal("7.7")),
    ]
    session.commit()
    sign_in(client, controller)
    for figure, terms in (
        ("exposure", ("9,000.00", "750.00", "9,750.00")),
        ("dso", ("10,000.00", "9,000.00", "90", "100")),
        ("overdue", ("1,000.00", "10,000.00", "10 %")),
        ("concentration", ("9,000.00", "9,750.00", "100 %")),
    ):
        assert f"/credit/risk/{figure}" in client.get("/credit/risk").text
        shown = client.get(f"/credit/risk/{figure}").text
        assert all(term in shown for term in terms), figure
    assert client.get("/credit/risk/luck").status_code == 404


def test_a_manager_finds_the_risk_of_the_own_team_only_and_of_a_group_no_foreign_papers(
    customer, owed, order, limited, seller, outsider, controller, manager, client, sign_in, session
):
    foreign = a_customer(outsider, name="Foreign & Co")
    customer.parent_id = foreign.id
    owed(customer, "100", due=date(2026, 2, 20))
    owed(foreign, "900", due=date(2026, 1, 20))
    limited("2000", of=foreign)
    services.hold(foreign, "Insolvent")
    waiting = an_order(foreign, "50", outsider)
    make_move(waiting, "confirm", by=outsider)
    services.assess(foreign, {}, None, controller)
    services.account_of(foreign.id).reassess_on = TODAY
    session.commit()
    assert (services.risk(manager).exposure, services.risk(controller).exposure) == (100, 1000)
    sign_in(client, manager)
    freed = "/credit/what-if?over_limit=pass&overdue=pass&hold=pass&no_assessment=pass"
    for page in ("/credit/risk", freed):
        text = client.get(page).text
        assert customer.name in text or page == "/credit/risk"
        assert "Foreign" not in text
        assert waiting.number not in text
    # The limit of the group counts what everybody below owes: of the others the sum is told, and no more.
    terms = client.get(f"/credit/customers/{customer.id}/terms/invoices?group={foreign.id}").text
    assert ("OLD-1" in terms, "OLD-2" in terms, "900.00" in terms, "1,000.00" in terms) == (True, False, True, True)
    sign_in(client, controller)
    assert all(word in client.get("/credit/risk").text for word in ("Foreign", waiting.number))


def test_what_if_tells_who_would_be_held_and_writes_nothing(customer, owed, limited, seller, session, controller):
    other = a_customer(seller, name="Other")
    limited("1000")
    owed(customer, "850")
    owed(other, "5000")
    policy = dict(services.actions())
    assert services.what_if(services.Change(policy), controller).stopped == []
    tighter = services.what_if(services.Change(policy, percent=Decimal(-20)), controller)
    assert [(one.customer_id, one.limit) for one in tighter.stopped] == [(customer.id, 800)]
    everybody = services.what_if(services.Change(policy, company_limit=Decimal(4000)), controller)
    assert [one.customer_id for one in everybody.stopped] == [other.id]
    services.hold_account(other.id).grade = "D"
    session.flush()
    graded = services.what_if(services.Change(policy, held_grade="D"), controller)
    assert [one.customer_id for one in graded.stopped] == [other.id]
    limited("500")
    freed = services.what_if(services.Change({**policy, "over_limit": "warn"}), controller)
    assert [one.customer_id for one in freed.freed] == [customer.id]
    assert services.account_of(customer.id).limit == 500
    assert services.actions() == policy


# --------------------------------------------------------------------------------- losses


def test_expected_losses_are_open_times_rate_by_band_and_grade():
    amounts = {("current", "A"): Decimal("333.33"), ("beyond", "-"): Decimal(100)}
    rates = {**expected_loss.STANDARD, "current": {**expected_loss.STANDARD["current"], "A": "1.5"}}
    found = expected_loss.expected(amounts, rates, "CNY")
    assert [(one.band, one.grade, one.loss) for one in found] == [
        ("current", "A", Decimal("5.00")),
        ("beyond", "-", Decimal("65.00")),
    ]


def test_the_allowance_is_brought_to_what_is_expected_and_only_the_difference_is_booked(
    customer, owed, accountant, session, clock
):
    owed(customer, "1000", due=TODAY - timedelta(days=100))
    owed(customer, "-200")  # money of theirs makes no loss
    allowance, expense = finance.account_for("allowance"), finance.account_for("allowance_expense")
    first = services.post_expected(TODAY, accountant)
    assert (first.open, first.amount, first.difference) == (1000, 650, 650)
    assert -finance.balance_of(allowance, TODAY) == 650
    with pytest.raises(Refused):
        services.post_expected(TODAY, accountant)
    services.hold_account(customer.id).grade = "A"
    session.flush()
    clock.shift(timedelta(days=1))
    second = services.post_expected(TODAY + timedelta(days=1), accountant)
    assert (second.amount, second.difference) == (350, -300)
    assert -finance.balance_of(allowance, TODAY + timedelta(days=1)) == 350
    assert finance.balance_of(expense, TODAY + timedelta(days=1)) == 350
    balance = finance.trial_balance(TODAY + timedelta(days=1))
    assert balance.debit == balance.credit


def test_a_bad_debt_is_approved_by_somebody_else_within_their_limit_and_recovered_later(
    customer, owed, accountant, controller, session
):
    item = owed(customer, "6000")
    with pytest.raises(Refused):
        services.propose_debt(item, Decimal("6000.01"), "gone", accountant)
    debt = services.propose_debt(item, Decimal(6000), "Insolvent", accountant)
    with pytest.raises(Refused):
        services.propose_debt(item, Decimal(1), "again", accountant)
    with pytest.raises(Refused, match="5,000"):
        services.approve_debt(debt, controller)
    session.rollback()


def test_what_was_written_off_and_comes_after_all_is_booked_as_recovered(customer, owed, accountant, controller):
    item = owed(customer, "4000")
    debt = services.propose_debt(item, Decimal(3000), "Insolvent", controller)
    with pytest.raises(Refused, match="Somebody else"):
        services.approve_debt(debt, controller)
    services.refuse_debt(debt, "Not yet", controller)
    debt = services.propose_debt(item, Decimal(3000), "Insolvent", accountant)
    services.approve_debt(debt, controller)
    assert (debt.status, item.open) == ("written_off", 1000)
    assert services.standing(customer.id).terms.exposure == 1000
    bank, recovered = finance.account_for("bank"), finance.account_for("bad_debt_recovered")
    services.recover(debt, Decimal(1200), bank, TODAY, controller)
    with pytest.raises(Refused):
        services.recover(debt, Decimal("1800.01"), bank, TODAY, controller)
    assert debt.status == "written_off"
    services.recover(debt, Decimal(1800), bank, TODAY, controller)
    assert (debt.status, debt.recovered) == ("recovered", 3000)
    assert -finance.balance_of(recovered, TODAY) == 3000


# ------------------------------------------------------------------- figures of many at once


def test_figures_of_many_customers_cost_as_many_queries_as_those_of_one(
    customer, owed, seller, count_queries, session, limited
):
    parent = a_customer(seller, name="Holding")
    limited("100000", of=parent)
    ids = [customer.id]
    for number in range(25):
        one = a_customer(seller, parent_id=parent.id)
        owed(one, "100", due=date(2026, 1, 1) + timedelta(days=number))
        limited("500", of=one)
        an_order(one, "10", seller)
        ids.append(one.id)
    session.commit()
    with count_queries() as few:
        services.standings(ids[:2])
    session.expire_all()
    with count_queries() as many:
        found = services.standings(ids)
    assert len(many) <= len(few) <= 14
    assert found[ids[-1]].limits[1].exposure == 2500
    assert session.scalars(select(CreditAccount.id)).first() is not None
    assert session.scalars(select(BadDebt.id)).first() is None
    assert session.scalars(select(Assessment.id)).first() is None
