"""Naive Bayes by hand: no database."""

from math import exp, log
from random import Random

import pytest

from erpcrm.pipeline.learning import Learned, at_least, calibrate, median, step_of

WORKED = Learned(
    won=40,
    lost=60,
    values={
        "source": {"referral": (24, 12), "website": (10, 30), "fair": (6, 10)},
        "contact": {"yes": (36, 30), "no": (4, 30)},
        "team": {"1": (40, 60)},
    },
    reached={"stage": {"1": (40, 60, 40, 60), "2": (40, 25, 40, 60)}},
)


def test_an_example_worked_by_hand_to_six_digits():
    """Prior 41/61; referral (25/43)/(13/55); contact (37/42)/(31/62); stage (41/42)/(26/62)."""
    told = WORKED.predict({"source": "referral", "contact": "yes", "stage": "2"})
    odds = (41 / 61) * (25 / 43) / (13 / 55) * (37 / 42) / (31 / 62) * (41 / 42) / (26 / 62)
    assert odds == pytest.approx(6.780789, abs=5e-7)
    assert told.probability == pytest.approx(0.871478, abs=5e-7)
    assert told.base == pytest.approx(-0.397302, abs=5e-7)
    assert [(term.fact, round(term.weight, 6)) for term in told.speaks_for] == [
        ("source", 0.90006),
        ("stage", 0.84494),
        ("contact", 0.566395),
    ]
    assert told.log_odds == pytest.approx(told.base + 0.900059 + 0.844940 + 0.566395, abs=2e-6)
    assert told.speaks_against == []


def test_what_is_not_known_or_never_seen_says_nothing():
    base = WORKED.predict({})
    assert base.probability == pytest.approx(41 / 102, abs=1e-9)
    assert WORKED.predict({"source": None, "contact": None}) == base
    assert WORKED.predict({"source": "telepathy", "mood": "good"}) == base
    assert WORKED.predict({"team": "1"}) == base, "true of all deals: it tells nothing apart"


def test_smoothing_keeps_a_single_case_from_being_certain():
    once = Learned(50, 50, {"source": {"rare": (1, 0), "usual": (49, 50)}}, {})
    told = once.predict({"source": "rare"}).probability
    assert 0.5 < told < 0.70
    assert told == pytest.approx(1 / (1 + (1 / 52) / (2 / 52)), abs=1e-9)


def test_enough_is_thirty_of_each():
    assert Learned(30, 30, {}, {}).enough
    assert not Learned(29, 300, {}, {}).enough
    assert not Learned(300, 29, {}, {}).enough


def test_what_grows_counts_how_many_came_at_least_so_far():
    counts = {0: (1, 6), 2: (2, 3), 7: (5, 1)}
    assert at_least(counts, (1, 3, 10)) == {"1": (7, 4, 8, 10), "3": (5, 1, 8, 10), "10": (0, 0, 8, 10)}
    assert [step_of(far, (1, 3, 10)) for far in (0, 1, 5, 10, 99)] == [None, "1", "3", "10", "10"]
    assert median({3: 1, 5: 1, 100: 1}) == 5
    assert median({3: 2, 9: 2}) == 3
    assert median({}) is None


def test_what_is_stored_is_read_again_the_same():
    assert Learned.read(40, 60, WORKED.stored()).predict({"source": "fair"}) == WORKED.predict({"source": "fair"})


def test_a_simulated_company_is_recovered():
    """Deals whose odds really are a product of two factors: the learned comes near the truth, and is well calibrated."""
    random = Random(7)
    base, factors = log(0.5), {"a": {"x": 1.2, "y": -0.8}, "b": {"p": 0.9, "q": -0.5}}

    def deal() -> tuple[dict[str, str], float, bool]:
        facts = {"a": random.choice("xy"), "b": random.choice("pq")}
        truth = 1 / (1 + exp(-(base + sum(factors[name][value] for name, value in facts.items()))))
        return facts, truth, random.random() < truth

    seen = [deal() for _n in range(20_000)]
    values: dict[str, dict[str, tuple[int, int]]] = {"a": {}, "b": {}}
    for facts, _truth, won in seen:
        for name, value in facts.items():
            before = values[name].get(value, (0, 0))
            values[name][value] = (before[0] + won, before[1] + (not won))
    wins = sum(won for *_facts, won in seen)
    learned = Learned(wins, len(seen) - wins, values, {})
    fresh = [deal() for _n in range(5_000)]
    for facts, truth, _won in fresh[:200]:
        assert learned.predict(facts).probability == pytest.approx(truth, abs=0.05)
    checked = calibrate([(learned.predict(facts).probability, won) for facts, _truth, won in fresh], wins / len(seen))
    assert checked is not None
    assert checked.error < checked.plain_error * 0.9
    for band in checked.bands:
        assert band.real == pytest.approx(band.predicted, abs=0.06)


def test_calibration_by_hand():
    checked = calibrate([(0.05, False), (0.15, False), (0.18, True), (1.0, True)], 0.5)
    assert checked is not None
    assert [(band.low, band.high, band.count, band.won) for band in checked.bands] == [
        (0, 10, 1, 0), (10, 20, 2, 1), (90, 100, 1, 1),
    ]  # fmt: skip
    assert checked.error == pytest.approx((0.05**2 + 0.15**2 + 0.82**2) / 4)
    assert checked.plain_error == pytest.approx(0.25)
    assert calibrate([], 0.5) is None
