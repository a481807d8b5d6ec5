"""How customers buy: rhythm and churn risk, cohorts, what is bought together; on made-up figures and on a wholesaler's real sales."""

import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.analytics.baskets import Together
from erpcrm.analytics.cohorts import averages, first_day, month_of, retention
from erpcrm.analytics.intervals import Missed, doubled_median, missed, ratio_of, risk_of, yearly
from erpcrm.analytics.models import CustomerValue, ProductPair
from erpcrm.analytics.services import behaviour
from erpcrm.analytics.value_jobs import WORTH
from erpcrm.core.db import session
from erpcrm.core.jobs import enqueue
from erpcrm.customers.models import Activity
from erpcrm.customers.services import add_activity
from tests.factories.customers import a_customer
from tests.factories.purchases import Bought, buy, many_customers, many_products, read_from_orders

D = Decimal
TODAY = date(2026, 3, 2)


def day(back: int) -> date:
    return TODAY - timedelta(days=back)


def test_a_habit_takes_three_purchases_and_silence_is_measured_by_it() -> None:
    assert doubled_median([day(0), day(0), day(10)]) is None
    assert doubled_median([day(40), day(10), day(0), day(0)]) == 40  # 30 and 10 days: 20 in the middle
    assert doubled_median([day(100), day(40), day(10), day(0)]) == 60
    assert ratio_of(None, 300) is None
    assert ratio_of(60, 45) == D("1.5")
    assert ratio_of(7, 10) == D("2.86")  # 10 days at 3.5
    ratios = (None, "0", "1", "1.01", "1.5", "1.51", "3", "3.01")
    words = [risk_of(None if ratio is None else D(ratio)) for ratio in ratios]
    assert words == ["unknown", "steady", "steady", "due", "due", "late", "late", "lapsed"]
    assert yearly(73, D(100), D(5000)) == 1000  # each 36.5 days
    assert yearly(4, D(100), D(500)) == 500  # never more than it ever brought
    assert yearly(None, D(100), D(500)) == 0
    assert yearly(60, D(100), D(-3)) == 0


def test_what_is_no_longer_bought_is_overdue_by_its_own_rhythm() -> None:
    bought = {
        1: [day(90), day(60), day(30)],  # due today: no more than that
        2: [day(190), day(160), day(130)],
        3: [day(50), day(45), day(40)],
        4: [day(400), day(300)],
    }
    found = missed(bought, TODAY)
    assert found[0] == Missed(3, 3, D(5), day(40), D(8))
    assert [(one.product_id, one.ratio) for one in found] == [(3, D(8)), (2, D("4.33"))]


def test_retention_is_of_the_first_period_and_the_unfinished_one_is_not_averaged() -> None:
    """Two cohorts, ten and four customers; the second's next month is the one that runs."""
    rows = [(10, 0, 10, D(100)), (10, 1, 5, D(40)), (10, 2, 3, D(150)), (11, 0, 4, D(60)), (11, 1, 1, D(6))]
    table = retention(rows, 12)
    assert [(one.period, one.size, [cell.kept for cell in one.cells]) for one in table] == [
        (10, 10, [D(100), D(50), D(30)]),
        (11, 4, [D(100), D(25)]),
    ]
    assert [cell.spent for cell in table[0].cells] == [D(100), D(40), D(150)]
    assert [(one.customers, one.of, one.kept) for one in averages(table, 12)] == [(14, 14, D(100)), (5, 10, D(50))]
    assert first_day(month_of(date(2026, 12, 31))) == date(2026, 12, 1)


def test_lift_tells_together_from_by_chance() -> None:
    """Of 200 documents 50 hold bread, 40 butter, 30 both: three times as often as by chance."""
    found = Together(30, 50, 40, 200)
    assert (found.support, found.confidence, found.confidence_back, found.lift) == (D(15), D(60), D(75), D(3))
    assert Together(10, 50, 40, 200).lift == 1


@pytest.fixture
def work_out(app: Any, clock: Any, run_jobs: Any) -> Callable[[], None]:
    read_from_orders()

    def run() -> None:
        enqueue(WORTH)
        run_jobs()

    return run


