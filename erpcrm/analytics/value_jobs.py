"""What is worked out at night: what customers bought, are worth and will do. In short steps, so that nobody waits for it."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from flask import Flask, current_app, url_for

from erpcrm.core.i18n import _, _l, show_number, today
from erpcrm.core.jobs import DONE, MORE, Failed, Job, Outside, Progress, handler
from erpcrm.core.jobs.steps import fresh_context
from erpcrm.core.lifecycle import transaction
from erpcrm.core.settings import setting

from .services import policy
from .services.predicting import Fit, fit_all, predict
from .services.runs import keep_fit, open_run, run_of
from .services.summing import next_customers, rank_all, sum_up
from .services.together import find_pairs, keep_pairs

WORTH = "analytics.work_out"
SUMMED = 1000
PREDICTED = 1000


@handler(WORTH, label=_l("Calculate what customers are worth"), quiet=True)
def work_out(job: Job) -> Progress | Outside | Failed:
    """Sums by customer, ranks, the models, what they foretell, pairs of products: each a phase of its own."""
    phase = job.state.setdefault("phase", "sum")
    job.state.setdefault("on", today().isoformat())
    return PHASES[phase](job, date.fromisoformat(job.state["on"]))


def _sum(job: Job, on: date) -> Progress:
    after = job.state.get("after", 0)
    until = next_customers(after, SUMMED)
    job.done += sum_up(after, until, policy.costs(), on)
    if until is None:
        job.state.update(phase="rank", after=0)
    else:
        job.state["after"] = until
    return MORE


def _rank(job: Job, on: date) -> Progress:
    job.state.update(phase="fit", total=str(rank_all(policy.cuts())))
    return MORE


def _fit(job: Job, on: date) -> Progress | Outside | Failed:
    """The search for the likeliest parameters takes its seconds without holding the database."""
    if job.outcome is None:
        app: Any = current_app
        return Outside(partial(_fit_outside, app._get_current_object(), on, *policy.least()))
    if job.outcome.error is not None:
        return Failed(_("The models could not be fitted: %(why)s", why=str(job.outcome.error)))
    fit, pairs = job.outcome.value
    keep_fit(open_run(on), fit)
    keep_pairs(pairs)
    job.state.update(phase="predict", after=0)
    return MORE


def _fit_outside(app: Flask, on: date, least: tuple[int, int], basket: tuple[int, int]) -> tuple[Fit, Any]:
    with fresh_context(app), transaction(writes=False):
        return fit_all(on, *least), find_pairs(on, *basket)


def _predict(job: Job, on: date) -> Progress:
    last = predict(job.state["after"], PREDICTED, run_of(on), Decimal(job.state["total"]), setting("currency"))
    if last is not None:
        job.state["after"] = last
        return MORE
    run = run_of(on)
    text = _("%(count)s customers have been calculated.", count=show_number(run.customers))
    job.result = {"text": text, "url": url_for("analytics.dashboard")}
    return DONE


PHASES = {"sum": _sum, "rank": _rank, "fit": _fit, "predict": _predict}
