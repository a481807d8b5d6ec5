"""BG/NBD and Gamma-Gamma against the published examples of their papers, and against customers whose parameters are known.

`cdnow.csv` is the data set of the papers (www.brucehardie.com), one customer a line, as the package Lifetimes (MIT) spreads it:
repeat purchases, week of the last one, weeks watched, average value of a repeat purchase. No database is needed here.
"""

import csv
from math import log
from pathlib import Path
from random import Random

import pytest

from erpcrm.analytics.fitting import digamma, hyp2f1
from erpcrm.analytics.lifetime import Frequency, History, Spend, fit_frequency, fit_spend, grouped

PUBLISHED = Frequency(r=0.243, alpha=4.414, a=0.793, b=2.426)
CUSTOMER = History(2, 30.43, 38.86)
"""Customer 0001 of the paper"""


@pytest.fixture(scope="module")
def cdnow() -> list[tuple[History, float]]:
    with (Path(__file__).parent / "cdnow.csv").open() as file:
        return [
            (History(int(row["x"]), float(row["t_x"]), float(row["T"])), float(row["zbar"]))
            for row in csv.DictReader(file)
        ]


def test_special_functions_agree_with_known_values() -> None:
    assert digamma(1) == pytest.approx(-0.5772156649015329, abs=1e-12)
    assert digamma(0.25) == pytest.approx(-4.227453533376266, abs=1e-12)
    assert digamma(50) == pytest.approx(3.901989673427892, abs=1e-12)
    # 2F1(1, 1; 2; z) = -ln(1 - z) / z, and a finite one: 2F1(-2, 3; 4; z) = 1 - 3z/2 + 3z^2/5
    assert hyp2f1(1, 1, 2, 0.97) == pytest.approx(-log(0.03) / 0.97, rel=1e-12)
    assert hyp2f1(-2, 3, 4, 0.5) == pytest.approx(1 - 0.75 + 0.15, rel=1e-14)


def test_the_frequencies_of_cdnow_give_the_parameters_of_the_paper(cdnow: list[tuple[History, float]]) -> None:
    """Fader, Hardie and Lee (2005), table 1 and section 4: 2,357 customers."""
    fitted = fit_frequency(grouped(known for known, _spent in cdnow))
    model = fitted.model
    assert len(cdnow) == 2357
    assert [round(value, 3) for value in (model.r, model.a, model.b)] == [0.243, 0.793, 2.426]
    assert model.alpha == pytest.approx(4.414, abs=0.001)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.05)
    assert fitted.clear


def test_the_worked_customer_of_the_paper_is_expected_to_buy_1_226_times_in_39_weeks() -> None:
    assert PUBLISHED.expected(CUSTOMER, 39) == pytest.approx(1.226, abs=0.0005)
    assert PUBLISHED.alive(CUSTOMER) == pytest.approx(0.7266, abs=0.0001)
    # Who has bought once is as good as on the first day, only that nothing came since: fewer purchases the longer it is silent.
    silent = [PUBLISHED.expected(History(0, 0.0, weeks), 39) for weeks in (0.0, 10.0, 38.86)]
    assert PUBLISHED.alive(History(0, 0.0, 38.86)) == 1
    assert silent == sorted(silent, reverse=True)
    # The expectation of a new customer (equation 9), summed straight from its series instead of the transformed one.
    r, alpha, a, b, t = 0.243, 4.414, 0.793, 2.426, 39
    straight = (a + b - 1) / (a - 1) * (1 - (alpha / (alpha + t)) ** r * hyp2f1(r, b, a + b - 1, t / (alpha + t)))
    assert silent[0] == pytest.approx(straight, rel=1e-10)


def test_expectations_stay_finite_where_the_formula_divides_by_nothing() -> None:
    """At a = 1 equation 10 is 0 / 0; many purchases and a long silence overflow it as it is printed."""
    around = [Frequency(0.5, 5, a, 2.5).expected(CUSTOMER, 52) for a in (0.999, 1.0, 1.001)]
    assert around[0] > around[1] > around[2] > 0
    assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-4)
    often = History(2000, 100.0, 5000.0)
    assert PUBLISHED.alive(often) == 0
    assert PUBLISHED.expected(often, 52) == 0
    assert PUBLISHED.expected(History(2000, 5000.0, 5000.0), 52) == pytest.approx(20.8, rel=0.03)


