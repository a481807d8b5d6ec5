"""Where a sales manager shapes pipelines, stages, scoring, assignment and the public form."""

from typing import Any, TypeVar

from flask import Response, request, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.forms import Form
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import save_setting, setting

from ..models import AssignmentRule, Opportunity, Pipeline, ScoreRule, Stage
from ..models.stages import FORECAST_CATEGORIES
from ..services import gates, rules
from ..services.stages import keep_one_in_use
from ..setup_forms import AssignmentRuleForm, PipelineForm, ScoreRuleForm, StageForm, sentence
from .blueprint import bp

T = TypeVar("T")
SETUP = "pipeline.setup.edit"


def get(model: type[T], id: int) -> T:
    record = session.get(model, id)
    if record is None:
        raise NotThere
    return record


def all_in_order(model: Any) -> Any:
    return session.scalars(select(model).order_by(model.position, model.id)).all()


def dialog(template: str, form: Form, *, invalid: bool = False, **data: Any) -> Response:
    return page(template, parts=["dialog_body"], form=form, status=422 if invalid else 200, **data)


@bp.get("/setup")
@allow(SETUP)
def pipelines() -> Response:
    """Pipelines with their stages, and how many deals stand in each."""
    query = select(Pipeline).options(selectinload(Pipeline.stages)).order_by(Pipeline.position, Pipeline.id)
    deals = (
        select(Opportunity.stage_id, func.count()).where(Opportunity.status == "open").group_by(Opportunity.stage_id)
    )
    counts = dict(session.execute(deals).all())
    return page(
        "pipeline/setup.html",
        pipelines=session.scalars(query).all(),
        counts=counts,
        gates=gates(),
        categories={choice.value: choice.label for choice in FORECAST_CATEGORIES},
    )


@bp.route("/setup/pipelines/new", methods=["GET", "POST"])
@allow(SETUP)
def new_pipeline() -> Response:
    return _edit_pipeline(Pipeline(active=True))


@bp.route("/setup/pipelines/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def edit_pipeline(id: int) -> Response:
    return _edit_pipeline(get(Pipeline, id))


def _edit_pipeline(pipeline: Pipeline) -> Response:
    form = PipelineForm(obj=pipeline) if request.method == "GET" else PipelineForm()
    if request.method == "GET" or not form.validate():
        return dialog("pipeline/setup_pipeline.html", form, invalid=request.method == "POST", pipeline=pipeline)
    new = pipeline.id is None
    rules.save(pipeline, form.values(), form.version.data)
    keep_one_in_use()
    if new:
        rules.new_stage(pipeline, {"name": "New", "name_zh": "新建", "probability": 10, "required": []})
    return redirect_to(url_for(".pipelines"))


@bp.route("/setup/pipelines/<int:id>/stages/new", methods=["GET", "POST"])
@allow(SETUP)
def new_stage(id: int) -> Response:
    pipeline = get(Pipeline, id)
    form = StageForm(formdata=None, probability=50) if request.method == "GET" else StageForm()
    if request.method == "GET" or not form.validate():
        return dialog(
            "pipeline/setup_stage.html", form, invalid=request.method == "POST", pipeline=pipeline, stage=None
        )
    rules.new_stage(pipeline, form.values())
    return redirect_to(url_for(".pipelines"))


@bp.route("/setup/stages/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def edit_stage(id: int) -> Response:
    stage = get(Stage, id)
    form = StageForm(obj=stage) if request.method == "GET" else StageForm()
    if request.method == "GET" or not form.validate():
        return dialog(
            "pipeline/setup_stage.html", form, invalid=request.method == "POST", pipeline=stage.pipeline, stage=stage
        )
    rules.save(stage, form.values(), form.version.data)
    return redirect_to(url_for(".pipelines"))


@bp.post("/setup/stages/<int:id>/step")
@allow(SETUP)
def step_stage(id: int) -> Response:
    stage = get(Stage, id)
    rules.step(stage.pipeline.stages, stage, request.form.get("by", 1, type=int))
    return redirect_to(url_for(".pipelines"))


@bp.post("/setup/stages/<int:id>/remove")
@allow(SETUP)
def remove_stage(id: int) -> Response:
    to = request.form.get("to", type=int)
    rules.remove_stage(get(Stage, id), session.get(Stage, to) if to else None)
    return redirect_to(url_for(".pipelines"))


@bp.get("/setup/leads")
@allow(SETUP)
def score_rules() -> Response:
    """The rules that score and assign leads, and the public form."""
    assignment = select(AssignmentRule).options(joinedload(AssignmentRule.user), joinedload(AssignmentRule.team))
    return page(
        "pipeline/setup_leads.html",
        score=all_in_order(ScoreRule),
        assignment=session.scalars(assignment.order_by(AssignmentRule.position, AssignmentRule.id)).all(),
        sentence=sentence,
        form_open=setting("lead_form_open"),
        form_url=url_for(".lead_form", _external=True),
    )


RULES: dict[str, tuple[type[Any], type[Form]]] = {
    "score": (ScoreRule, ScoreRuleForm),
    "assignment": (AssignmentRule, AssignmentRuleForm),
}


def _rule_kind(kind: str) -> tuple[type[Any], type[Form]]:
    if kind not in RULES:
        raise NotThere
    return RULES[kind]


@bp.route("/setup/rules/<kind>/new", methods=["GET", "POST"])
@allow(SETUP)
def new_rule(kind: str) -> Response:
    model, _form = _rule_kind(kind)
    return _edit_rule(kind, model())


@bp.route("/setup/rules/<kind>/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def edit_rule(kind: str, id: int) -> Response:
    model, _form = _rule_kind(kind)
    return _edit_rule(kind, get(model, id))


@bp.get("/setup/score-rules/<int:id>")
@allow(SETUP)
def score_rule(id: int) -> Response:
    """A rule by itself, as the audit trail names it."""
    return _edit_rule("score", get(ScoreRule, id))


@bp.get("/setup/assignment-rules/<int:id>")
@allow(SETUP)
def assignment_rule(id: int) -> Response:
    return _edit_rule("assignment", get(AssignmentRule, id))


def _edit_rule(kind: str, rule: Any) -> Response:
    _model, form_class = RULES[kind]
    known = rule if rule.id is not None else None
    form = form_class(obj=known) if request.method == "GET" else form_class()
    if request.method == "GET" or not form.validate():
        if isinstance(form, ScoreRuleForm):
            form.show()
        return dialog(f"pipeline/setup_{kind}.html", form, invalid=request.method == "POST", rule=known)
    rules.save(rule, form.values(), form["version"].data)
    return redirect_to(url_for(".score_rules"))


@bp.post("/setup/rules/<kind>/<int:id>/step")
@allow(SETUP)
def step_rule(kind: str, id: int) -> Response:
    model, _form = _rule_kind(kind)
    rules.step(all_in_order(model), get(model, id), request.form.get("by", 1, type=int))
    return redirect_to(url_for(".score_rules"))


@bp.post("/setup/rules/<kind>/<int:id>/remove")
@allow(SETUP)
def remove_rule(kind: str, id: int) -> Response:
    model, _form = _rule_kind(kind)
    rules.remove_rule(get(model, id))
    return redirect_to(url_for(".score_rules"))


@bp.post("/setup/lead-form")
@allow(SETUP)
def switch_lead_form() -> Response:
    save_setting("lead_form_open", request.form.get("open") == "1")
    return redirect_to(url_for(".score_rules"))
