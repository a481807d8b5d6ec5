"""All customers together: what they bring, who carries it, who falls silent, and the model that looks ahead."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, flash, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.i18n import _, show_number
from erpcrm.core.jobs import Job, enqueue
from erpcrm.core.pages import page, redirect_to

from .. import lifetime
from ..cohorts import percent
from ..intervals import RISKS
from ..models import BEHAVIOUR_VIEW, COMPUTE, SETUP, VALUE_VIEW, ValueRun
from ..services import behaviour, value
from ..services.predicting import LOOSE, MOST_REPEATS, Models
from ..services.transactions import DEALS, INVOICES, ORDERS
from ..value_jobs import WORTH
from ..worth import HUNDREDTH, decimal_of
from .blueprint import bp

SOURCES = {one.key: one.label for one in (INVOICES, ORDERS, DEALS)}
UNFINISHED = ("queued", "running")


def running() -> Job | None:
    """The working out that is on its way now."""
    query = select(Job).where(Job.name == WORTH, Job.status.in_(UNFINISHED)).order_by(Job.id.desc()).limit(1)
    return session.scalars(query).one_or_none()


@bp.get("")
@allow(BEHAVIOUR_VIEW)
def dashboard() -> Response:
    """Figures of all, who is worth a call today, and how the revenue is spread."""
    run = value.last_run()
    lines, total = value.classes(current_user)
    counts = behaviour.risk_counts(current_user)
    curve = value.concentration(current_user)
    return page(
        "analytics/dashboard.html",
        run=run,
        source=SOURCES.get(run.source) if run is not None else None,
        job=running(),
        lines=lines,
        total=total,
        risks=[(risk, *counts.get(risk.value, (0, Decimal(0)))) for risk in RISKS],
        at_risk=sum((amount for _count, amount in counts.values()), start=Decimal(0)),
        silent=behaviour.worth_a_call(current_user),
        curve=curve,
        curve_labels=[f"{part}%" for part, _reached in curve],
        carried=next((reached for part, reached in curve if part == 20), None),
        may_see_value=current_user.may(VALUE_VIEW),
        may_compute=current_user.may(COMPUTE),
        may_set_up=current_user.may(SETUP),
        may_plan=current_user.may("customers.activity.edit"),
    )


@bp.post("/work-out")
@allow(COMPUTE)
def work_out() -> Response:
    """The same as every night, now; a second press while it runs starts no second one."""
    if running() is None:
        enqueue(WORTH, label=_("Calculate what customers are worth"), by=current_user)
    flash(_("It is being calculated. The figures change when it is done."), "success")
    return redirect_to(url_for("analytics.dashboard"))


@bp.get("/model")
@allow(VALUE_VIEW)
def model() -> Response:
    """The model of lifetime value: its parameters, how well it foretold what came, or why there is none."""
    run = value.last_run()
    return page("analytics/model.html", run=run, **(_of_run(run) if run is not None else {}))


def _of_run(run: ValueRun) -> dict[str, Any]:
    models = Models.of(run.fit)
    rows = run.calibration.get("rows", [])
    correlation = run.fit.get("correlation")
    found: dict[str, Any] = {
        "source": SOURCES.get(run.source),
        "parameters": [
            (name, show_number(decimal_of(number, Decimal("0.001"))))
            for part in ("frequency", "spend")
            for name, number in run.fit.get(part, {}).items()
        ],
        "likelihood": _number(run.fit.get("log_likelihood")),
        "spend_likelihood": _number(run.fit.get("spend_likelihood")),
        "correlation": _number(correlation),
        "loose": correlation is not None and correlation > LOOSE,
        "rows": rows,
        "labels": [f"{row['repeats']}{'+' if row['repeats'] == MOST_REPEATS else ''}" for row in rows],
        "foretold": sum((Decimal(str(row["predicted"])) for row in rows), start=Decimal(0)),
        "came": sum(row["actual"] for row in rows),
        "watched": sum(row["customers"] for row in rows),
    }
    found["off"] = percent(found["foretold"] - found["came"], found["came"])
    for name in ("split_on", "until"):
        found[name] = date.fromisoformat(run.calibration[name]) if rows else None
    if models is not None:
        new = lifetime.History(0, 0.0, 0.0)
        found["of_new"] = decimal_of(models.frequency.expected(new, lifetime.YEAR))
        found["spend_of_all"] = decimal_of(models.spend.of_all, HUNDREDTH)
    return found


def _number(value: float | None) -> Decimal | None:
    return None if value is None else decimal_of(value)
