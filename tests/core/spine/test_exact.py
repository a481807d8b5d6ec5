"""Money is exact, in Python and in SQL, on both databases."""

from decimal import Decimal, InvalidOperation
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from erpcrm.core.exact import SumOfPercents, round_money
from tests.core.spine.papers import Paper

AMOUNTS = st.decimals(min_value=Decimal(-(10**12)), max_value=Decimal(10**12), places=4)


def test_ten_times_a_tenth_is_one(session: Any, app: Any) -> None:
    session.add_all(Paper(name="tenth", amount=Decimal("0.1")) for _n in range(10))
    session.flush()
    total = session.scalar(select(func.sum(Paper.amount)))
    assert (total, type(total)) == (Decimal(1), Decimal)


def test_a_large_amount_comes_back_to_the_last_digit(session: Any, app: Any) -> None:
    session.add(Paper(name="large", amount=Decimal("99999999999999.9999"), price=Decimal("-999999999999.999999")))
    session.commit()
    assert session.execute(select(Paper.amount, Paper.price)).one() == (
        Decimal("99999999999999.9999"),
        Decimal("-999999999999.999999"),
    )


@given(amounts=st.lists(AMOUNTS, min_size=1, max_size=20))
def test_sums_comparisons_and_order_in_sql_are_those_of_python(app: Any, session: Any, amounts: list[Decimal]) -> None:
    session.add_all(Paper(name="one", amount=amount) for amount in amounts)
    session.flush()
    try:
        assert session.scalar(select(func.sum(Paper.amount))) == sum(amounts)
        assert session.scalar(select(func.max(Paper.amount))) == max(amounts)
        ordered = session.scalars(select(Paper.amount).order_by(Paper.amount)).all()
        assert ordered == sorted(amounts)
        above = select(func.count()).where(Paper.amount > amounts[0])
        assert session.scalar(above) == sum(amount > amounts[0] for amount in amounts)
    finally:
        session.rollback()


LARGE = st.decimals(min_value=Decimal(-(10**14) + 1), max_value=Decimal(10**14) - 1, places=4)


@given(rows=st.lists(st.tuples(AMOUNTS | LARGE, st.integers(0, 100)), min_size=1, max_size=6))
def test_a_sum_of_percentages_in_sql_is_exact(app: Any, session: Any, rows: list[tuple[Decimal, int]]) -> None:
    session.add_all(Paper(name="one", amount=amount, percent=percent) for amount, percent in rows)
    session.flush()
    try:
        found = session.scalar(select(SumOfPercents(Paper.amount, Paper.percent)))
        assert found == sum(amount * percent for amount, percent in rows) / 100
    finally:
        session.rollback()


def test_of_no_rows_there_is_no_sum_of_percentages(app: Any, session: Any) -> None:
    assert session.scalar(select(SumOfPercents(Paper.amount, Paper.percent))) is None


@pytest.mark.parametrize(
    "amount", [Decimal("0.00001"), Decimal(10) ** 15, Decimal("NaN"), Decimal("Infinity"), 0.1], ids=str
)
def test_what_does_not_fit_is_an_error_and_never_rounded(session: Any, app: Any, amount: Any) -> None:
    session.add(Paper(name="wrong", amount=amount))
    with pytest.raises((StatementError, InvalidOperation)):
        session.flush()


def test_money_is_rounded_half_up_to_the_digits_of_its_currency() -> None:
    assert round_money(Decimal("2.345"), "CNY") == Decimal("2.35")
    assert round_money(Decimal("-2.345"), "EUR") == Decimal("-2.35")
    assert round_money(Decimal("2.5"), "JPY") == Decimal(3)
    assert round_money(Decimal("2.0005"), "KWD") == Decimal("2.001")
