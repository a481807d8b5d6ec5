"""RFM: scores as an independent computation has them, cells, moves between two days, pages and the set-up."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from erpcrm.analytics import rfm as pure
from erpcrm.analytics import services as segments
from erpcrm.analytics.models import CustomerRfm, RfmCell, RfmMove
from erpcrm.analytics.services import rfm
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.settings import save_setting
from erpcrm.customers.services import merge_records
from erpcrm.pipeline.models import Opportunity
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal

TODAY = date(2026, 3, 2)
D = Decimal
STANDARD = [
    SimpleNamespace(
        key=one.key, r_from=one.r[0], r_to=one.r[1], f_from=one.f[0], f_to=one.f[1], m_from=one.m[0], m_to=one.m[1]
    )
    for one in pure.STANDARD_CELLS
]


@pytest.fixture
def deals(app: Any, clock: Any, roles: Any, seller: Any) -> Any:
    """`deals({customer: [(days ago, amount)]})`: deals won then; nothing else is a purchase."""
    save_setting("modules_off", ["credit", "finance", "sales"])
    rfm.ensure_cells()
    pattern = a_deal(seller, name="Pattern")
    numbers = iter(range(1, 10_000))

    def win(bought: dict[int, list[tuple[int, int]]]) -> None:
        rows = [
            {"customer_id": id, "closed_on": TODAY - timedelta(days=days), "base_amount": D(amount), "amount": D(amount),
             "pipeline_id": pattern.pipeline_id, "stage_id": pattern.stage_id, "currency": "CNY", "status": "won",
             "name": "Deal", "code": f"W-{next(numbers)}", "version": 1}
            for id, several in bought.items() for days, amount in several
        ]  # fmt: skip
        session.execute(insert(Opportunity), rows)

    return win


def independent(bought: dict[int, list[tuple[int, int]]], since: date) -> dict[int, tuple[int, int, int]]:
    """Fifths by counting who is worse, straight from the definition."""
    figures = {}
    for id, several in bought.items():
        within = [(days, amount) for days, amount in several if TODAY - timedelta(days=days) > since]
        real = [days for days, amount in within if amount > 0]
        if real:
            figures[id] = (-min(real), len(real), sum(amount for _days, amount in within))
    return {
        id: tuple(1 + 5 * sum(1 for other in figures.values() if other[n] < mine[n]) // len(figures) for n in range(3))
        for id, mine in figures.items()
    }  # type: ignore[return-value]


def test_scores_and_cells_are_what_counting_finds(deals: Any, seller: Any) -> None:
    random = Random(3)
    ids = [a_customer(seller).id for _n in range(37)]
    bought = {
        id: [(random.randrange(0, 900), random.choice((20, 50, 120, 900, 4000))) for _n in range(random.randrange(5))]
        for id in ids
    }
    deals(bought)
    expected = independent(bought, date(2024, 3, 2))
    assert rfm.work_out() == len(expected) > 20
    rows = session.scalars(select(CustomerRfm)).all()
    assert {row.customer_id: (row.r, row.f, row.m) for row in rows} == expected
    assert all(row.cell == pure.cell_of(row.r, row.f, row.m, STANDARD) is not None for row in rows)
    for name, place in (("r", 0), ("f", 1), ("m", 2)):
        figures = {"r": lambda row: row.last_on, "f": lambda row: row.purchases, "m": lambda row: row.revenue}[name]
        by_rank = pure.scores_by_rank([figures(row) for row in rows])
        assert by_rank == [expected[row.customer_id][place] for row in rows]
    # The same once more moves nobody.
    before = len(session.scalars(select(RfmMove.id)).all())
    rfm.work_out()
    assert len(session.scalars(select(RfmMove.id)).all()) == before == len(expected)


def test_cut_offs_instead_of_fifths(deals: Any, seller: Any) -> None:
    ids = [a_customer(seller).id for _n in range(4)]
    bought = {ids[0]: [(30, 1000)], ids[1]: [(31, 999)], ids[2]: [(365, 50_000), (400, 50_000)], ids[3]: [(366, 5)]}
    deals(bought)
    cuts = {name: tuple(D(cut) for cut in given) for name, given in pure.STANDARD_CUTS.items()}
    rfm.save_policy(24, "cutoffs", cuts)
    rfm.work_out()
    found = {row.customer_id: (row.r, row.f, row.m) for row in session.scalars(select(CustomerRfm))}
    assert found == {ids[0]: (5, 1, 2), ids[1]: (4, 1, 1), ids[2]: (2, 2, 5), ids[3]: (1, 1, 1)}
    for id, several in bought.items():
        days, worth = min(days for days, _amount in several), D(sum(amount for _days, amount in several))
        scores = (
            pure.score_of_days(days, cuts["r"]),
            pure.score_of(D(len(several)), cuts["f"]),
            pure.score_of(worth, cuts["m"]),
        )
        assert scores == found[id]
    for wrong in ([D(1), D(1), D(2), D(3)], [D(0), D(1), D(2), D(3)], [D(1), D(2), D(3)]):
        with pytest.raises(Refused, match="each greater"):
            rfm.save_policy(24, "cutoffs", cuts | {"f": wrong})
    with pytest.raises(Refused, match="1 to 120 months"):
        rfm.save_policy(0, "cutoffs", cuts)


def test_who_moved_from_one_cell_to_another(deals: Any, seller: Any, outsider: Any, clock: Any) -> None:
    cuts = {"r": (D(30), D(60), D(90), D(120)), "f": (D(2), D(3), D(4), D(5)), "m": (D(10), D(20), D(30), D(40))}
    rfm.save_policy(24, "cutoffs", cuts)
    loyal, theirs, leaves = a_customer(seller), a_customer(outsider), a_customer(seller)
    often = [(200 + place, 3) for place in range(5)]
    deals({loyal.id: [*often, (100, 3)], theirs.id: [*often, (100, 3)], leaves.id: [(740, 3)]})
    start = TODAY - timedelta(days=50)
    rfm.work_out(start)
    assert {row.customer_id: row.cell for row in session.scalars(select(CustomerRfm))} == {
        loyal.id: "loyal", theirs.id: "loyal", leaves.id: "lost"
    }  # fmt: skip
    rfm.work_out(TODAY)
    assert rfm.flow(start, TODAY, seller) == {("loyal", "at_risk"): 1, ("lost", None): 1}
    assert rfm.flow(start, start, seller) == {("loyal", "loyal"): 1, ("lost", "lost"): 1}
    assert rfm.flow(start - timedelta(days=1), TODAY, seller) == {(None, "at_risk"): 1}
    assert [customer.id for customer, _row in rfm.movers(start, TODAY, "loyal", "at_risk", seller)] == [loyal.id]
    assert [customer.id for customer, _row in rfm.movers(start, TODAY, "lost", None, seller)] == [leaves.id]
    at_risk = segments.save_segment(None, {"name": "Risk", "kind": "rfm", "cells": ["at_risk"]}, None)
    assert set(session.scalars(segments.customers_in(at_risk))) == {loyal.id, theirs.id}
    # Merged, they are one customer: what the other one's scores were goes with it.
    merge_records(loyal, leaves, {}, seller)
    rfm.work_out(TODAY)
    assert session.scalars(select(CustomerRfm.customer_id).order_by(CustomerRfm.customer_id)).all() == [
        loyal.id,
        theirs.id,
    ]
    rfm.delete_cell(next(cell for cell in rfm.cells() if cell.key == "at_risk"))
    with pytest.raises(Refused, match="no RFM cell “at_risk” any more"):
        segments.customers_in(at_risk)


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=40))
def test_ranks_keep_order_and_give_equals_the_same(figures: list[int]) -> None:
    scores = pure.scores_by_rank(figures)
    assert set(scores) <= set(pure.SCORES)
    assert min(scores) == 1
    for one, score in zip(figures, scores, strict=True):
        for other, theirs in zip(figures, scores, strict=True):
            assert one != other or score == theirs
            assert one <= other or score >= theirs


def test_every_combination_has_a_standard_cell_and_every_cell_one() -> None:
    assert pure.without_a_cell(STANDARD) == []
    assert pure.never_reached(STANDARD) == set()
    assert pure.cell_of(5, 5, 5, STANDARD) == "champions"
    assert pure.cell_of(1, 1, 1, STANDARD) == "lost"
    assert pure.cell_of(2, 4, 3, STANDARD) == "at_risk"
    assert pure.never_reached([STANDARD[1], STANDARD[0]]) == {"champions"}
    assert len(pure.without_a_cell([])) == 125


def test_a_window_of_months_ends_on_its_day() -> None:
    assert pure.window_from(date(2026, 3, 2), 24) == date(2024, 3, 2)
    assert pure.window_from(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert pure.window_from(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert pure.window_from(date(2026, 1, 15), 1) == date(2025, 12, 15)


def test_pages_of_rfm_explain_and_set_up(
    deals: Any, seller: Any, marketer: Any, outsider: Any, client: Any, sign_in: Any, run_jobs: Any
) -> None:
    mine, theirs = a_customer(seller, name="Alpha"), a_customer(outsider, name="Gamma")
    deals({mine.id: [(10, 1234), (20, 100)], theirs.id: [(300, 77)]})
    session.commit()
    sign_in(client, marketer)
    assert "No scores yet" in client.get("/analytics/rfm").text
    assert client.post("/analytics/rfm/work-out").status_code == 303
    page = client.get("/analytics/rfm").text
    assert "Won deals" in page
    assert "?rfm_r=3&amp;rfm_f=3" in page.replace("?rfm_r=3&rfm_f=3", "?rfm_r=3&amp;rfm_f=3")
    listed = client.get("/customers?rfm_r=3&rfm_f=3").text
    assert "Alpha" in listed
    assert "Gamma" not in listed
    told = client.get(f"/analytics/rfm/customers/{mine.id}").text
    assert "1,334" in told
    assert "1,234" in told
    assert "10 days ago" in told
    assert "2 purchases" in told
    moves = client.get("/analytics/rfm/moves?from=2026-02-01&to=2026-03-02&was=-&now=attention").text
    assert "Alpha" in moves
    form = {"months": "12", "by": "cutoffs"} | {
        f"{name}_{place}": cut for name, cuts in pure.STANDARD_CUTS.items() for place, cut in enumerate(cuts)
    }
    assert "each greater" in client.post("/analytics/rfm/setup", data=form | {"r_1": "30"}).text
    assert client.post("/analytics/rfm/setup", data=form).status_code == 303
    assert rfm.policy().months == 12
    assert rfm.policy().cuts["m"][0] == 1000
    ranges = {"r_from": "4", "r_to": "5", "f_from": "1", "f_to": "5", "m_from": "1", "m_to": "5", "tone": "red"}
    named = {"name": "Hot", "name_zh": "热门客户", "position": "1"}
    assert (
        client.post("/analytics/rfm/cells/new", data=ranges | named | {"r_from": "5", "r_to": "4"}).status_code == 422
    )
    assert client.post("/analytics/rfm/cells/new", data=ranges | named).status_code == 303
    first = rfm.cells()[0]
    first_id = first.id
    assert (first.name, first.position) == ("Hot", 0)
    assert "never reached" in client.get("/analytics/rfm/setup").text
    assert client.post(f"/analytics/rfm/cells/{first.id}", data=ranges | named | {"version": "0"}).status_code == 409
    assert client.post(f"/analytics/rfm/cells/{first_id}/delete").status_code == 303
    assert session.get(RfmCell, first_id) is None
    sign_in(client, seller)
    assert "Gamma" not in client.get("/analytics/rfm/moves?from=2026-02-01&to=2026-03-02&was=-&now=hibernating").text
    assert client.get(f"/analytics/rfm/customers/{theirs.id}").status_code == 404
    assert client.get("/analytics/rfm/setup").status_code == 403