def test_the_spending_of_cdnow_gives_the_parameters_of_the_note(cdnow: list[tuple[History, float]]) -> None:
    """Fader and Hardie (2013): p = 6.25, q = 3.74, gamma = 15.44 of 946 customers; 35.17 on average over all."""
    fitted = fit_spend((known.repeats, spent) for known, spent in cdnow if known.repeats and spent > 0)
    model = fitted.model
    assert (round(model.p, 2), round(model.q, 2)) == (6.25, 3.74)
    assert model.gamma == pytest.approx(15.44, abs=0.02)
    assert model.of_all == pytest.approx(35.17, abs=0.01)
    assert fitted.clear
    published = Spend(6.25, 3.74, 15.44)
    # Customers 0001 and 0002: two purchases of 22.35, one of 11.77.
    assert published.expected(2, 22.35) == pytest.approx(24.65, abs=0.02)
    assert published.expected(1, 11.77) == pytest.approx(18.91, abs=0.02)


def simulated(count: int, model: Frequency, days: int, random: Random) -> list[History]:
    """Customers as the story of the model tells: they buy, and after each purchase some stop for good."""
    found = []
    for _one in range(count):
        watched = random.randint(days // 3, days) / 7
        rate, stops = random.gammavariate(model.r, 1 / model.alpha), random.betavariate(model.a, model.b)
        repeats, last, when = 0, 0.0, random.expovariate(max(rate, 1e-12))
        while when <= watched:
            repeats, last = repeats + 1, when
            if random.random() < stops:
                break
            when += random.expovariate(max(rate, 1e-12))
        found.append(History(repeats, min(round(last * 7) / 7, watched), watched))
    return found


@pytest.mark.parametrize("model", [Frequency(0.8, 6, 0.6, 3), Frequency(2, 12, 1.4, 4)], ids=["wide", "even"])
def test_known_parameters_are_found_again_in_simulated_customers(model: Frequency) -> None:
    """8,000 customers: each parameter within 20 %, what they mean (purchases of a year, who stays) within 3 %."""
    customers = simulated(8000, model, 1000, Random(7))
    fitted = fit_frequency(grouped(customers))
    assert fitted.clear
    found = fitted.model
    for name in ("r", "alpha", "a", "b"):
        assert getattr(found, name) == pytest.approx(getattr(model, name), rel=0.2), name
    new = History(0, 0.0, 0.0)
    assert found.expected(new, 52) == pytest.approx(model.expected(new, 52), rel=0.03)
    assert found.alive(History(4, 30.0, 40.0)) == pytest.approx(model.alive(History(4, 30.0, 40.0)), rel=0.03)


def test_known_spending_is_found_again_whatever_the_currency() -> None:
    random = Random(11)
    model = Spend(4.0, 3.5, 500.0)
    customers = []
    for _one in range(6000):
        purchases, rate = random.randint(1, 12), random.gammavariate(model.q, 1 / model.gamma)
        customers.append((purchases, random.gammavariate(model.p * purchases, 1 / (rate * purchases))))
    found, in_fen = fit_spend(customers), fit_spend((count, average * 100) for count, average in customers)
    assert found.clear
    assert found.model.p == pytest.approx(4, rel=0.1)
    assert found.model.q == pytest.approx(3.5, rel=0.1)
    assert found.model.of_all == pytest.approx(model.of_all, rel=0.03)
    assert in_fen.model.gamma == pytest.approx(found.model.gamma * 100, rel=1e-4)


def test_data_without_a_clear_top_say_so() -> None:
    """Nobody ever came back, or all as one clockwork: no parameters are told as if they were known."""
    assert not fit_frequency({History(0, 0.0, 30.0): 200, History(0, 0.0, 60.0): 100}).clear
    assert not fit_spend([(3, 100.0)] * 200).clear
