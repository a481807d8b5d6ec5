"""What customers are worth: the nightly figures against independent ones, what is refused, who may see what."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from erpcrm.analytics import lifetime
from erpcrm.analytics.abc import class_of
from erpcrm.analytics.models import CustomerMonth, CustomerValue, ValueRun
from erpcrm.analytics.services import policy, value
from erpcrm.analytics.services.predicting import Models, history_of, terms_of
from erpcrm.analytics.services.summing import sum_up
from erpcrm.analytics.value_jobs import WORTH
from erpcrm.analytics.worth import expected_terms, factor_of, rate_of
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.jobs import Job, enqueue
from erpcrm.core.settings import save_setting
from erpcrm.customers.services import add_activity, delete_customer, merge_records
from erpcrm.sales.models import SalesOrder
from tests.analytics.test_lifetime import simulated
from tests.factories.customers import a_customer
from tests.factories.purchases import Bought, buy, many_customers, read_from_orders

D = Decimal
TODAY = date(2026, 3, 2)
"""What the fixture `clock` says"""


@pytest.fixture
def work_out(app: Any, clock: Any, run_jobs: Any) -> Any:
    """Orders are the source, and `work_out()` does what is done at night."""
    read_from_orders()

    def run() -> ValueRun:
        enqueue(WORTH)
        run_jobs()
        job = session.scalars(select(Job).where(Job.name == WORTH).order_by(Job.id.desc())).first()
        assert job is not None
        assert (job.status, job.error) == ("done", None)
        return session.scalars(select(ValueRun)).one()

    return run


def of(customer_id: int) -> CustomerValue:
    found = value.value_of(customer_id)
    assert found is not None
    return found


def test_terms_of_a_lifetime_value_multiply_to_what_is_shown() -> None:
    model, spend = lifetime.Frequency(0.243, 4.414, 0.793, 2.426), lifetime.Spend(6.25, 3.74, 15.44)
    terms = expected_terms(
        model,
        spend,
        lifetime.History(2, 30.43, 38.86),
        purchases=2,
        average=D("22.35"),
        rate=D("0.3"),
        percent=D(10),
        years=2,
        currency="CNY",
    )
    assert [(term.value, term.rate) for term in terms] == [(D("24.66"), D("0.3"))] * 2
    assert [term.factor for term in terms] == [D("0.9535"), D("0.8668")]
    assert terms[0].purchases == pytest.approx(D("1.56"), abs=D("0.02"))  # 1.226 in 39 weeks
    for term in terms:
        exact = term.purchases * term.value * term.rate * term.factor
        assert abs(term.amount - exact) <= D("0.005")
    assert factor_of(1, D(0)) == 1


def test_what_is_left_of_revenue_is_the_customers_own_or_that_of_all() -> None:
    assert rate_of(D(30), D(100), D("0.2")) == D("0.3")
    assert rate_of(None, D(0), D("0.2")) == D("0.2")
    assert rate_of(None, D(0), None) == 1  # no cost is known at all: revenue
    assert (rate_of(D(-900), D(3), None), rate_of(D(900), D(3), None)) == (-1, 1)


def test_who_crosses_a_line_is_still_above_it() -> None:
    assert [class_of(D(before), D(100)) for before in (0, 79, 80, 94, 95, 100)] == ["A", "A", "B", "B", "C", "C"]
    assert class_of(D(0), D(0)) == "C"


def test_the_figures_of_five_customers_are_as_worked_out_by_hand(work_out: Any, seller: Any) -> None:
    """Costs: 10 a document, 5 an activity. Alpha buys each 30 days; Beta did, and stopped; the others tell no habit."""
    save_setting("value_cost_document", "10")
    save_setting("value_cost_activity", "5")
    customers = [a_customer(seller, name=name) for name in ("Alpha", "Beta", "Gamma", "Delta", "Nobody")]
    alpha, beta, gamma, delta, nobody = (customer.id for customer in customers)
    for words in ("Asked", "Told", "Thanked"):
        add_activity(customers[0], "call", words, seller)
    days = [TODAY - timedelta(days=back) for back in (130, 100, 70, 40, 10)]
    buy(
        [
            *(Bought(alpha, day, D(200), D(120)) for day in days),
            Bought(alpha, days[-1], D(-50), D(-30)),
            *(Bought(beta, day - timedelta(days=100), D(60), D(20)) for day in days),
            Bought(gamma, TODAY - timedelta(days=500), D(40)),
            Bought(delta, TODAY - timedelta(days=3), D(4), D(9)),
            Bought(delta, TODAY + timedelta(days=3), D(999), D(9)),
            Bought(nobody, TODAY, D(-5)),
        ]
    )
    run = work_out()
    assert (run.source, run.customers, run.repeaters, run.refusal) == ("orders", 4, 2, "few_customers")
    one = of(alpha)
    assert (one.days, one.documents, one.first_on, one.last_on) == (5, 6, days[0], days[-1])
    assert (one.bought, one.revenue, one.margin, one.average) == (D(1000), D(950), D(380), D(200))
    assert (one.cost_to_serve, one.contribution) == (D(75), D(305))
    assert (one.rank, one.before, one.abc, one.share) == (1, D(0), "A", D("73.42"))  # 950 of 1,294
    assert (one.interval, one.ratio, one.risk, one.at_risk) == (D(30), D("0.33"), "steady", D(0))
    two = of(beta)
    assert (two.rank, two.before, two.abc) == (2, D(950), "A")
    # Silent for 110 days at an interval of 30; 60 each 30 days would be 730 a year, but it never brought more than 300.
    assert (two.ratio, two.risk, two.at_risk) == (D("3.67"), "lapsed", D(300))
    three = of(gamma)
    assert (three.margin, three.contribution, three.interval, three.risk) == (None, None, None, "unknown")
    assert (three.revenue, three.revenue_year, three.abc) == (D(40), D(0), "C")
    assert of(delta).contribution == D(-15)
    assert value.value_of(nobody) is None  # a credit note is no purchase
    assert run.rate == D("0.3509")  # 440 of 1,254, of those whose cost is known
    assert (one.clv, one.alive, one.expected) == (None, None, None)


def test_sums_ranks_and_rhythm_of_many_equal_an_independent_computation(work_out: Any) -> None:
    """Eighty customers, documents at random, some credit notes, some of unknown cost, several on one day."""
    random = Random(3)
    ids = many_customers(f"Customer {number}" for number in range(80))
    bought = [
        Bought(
            random.choice(ids),
            TODAY - timedelta(days=random.randint(0, 900)),
            D(random.randint(-2000, 9000)) / 100,
            random.choice([None, D(random.randint(0, 5000)) / 100]),
        )
        for _one in range(700)
    ]
    bought = [one for one in bought if one.revenue]
    buy(bought)
    work_out()
    work_out()  # the second time in place of the first
    by: dict[int, list[Bought]] = defaultdict(list)
    for one in bought:
        by[one.customer_id].append(one)
    buyers = {id: held for id, held in by.items() if any(one.revenue > 0 for one in held)}
    rows = {row.id: row for row in session.scalars(select(CustomerValue))}
    assert rows.keys() == buyers.keys()
    total = sum(one.revenue for held in buyers.values() for one in held)
    before = D(0)
    ranked = sorted(buyers, key=lambda id: (-sum(one.revenue for one in buyers[id]), id))
    for place, id in enumerate(ranked, 1):
        held, row = buyers[id], rows[id]
        days = sorted({one.on for one in held if one.revenue > 0})
        gaps = [(late - early).days for early, late in pairwise(days)]
        known = [one for one in held if one.cost is not None]
        assert row.revenue == sum(one.revenue for one in held)
        assert row.margin == (sum(one.revenue - one.cost for one in known) if known else None)
        assert row.costed == sum(one.revenue for one in known)
        assert (row.days, row.first_on, row.last_on) == (len(days), days[0], days[-1])
        assert row.interval == (D(str(median(gaps))) if len(gaps) >= 2 else None)
        assert row.revenue_year == sum(one.revenue for one in held if one.on > TODAY - timedelta(days=365))
        assert (row.rank, row.before) == (place, before)
        assert row.abc == (class_of(before, total) if row.revenue > 0 else "C")
        before += row.revenue
    by_month: dict[tuple[int, int], Decimal] = defaultdict(D)
    for id, held in buyers.items():
        for one in held:
            by_month[id, one.on.year * 12 + one.on.month - 1] += one.revenue
    months = session.execute(select(CustomerMonth.customer_id, CustomerMonth.month, CustomerMonth.revenue)).all()
    assert {(id, month): revenue for id, month, revenue in months} == by_month


def test_while_it_is_calculated_the_figures_of_yesterday_stay_and_who_has_nothing_any_more_goes(work_out: Any) -> None:
    one, two = many_customers(["One", "Two"])
    for id, amount in ((one, 70), (two, 30)):
        buy(Bought(id, TODAY - timedelta(days=back), D(amount)) for back in (90, 60, 30))
    work_out()
    before = (of(one).rank, of(one).abc, of(one).risk)
    assert before == (1, "A", "steady")
    buy([Bought(one, TODAY, D(5))])
    session.execute(update(SalesOrder).where(SalesOrder.customer_id == two).values(status="cancelled"))
    assert sum_up(0, two, policy.costs(), TODAY) == 1
    session.expire_all()
    assert (of(one).rank, of(one).abc, of(one).risk) == before
    assert (of(one).revenue, of(one).days) == (D(215), 4)
    assert value.value_of(two) is None
    assert set(session.scalars(select(CustomerMonth.customer_id))) == {one}


def test_lifetime_values_are_those_of_the_model_and_each_opens_to_its_terms(
    work_out: Any, client: Any, sign_in: Any, manager: Any
) -> None:
    """500 simulated customers of known parameters: fitted, held against what came, refused to nobody, and explained."""
    random, model = Random(5), lifetime.Frequency(0.9, 8, 0.5, 3)
    ids = many_customers((f"Customer {number}" for number in range(500)), manager.id)
    bought = []
    for id, history in zip(ids, simulated(500, model, 800, random), strict=True):
        worth, first = random.gammavariate(4, 25), TODAY - timedelta(days=round(history.watched * 7))
        days = {first, first + timedelta(days=round(history.last * 7))}
        while len(days) <= history.repeats and len(days) <= round(history.last * 7):
            days.add(first + timedelta(days=random.randint(0, round(history.last * 7))))
        bought += [Bought(id, day, D(round(worth * random.uniform(50, 150))) / 100, D("0.1")) for day in days]
    buy(bought)
    run = work_out()
    assert run.refusal is None
    models = Models.of(run.fit)
    assert models is not None
    rows = session.scalars(select(CustomerValue)).all()
    for row in rows[:60]:
        known = history_of(row, run.as_of)
        assert row.alive == pytest.approx(D(models.frequency.alive(known) * 100), abs=D("0.01"))
        assert row.expected == pytest.approx(D(models.frequency.expected(known, lifetime.YEAR)), abs=D("0.01"))
        assert row.clv == sum(term.amount for term in terms_of(row, models, run, "CNY"))
    lines = run.calibration["rows"]
    assert [line["repeats"] for line in lines] == list(range(8))
    foretold, came = (sum(line[name] for line in lines) for name in ("predicted", "actual"))
    assert foretold == pytest.approx(came, rel=0.25)
    split = date.fromisoformat(run.calibration["split_on"])
    begun = {one.customer_id for one in bought if one.on <= split}
    assert came == len({(one.customer_id, one.on) for one in bought if one.on > split and one.customer_id in begun})
    assert sum(line["customers"] for line in lines) == len(begun)
    sign_in(client, manager)
    best = max(rows, key=lambda row: row.clv or D(0))
    page = client.get(f"/analytics/value/{best.id}/lifetime").get_data(as_text=True)
    for term in terms_of(best, models, run, "CNY"):
        assert f"{term.purchases.normalize():f}" in page
    assert f"{best.clv:,.2f}" in page
    shown = client.get("/analytics/model").get_data(as_text=True)
    assert f"{models.frequency.r:.3f}".rstrip("0") in shown
    assert str(split.year) in shown
    # Nothing is believed any more once the company asks for more customers than there are.
    save_setting("value_least", [600, 50])
    assert work_out().refusal == "few_customers"
    assert session.scalar(select(func.count(CustomerValue.clv))) == 0
    page = client.get("/analytics/model").get_data(as_text=True)
    assert "500" in page
    assert "600" in page


def test_sellers_see_their_own_customers_and_no_margins(
    work_out: Any, client: Any, sign_in: Any, seller: Any, colleague: Any, manager: Any
) -> None:
    mine, other = a_customer(seller, name="Mine Ltd"), a_customer(colleague, name="Foreign Ltd")
    for customer, amount in ((mine, 300), (other, 700)):
        buy(Bought(customer.id, TODAY - timedelta(days=400 - 30 * step), D(amount), D(123)) for step in range(4))
    work_out()
    sign_in(client, seller)
    page = client.get("/analytics").get_data(as_text=True)
    assert "Mine Ltd" in page
    assert "Foreign Ltd" not in page
    assert "1,200" in page
    assert "4,000" not in page
    assert "Margin" not in page
    assert "Foreign Ltd" not in client.get("/analytics/value").get_data(as_text=True)
    assert client.get(f"/analytics/value/{other.id}").status_code == 404
    assert client.get(f"/analytics/value/{mine.id}").status_code == 200
    assert client.get(f"/analytics/value/{mine.id}/risk").status_code == 200
    for forbidden in (f"value/{mine.id}/contribution", f"value/{mine.id}/lifetime", "model", "value/setup"):
        assert client.get(f"/analytics/{forbidden}").status_code == 403, forbidden
    sign_in(client, manager)
    page = client.get(f"/analytics/value/{mine.id}/contribution").get_data(as_text=True)
    assert "708.00" in page  # 1,200 less four times 123
    panel = client.get(f"/customers/{mine.id}/panels/customer_worth").get_data(as_text=True)
    assert "Probably lost" in panel
    assert "708.00" in panel


def test_the_set_up_holds_from_the_next_working_out_on(work_out: Any, client: Any, sign_in: Any, manager: Any) -> None:
    ids = many_customers(["One", "Two", "Three"])
    buy(Bought(id, TODAY, D(amount)) for id, amount in zip(ids, (60, 30, 10), strict=True))
    work_out()
    assert [of(id).abc for id in ids] == ["A", "A", "B"]
    sign_in(client, manager)
    values = {
        "cost_document": "2.5",
        "cost_activity": "0",
        "first_cut": "50",
        "second_cut": "40",
        "discount": "8",
        "years": "5",
        "least_customers": "100",
        "least_repeaters": "50",
        "basket_least": "4",
    }
    assert client.post("/analytics/value/setup", data=values).status_code == 422
    assert client.post("/analytics/value/setup", data=values | {"second_cut": "80"}).status_code == 303
    run = work_out()
    assert [of(id).abc for id in ids] == ["A", "B", "C"]
    assert of(ids[0]).cost_to_serve == D("2.5")
    assert (run.settings["discount"], run.settings["years"]) == ("8", 5)


def test_two_records_of_one_customer_lose_their_figures_until_they_are_worked_out_anew(
    work_out: Any, seller: Any, manager: Any
) -> None:
    one, two = a_customer(seller, name="Twice Ltd"), a_customer(seller, name="Twice Limited")
    buy([Bought(one.id, TODAY, D(10)), Bought(two.id, TODAY - timedelta(days=9), D(20))])
    work_out()
    merge_records(one, two, {}, manager)
    assert session.scalars(select(CustomerValue)).all() == []
    work_out()
    assert (of(one.id).days, of(one.id).revenue) == (2, D(30))


def test_figures_are_no_reason_to_keep_a_customer(work_out: Any, seller: Any, manager: Any) -> None:
    """Whose documents are gone may be deleted in the same hour; its figures go with it."""
    customer = a_customer(seller, name="Typed Twice Ltd")
    buy([Bought(customer.id, TODAY, D(10))])
    work_out()
    with pytest.raises(Refused, match="Sales orders"):
        delete_customer(customer, manager)
    session.execute(delete(SalesOrder))
    delete_customer(customer, manager)
    assert session.scalars(select(CustomerValue)).all() == []
    assert session.scalars(select(CustomerMonth)).all() == []


def test_a_second_press_starts_no_second_working_out(work_out: Any, client: Any, sign_in: Any, manager: Any) -> None:
    sign_in(client, manager)
    for _press in range(2):
        assert client.post("/analytics/work-out").status_code == 303
    assert session.scalar(select(func.count()).where(Job.name == WORTH)) == 1
