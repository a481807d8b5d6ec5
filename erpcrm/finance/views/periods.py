"""Months of the books, and currency valuation at their end."""

from datetime import date, timedelta
from decimal import Decimal

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _, show_date, show_month, today
from erpcrm.core.pages import page, redirect_to

from .. import services
from ..forms import DayForm, ReasonForm
from ..models import ENTRY_POST, LEDGER_VIEW, PERIOD_CLOSE, PERIOD_REOPEN, Period, Revaluation
from .blueprint import bp


@bp.get("/periods")
@allow(LEDGER_VIEW)
def periods() -> Response:
    return page("finance/periods.html", months=services.months(current_user), to_close=services.to_close())


@bp.get("/periods/<int:id>")
@allow(LEDGER_VIEW)
def period(id: int) -> Response:
    """A month is shown among the others."""
    load(Period, id, everyone)
    return redirect_to(url_for("finance.periods"))


def _month(year: int, month: int) -> date:
    if not (1900 <= year <= 2199 and 1 <= month <= 12):
        raise NotThere
    return date(year, month, 1)


@bp.post("/periods/<int:year>/<int:month>/close")
@allow(PERIOD_CLOSE)
def close_period(year: int, month: int) -> Response:
    day = _month(year, month)
    services.close(day, current_user)
    flash(_("%(month)s is closed.", month=show_month(day)), "success")
    return redirect_to(url_for("finance.periods"))


@bp.route("/periods/<int:year>/<int:month>/reopen", methods=["GET", "POST"])
@allow(PERIOD_REOPEN)
def reopen_period(year: int, month: int) -> Response:
    day = _month(year, month)
    form = ReasonForm(formdata=None) if request.method == "GET" else ReasonForm()
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return page("finance/reopen.html", parts=["dialog_body"], form=form, day=day, status=status)
    services.reopen(day, form.reason.data or "", current_user)
    flash(_("%(month)s is open again.", month=show_month(day)), "success")
    return redirect_to(url_for("finance.periods"))


@bp.get("/revaluations")
@allow(LEDGER_VIEW)
def revaluations() -> Response:
    last_month = today().replace(day=1) - timedelta(days=1)
    form = DayForm(formdata=None, data={"on": last_month})
    return page("finance/revaluations.html", revaluations=services.revaluations(), form=form)


@bp.get("/revaluations/<int:id>")
@allow(LEDGER_VIEW)
def revaluation(id: int) -> Response:
    found = load(Revaluation, id, everyone)
    rows = [
        (currency, *map(Decimal, figures[:4]), figures[4] if len(figures) > 4 else None)
        for currency, *figures in found.rates
    ]
    return page("finance/revaluation.html", revaluation=found, rows=rows)


@bp.post("/revaluations")
@allow(ENTRY_POST)
def revalue() -> Response:
    form = DayForm()
    if not form.validate():
        return page("finance/revaluations.html", revaluations=services.revaluations(), form=form, status=422)
    made = services.revalue(form.on.data, current_user)
    if made.entry_id is None:
        flash(_("Nothing differs on %(day)s.", day=show_date(made.date)), "info")
    else:
        flash(_("Booked, and taken back on the day after."), "success")
    return redirect_to(url_for("finance.revaluation", id=made.id))