def test_cohorts_by_months_and_quarters_count_whom_the_user_sees(
    work_out: Any, client: Any, sign_in: Any, seller: Any, colleague: Any, manager: Any
) -> None:
    mine, others = many_customers("abc", seller.id), many_customers("de", colleague.id)
    buy(
        [
            *(Bought(id, date(2025, 10, 5), D(100)) for id in mine),
            Bought(mine[0], date(2025, 11, 5), D(50)),
            Bought(mine[0], date(2025, 11, 6), D(10)),
            Bought(mine[1], date(2026, 2, 6), D(20)),
            Bought(mine[2], date(2025, 11, 9), D(-30)),  # a credit note keeps nobody
            *(Bought(id, date(2025, 12, 5), D(5)) for id in others),
            Bought(others[0], date(2026, 1, 7), D(5)),
        ]
    )
    work_out()
    table, means = behaviour.cohort_table(seller, "month", TODAY, 13)
    [cohort] = table
    assert (first_day(cohort.period), cohort.size) == (date(2025, 10, 1), 3)
    assert [cell.customers for cell in cohort.cells] == [3, 1, 0, 0, 1, 0]
    assert [cell.revenue for cell in cohort.cells] == [D(300), D(30), D(0), D(0), D(20), D(0)]
    assert [one.kept for one in means] == [D(100), D("33.3"), D(0), D(0), D("33.3")]
    quarters, _means = behaviour.cohort_table(seller, "quarter", TODAY, 9)
    assert [(one.size, [cell.customers for cell in one.cells]) for one in quarters] == [(3, [3, 1])]
    everybody, _means = behaviour.cohort_table(_all(manager), "month", TODAY, 13)
    assert [one.size for one in everybody] == [3, 2]
    assert behaviour.cohort_table(_all(manager), "month", TODAY, 4)[0][0].size == 2  # the older one is cut off
    page = sign_in(client, seller).get("/analytics/cohorts?unit=quarter&by=revenue").get_data(as_text=True)
    assert "Q4 2025" in page
    assert "6.1%" in page  # 20 of 330 in the first quarter
    assert client.get("/analytics/cohorts?unit=nonsense&by=nothing").status_code == 200


def _all(user: Any) -> Any:
    """The user with a view of all customers, whatever the role of the cast sees."""
    user.scope = lambda name: "all"
    return user


def test_pairs_are_counted_over_documents_of_twelve_months(
    work_out: Any, client: Any, sign_in: Any, manager: Any
) -> None:
    [customer] = many_customers(["Deli"])
    bread, butter, soap, old = many_products(["Bread", "Butter", "Soap", "Old"])

    def basket(back: int, *products: int) -> Bought:
        return Bought(customer, day(back), D(9), None, tuple((id, D(1), D(3)) for id in products))

    together = [basket(back, bread, butter, butter) for back in range(1, 5)]
    alone = [basket(10, bread), basket(11, soap), basket(12, soap), basket(13, soap, bread), basket(14, soap)]
    buy([*together, *alone, *(basket(400 + back, bread, old) for back in range(5))])
    work_out()
    assert [
        (pair.product_id, pair.other_id, pair.both, pair.first, pair.second, pair.baskets)
        for pair in session.scalars(select(ProductPair))
    ] == [(bread, butter, 4, 6, 4, 9)]
    [pair] = behaviour.pairs(5)
    assert (pair.product.name, pair.other.name, pair.together.lift) == ("Bread", "Butter", D("1.5"))
    page = sign_in(client, manager).get("/analytics/baskets").get_data(as_text=True)
    assert "Butter" in page
    assert "66.7%" in page
    assert "Soap" not in page


def test_the_page_of_a_customer_tells_habits_mix_and_engagement(
    work_out: Any, client: Any, sign_in: Any, seller: Any
) -> None:
    customer = a_customer(seller, name="Harbour Café")
    beans, filters = many_products(["Beans", "Filters"], category="raw")
    [cups] = many_products(["Cups"])
    for back in (700, 690, 500, 490, 480):
        buy([Bought(customer.id, day(back), D(30), D(10), ((beans, D(2), D(30)),))])
    buy([Bought(customer.id, day(20), D(90), D(50), ((cups, D(1), D(60)), (filters, D(1), D(30))))])
    add_activity(customer, "call", "Asked how it goes", seller)
    work_out()
    habits, mix = behaviour.habits_and_mix(customer.id, TODAY)
    assert [(habit.product.name, habit.missed.times, habit.missed.last_on) for habit in habits] == [
        ("Beans", 5, day(480))
    ]
    assert [(part.category, part.year, part.before, part.share, part.share_before) for part in mix] == [
        (None, D(60), D(0), D("66.7"), D(0)),
        ("raw", D(30), D(150), D("33.3"), D(100)),
    ]
    assert behaviour.engagement(customer.id, TODAY) == [("call", 1, 0)]
    page = sign_in(client, seller).get(f"/analytics/value/{customer.id}").get_data(as_text=True)
    for text in ("Beans", "66.7%", "Call", "-66.7"):
        assert text in page, text


