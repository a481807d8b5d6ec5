"""The models of lifetime value over the company's own history: fitted, held against what came, and applied to each customer."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from typing import Any

from sqlalchemy import bindparam, case, func, select, update

from erpcrm.core.db import session

from ..cohorts import HUNDRED
from ..intervals import AT_RISK, ratio_of, risk_of, yearly
from ..lifetime import YEAR, Frequency, History, Spend, fit_frequency, fit_spend, grouped
from ..models import CustomerValue, ValueRun
from ..worth import HUNDREDTH, ZERO, Term, decimal_of, expected_terms, rate_of
from .transactions import purchases

MOST_REPEATS = 7
"""From so many repeat purchases on customers share a row of the calibration"""
LOOSE = 0.3
"""From this correlation on between how often and how much, the two models should not be multiplied without a word"""
FIRST_PART = 2, 3


@dataclass(frozen=True)
class Fit:
    """What came of fitting: parameters, or why there are none; and how the first two thirds foretold the last."""

    refusal: str | None
    fit: dict[str, Any]
    calibration: dict[str, Any]


@dataclass(frozen=True)
class Models:
    """What a run keeps, ready to be asked."""

    frequency: Frequency
    spend: Spend

    @classmethod
    def of(cls, fit: dict[str, Any]) -> "Models | None":
        if "frequency" not in fit or "spend" not in fit:
            return None
        return cls(Frequency(**fit["frequency"]), Spend(**fit["spend"]))


def weeks(days: int) -> float:
    return days / 7


def fit_all(on: date, least_customers: int, least_repeaters: int) -> Fit:
    """Fit both models to all customers, as their rows stand. Reads only; takes seconds for a hundred thousand."""
    rows = session.execute(
        select(CustomerValue.days, CustomerValue.first_on, CustomerValue.last_on, CustomerValue.bought)
    ).all()
    repeaters = [(row.days, float(row.bought) / row.days) for row in rows if row.days > 1]
    if len(rows) < least_customers:
        return Fit("few_customers", {}, {})
    if len(repeaters) < least_repeaters:
        return Fit("few_repeaters", {}, {})
    customers = grouped(
        History(row.days - 1, weeks((row.last_on - row.first_on).days), weeks((on - row.first_on).days)) for row in rows
    )
    frequency, spend = fit_frequency(customers), fit_spend(repeaters)
    found: dict[str, Any] = {
        "log_likelihood": frequency.log_likelihood,
        "spend_likelihood": spend.log_likelihood,
        "correlation": _correlation(repeaters),
    }
    if not frequency.clear:
        return Fit("no_frequency", found, {})
    found["frequency"] = asdict(frequency.model)
    calibration = _calibrate(min(row.first_on for row in rows), on)
    if not spend.clear:
        return Fit("no_spend", found, calibration)
    return Fit(None, found | {"spend": asdict(spend.model)}, calibration)


def _correlation(repeaters: Sequence[tuple[int, float]]) -> float:
    """Between how often and how much: the spending model takes them to be independent."""
    count = len(repeaters)
    often, much = sum(one for one, _ in repeaters) / count, sum(one for _, one in repeaters) / count
    both = sum((one - often) * (two - much) for one, two in repeaters)
    spread = sqrt(sum((one - often) ** 2 for one, _ in repeaters) * sum((two - much) ** 2 for _, two in repeaters))
    return both / spread if spread else 0.0


def _calibrate(first: date, on: date) -> dict[str, Any]:
    """Fit to the first two thirds of the time, foretell the last third, and hold it against what was bought.

    Only customers of the first part count; nothing where that part knows too few to be fitted.
    """
    part, whole = FIRST_PART
    split = first + timedelta(days=(on - first).days * part // whole)
    rows = _histories(split, on)
    known = [
        (History(before - 1, weeks((last - begun).days), weeks((split - begun).days)), after)
        for before, begun, last, after in rows
    ]
    if not known:
        return {}
    fitted = fit_frequency(grouped(history for history, _after in known))
    if not fitted.clear:
        return {}
    horizon, cache = weeks((on - split).days), {}
    sums: dict[int, list[float]] = defaultdict(lambda: [0, 0.0, 0])
    for history, after in known:
        if history not in cache:
            cache[history] = fitted.model.expected(history, horizon)
        row = sums[min(history.repeats, MOST_REPEATS)]
        row[0] += 1
        row[1] += cache[history]
        row[2] += after
    lines = [
        {"repeats": repeats, "customers": int(count), "predicted": round(foretold, 2), "actual": int(came)}
        for repeats, (count, foretold, came) in sorted(sums.items())
    ]
    return {"split_on": split.isoformat(), "until": on.isoformat(), "rows": lines}


def _histories(split: date, on: date) -> Sequence[Any]:
    """Of each customer who had bought by `split`: purchase days until then, the first and the last of them, days after it."""
    bought = purchases()
    days = (
        select(bought.c.customer_id, bought.c.on)
        .where(bought.c.revenue > 0, bought.c.on <= on)
        .distinct()
        .subquery("days")
    )
    until = days.c.on <= split
    query = (
        select(
            func.sum(case((until, 1), else_=0)),
            func.min(days.c.on),
            func.max(case((until, days.c.on))),
            func.sum(case((until, 0), else_=1)),
        )
        .group_by(days.c.customer_id)
        .having(func.min(days.c.on) <= split)
    )
    return session.execute(query).all()


def history_of(row: Any, on: date) -> History:
    return History(row.days - 1, weeks((row.last_on - row.first_on).days), weeks((on - row.first_on).days))


def terms_of(row: Any, models: Models, run: ValueRun, currency: str) -> Sequence[Term]:
    """The years of one customer's lifetime value, as the run works them out."""
    return expected_terms(
        models.frequency,
        models.spend,
        history_of(row, run.as_of),
        purchases=row.days,
        average=row.bought / row.days,
        rate=rate_of(row.contribution, row.costed, run.rate),
        percent=Decimal(run.settings["discount"]),
        years=run.settings["years"],
        currency=currency,
    )


