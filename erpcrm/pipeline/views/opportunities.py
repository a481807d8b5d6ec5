"""The pages of one deal, and their list."""

from calendar import monthrange
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, load
from erpcrm.core.errors import NotThere
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import ListState, list_page
from erpcrm.core.lists.listing import Listing
from erpcrm.core.options import option_label, options
from erpcrm.core.pages import page, redirect_to, wanted_part
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import panels_of, record_type
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .. import services
from ..deal_views import links_of
from ..forms import OpportunityForm, show_gate
from ..models import OPPORTUNITY_FLOW, Opportunity, OpportunityContact, OpportunityLine, Pipeline
from ..models.opportunities import ASSIGN
from ..models.stages import FORECAST_CATEGORIES
from ..probability import probability_of
from ..records import OPPORTUNITY_SCOPE
from ..services.board import Month, by_close_month
from ..services.shares import may_share, shares_of
from ..services.stages import active_pipelines
from .blueprint import bp
from .board import chosen_pipeline, clean_address, typed
from .learned import learning_of

VIEW, EDIT = "pipeline.opportunity.view", "pipeline.opportunity.edit"


@bp.get("/opportunities")
@allow(VIEW)
def opportunities() -> Response:
    return list_page(record_type("opportunity"), template="pipeline/opportunities.html")


@bp.get("/opportunities/<int:id>")
@allow(VIEW)
def opportunity(id: int) -> Response:
    whole = (
        joinedload(Opportunity.customer),
        joinedload(Opportunity.owner),
        joinedload(Opportunity.team),
        joinedload(Opportunity.stage),
        selectinload(Opportunity.lines).joinedload(OpportunityLine.product),
        selectinload(Opportunity.people).joinedload(OpportunityContact.contact),
        selectinload(Opportunity.competitors),
    )
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE, options=whole)
    categories = {choice.value: choice.label for choice in FORECAST_CATEGORIES}
    return page(
        "pipeline/opportunity.html",
        deal=deal,
        stages=deal.pipeline.stages,
        state=OPPORTUNITY_FLOW.state_of(deal),
        moves=OPPORTUNITY_FLOW.moves_for(deal, current_user),
        statuses={value: state.label for value, state in OPPORTUNITY_FLOW.state.items()},
        weighted=services.weighted(deal),
        category=categories[deal.forecast_category or deal.stage.forecast_category],
        categories=categories,
        customer_seen=deal.customer_id is not None and may_see("customer", deal.customer_id),
        source=option_label("customer.source", deal.source),
        loss_reason=option_label("opportunity.loss_reason", deal.loss_reason),
        roles={choice.value: choice.label for choice in options("opportunity.contact_role")},
        history=services.history_of(deal),
        custom=custom_facts(deal),
        panels=[(panel, panel.load([deal.id])) for panel in panels_of("opportunity.page", current_user)],
        can_edit=current_user.may(EDIT),
        learned=learning_of(deal),
        probability=probability_of(deal),
        shares=shares_of(deal),
        may_share=may_share(deal, current_user),
    )


def deal_form(**given: Any) -> Any:
    """The form of a deal with the own fields; without its owner for whoever may not give deals to others."""
    form: Any = add_fields(OpportunityForm, record_type("opportunity"))(**given)
    if not current_user.may(ASSIGN):
        del form.owner_id
    return form


def offer_stages(form: Any, deal: Opportunity | None = None) -> None:
    """The stages of all pipelines in use, named with them where there are several; a closed deal keeps its own."""
    pipelines = active_pipelines()
    if deal is not None and deal.status != "open":
        pipelines = [deal.pipeline]
    elif deal is not None and deal.pipeline not in pipelines:
        pipelines = [deal.pipeline, *pipelines]
    form.stage_id.choices = [
        (stage.id, stage.label if len(pipelines) == 1 else f"{pipeline.label} · {stage.label}")
        for pipeline in pipelines
        for stage in pipeline.stages
    ]


@bp.get("/opportunities/new")
@allow(EDIT)
def new_opportunity() -> Response:
    customer = request.args.get("customer", type=int)
    known = load(Customer, customer, CUSTOMER_SCOPE) if customer else None
    form = deal_form(
        formdata=None,
        customer_id=customer,
        owner_id=current_user.id,
        stage_id=request.args.get("stage", type=int) or chosen_pipeline().stages[0].id,
        currency=services.currency_for(known.currency if known else None),
    )
    offer_stages(form)
    return page("pipeline/opportunity_form.html", form=form, deal=None)


def after(deal: Opportunity) -> Response:
    """The deal's page; the list when the deal was given to somebody whose deals this user does not see."""
    try:
        load(Opportunity, deal.id, OPPORTUNITY_SCOPE)
    except NotThere:
        flash(_("“%(name)s” is saved. It is now out of your sight.", name=deal.name), "success")
        return redirect_to(url_for(".opportunities"))
    return redirect_to(url_for(".opportunity", id=deal.id))


@bp.post("/opportunities")
@allow(EDIT)
def create_opportunity() -> Response:
    form = deal_form()
    offer_stages(form)
    if form.validate():
        try:
            return after(services.create_opportunity(form.values(), current_user))
        except services.GateClosed as gate:
            show_gate(form, gate)
    return page("pipeline/opportunity_form.html", form=form, deal=None, status=422)


@bp.get("/opportunities/<int:id>/edit")
@allow(EDIT)
def edit_opportunity(id: int) -> Response:
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    form = deal_form(formdata=None, obj=deal)
    offer_stages(form, deal)
    return page("pipeline/opportunity_form.html", form=form, deal=deal)


@bp.post("/opportunities/<int:id>")
@allow(EDIT)
def update_opportunity(id: int) -> Response:
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    form = deal_form(obj=deal)
    offer_stages(form, deal)
    if form.validate():
        try:
            services.update_opportunity(deal, form.values(), current_user, version=form.version.data)
            return after(deal)
        except services.GateClosed as gate:
            show_gate(form, gate)
    return page("pipeline/opportunity_form.html", form=form, deal=deal, status=422)


def month_url(links: Callable[..., str], month: Month, pipeline: Pipeline) -> str:
    """The open deals of one month as a list."""
    wanted: dict[str, Any] = {"pipeline": pipeline.id}
    if month.first is None:
        wanted["expected_close.empty"] = 1
    else:
        last = month.first.replace(day=monthrange(month.first.year, month.first.month)[1])
        wanted |= {"expected_close.min": month.first.isoformat(), "expected_close.max": last.isoformat()}
    return links("pipeline.opportunities", **wanted)


@bp.get("/opportunities/months")
@allow(VIEW)
def close_months() -> Response:
    """Open deals by the month in which they are expected to close: number, sum and weighted sum."""
    pipeline = chosen_pipeline()
    state = ListState.from_request(record_type("opportunity"))
    if wanted_part() is None and (target := clean_address(state)) is not None:
        return redirect_to(target)
    links = links_of(state)
    response = page(
        "pipeline/close_months.html",
        parts=["months"],
        months=by_close_month(pipeline, state.conditions()),
        this_month=today().replace(day=1),
        pipeline=pipeline,
        pipelines=active_pipelines(),
        state=state,
        listing=Listing(state),
        board_url=links,
        month_url=partial(month_url, links),
    )
    return typed(response, state, "months")
