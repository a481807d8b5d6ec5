"""Quotas: how far they are reached, and the grid in which they are set."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.catalog.models.products import COST_VIEW
from erpcrm.core.access import allow
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, number_locale, show_month, today
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from ..models import MEASURES, PERIOD_KINDS
from ..performance import LENGTH, Period
from ..performance_forms import CopyForm
from ..services import quotas as services
from ..services.attainment import board_of
from ..services.people import Holder
from .blueprint import bp
from .performance import VIEW

EDIT = services.EDIT
YEARS = 2
"""Before and after this fiscal year"""
LIMIT = Decimal(10) ** 13


@dataclass(frozen=True)
class Asked:
    """What a page of quotas is about."""

    kind: str
    measure: str
    period: Period

    def url(self, endpoint: str, **more: Any) -> str:
        same = {"kind": self.kind, "measure": self.measure, "on": self.period.first.isoformat()}
        return url_for(endpoint, **{name: value for name, value in (same | more).items() if value is not None})


def measures() -> list[Any]:
    """What can be counted; margins only by whoever may see costs."""
    return [one for one in MEASURES if one.value != "margin" or current_user.may(COST_VIEW)]


def asked(usual: str) -> Asked:
    kind, measure = request.values.get("kind", usual), request.values.get("measure", "amount")
    if kind not in LENGTH or measure not in {one.value for one in measures()}:
        raise NotThere
    try:
        day = date.fromisoformat(request.values.get("on") or today().isoformat())
    except ValueError as error:
        raise NotThere from error
    if abs(services.fiscal_year(day) - services.fiscal_year(today())) > 50:
        raise NotThere
    return Asked(kind, measure, services.fiscal_period(day, kind))


def label_of(period: Period) -> str:
    """A month by its name, a quarter or a year by the fiscal year that it belongs to."""
    if period.kind == "month":
        return show_month(period.first)
    begins = int(setting("fiscal_year_start"))
    year = str(period.year) if begins == 1 else f"{period.year}/{(period.year + 1) % 100:02}"
    return str(_("Q%(quarter)s %(year)s", quarter=period.number, year=year)) if period.kind == "quarter" else year


def _chosen() -> Holder | None:
    """Whose figures stand on top: "user-5", "team-2"; nothing is everybody."""
    kind, _dash, number = request.args.get("of", "").partition("-")
    if kind not in ("user", "team"):
        return None
    try:
        return Holder(kind, whole(number))
    except ValueError as error:
        raise NotThere from error


def deals_url(period: Period, holder: Holder | None) -> str:
    """The deals that add up to what was achieved, of somebody or of everybody."""
    wanted: dict[str, Any] = {"status": "won", "from": period.first.isoformat(), "to": period.last.isoformat()}
    if holder is not None:
        wanted |= {"by": "person" if holder.kind == "user" else "team", "key": holder.id}
    return url_for("pipeline.performance_deals", **wanted)


@bp.get("/quotas")
@allow(VIEW)
def quotas() -> Response:
    """Quota, what was achieved, attainment, gap and pace: of everybody, a team or a person; and the leader board."""
    found = asked("quarter")
    periods = services.fiscal_periods(found.period.year, found.kind)
    board = board_of(current_user, periods, found.period, found.measure, today())
    everybody = {one.holder: one for one in (*board.teams, *board.people)}
    holder = _chosen()
    if holder is not None and holder not in everybody:
        raise NotThere
    if holder is None and len(board.people) == 1:
        holder = board.people[0].holder
    return page(
        "pipeline/quotas.html",
        asked=found,
        board=board,
        shown=board.everybody if holder is None else everybody[holder],
        holder=holder,
        over_time=board.over_time(holder),
        kinds=PERIOD_KINDS,
        measures=measures(),
        measure=next(one for one in MEASURES if one.value == found.measure),
        label=label_of,
        deals_url=partial(deals_url, found.period),
        before=services.neighbour(found.period, -1),
        after=services.neighbour(found.period, 1),
        own=setting("currency"),
        is_money=found.measure != "number",
        may_edit=current_user.may(EDIT),
        me=current_user.id,
    )


@bp.get("/quotas/edit")
@allow(EDIT)
def edit_quotas() -> Response:
    return _grid(asked("month"))


def _grid(found: Asked, typed: Mapping[str, str] | None = None, problem: str | None = None) -> Response:
    year, now = found.period.year, services.fiscal_year(today())
    return page(
        "pipeline/quotas_edit.html",
        asked=found,
        grid=services.grid_of(year, found.kind, found.measure, current_user),
        holder=Holder,
        field=field_name,
        label=label_of,
        years=[(one, services.fiscal_periods(one, "year")[0]) for one in range(now - YEARS, now + YEARS + 1)],
        kinds=PERIOD_KINDS,
        measures=measures(),
        typed=typed or {},
        problem=problem,
        copy_form=CopyForm(formdata=None),
        status=422 if problem else 200,
    )


def field_name(holder: Holder, period: Period) -> str:
    return f"{holder.kind}-{holder.id}-{period.first.isoformat()}"


@bp.post("/quotas/edit")
@allow(EDIT)
def save_quotas() -> Response:
    """All cells of the grid at once; those that were not touched stay."""
    found = asked("month")
    targets: dict[tuple[Holder, date], Decimal | None] = {}
    try:
        for name, text in request.form.items():
            kind, _dash, rest = name.partition("-")
            if kind in ("user", "team"):
                number, _dash, first = rest.partition("-")
                targets[Holder(kind, whole(number)), date.fromisoformat(first)] = _target(text, found.measure)
        changed = services.save_quotas(found.period.year, found.kind, found.measure, targets, current_user)
    except ValueError as error:
        raise NotThere from error
    except Refused as no:
        return _grid(found, request.form, str(no.message))
    flash(_("Saved: %(number)s quotas changed.", number=changed) if changed else _("Nothing was changed."), "success")
    return redirect_to(found.url("pipeline.edit_quotas"))


def _target(text: str, measure: str) -> Decimal | None:
    """What stands in a cell, as the reader writes numbers."""
    if not text.strip():
        return None
    try:
        number = parse_decimal(text.strip(), locale=number_locale(), strict=False)
    except NumberFormatError as error:
        raise Refused(_("“%(text)s” is not a number.", text=text[:40])) from error
    places = 1 if measure == "number" else 2
    if not number.is_finite() or abs(number) >= LIMIT or number != round(number, places):
        raise Refused(
            _(
                "“%(text)s” is too large, or has more than %(places)s digits after the point.",
                text=text[:40],
                places=places,
            )
        )
    return number


@bp.route("/quotas/copy", methods=["GET", "POST"])
@allow(EDIT)
def copy_quotas() -> Response:
    """Fill what is empty from the year before."""
    found = asked("month")
    form = CopyForm(formdata=None) if request.method == "GET" else CopyForm()
    if request.method == "POST" and form.validate():
        count = services.copy_last_year(
            found.period.year, found.kind, found.measure, form.percent.data or 0, form.of.data, current_user
        )
        flash(
            _("%(number)s quotas were set.", number=count)
            if count
            else _("There was nothing to copy to an empty place."),
            "success" if count else "warning",
        )
        return redirect_to(found.url("pipeline.edit_quotas"))
    status = 422 if request.method == "POST" else 200
    return page("pipeline/quotas_copy.html", parts=["dialog_body"], asked=found, form=form, status=status)
