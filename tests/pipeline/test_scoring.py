"""The score of a lead is arithmetic over its facts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.pipeline.scoring import Rule, fits, score

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def rule(fact: str, test: str, value: str | None = None, points: int = 10) -> Rule:
    return Rule(1, f"{fact} {test}", fact, test, value, points)


def test_points_of_fitting_rules_add_up_and_each_is_named() -> None:
    rules = [rule("phone", "filled"), rule("source", "is", "referral", 25), rule("website", "filled", points=99)]
    points, terms = score({"phone": "123", "source": "referral"}, rules, NOW)
    assert points == 35
    assert [(term.name, term.points) for term in terms] == [("phone filled", 10), ("source is", 25)]


@pytest.mark.parametrize(
    ("test", "value", "fact", "expected"),
    [
        ("filled", None, "x", True),
        ("filled", None, "", False),
        ("empty", None, None, True),
        ("is", "Referral, exhibition", "exhibition", True),
        ("is", "referral", None, False),
        ("contains", "采购,director", "采购部经理", True),
        ("contains", "采购,director", "Managing Director", True),
        ("contains", "采购", "销售", False),
        ("at_least", "3", 3, True),
        ("at_least", "3", 2, False),
        ("at_least", "three", 5, False),
        ("within_days", "7", NOW - timedelta(days=7), True),
        ("within_days", "7", NOW - timedelta(days=7, seconds=1), False),
        ("within_days", "7", None, False),
        ("own_domain", None, "li@huawei.example", True),
        ("own_domain", None, "li@163.com", False),
        ("own_domain", None, None, False),
        ("no such test", "x", "x", False),
    ],
)
def test_each_test_fits_what_it_says(test: str, value: str | None, fact: object, expected: bool) -> None:
    assert fits(rule("fact", test, value), fact, NOW) is expected


@given(st.lists(st.integers(-100, 100), max_size=30))
def test_a_score_stays_within_0_and_100_and_equals_its_terms_inside(points: list[int]) -> None:
    rules = [Rule(n, str(n), "phone", "filled", None, value) for n, value in enumerate(points)]
    total, terms = score({"phone": "1"}, rules, NOW)
    assert total == min(100, max(0, sum(term.points for term in terms)))
    assert len(terms) == len(points)
