"""Scores and their intervals, against figures that others have published or that can be worked out by hand."""

import pytest

from erpcrm.service.scores import SCALES, Figure, mean_of, net_promoters, result, share_of, student, wilson


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_shares_have_the_intervals_that_newcombe_published(hits: int, of: int, low: float, high: float) -> None:
    """Statistics in Medicine 17 (1998), table I, method 3."""
    assert tuple(round(bound, 4) for bound in wilson(hits, of)) == (low, high)
    other_low, other_high = wilson(of - hits, of)
    assert (round(1 - other_high, 4), round(1 - other_low, 4)) == (low, high)


def test_net_promoters() -> None:
    """60 promoters and 10 detractors of 100: 50, variance 0.6 + 0.1 − 0.25 = 0.45, so 1.96 × √0.0045 = 13.15 to each side."""
    found = net_promoters(60, 10, 100)
    assert found.value == 50
    assert found.low == pytest.approx(50 - 13.148, abs=0.001)
    assert found.high == pytest.approx(50 + 13.148, abs=0.001)
    assert net_promoters(3, 1, 4) == Figure(50.0)
    assert net_promoters(30, 0, 30) == Figure(100.0), "where all say the same nothing is known of the spread"
    assert net_promoters(0, 0, 0) == Figure(None)


def test_means() -> None:
    """1 to 5 once each: mean 3, s = √2.5, t of 4 = 2.776, so 1.963 to each side."""
    assert [round(student(n), 3) for n in (4, 10, 30)] == [2.776, 2.228, 2.042]
    found = mean_of([1, 2, 3, 4, 5], SCALES["ces"])
    assert (found.value, round(found.low or 0, 2), round(found.high or 0, 2)) == (3.0, 1.04, 4.96)
    assert mean_of([7, 1, 7, 7, 7, 7], SCALES["ces"]).high == 7.0, "nothing lies beyond the scale"
    assert mean_of([2, 4], SCALES["csat"]) == Figure(3.0)


def test_each_kind_has_its_own_figure() -> None:
    csat = result("csat", {5: 50, 4: 31, 3: 100, 1: 82})
    assert csat.answers == 263
    assert csat.score == share_of(81, 263)
    nps = result("nps", {10: 30, 9: 30, 8: 20, 7: 10, 6: 4, 0: 6})
    assert nps.score.value == 50
    ces = result("ces", {7: 2, 6: 2, 1: 1})
    assert ces.score == ces.mean
    assert ces.score.value == pytest.approx(5.4)
    assert result("csat", {}).score == Figure(None)
    assert result("csat", {9: 4}).answers == 0, "what is not on the scale is not counted"
