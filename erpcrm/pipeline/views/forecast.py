"""The forecast: figures, the deals behind each of them, calls, changes since a day, accuracy."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import exists, select

from erpcrm.access.models import Team, User
from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, pgettext, show_month_name, today
from erpcrm.core.pages import page, redirect_to, wanted_part
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from .. import services
from ..forecast_forms import CallForm
from ..forecasting import BACK, COUNTED, FORTH, MONTH, QUARTER, ZERO, Period, fiscal_year, quarter_number
from ..models import Opportunity, Pipeline, Stage
from ..models.forecast import FORECAST_VIEW
from ..models.stages import FORECAST_CATEGORIES
from ..performance import period_of
from ..records import OPPORTUNITY_SCOPE
from ..services import forecast as forecasts
from ..services.attainment import targets
from ..services.forecast import NOBODY, Called, Row, View
from ..services.stages import active_pipelines
from .blueprint import bp

EDIT, PERFORMANCE = "pipeline.opportunity.edit", "pipeline.performance.view"
FILTERS = ("owner", "team", "pipeline")
SINCE = 7
"""Days that changes go back, unless the address says otherwise"""
OLDEST = date(2000, 1, 1)


@dataclass(frozen=True)
class Line:
    """An owner's row: what their deals come to, and what they and their manager say."""

    owner_id: int
    name: str
    row: Row
    called: Called
    kind: str | None
    """What this user may say of the owner: the own call, an override, nothing"""
    quota: Decimal | None

    @property
    def gap(self) -> Decimal | None:
        """What is sure falls so much short of the quota; nothing once it is reached."""
        sure = self.row.amounts["closed"] + self.row.amounts["commit"]
        return None if self.quota is None else max(self.quota - sure, ZERO)


def asked_view() -> View:
    chosen = {name: request.args.get(name, type=whole) for name in FILTERS}
    period = forecasts.asked_period(request.args.get("period", ""))
    return View(period, chosen["owner"], chosen["team"], chosen["pipeline"])


def args_of(view: View, **more: Any) -> dict[str, Any]:
    """What an address says of a view."""
    chosen = {"owner": view.owner_id, "team": view.team_id, "pipeline": view.pipeline_id, **more}
    return {"period": view.period.key} | {name: value for name, value in chosen.items() if value is not None}


def name_of(period: Period) -> str:
    """ "Q4 2026", with both years where the fiscal year spans two."""
    start = forecasts.fiscal_start()
    year = fiscal_year(period, start)
    years = str(year) if start == 1 else f"{year}/{(year + 1) % 100:02}"
    return _("Q%(number)s %(year)s", number=quarter_number(period, start), year=years)


def choices() -> dict[str, list[tuple[int, str]]]:
    """What may be chosen from: owners of deals that this user sees, their teams, pipelines in use."""
    owns = exists().where(Opportunity.owner_id == User.id)
    people = select(User.id, User.name).where(forecasts.seen_people(current_user), owns).order_by(User.name)
    teams = select(Team.id, Team.name).where(
        Team.id.in_(select(User.team_id).where(forecasts.seen_people(current_user)))
    )
    return {
        "owner": [(id, name) for id, name in session.execute(people)],
        "team": [(id, name) for id, name in session.execute(teams.order_by(Team.name))],
        "pipeline": [(one.id, one.label) for one in active_pipelines()],
    }


def shared(view: View, endpoint: str, **kept: Any) -> dict[str, Any]:
    """What the three pages have in common: the period and how to step through it, the filters, ways to each other."""
    quarter = forecasts.quarter_around(view.period)
    here = forecasts.this_quarter()
    steps = {
        -1: quarter.step(-1) if quarter.first > here.step(-BACK).first else None,
        1: quarter.step(1) if quarter.first < here.step(FORTH).first else None,
    }
    lenses = [(quarter, _("Quarter")), *((month, show_month_name(month.first)) for month in quarter.parts)]
    return {
        "view": view,
        "here": endpoint,
        "lenses": [
            {
                "label": label,
                "url": url_for(endpoint, **args_of(view.of(period=one)), **kept),
                "active": one == view.period,
            }
            for one, label in lenses
        ],
        "quarter": quarter,
        "quarter_name": name_of(quarter),
        "args": args_of(view),
        "of_period": lambda period: args_of(view.of(period=period)),
        "earlier": steps[-1],
        "later": steps[1],
        "this_quarter": here,
        "offered": choices(),
        "currency": setting("currency"),
        "labels": category_labels(),
    }


def category_labels() -> dict[str, Any]:
    return {"closed": pgettext("forecast", "Closed")} | {choice.value: choice.label for choice in FORECAST_CATEGORIES}


def quotas_of(view: View) -> dict[int, Decimal]:
    """What each user should sell in the period, for whoever may see quotas. Of one pipeline there are none."""
    if view.pipeline_id is not None or not current_user.may(PERFORMANCE):
        return {}
    kind = "quarter" if view.period.months == QUARTER else "month"
    found = targets([period_of(view.period.first, kind, forecasts.fiscal_start())], "amount")
    return {holder.id: target.amount for (holder, _first), target in found.items() if holder.kind == "user"}


