"""What was learned from deals that ended: on a deal, and how well it agrees with what came."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.access.models import Team
from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.i18n import _, _l, show_money_whole
from erpcrm.core.jobs import enqueue
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to

from ..learning import ENOUGH, Term
from ..models import Opportunity, Stage
from ..probability import probability_of
from ..probability_form import ProbabilityForm
from ..records import OPPORTUNITY_SCOPE
from ..services import learned
from .blueprint import bp

VIEW, EDIT, SETUP = "pipeline.opportunity.view", "pipeline.opportunity.edit", "pipeline.setup.edit"
FACTS = {
    "stage": _l("Stage reached"),
    "age": _l("Age against the usual cycle"),
    "activities": _l("Activities"),
    "source": _l("Source"),
    "team": _l("Team"),
    "industry": _l("Industry"),
    "region": _l("Region"),
    "amount": _l("Amount"),
    "category": _l("Product category"),
    "contact": _l("Person named"),
    "next_step": _l("Next step planned"),
}
LISTS = {
    "source": "customer.source",
    "industry": "customer.industry",
    "region": "customer.region",
    "category": "product.category",
}
SHOWN = 4


def words_of(term: Term, known: learned.Known) -> Any:
    """The value of a fact as people say it."""
    value = term.value
    match term.fact:
        case "stage":
            stage = session.get(Stage, int(value))
            return stage.label if stage else value
        case "team":
            team = session.get(Team, int(value))
            return team.name if team else value
        case "age":
            return _("at least %(percent)s%% of the usual %(days)s days", percent=value, days=known.cycle)
        case "activities":
            return _("%(count)s or more", count=value)
        case "amount":
            return _band(int(value), known)
        case "contact" | "next_step":
            return _("Yes") if value == "yes" else _("No")
    return option_label(LISTS[term.fact], value)


def _band(place: int, known: learned.Known) -> str:
    bounds = known.bounds
    if place == 0:
        return _("up to %(amount)s", amount=show_money_whole(bounds[0]))
    if place == len(bounds):
        return _("above %(amount)s", amount=show_money_whole(bounds[-1]))
    return _("%(low)s to %(high)s", low=show_money_whole(bounds[place - 1]), high=show_money_whole(bounds[place]))


def told(term: Term, known: learned.Known) -> dict[str, Any]:
    """A term as the templates write it."""
    return {
        "label": FACTS[term.fact],
        "value": words_of(term, known),
        "weight": f"{term.weight:+.2f}",
        "won": term.seen.won,
        "count": term.seen.won + term.seen.lost,
    }


def learning_of(deal: Opportunity) -> dict[str, Any] | None:
    """What stands beside the probability of an open deal; None for one that ended."""
    if deal.status != "open":
        return None
    model = learned.in_force()
    found: dict[str, Any] = {"model": model, "enough": ENOUGH, "in_force": probability_of(deal), "percent": None}
    known = learned.known_of(model) if model is not None else None
    if known is None:
        return found
    prediction = learned.predict(known, deal)
    return found | {
        "percent": round(prediction.probability * 100),
        "speaks_for": [told(term, known) for term in prediction.speaks_for[:SHOWN]],
        "against": [told(term, known) for term in prediction.speaks_against[:SHOWN]],
    }


@bp.get("/opportunities/<int:id>/learned")
@allow(VIEW)
def learned_terms(id: int) -> Response:
    """The terms that add up to the learned probability."""
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    model = learned.in_force()
    known = learned.known_of(model) if model is not None and deal.status == "open" else None
    prediction = learned.predict(known, deal) if known is not None else None
    terms = sorted(prediction.terms, key=lambda term: -abs(term.weight)) if prediction is not None else []
    return page(
        "pipeline/learned_terms.html",
        parts=["dialog_body"],
        deal=deal,
        model=model,
        prediction=prediction,
        terms=[told(term, known) for term in terms] if known is not None else [],
        enough=ENOUGH,
    )


@bp.route("/opportunities/<int:id>/probability", methods=["GET", "POST"])
@allow(EDIT)
def own_probability(id: int) -> Response:
    """The seller's own figure."""
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    data = {"percent": probability_of(deal), "version": deal.version}
    form = ProbabilityForm(formdata=None, data=data) if request.method == "GET" else ProbabilityForm()
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page("pipeline/own_probability.html", parts=["dialog_body"], deal=deal, form=form, status=status)
    learned.set_probability(deal, form.percent.data, current_user, form.version.data)
    return redirect_to(url_for(".opportunity", id=id))


@bp.post("/opportunities/<int:id>/probability/back")
@allow(EDIT)
def no_own_probability(id: int) -> Response:
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    learned.set_probability(deal, None, current_user, request.form.get("version", type=int))
    return redirect_to(url_for(".opportunity", id=id))


@bp.get("/learned")
@allow(VIEW)
def learned_page() -> Response:
    """How well what was learned agrees with what came of deals."""
    model = learned.in_force()
    return page(
        "pipeline/learned.html",
        model=model,
        known=learned.known_of(model) if model is not None else None,
        checked=learned.calibration_of(model) if model is not None else None,
        enough=ENOUGH,
    )


@bp.post("/learned")
@allow(SETUP)
def learn_now() -> Response:
    enqueue(learned.LEARN)
    flash(_("It learns anew in the background. Reload in a moment."), "success")
    return redirect_to(url_for(".learned_page"))
