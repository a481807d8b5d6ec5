"""Surveys as colleagues see them: what is asked, of whom, and what came of it."""

from typing import Any

from flask import Response, flash, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from erpcrm.analytics.models import SEGMENT_VIEW
from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.jobs import enqueue
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import is_on, record_type, registry

from ..models.surveys import SKIPPED, SURVEY_EDIT, SURVEY_KINDS, SURVEY_VIEW, TRIGGERS, Survey, SurveyInvitation
from ..scores import SCALES, Figure
from ..services import survey_results as results
from ..services import surveys
from ..survey_forms import SurveyForm
from ..survey_jobs import INVITE
from ..survey_records import ANSWER_SCOPE
from .blueprint import bp

KINDS = {one.value: one.label for one in SURVEY_KINDS}
SHORT = {"csat": "CSAT", "nps": "NPS", "ces": "CES"}
WHEN = {one.value: one.label for one in TRIGGERS}
WHY_NOT = {one.value: one.label for one in SKIPPED}


def _seen() -> Any:
    return ANSWER_SCOPE(current_user, current_user.scope("customer"))


def shown(kind: str, value: float | None) -> str:
    """A score as people say it: "82%", "+34", "5.6"."""
    if value is None:
        return "–"
    if kind == "csat":
        return f"{value:.0f}%"
    return f"{value:+.0f}".replace("+0", "0") if kind == "nps" else show_tenths(value)


def show_tenths(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def span(kind: str, figure: Figure) -> str:
    """The interval beside a score; "" where too few have answered."""
    if figure.low is None or figure.high is None:
        return ""
    return _("%(low)s to %(high)s", low=shown(kind, figure.low), high=shown(kind, figure.high))


TOOLS: dict[str, Any] = {
    "shown": shown,
    "span": span,
    "tenths": show_tenths,
    "kinds": KINDS,
    "short": SHORT,
    "when": WHEN,
}


@bp.get("/surveys")
@allow(SURVEY_VIEW)
def survey_list() -> Response:
    """All surveys and how each stands: few enough for one page."""
    found = session.scalars(select(Survey).order_by(Survey.active.desc(), Survey.id)).all()
    return page(
        "service/surveys.html",
        surveys=found,
        summaries=results.summaries(found, _seen()),
        may_edit=current_user.may(SURVEY_EDIT),
        **TOOLS,
    )


@bp.get("/surveys/<int:id>")
@allow(SURVEY_VIEW)
def survey_results(id: int) -> Response:
    found, seen = load(Survey, id, everyone), _seen()
    months = results.trend(found, seen)
    return page(
        "service/survey_results.html",
        survey=found,
        scale=SCALES[found.kind],
        summary=results.summaries([found], seen)[found.id],
        months=months,
        by=results.parts(found, seen),
        skipped=[(WHY_NOT[reason], count) for reason, count in sorted(results.skipped(found, seen).items())],
        comments=results.last_comments(found, seen),
        question=surveys.question_of(found),
        fault=surveys.fault_of(found),
        may_edit=current_user.may(SURVEY_EDIT),
        **TOOLS,
    )


def _form(**given: Any) -> Any:
    """The form; segments are chosen by those alone who see them."""
    form = SurveyForm(**given)
    if not is_on(registry().by_name["analytics"]) or not current_user.may(SEGMENT_VIEW):
        del form.segment_id
    return form


def _form_page(form: Any, found: Survey | None, status: int = 200) -> Response:
    return page("service/survey_form.html", form=form, survey=found, status=status)


USUAL = {
    "trigger": "ticket",
    "active": True,
    "delay_hours": 24,
    "sample_percent": 100,
    "every_days": 90,
    "rest_days": 30,
    "valid_days": 14,
}


@bp.get("/surveys/new")
@allow(SURVEY_EDIT)
def new_survey() -> Response:
    return _form_page(_form(formdata=None, data=USUAL), None)


@bp.post("/surveys/new")
@allow(SURVEY_EDIT)
def create_survey() -> Response:
    return _saved(None)


@bp.get("/surveys/<int:id>/edit")
@allow(SURVEY_EDIT)
def edit_survey(id: int) -> Response:
    found = load(Survey, id, everyone)
    return _form_page(_form(formdata=None, obj=found), found)


@bp.post("/surveys/<int:id>/edit")
@allow(SURVEY_EDIT)
def update_survey(id: int) -> Response:
    return _saved(load(Survey, id, everyone))


def _saved(found: Survey | None) -> Response:
    form = _form()
    if form.validate():
        try:
            made = surveys.save_survey(found, form.values(), current_user, form.version.data)
            flash(_("“%(name)s” is saved.", name=made.name), "success")
            return redirect_to(url_for("service.survey_results", id=made.id))
        except Refused as no:
            form.form_errors = [str(no.message)]
    return _form_page(form, found, 422)


@bp.post("/surveys/<int:id>/send")
@allow(SURVEY_EDIT)
def send_survey(id: int) -> Response:
    """Invite everybody whom it would ask now. The mails leave within some minutes."""
    found = load(Survey, id, everyone)
    if not found.active:
        raise Refused(_("This survey is switched off."))
    if (fault := surveys.fault_of(found)) is not None:
        raise Refused(fault)
    if found.trigger == "ticket":
        raise Refused(_("This survey is sent when tickets are resolved."))
    enqueue(
        INVITE, state={"survey": found.id}, label=_("Invite people to “%(name)s”", name=found.name), by=current_user
    )
    flash(_("People are being invited. Nobody is asked who was asked not long ago."), "success")
    return redirect_to(url_for("service.survey_results", id=id))


@bp.get("/survey-answers")
@allow(SURVEY_VIEW)
def survey_answers() -> Response:
    return list_page(record_type("survey_invitation"))


@bp.get("/survey-answers/<int:id>")
@allow(SURVEY_VIEW)
def survey_answer(id: int) -> Response:
    parts = ("survey", "customer", "contact", "ticket", "agent", "product", "follow_up")
    options = [joinedload(getattr(SurveyInvitation, name)) for name in parts]
    found = load(SurveyInvitation, id, ANSWER_SCOPE, options=options)
    reason = WHY_NOT.get(found.skipped or "")
    return page("service/survey_answer.html", answer=found, reason=reason, **TOOLS)
