"""The pages of feedback: what customers say, how many of them, what was decided, and that they are told."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.records import titles_of
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from ..complaint_forms import AnswerForm, FeedbackForm, JoinForm, OfTicketForm, ReasonForm, VoiceForm
from ..models import FEEDBACK_DECIDE, FEEDBACK_EDIT, FEEDBACK_FLOW, FEEDBACK_KINDS, FEEDBACK_VIEW, WORK, Feedback, Voice
from ..services import feedback as verbs
from .blueprint import bp, load_ticket

VOICES = (
    selectinload(Feedback.voices).options(
        joinedload(Voice.customer), joinedload(Voice.contact), joinedload(Voice.ticket)
    ),
    joinedload(Feedback.product),
)


def found(id: int) -> Feedback:
    return load(Feedback, id, everyone)


def back(record: Feedback) -> Response:
    return redirect_to(url_for("service.feedback", id=record.id))


def _dialog(template: str, record: Any, form: Any, **data: Any) -> Response:
    status = 422 if request.method == "POST" else 200
    return page(template, parts=["dialog_body"], record=record, form=form, status=status, **data)


@bp.get("/feedback")
@allow(FEEDBACK_VIEW)
def feedback_list() -> Response:
    return list_page(record_type("feedback"))


@bp.get("/feedback/<int:id>")
@allow(FEEDBACK_VIEW)
def feedback(id: int) -> Response:
    record = load(Feedback, id, everyone, options=VOICES)
    return page(
        "service/feedback.html",
        record=record,
        state=FEEDBACK_FLOW.state_of(record),
        kind=next(one for one in FEEDBACK_KINDS if one.value == record.kind),
        moves=FEEDBACK_FLOW.moves_for(record, current_user),
        customers=_seen("customer", [one.customer_id for one in record.voices]),
        tickets=_seen("ticket", [one.ticket_id for one in record.voices]),
        to_answer=len(verbs.to_answer(record)),
        may_edit=current_user.may(FEEDBACK_EDIT),
        may_decide=current_user.may(FEEDBACK_DECIDE),
    )


def _seen(kind: str, ids: Sequence[int | None]) -> Collection[int]:
    """Which of these records this user may open."""
    known = record_type(kind)
    return titles_of(known, [id for id in ids if id], current_user) if current_user.may(known.view) else ()


@bp.route("/feedback/new", methods=["GET", "POST"])
@allow(FEEDBACK_EDIT)
def new_feedback() -> Response:
    form = FeedbackForm() if request.method == "POST" else FeedbackForm(formdata=None)
    if request.method == "POST" and form.validate():
        try:
            return back(verbs.create_feedback(form.values(), current_user))
        except Refused as no:
            form.title.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("service/feedback_form.html", record=None, form=form, status=status)


@bp.route("/feedback/<int:id>/edit", methods=["GET", "POST"])
@allow(FEEDBACK_EDIT)
def edit_feedback(id: int) -> Response:
    record = found(id)
    form = FeedbackForm(obj=record) if request.method == "POST" else FeedbackForm(formdata=None, obj=record)
    if request.method == "POST" and form.validate():
        try:
            verbs.update_feedback(record, form.values(), form.version.data)
            return back(record)
        except Stale:
            raise
        except Refused as no:
            form.title.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("service/feedback_form.html", record=record, form=form, status=status)


@bp.get("/feedback/<int:id>/ask/<move>")
@allow(FEEDBACK_DECIDE)
def ask_decision(id: int, move: str) -> Response:
    record = found(id)
    asked = FEEDBACK_FLOW.move.get(move)
    if asked is None:
        raise NotThere
    return _dialog("service/feedback_reason.html", record, ReasonForm(formdata=None, obj=record), move=asked)


@bp.post("/feedback/<int:id>/<move>")
@allow(FEEDBACK_DECIDE)
def move_feedback(id: int, move: str) -> Response:
    record = found(id)
    if move not in FEEDBACK_FLOW.move:
        raise NotThere
    version = request.form.get("version", type=whole)
    verbs.decide(record, move, current_user, version=version, reason=request.form.get("reason"))
    return back(record)


@bp.route("/feedback/<int:id>/voices/new", methods=["GET", "POST"])
@allow(FEEDBACK_EDIT)
def new_voice(id: int) -> Response:
    """One more who says it."""
    record = found(id)
    form = VoiceForm() if request.method == "POST" else VoiceForm(formdata=None)
    if request.method == "POST" and form.validate():
        values = form.values()
        try:
            verbs.add_voice(record, current_user, **values)
            return back(record)
        except Refused as no:
            form.customer_id.errors = [str(no.message)]
    return _dialog("service/voice.html", record, form)


@bp.post("/feedback/<int:id>/voices/<int:part_id>/remove")
@allow(FEEDBACK_EDIT)
def remove_voice(id: int, part_id: int) -> Response:
    record = found(id)
    verbs.remove_voice(record, part_id)
    return back(record)


@bp.route("/feedback/<int:id>/join", methods=["GET", "POST"])
@allow(FEEDBACK_EDIT)
def join_feedback(id: int) -> Response:
    record = found(id)
    form = JoinForm() if request.method == "POST" else JoinForm(formdata=None)
    if request.method == "POST" and form.validate():
        winner = found(form.winner_id.data or 0)
        try:
            verbs.join_feedback(record, winner)
            return back(winner)
        except Refused as no:
            form.winner_id.errors = [str(no.message)]
    return _dialog("service/feedback_join.html", record, form)


@bp.route("/feedback/<int:id>/answer", methods=["GET", "POST"])
@allow(FEEDBACK_DECIDE)
def answer_feedback(id: int) -> Response:
    """A mail to everybody who said it and was not told yet."""
    record = found(id)
    form = AnswerForm() if request.method == "POST" else AnswerForm(formdata=None)
    waiting = verbs.to_answer(record)
    if request.method == "POST" and form.validate():
        try:
            count = verbs.answer_all(record, form.text.data or "", current_user)
            flash(_("%(count)s are told.", count=count), "success")
            return back(record)
        except Refused as no:
            form.text.errors = [str(no.message)]
    return _dialog("service/feedback_answer.html", record, form, waiting=waiting)


@bp.route("/tickets/<int:id>/feedback", methods=["GET", "POST"])
@allow(WORK)
def feedback_of_ticket(id: int) -> Response:
    """What a ticket says, as one voice more for what is known, or as something new."""
    ticket = load_ticket(id)
    form = OfTicketForm() if request.method == "POST" else OfTicketForm(formdata=None, data={"title": ticket.subject})
    if request.method == "POST" and form.validate():
        try:
            if form.feedback_id.data is not None:
                record = found(form.feedback_id.data)
            else:
                values = {name: form[name].data for name in ("title", "kind", "theme")}
                record = verbs.create_feedback(values | {"product_id": ticket.product_id}, current_user)
            verbs.add_voice(record, current_user, ticket=ticket, words=ticket.subject)
            return back(record)
        except Refused as no:
            form.title.errors = [str(no.message)]
    return _dialog("service/feedback_of_ticket.html", ticket, form)
