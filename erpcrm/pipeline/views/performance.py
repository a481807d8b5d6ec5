"""What selling has brought, and the deals behind every figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, request, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.access.models import User
from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _, today
from erpcrm.core.lists.periods import PERIODS, Span, span
from erpcrm.core.options import option_label, options
from erpcrm.core.pages import page
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from ..models import Opportunity, Pipeline
from ..records import OPPORTUNITY_SCOPE
from ..services import performance as figures
from ..services.people import people_of
from ..services.performance import DIMENSIONS, Chosen, Wanted
from ..services.stages import active_pipelines
from .blueprint import bp

VIEW = "pipeline.performance.view"
OFFERED = ("this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year", "last_90_days")
USUAL = "this_year"
WITHIN = (date(1900, 1, 1), date(2199, 12, 31))
QUARTERS_FROM = 24
"""Months, from which on the charts show quarters"""


@dataclass(frozen=True)
class Asked:
    """What an address asks for. `wrong` is said where it can't be understood; the usual is shown then."""

    wanted: Wanted
    period: str
    by: str
    wrong: str | None = None

    def url(self, endpoint: str, **more: Any) -> str:
        """Of a page about the same deals. None leaves a parameter out."""
        same = {
            "period": self.period if self.period != "days" else None,
            "from": self.wanted.first.isoformat() if self.period == "days" else None,
            "to": self.wanted.last.isoformat() if self.period == "days" else None,
            "by": self.by,
            "team": self.wanted.team,
            "person": self.wanted.person,
            "source": self.wanted.source,
            "pipeline": self.wanted.pipeline,
        }
        return url_for(endpoint, **{name: value for name, value in (same | more).items() if value is not None})


def asked() -> Asked:
    """The period stands as a word or as a year, quarter or month ("2017", "2017-Q2"), or as the days from and to."""
    args, wrong = request.args, None
    period = args.get("period") or USUAL
    days = _whole(span(period, today()))
    if args.get("from") or args.get("to"):
        period, days = "days", _days(args.get("from"), args.get("to"))
    if days is None:
        wrong = _("This period can't be understood. Choose another one.")
        period, days = USUAL, _whole(span(USUAL, today())) or WITHIN
    by = args.get("by", "person")
    if by not in DIMENSIONS:
        raise NotThere
    wanted = Wanted(
        max(days[0], WITHIN[0]),
        min(days[1], WITHIN[1]),
        team=args.get("team", type=whole),
        person=args.get("person", type=whole),
        source=args.get("source") or None,
        pipeline=args.get("pipeline", type=whole),
    )
    return Asked(wanted, period, by, wrong)


def _whole(days: Span | None) -> tuple[date, date] | None:
    """A span with both its ends."""
    first, last = days or (None, None)
    return (first, last) if first is not None and last is not None and first <= last else None


def _days(first: str | None, last: str | None) -> tuple[date, date] | None:
    try:
        return _whole(
            (date.fromisoformat(first) if first else WITHIN[0], date.fromisoformat(last) if last else today())
        )
    except ValueError:
        return None


@bp.get("/performance")
@allow(VIEW)
def performance() -> Response:
    """Closed deals of a period: totals, over time, by one dimension, and why deals were lost."""
    found = asked()
    wanted = found.wanted
    long = (wanted.last.year - wanted.first.year) * 12 + wanted.last.month - wanted.first.month >= QUARTERS_FROM
    times = figures.rows_by("quarter" if long else "month", wanted, current_user)
    people = people_of(current_user)
    return page(
        "pipeline/performance.html",
        asked=found,
        wanted=wanted,
        periods=[(name, PERIODS[name]) for name in OFFERED],
        dimensions=DIMENSIONS,
        dimension=DIMENSIONS[found.by],
        rows=figures.rows_by(found.by, wanted, current_user),
        times=times,
        time_by="quarter" if long else "month",
        total=figures.total_of(times),
        reasons=figures.reasons_lost(wanted, current_user),
        teams=people.teams,
        people=people.users,
        chosen_person=_unlisted(wanted.person, people.users),
        sources=options("customer.source"),
        pipelines=active_pipelines(),
        own=setting("currency"),
        own_only=current_user.scope("opportunity") == "own",
    )


def _unlisted(person: int | None, users: Sequence[User]) -> User | None:
    """Somebody whose figures are looked at and who sells no more, so that the form does not lose them."""
    if person is None or person in {user.id for user in users}:
        return None
    return session.get(User, person)


@bp.get("/performance/stages")
@allow(VIEW)
def performance_stages() -> Response:
    """How the closed deals went through their stages, and what was done for those that were won."""
    found = asked()
    pipelines = session.scalars(select(Pipeline).order_by(Pipeline.position, Pipeline.id)).all()
    pipeline = next((one for one in pipelines if one.id == found.wanted.pipeline), None) or next(
        (one for one in pipelines if one.active), None
    )
    if pipeline is None:
        raise NotThere
    won, activities = figures.activities_of_won(found.wanted, current_user)
    return page(
        "pipeline/performance_stages.html",
        parts=["performance_stages"],
        asked=found,
        pipeline=pipeline,
        several=len(pipelines) > 1,
        stages=figures.stage_figures(pipeline, found.wanted, current_user),
        won=won,
        activities=activities,
    )


@bp.get("/performance/deals")
@allow(VIEW)
def performance_deals() -> Response:
    """The deals that add up to a figure."""
    found = asked()
    status = request.args.get("status")
    if status not in (None, "won", "lost"):
        raise NotThere
    by = found.by if "key" in request.args else None
    chosen = Chosen(by, _key(by, request.args.get("key", "")), status, request.args.get("reason"))
    count = figures.number_of_deals(found.wanted, chosen, current_user)
    number = max(1, min(request.args.get("page", 1, type=whole), 1 + (count - 1) // figures.PAGE))
    deals = figures.deals_of(found.wanted, chosen, current_user, number)
    seen = OPPORTUNITY_SCOPE(current_user, current_user.scope("opportunity"))
    ids = session.scalars(select(Opportunity.id).where(Opportunity.id.in_([deal.id for deal in deals]), seen))
    keep: dict[str, Any] = {name: request.args.get(name) for name in ("key", "status", "reason")}
    return page(
        "pipeline/performance_deals.html",
        parts=["dialog_body"],
        asked=found,
        deals=deals,
        may_open=set(ids) if current_user.may("pipeline.opportunity.view") else set(),
        about=figures.label_of(by, chosen.key) if by is not None else None,
        reason=option_label("opportunity.loss_reason", chosen.reason) or _("No reason given")
        if chosen.reason is not None
        else None,
        ended=status,
        count=count,
        total=sum(deal.amount for deal in deals),
        number=number,
        more=count > number * figures.PAGE,
        page_url=lambda which: found.url("pipeline.performance_deals", **keep, page=which),
        back=found.url("pipeline.performance"),
    )


def _key(by: str | None, text: str) -> Any:
    if by is None or text == "":
        return None
    try:
        return DIMENSIONS[by].read(text)
    except ValueError as error:
        raise NotThere from error
