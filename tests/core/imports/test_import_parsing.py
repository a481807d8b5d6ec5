"""Numbers, dates and words of yes and no, as people of many countries write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.core.imports.parsing import (
    BadValue,
    Habits,
    date_order,
    decimal_mark,
    folded,
    to_bool,
    to_date,
    to_moment,
    to_number,
    to_tags,
)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", "12"),
        ("1,234.56", "1234.56"),
        ("1,23,456", "123456"),
        ("１２３．５", "123.5"),
        ("¥ 1,200", "1200"),
        ("USD 9.90", "9.90"),
        ("99 元", "99"),
        ("(45.10)", "-45.10"),
        ("12-", "-12"),
        ("-0.5", "-0.5"),
        (".5", "0.5"),
        ("15 %", "15"),
        ("3.2万", "32000"),
        ("1.5亿", "150000000"),
        ("1 234 567", "1234567"),
        ("1'234.5", "1234.5"),
        ("1E3", "1000"),
    ],
)
def test_a_number_is_exact_however_it_is_written(text: str, number: str) -> None:
    assert to_number(text) == Decimal(number)


@pytest.mark.parametrize(("text", "number"), [("1.234,56", "1234.56"), ("1.234", "1234"), ("0,5", "0.5")])
def test_a_comma_may_stand_before_the_decimals(text: str, number: str) -> None:
    assert to_number(text, "comma") == Decimal(number)


@pytest.mark.parametrize(
    "text", ["twelve", "1.2.3", "12a", "1,2", "--5", "NaN", "Infinity", "", "1e999", "10000000000000"]
)
def test_what_is_no_number_is_refused(app: Flask, text: str) -> None:
    with app.test_request_context("/"), pytest.raises(BadValue):
        to_number(text)


def test_digits_that_would_be_lost_are_refused(app: Flask) -> None:
    with app.test_request_context("/"), pytest.raises(BadValue, match="4 digits"):
        to_number("1.23456", places=4)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=4, allow_nan=False))
def test_any_amount_comes_back_exactly(amount: Decimal) -> None:
    assert to_number(f"{amount:,.4f}") == amount
    swapped = f"{amount:,.4f}".translate(str.maketrans(",.", ".,"))
    assert to_number(swapped, "comma") == amount


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1,234.56"], "point"),
        (["1.234,56"], "comma"),
        (["12,5", "3"], "comma"),
        (["1,234,567"], "point"),
        (["0.125"], "point"),
        (["1,234"], None),
        (["5"], None),
    ],
)
def test_the_decimal_mark_is_told_by_the_numbers(texts: list[str], mark: str | None) -> None:
    assert decimal_mark(texts) == mark


@pytest.mark.parametrize(
    "text",
    [
        "20260304", "2026-03-04", "2026/3/4", "2026.03.04", "2026年3月4日", "4.3.2026", "4 Mar 2026", "4-Mar-26",
        "March 4, 2026", "Mar 4 2026", "46085", "２０２６－０３－０４", "2026-03-04 00:00:00", "2026-03-04T12:30:00Z",
    ],
)  # fmt: skip
def test_a_date_is_known_in_many_forms(text: str) -> None:
    assert to_date(text, Habits()) == date(2026, 3, 4)


def test_a_date_with_strokes_is_read_as_the_file_means_it() -> None:
    assert to_date("3/4/2026", Habits("mdy")) == date(2026, 3, 4)
    assert to_date("3/4/2026", Habits("dmy")) == date(2026, 4, 3)
    assert to_date("3/4/26", Habits("dmy")) == date(2026, 4, 3)
    assert to_date("3/4/86", Habits("dmy")) == date(1986, 4, 3)


@pytest.mark.parametrize("text", ["2026-02-30", "13/13/2026", "soon", "123", "20261301", "4 Foo 2026"])
def test_what_is_no_date_is_refused(app: Flask, text: str) -> None:
    with app.test_request_context("/"), pytest.raises(BadValue):
        to_date(text, Habits())


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["13/1/2026", "1/2/2026"], ("dmy", True)),
        (["1/13/2026"], ("mdy", False)),
        (["1/2/2026"], (None, True)),
        (["5/5/2026"], (None, False)),
        (["13/1/2026", "1/13/2026"], (None, False)),
        (["2026-01-02", "3.4.2026"], (None, False)),
    ],
)
def test_the_order_of_day_and_month_is_asked_only_when_nothing_tells(texts: list[str], told: object) -> None:
    assert date_order(texts) == told


def test_a_moment_without_zone_is_the_companys() -> None:
    shanghai = Habits(zone=ZoneInfo("Asia/Shanghai"))
    assert to_moment("2026-03-04 09:30", shanghai) == datetime(2026, 3, 4, 1, 30, tzinfo=UTC)
    assert to_moment("2026-03-04T09:30:00+02:00", shanghai) == datetime(2026, 3, 4, 7, 30, tzinfo=UTC)
    assert to_moment("3/4/2026 9:30 pm", shanghai) == datetime(2026, 3, 4, 13, 30, tzinfo=UTC)


def test_yes_and_no_are_known_in_both_languages(app: Flask) -> None:
    assert [to_bool(text) for text in ("Yes", "TRUE", "1", "是", "√")] == [True] * 5
    assert [to_bool(text) for text in ("no", "False", "0", "否", "×")] == [False] * 5
    with app.test_request_context("/"), pytest.raises(BadValue):
        to_bool("perhaps")


def test_tags_and_comparing() -> None:
    assert to_tags("a, b，c、a;d") == ["a", "b", "c", "d"]
    assert folded("  ＧＴＸ  Ｐｒｏ ") == "gtx pro"