def predict(after: int, many: int, run: ValueRun, total: Decimal, currency: str) -> int | None:
    """Write what is to be expected of the next `many` customers above `after`. The last id of them, None when there are none."""
    values: Any = CustomerValue.__table__
    rows = session.execute(select(values).where(values.c.id > after).order_by(values.c.id).limit(many)).all()
    if not rows:
        return None
    models = Models.of(run.fit)
    session.execute(
        update(values)
        .where(values.c.id == bindparam("row"))
        .values({name: bindparam(name) for name in ("share", "ratio", "risk", "at_risk", "alive", "expected", "clv")}),
        [_figures(row, models, run, total, currency) for row in rows],
    )
    return rows[-1].id  # type: ignore[no-any-return]


def _figures(row: Any, models: Models | None, run: ValueRun, total: Decimal, currency: str) -> dict[str, Any]:
    silent = (run.as_of - row.last_on).days
    ratio = ratio_of(row.doubled_interval, silent)
    risk = risk_of(ratio)
    lost = yearly(row.doubled_interval, row.bought / row.days, row.revenue) if risk in AT_RISK else ZERO
    found: dict[str, Any] = {
        "row": row.id,
        "share": (row.revenue * HUNDRED / total).quantize(HUNDREDTH) if total > 0 else None,
        "ratio": ratio,
        "risk": risk,
        "at_risk": lost.quantize(HUNDREDTH),
        "alive": None,
        "expected": None,
        "clv": None,
    }
    if models is not None:
        history = history_of(row, run.as_of)
        found["alive"] = decimal_of(models.frequency.alive(history) * 100)
        found["expected"] = decimal_of(models.frequency.expected(history, YEAR))
        found["clv"] = sum((term.amount for term in terms_of(row, models, run, currency)), start=ZERO)
    return found