def test_a_task_comes_of_a_customers_silence(
    work_out: Any, client: Any, sign_in: Any, seller: Any, manager: Any
) -> None:
    customer = a_customer(seller, name="Silent Ltd")
    buy(Bought(customer.id, day(back), D(500)) for back in (230, 200, 170))
    work_out()
    page = sign_in(client, seller).get("/analytics").get_data(as_text=True)
    assert "Silent Ltd" in page
    assert "Probably lost" in page
    form = client.get(f"/analytics/customers/{customer.id}/task").get_data(as_text=True)
    assert "Ask why nothing came since Sep 13, 2025" in form
    answer = client.post(
        f"/analytics/customers/{customer.id}/task", data={"subject": "", "due_on": "2026-03-05", "owner_id": ""}
    )
    assert answer.status_code == 422
    answer = client.post(
        f"/analytics/customers/{customer.id}/task",
        data={"subject": "Call them", "due_on": "2026-03-05", "owner_id": ""},
    )
    assert answer.status_code == 303
    task = session.scalars(select(Activity).where(Activity.kind == "task")).one()
    assert (task.subject, task.due_on, task.customer_id, task.owner_id, task.done_at) == (
        "Call them",
        date(2026, 3, 5),
        customer.id,
        seller.id,
        None,
    )


@pytest.mark.long
def test_three_months_of_a_real_wholesaler(
    work_out: Any, clock: Any, manager: Any, shared_data: Callable[[str], Path]
) -> None:
    """Cohorts and best customers are those of the README; sums, intervals and pairs those of an independent computation."""
    clock.move_to("2011-03-01 03:00")
    lines = _wholesale(shared_data("online-retail"))
    ids = dict(zip(names := sorted({row["CustomerID"] for row in lines}), many_customers(names), strict=True))
    codes = sorted({row["StockCode"] for row in lines})
    products = dict(zip(codes, many_products(codes), strict=True))
    documents: dict[str, list[Any]] = defaultdict(list)
    for row in lines:
        documents[row["InvoiceNo"]].append(row)
    buy(
        Bought(
            ids[held[0]["CustomerID"]],
            date.fromisoformat(held[0]["InvoiceDate"][:10]),
            sum((row["amount"] for row in held), start=D(0)),
            None,
            tuple((products[row["StockCode"]], row["quantity"], row["amount"]) for row in held),
        )
        for held in documents.values()
    )
    work_out()
    table, _means = behaviour.cohort_table(_all(manager), "month", date(2011, 2, 28), 13)
    assert [[cell.customers for cell in one.cells] for one in table] == [[885, 324, 286], [417, 92], [380]]
    assert [one.size for one in table] == [885, 417, 380]
    best = session.scalars(select(CustomerValue).order_by(CustomerValue.rank)).all()
    assert len(best) == 1682
    assert [row.revenue for row in best[:3]] == [D("77183.60"), D("57866.02"), D("38370.09")]
    assert [row.id for row in best[:3]] == [ids["12346"], ids["14646"], ids["18102"]]
    assert sum(row.revenue for row in best) == D("1589296.28")
    days: dict[int, set[date]] = defaultdict(set)
    for row in lines:
        days[ids[row["CustomerID"]]].add(date.fromisoformat(row["InvoiceDate"][:10]))
    for found in best:
        gaps = [(late - early).days for early, late in pairwise(sorted(days[found.id]))]
        assert (found.days, found.last_on) == (len(days[found.id]), max(days[found.id]))
        assert found.interval == (D(str(median(gaps))) if len(gaps) > 1 else None)
    baskets = [{row["StockCode"] for row in held} for held in documents.values()]
    often = {
        code for code, count in sorted(Counter(code for held in baskets for code in held).items(), key=_often)[:200]
    }
    counted = Counter(pair for held in baskets for pair in combinations(sorted(held & often, key=products.get), 2))
    wanted = {(products[one], products[two]): count for (one, two), count in counted.items() if count >= 3}
    kept = {(pair.product_id, pair.other_id): pair.both for pair in session.scalars(select(ProductPair))}
    assert kept == wanted


def _often(pair: tuple[str, int]) -> tuple[int, str]:
    return -pair[1], pair[0]


def _wholesale(folder: Path) -> list[dict[str, Any]]:
    """Lines with a customer, not cancelled, quantity and price above nothing."""
    kept = []
    with gzip.open(folder / "online_retail_2010-12_2011-02.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            quantity, price = D(row["Quantity"]), D(row["UnitPrice"])
            if row["CustomerID"] and not row["InvoiceNo"].startswith("C") and quantity > 0 and price > 0:
                kept.append({**row, "quantity": quantity, "amount": quantity * price})
    return kept
