"""Without an account: ask us, see and answer one's ticket, answer a survey. The addresses can't be guessed, and end."""

from typing import Any
from urllib.parse import quote

from flask import Response, abort, flash, request, send_file, url_for

from erpcrm.access.area import limiter
from erpcrm.core import robots
from erpcrm.core.access import public
from erpcrm.core.blobs import path_of
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import LANGUAGES, _, in_language
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from ..models import SOLVED, TICKET_FLOW, TicketLink
from ..models.surveys import SurveyInvitation
from ..public_forms import AskForm, PortalForm
from ..scores import SCALES
from ..services import portal, surveys
from ..survey_forms import AnswerForm
from .blueprint import bp

LIMIT = "30 per minute; 300 per hour"
"""Of one address: a whole office may share one."""
FORM = "service.ask"


def private(response: Response) -> Response:
    """Whoever is handed this address must not find it in somebody's referrers, search results or caches."""
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Cache-Control"] = "no-store"
    return response


def _uploads() -> list[Any]:
    found = [file for file in request.files.getlist("files") if file.filename]
    if len(found) > portal.MOST_FILES:
        raise Refused(_("At most %(most)s files at once.", most=portal.MOST_FILES))
    return found


# ------------------------------------------------------------------------- asking


def require_open() -> None:
    """404 while the company has not opened the form."""
    if not setting("service_form_open"):
        abort(404)


def _show_form(form: AskForm, asked_at: str, status: int = 200) -> Response:
    return page("service/ask.html", form=form, asked_at=asked_at, status=status)


@bp.get("/ask")
@public
def ask() -> Response:
    require_open()
    return _show_form(AskForm(formdata=None), robots.stamp(FORM))


@bp.post("/ask")
@limiter.limit(robots.LIMIT)
@public
def send_question() -> Response:
    """A robot that fills the invisible field is thanked like everybody else, so that it learns nothing."""
    require_open()
    form, asked = AskForm(), request.form.get("asked_at", "")
    if form.homepage.data:
        return redirect_to(url_for("service.asked"))
    valid, seconds = form.validate(), robots.age(FORM, asked)
    if valid and (seconds is None or seconds < robots.FASTEST):
        form.form_errors = [_("Please look over your message and send it once more.")]
        valid = False
    if valid:
        try:
            portal.ask(form.values(), _uploads())
            return redirect_to(url_for("service.asked"))
        except Refused as no:
            form.files.errors = [str(no.message)]
    return _show_form(form, asked if seconds is not None else robots.stamp(FORM), 422)


@bp.get("/ask/thanks")
@public
def asked() -> Response:
    require_open()
    return page("service/asked.html")


# ------------------------------------------------------------------------- portal


def _show_ticket(link: TicketLink, form: Any = None, status: int = 200) -> Response:
    ticket = portal.ticket_behind(link)
    messages = portal.said_openly(ticket)
    ids = {id for message in messages for id in message.file_ids}
    files = {id: found for id in ids if (found := session.get(Attachment, id)) is not None and found.deleted_at is None}
    response = page(
        "service/portal.html",
        link=link,
        ticket=ticket,
        state=TICKET_FLOW.state_of(ticket),
        solved=ticket.status in SOLVED,
        messages=messages,
        files=files,
        form=form or PortalForm(formdata=None),
        company=setting("company_name"),
        status=status,
    )
    return private(response)


@bp.get("/t/<token>")
@limiter.limit(LIMIT)
@public
def portal_ticket(token: str) -> Response:
    return _show_ticket(portal.by_link(token))


@bp.post("/t/<token>")
@limiter.limit("10 per minute; 60 per hour")
@public
def answer_ticket(token: str) -> Response:
    link, form = portal.by_link(token), PortalForm()
    if not form.validate():
        return _show_ticket(link, form, 422)
    try:
        portal.answer_by_link(link, form.text.data or "", _uploads())
    except Refused as no:
        form.text.errors = [str(no.message)]
        return _show_ticket(link, form, 422)
    flash(_("Thank you, we have got your message."), "success")
    return redirect_to(url_for("service.portal_ticket", token=token))


@bp.post("/t/<token>/solved")
@limiter.limit(LIMIT)
@public
def solve_ticket(token: str) -> Response:
    portal.solve_by_link(portal.by_link(token))
    flash(_("Thank you for telling us. Write again if it comes back."), "success")
    return redirect_to(url_for("service.portal_ticket", token=token))


@bp.get("/t/<token>/files/<int:id>")
@limiter.limit(LIMIT)
@public
def portal_file(token: str, id: int) -> Response:
    """A file of the conversation: only one that came with a message which the customer may read."""
    ticket = portal.ticket_behind(portal.by_link(token))
    found = session.get(Attachment, id)
    shown = {one for message in portal.said_openly(ticket) for one in message.file_ids}
    if found is None or id not in shown or found.deleted_at is not None:
        raise NotThere
    response = send_file(path_of(found.sha256), mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return private(response)


# ------------------------------------------------------------------------ surveys


def _language_of(invitation: SurveyInvitation) -> str:
    """The one that the reader has chosen on the page, else that of the mail."""
    chosen = request.cookies.get("language")
    return chosen if chosen in LANGUAGES else invitation.language


def _show_survey(invitation: SurveyInvitation, form: Any, status: int = 200, again: bool = False) -> Response:
    survey = invitation.survey
    return private(
        page(
            "service/survey.html",
            invitation=invitation,
            form=form,
            scale=SCALES[survey.kind],
            question=surveys.question_of(survey),
            ends=surveys.ends_of(survey),
            over=surveys.is_over(invitation),
            again=again,
            said=request.args.get("said", ""),
            status=status,
        )
    )


def _form(invitation: SurveyInvitation, **given: Any) -> AnswerForm:
    form = AnswerForm(**given)
    form.score.choices = [(step, str(step)) for step in SCALES[invitation.survey.kind].steps]
    return form


@bp.get("/s/<token>")
@limiter.limit(LIMIT)
@public
def survey(token: str) -> Response:
    """The question, with the step of the link chosen already. Opening it answers nothing: mail scanners open every link."""
    found = surveys.by_token(token)
    with in_language(_language_of(found)):
        score = request.args.get("score", type=whole)
        chosen = score if score in SCALES[found.survey.kind].steps else None
        return _show_survey(found, _form(found, formdata=None, data={"score": chosen}))


@bp.post("/s/<token>")
@limiter.limit(LIMIT)
@public
def answer_survey(token: str) -> Response:
    found = surveys.by_token(token)
    with in_language(_language_of(found)):
        form = _form(found)
        if found.answered_at is not None:
            return _show_survey(found, form, 409, again=True)
        if surveys.is_over(found):
            return _show_survey(found, form, 409)
        steps = SCALES[found.survey.kind].steps
        if not form.validate() or form.score.data not in steps:
            form.score.errors = form.score.errors or [_("Choose one of the steps.")]
            return _show_survey(found, form, 422)
        if not surveys.answer(found, form.score.data, form.comment.data):
            return _show_survey(found, form, 409, again=True)
    return redirect_to(url_for("service.survey", token=token, said="1"))
