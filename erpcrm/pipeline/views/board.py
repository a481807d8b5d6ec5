"""The board on which deals move."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, _l, today
from erpcrm.core.lists import ListState
from erpcrm.core.lists.listing import Listing
from erpcrm.core.lists.page import better_address
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to, refusal, wanted_part
from erpcrm.core.registry import panels_of, record_type

from .. import services
from ..deal_views import links_of
from ..forms import GateForm, LoseForm, gate_form
from ..models import Opportunity, Pipeline, Stage
from ..records import OPPORTUNITY_SCOPE
from ..services import board as boards
from ..services.stages import active_pipelines
from .blueprint import bp

VIEW, EDIT = "pipeline.opportunity.view", "pipeline.opportunity.edit"
STAGE_TONES = ("blue", "purple", "yellow", "orange", "green")
ENDS = (("won", _l("Won"), "green"), ("lost", _l("Lost"), "red"))


def chosen_pipeline() -> Pipeline:
    """The pipeline named in the address, else the first."""
    wanted = request.args.get("pipeline", type=int)
    pipeline = session.get(Pipeline, wanted) if wanted else services.default_pipeline()
    if pipeline is None:
        raise NotThere
    return pipeline


def heads(pipeline: Pipeline) -> list[tuple[str, Any, str, Stage | None]]:
    """Key, label, tone and stage of every column, in order."""
    stages = [
        (str(stage.id), stage.label, STAGE_TONES[place % len(STAGE_TONES)], stage)
        for place, stage in enumerate(pipeline.stages)
    ]
    return stages + [(key, label, tone, None) for key, label, tone in ENDS]


def column_url(links: Callable[..., str], pipeline: Pipeline, key: str) -> str:
    """The deals of one column as a list: what its sums are made of."""
    if key.isdecimal():
        return links("pipeline.opportunities", stage=key)
    since = today() - boards.ENDS_SHOWN
    return links("pipeline.opportunities", status=key, pipeline=pipeline.id, **{"closed_on.min": since.isoformat()})


def columns(pipeline: Pipeline, keys: list[str], state: ListState, after: str | None = None) -> list[boards.Column]:
    found = boards.cards(pipeline, keys, state.conditions(), after)
    shown = []
    for key, label, tone, stage in heads(pipeline):
        if key not in keys:
            continue
        cards = found[key]
        more = boards.position_of(cards[boards.PAGE - 1]) if len(cards) > boards.PAGE else None
        shown.append(boards.Column(key, label, tone, stage, cards[: boards.PAGE], more))
    return shown


def card_panels(cards: list[boards.Card]) -> list[tuple[Any, Any]]:
    """What upper areas add to cards: every panel gets all cards at once."""
    ids = [card.id for card in cards]
    return [(panel, panel.load(ids)) for panel in panels_of("opportunity.card", current_user)] if ids else []


def clean_address(state: ListState) -> str | None:
    """Where a form without a script should have led: the address without what was left blank."""
    return better_address(state) if set(request.args) - {"view"} else None


def typed(response: Response, state: ListState, part: str) -> Response:
    """The address follows what is shown; going back leads to the search before, not to each of its letters."""
    if wanted_part() == part:
        typing = request.headers.get("HX-Source", "").endswith("#list_search")
        response.headers["HX-Replace-Url" if typing else "HX-Push-Url"] = state.own_url()
    return response


@bp.get("/board")
@allow(VIEW)
def board() -> Response:
    pipeline = chosen_pipeline()
    state = ListState.from_request(record_type("opportunity"))
    if wanted_part() is None and (target := clean_address(state)) is not None:
        return redirect_to(target)
    shown = columns(pipeline, [key for key, *_rest in heads(pipeline)], state)
    response = page(
        "pipeline/board.html",
        parts=["board_columns"],
        pipeline=pipeline,
        pipelines=active_pipelines(),
        columns=shown,
        state=state,
        listing=Listing(state),
        board_url=links_of(state),
        column_url=partial(column_url, links_of(state), pipeline),
        panels=card_panels([card for column in shown for card in column.cards]),
        can_move=current_user.may(EDIT),
        # With a script they come a moment later by themselves.
        sums=boards.sums(pipeline, state.conditions()) if "sums" in request.args else {},
    )
    return typed(response, state, "board_columns")


@bp.get("/board/more/<key>")
@allow(VIEW)
def board_more(key: str) -> Response:
    """The next cards of one column: fetched when its end scrolls into sight."""
    pipeline = chosen_pipeline()
    state = ListState.from_request(record_type("opportunity"))
    found = columns(pipeline, [key], state, request.args.get("after"))
    if not found:
        raise NotThere
    return page(
        "pipeline/board_more.html",
        pipeline=pipeline,
        column=found[0],
        board_url=links_of(state),
        columns=[boards.Column(key, label, tone, stage, []) for key, label, tone, stage in heads(pipeline)],
        panels=card_panels(found[0].cards),
        can_move=current_user.may(EDIT),
    )


@bp.get("/board/sums")
@allow(VIEW)
def board_sums() -> Response:
    """Counts and sums of all columns: after the cards, since they must look at every open deal."""
    pipeline = chosen_pipeline()
    state = ListState.from_request(record_type("opportunity"))
    return page(
        "pipeline/board_sums.html",
        heads=heads(pipeline),
        sums=boards.sums(pipeline, state.conditions()),
        column_url=partial(column_url, links_of(state), pipeline),
    )


@bp.post("/opportunities/<int:id>/stage")
@allow(EDIT)
def stage_opportunity(id: int) -> Response:
    """Move a deal: to a stage, or to one of the ends. Asks in a dialog for what the stage wants to know."""
    deal = load(Opportunity, id, OPPORTUNITY_SCOPE)
    target, version = request.form.get("stage", ""), request.form.get("version", type=int)
    session.refresh(deal, with_for_update=True)
    if version is not None and version != deal.version:
        return _outdated(deal)
    services.must_be_open(deal)
    if target == "lost":
        return _lose(deal)
    stage = _target_stage(target)
    if missing := services.missing_to_reach(deal, stage):
        form = gate_form(missing)
        if not any(name in request.form for name in missing):
            return _ask("gate", deal, target, form, stage)  # a question, not yet a mistake
        if not form.validate():
            return _ask("gate", deal, target, form, stage)
        services.fill_gate(deal, form.values(), current_user)
    if stage is None:
        make_move(deal, "win", by=current_user)
    else:
        services.move_to_stage(deal, stage, current_user)
    return _moved(deal)


def _outdated(deal: Opportunity) -> Response:
    """There is nothing to compare in a move: the card goes back, and the board shows what is stored now."""
    response = refusal(
        409, _("“%(name)s” was changed by somebody else meanwhile. Look at it again, then move it.", name=deal.name)
    )
    response.headers["HX-Trigger"] = '{"board-outdated": {}}'
    return response


def _target_stage(target: str) -> Stage | None:
    """The stage that was posted; None for won."""
    if target == "won":
        return None
    stage = session.get(Stage, int(target)) if target.isdecimal() else None
    if stage is None:
        raise Refused(_("This stage is not there any more. Reload the board."))
    return stage


def _lose(deal: Opportunity) -> Response:
    form = LoseForm()
    if "loss_reason" not in request.form or not form.validate():
        return _ask("lose", deal, "lost", form, None)
    services.lose(deal, form.loss_reason.data, current_user, form.note.data)
    return _moved(deal)


def _ask(name: str, deal: Opportunity, target: str, form: GateForm | LoseForm, stage: Stage | None) -> Response:
    """A dialog over the board; without HTMX a page of its own."""
    dialog = "HX-Request" in request.headers
    response = page(
        f"pipeline/{name}_dialog.html" if dialog else f"pipeline/{name}.html",
        status=422,
        deal=deal,
        target=target,
        form=form,
        stage=stage,
        version=request.form.get("version"),
    )
    if dialog:
        response.headers["HX-Retarget"] = "#dialog_body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _moved(deal: Opportunity) -> Response:
    """The card on top of its new column and a hint to renew the sums; on the deal's own page, that page anew."""
    if "HX-Request" not in request.headers or request.form.get("from") == "page":
        return redirect_to(url_for("pipeline.opportunity", id=deal.id))
    card = boards.card_of(deal.id)
    response = page(
        "pipeline/board_moved.html",
        card=card,
        stage=deal.stage,
        columns=[boards.Column(key, label, tone, stage, []) for key, label, tone, stage in heads(deal.pipeline)],
        panels=card_panels([card]),
    )
    response.headers["HX-Trigger"] = '{"close-dialog": {}, "board-changed": {}}'
    return response