def lines_of(view: View, found: forecasts.Forecast) -> list[Line]:
    """Owners with deals or calls in the period, the greatest first; oneself in any case."""
    rows, called = found.by_owner(), forecasts.called_in(view, current_user)
    ids = {owner or NOBODY for owner in rows} | called.keys()
    me = current_user.id
    if view.owner_id in (None, me) and view.team_id in (None, current_user.team_id) and forecasts.call_kind(
        me, current_user
    ):  # fmt: skip
        ids.add(me)
    names = dict(session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    quotas = quotas_of(view)
    lines = [
        Line(
            id,
            names.get(id, _("Without an owner")),
            rows.get(id or None) or Row(),
            called.get(id, Called()),
            forecasts.call_kind(id, current_user) if id else None,
            quotas.get(id),
        )
        for id in ids
    ]
    return sorted(lines, key=lambda line: (line.owner_id == NOBODY, -line.row.amounts["total"], line.name))


@bp.get("/forecast")
@allow(FORECAST_VIEW)
def forecast() -> Response:
    view = asked_view()
    quarter = forecasts.quarter_around(view.period)
    whole_quarter = forecasts.forecast(view.of(period=quarter), current_user)
    found = whole_quarter if view.period == quarter else whole_quarter.within(view.period)
    lines = lines_of(view, found)
    said = [line.called.counts for line in lines if line.called.counts is not None]
    quotas = [line.quota for line in lines if line.quota is not None]
    return page(
        "pipeline/forecast.html",
        parts=["forecast_body"],
        **shared(view, "pipeline.forecast"),
        total=found.total,
        months=whole_quarter.by_month(quarter.parts),
        series=series_of(whole_quarter, quarter),
        quarter_total=whole_quarter.total,
        lines=lines,
        called=(len(said), sum(said)),
        quota=sum(quotas) if quotas else None,
        gap=sum(line.gap for line in lines if line.gap is not None),
        over=view.period.last < today(),
        late_until=(forecasts.this_quarter().first - timedelta(days=1)).isoformat(),
        beyond=forecasts.beyond(view.of(period=forecasts.this_quarter()), current_user),
        figure_url=lambda figure, **of: url_for(".forecast_deals", **args_of(view) | {"figure": figure} | of),
        list_url=lambda **more: url_for(".opportunities", **list_args(view) | more),
    )


def series_of(found: forecasts.Forecast, quarter: Period) -> list[dict[str, Any]]:
    """The categories as layers of a chart, what is closed at the bottom."""
    labels, rows = category_labels(), [row for _month, row in found.by_month(quarter.parts)]
    return [{"label": labels[name], "values": [row.amounts[name] for row in rows]} for name in COUNTED]


def list_args(view: View) -> dict[str, Any]:
    """The filters of the page, as the list of deals knows them."""
    found: dict[str, Any] = {name: value for name, value in args_of(view).items() if name in ("team", "pipeline")}
    if view.owner_id == NOBODY:
        found["owner.empty"] = 1
    elif view.owner_id is not None:
        found["owner"] = view.owner_id
    return found


def deals_list(view: View, figure: str) -> str | None:
    """The deals of a figure as a list; None where they are open and closed ones, which count by different days."""
    days = {"min": view.period.first.isoformat(), "max": view.period.last.isoformat()}
    if figure == "closed":
        named = {"status": "won"} | {f"closed_on.{end}": day for end, day in days.items()}
    elif figure in COUNTED:
        named = {"status": "open", "category": figure} | {f"expected_close.{end}": day for end, day in days.items()}
    else:
        return None
    return url_for(".opportunities", **list_args(view) | named)


@bp.get("/forecast/deals")
@allow(FORECAST_VIEW)
def forecast_deals() -> Response:
    """The deals that one figure adds up from."""
    return _deals(asked_view(), request.args.get("figure", "total"))


def _deals(view: View, figure: str) -> Response:
    if figure not in forecasts.FIGURES:
        raise NotThere
    return page(
        "pipeline/forecast_deals.html",
        parts=["dialog_body"],
        view=view,
        figure=figure,
        args=args_of(view) | {"figure": figure},
        period_name=name_of(view.period) if view.period.months == QUARTER else None,
        found=forecasts.explain(view, figure, current_user),
        labels=category_labels(),
        categories=FORECAST_CATEGORIES,
        stage_categories=dict(session.execute(select(Stage.id, Stage.forecast_category)).all()),
        list_url=deals_list(view, figure),
        can_edit=current_user.may(EDIT),
    )


@bp.post("/opportunities/<int:id>/category")
@allow(EDIT)
def categorise_opportunity(id: int) -> Response:
    """How sure the seller is of a deal; left empty, its stage decides. The answer is the figure's deals anew."""
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    chosen = request.form.get("forecast_category") or None
    if chosen not in {None, *(choice.value for choice in FORECAST_CATEGORIES)}:
        raise Refused(_("Choose one of the categories."))
    services.must_be_open(deal)
    services.update_opportunity(
        deal, {"forecast_category": chosen}, current_user, request.form.get("version", type=whole)
    )
    view, figure = asked_view(), request.args.get("figure", "total")
    if wanted_part() is None:
        return redirect_to(url_for(".forecast_deals", **args_of(view) | {"figure": figure}))
    response = _deals(view, figure)
    response.headers["HX-Trigger"] = '{"forecast-changed": {}}'
    return response


@bp.get("/forecast/rates")
@allow(FORECAST_VIEW)
def forecast_rates() -> Response:
    """What each stage is worth by its own probability and by history, and of how many deals that is known."""
    pipelines: Mapping[Pipeline, Any] = {one: one.stages for one in active_pipelines()}
    return page(
        "pipeline/forecast_rates.html",
        parts=["dialog_body"],
        pipelines=pipelines,
        rates=forecasts.stage_rates(),
        counted=forecasts.counted_results(),
        labels=category_labels(),
    )


@bp.route("/forecast/owners/<int:id>/call", methods=["GET", "POST"])
@allow(FORECAST_VIEW)
def forecast_call(id: int) -> Response:
    """Say what an owner will sell: the own call, or an override of somebody else's; and all that was called before."""
    view, owner = asked_view(), session.get(User, id)
    if owner is None or not forecasts.sees(current_user, id):
        raise NotThere
    kind = forecasts.call_kind(id, current_user)
    called = forecasts.latest(view.period, [id]).get(id, Called())
    before = called.manager if kind == "manager" else called.seller
    form = CallForm() if request.method == "POST" else CallForm(formdata=None, obj=before)
    if request.method == "POST" and form.validate():
        forecasts.call(owner, view.period, form.amount.data, form.note.data or None, current_user)
        flash(_("The forecast of %(name)s is noted.", name=owner.name), "success")
        return redirect_to(url_for(".forecast", **args_of(view)))
    return page(
        "pipeline/forecast_call.html",
        parts=["dialog_body"],
        status=422 if request.method == "POST" else 200,
        owner=owner,
        kind=kind,
        form=form,
        called=called,
        calls=forecasts.calls_of(owner, view.period),
        row=forecasts.forecast(View(view.period, owner_id=id), current_user).total,
        args=args_of(view),
        labels=category_labels(),
        view=view,
        period_name=name_of(view.period) if view.period.months == QUARTER else None,
        over=view.period.last < today(),
        currency=setting("currency"),
    )


def asked_since() -> date:
    """The day of the address at whose end the comparison begins: before today."""
    yesterday = today() - timedelta(days=1)
    try:
        day = date.fromisoformat(request.args.get("since", ""))
    except ValueError:
        return today() - timedelta(days=SINCE)
    return min(max(day, OLDEST), yesterday)


@bp.get("/forecast/changes")
@allow(FORECAST_VIEW)
def forecast_changes() -> Response:
    """What has changed since a day, deal by deal."""
    view, since = asked_view(), asked_since()
    shortcuts = [
        (_("Yesterday"), today() - timedelta(days=1)),
        (_("A week ago"), today() - timedelta(days=SINCE)),
        (_("A month ago"), today() - timedelta(days=30)),
    ]
    return page(
        "pipeline/forecast_changes.html",
        parts=["forecast_body"],
        **shared(view, "pipeline.forecast_changes", since=since.isoformat()),
        since=since,
        shortcuts=shortcuts,
        changes=forecasts.changes_since(view, forecasts.end_of(since), current_user),
        counted=COUNTED,
    )


@bp.get("/forecast/accuracy")
@allow(FORECAST_VIEW)
def forecast_accuracy() -> Response:
    """How good forecasts were, by period and by owner or team."""
    view = asked_view()
    months = MONTH if request.args.get("per") == "month" else QUARTER
    asked: dict[str, str] = {
        "before": _one_of(forecasts.HORIZONS, request.args.get("before")),
        "measure": _one_of((*forecasts.MEASURES, forecasts.CALL), request.args.get("measure")),
        "by": _one_of(("owner", "team"), request.args.get("by")),
        "per": "month" if months == MONTH else "quarter",
    }
    found = forecasts.review(
        view.of(period=Period(view.period.first, months)),
        asked["before"],
        asked["measure"],
        asked["by"],
        current_user,
    )
    model: Any = User if asked["by"] == "owner" else Team
    ids = [group for group in found.groups if group is not None]
    return page(
        "pipeline/forecast_accuracy.html",
        parts=["forecast_body"],
        **shared(view, "pipeline.forecast_accuracy"),
        asked=asked,
        review=found,
        names=dict(session.execute(select(model.id, model.name).where(model.id.in_(ids))).all()),
        period_name=name_of if months == QUARTER else None,
        horizons=forecasts.HORIZONS,
    )


def _one_of(known: tuple[str, ...], asked: str | None) -> str:
    return asked if asked in known else known[0]
