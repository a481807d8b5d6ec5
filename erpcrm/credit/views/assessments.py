"""Assessing a customer, and the scorecards by which that is done."""

from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.options import options
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole_or_none

from .. import services
from ..forms import CardForm, assessment_form
from ..models import APPLY, ASSESS, ASSESSMENT_VIEW, SETUP, Assessment, Scorecard
from ..scoring import BY_KEY, FACTORS, GRADES, Band, Weighted
from .blueprint import bp, load_assessment, load_customer

BANDS = 5
"""Rows of bands in the form of a scorecard"""


@bp.get("/assessments")
@allow(ASSESSMENT_VIEW)
def assessments() -> Response:
    return list_page(record_type("credit_assessment"))


@bp.get("/assessments/<int:id>")
@allow(ASSESSMENT_VIEW)
def assessment(id: int) -> Response:
    """Each factor with its value, its band and its points."""
    found = load_assessment(id)
    return page(
        "credit/assessment.html",
        assessment=found,
        card=found.scorecard,
        rows=rows_of(found),
        may_apply=current_user.may(APPLY),
        own=setting("currency"),
    )


def rows_of(found: Assessment) -> list[dict[str, Any]]:
    return [{**one, "factor": BY_KEY[one["key"]], "text": text_of(one["key"], one["value"])} for one in found.values]


def text_of(key: str, value: str | None) -> Any:
    """A value as it is kept, for reading: a label, or a Decimal."""
    if value is None:
        return None
    if BY_KEY[key].unit == "choice":
        return next((label for choice, label in BY_KEY[key].choices if choice == value), value)
    return Decimal(value)


@bp.route("/customers/<int:id>/assess", methods=["GET", "POST"])
@allow(ASSESS)
def assess(id: int) -> Response:
    """What the system knows, and fields for what it can't. "Compute" shows the score before it is kept."""
    found, make = load_customer(id), assessment_form()
    latest = next(iter(services.assessments_of(found.id)), None)
    before = {one["key"]: one["value"] for one in latest.values} if latest is not None else {}
    entered = {
        factor.key: text if (text := before.get(factor.key)) is None or factor.unit == "choice" else Decimal(text)
        for factor in FACTORS
        if not factor.own
    }
    form = make(formdata=None, data=entered) if request.method == "GET" else make()
    valid = request.method == "GET" or form.validate()
    values: dict[str, Any] = form.values() if request.method == "POST" and valid else entered
    if request.method == "POST" and valid and request.form.get("then") == "save":
        made = services.assess(found, values, values.get("note"), current_user)
        flash(_("Assessed: grade %(grade)s with %(score)s points.", grade=made.grade, score=made.score), "success")
        return redirect_to(url_for("credit.assessment", id=made.id))
    proposed = services.propose(found, values)
    return page(
        "credit/assess.html",
        parts=["proposal"],
        customer=found,
        form=form,
        proposed=proposed,
        rows=rows_of(proposed),
        own=setting("currency"),
        status=200 if valid else 422,
    )


@bp.get("/scorecards")
@allow(ASSESSMENT_VIEW)
def scorecards() -> Response:
    """The one in use, and every version before it."""
    known = services.scorecards()
    current = services.active_scorecard() or services.standard_scorecard()
    return page(
        "credit/scorecards.html",
        card=current,
        cards=known,
        factors=[(factor, BY_KEY[factor.key]) for factor in current.weighted],
        grades=GRADES,
        may_edit=current_user.may(SETUP),
    )


@bp.get("/scorecards/<int:id>")
@allow(ASSESSMENT_VIEW)
def scorecard(id: int) -> Response:
    found = load(Scorecard, id, everyone)
    return page(
        "credit/scorecards.html",
        card=found,
        cards=services.scorecards(),
        factors=[(factor, BY_KEY[factor.key]) for factor in found.weighted],
        grades=GRADES,
        may_edit=current_user.may(SETUP),
    )


@bp.route("/scorecards/edit", methods=["GET", "POST"])
@allow(SETUP)
def edit_scorecard() -> Response:
    """Weights, bands and grades. A version that was used stays as it is: saving then makes the next one."""
    current = services.active_scorecard() or services.standard_scorecard()
    form = CardForm(formdata=None, data={"name": current.name}) if request.method == "GET" else CardForm()
    weights = {factor.key: factor for factor in current.weighted}
    problem, typed = None, None
    if request.method == "POST":
        typed = request.form
        try:
            given, grades = _factors(), _grades()
            if form.validate():
                services.save_scorecard(form.name.data or "", given, grades)
                flash(_("Saved. Assessments that were made stay as they are."), "success")
                return redirect_to(url_for("credit.scorecards"))
        except Refused as no:
            problem = str(no.message)
            form.form_errors = [problem]
    return page(
        "credit/scorecard_form.html",
        form=form,
        card=current,
        used=current.id is not None and services.is_used(current),
        factors=[(factor, weights.get(factor.key)) for factor in FACTORS],
        bands=BANDS,
        grades=GRADES,
        typed=typed,
        terms=options("customer.payment_terms"),
        status=422 if request.method == "POST" else 200,
    )


def _number(name: str, label: Any) -> int:
    number = whole_or_none((request.form.get(name) or "0").strip())
    if number is None or number > 1200:
        raise Refused(_("%(field)s: enter a whole number.", field=label))
    return number


def _start(text: str, label: Any) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise Refused(_("%(field)s: “%(text)s” is not a number.", field=label, text=text)) from error
    if not number.is_finite() or abs(number) >= 10**12:
        raise Refused(_("%(field)s: “%(text)s” is not a number.", field=label, text=text))
    return f"{number:f}"


def _factors() -> list[Weighted]:
    found = []
    for factor in FACTORS:
        bands = []
        for place in range(BANDS):
            start = (request.form.get(f"{factor.key}_start_{place}") or "").strip()
            points = (request.form.get(f"{factor.key}_points_{place}") or "").strip()
            if not points or (place and not start):
                continue
            if factor.unit != "choice" and start:
                start = _start(start, factor.label)
            bands.append(Band(start or None, _number(f"{factor.key}_points_{place}", factor.label)))
        weight = _number(f"{factor.key}_weight", factor.label)
        if weight:
            found.append(Weighted(factor.key, weight, tuple(bands), _number(f"{factor.key}_unknown", factor.label)))
    return found


def _grades() -> dict[str, dict[str, Any]]:
    known = {choice.value for choice in options("customer.payment_terms")}
    found = {}
    for grade in GRADES:
        terms = request.form.get(f"{grade}_terms") or None
        months = _number(f"{grade}_months", grade)
        if not months:
            raise Refused(_("An assessment holds for a month at least."))
        found[grade] = {
            "from": _number(f"{grade}_from", grade),
            "percent": _number(f"{grade}_percent", grade),
            "months": months,
            "terms": terms if terms in known else None,
        }
    return found
