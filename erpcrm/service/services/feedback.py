"""The verbs of feedback: note what customers say, join what is the same, decide, and answer all who said it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.mail import send_mail
from erpcrm.core.moves import make_move
from erpcrm.customers.models import Contact

from ..models import FEEDBACK_FLOW, Feedback, Ticket, Voice
from .messages import service_address

FIELDS = ("title", "kind", "text", "theme", "product_id")


def create_feedback(values: Mapping[str, Any], by: Actor | None) -> Feedback:
    """Something that customers say: title, kind, text, theme, product. Refused without a title."""
    made = Feedback(status=FEEDBACK_FLOW.initial, votes=0, created_by_id=by.id if by is not None else None)
    _fill(made, values)
    session.add(made)
    session.flush()
    return made


def update_feedback(feedback: Feedback, values: Mapping[str, Any], version: int | None) -> None:
    lock(feedback)
    if version is not None and version != feedback.version:
        raise Stale(feedback)
    _fill(feedback, values)
    session.flush()


def _fill(feedback: Feedback, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(feedback, name, values[name] or None)
    feedback.title = " ".join((feedback.title or "").split())
    if not feedback.title:
        raise Refused(_("Give it a title."))
    feedback.kind = feedback.kind or "idea"


def add_voice(
    feedback: Feedback,
    by: Actor | None,
    *,
    customer_id: int | None = None,
    contact_id: int | None = None,
    ticket: Ticket | None = None,
    words: str | None = None,
) -> Voice:
    """One more who says it. A customer counts once, however often they say it: then their words are kept, and nothing is counted.

    Refused when nobody is named.
    """
    lock(feedback)
    if ticket is not None:
        customer_id = customer_id or ticket.customer_id
        contact_id = contact_id or ticket.contact_id
    contact = session.get(Contact, contact_id) if contact_id is not None else None
    mail = (ticket.address if ticket is not None else None) or (contact.email if contact is not None else None)
    voter = _voter(customer_id, mail, ticket, contact_id)
    query = select(Voice).where(Voice.feedback_id == feedback.id, Voice.voter == voter)
    found = session.scalars(query).one_or_none()
    if found is None:
        found = Voice(feedback=feedback, voter=voter, customer_id=customer_id)
        session.add(found)
        feedback.votes += 1
    found.contact_id, found.mail = contact_id or found.contact_id, mail or found.mail
    found.ticket_id = ticket.id if ticket is not None else found.ticket_id
    said = [one for one in (found.words, (words or "").strip()) if one]
    found.words = "\n\n".join(dict.fromkeys(said)) or None
    session.flush()
    return found


def _voter(customer_id: int | None, mail: str | None, ticket: Ticket | None, contact_id: int | None) -> str:
    if customer_id is not None:
        return f"customer {customer_id}"
    if mail:
        return mail.casefold()
    if contact_id is not None:
        return f"contact {contact_id}"
    if ticket is None:
        raise Refused(_("Say who says it: a customer or a contact."))
    return f"ticket {ticket.id}"


def remove_voice(feedback: Feedback, voice_id: int) -> None:
    """Somebody did not say it after all."""
    lock(feedback)
    found = next((one for one in feedback.voices if one.id == voice_id), None)
    if found is None:
        raise NotThere
    session.delete(found)
    feedback.voices.remove(found)
    feedback.votes -= 1
    session.flush()


def join_feedback(loser: Feedback, winner: Feedback) -> None:
    """Two that say the same: voices of `loser` go to `winner`, who said both counts once, and `loser` is declined."""
    for one in sorted((loser, winner), key=lambda feedback: feedback.id):
        lock(one)
    if loser.id == winner.id:
        raise Refused(_("Choose another one: it can't be joined with itself."))
    there = {voice.voter: voice for voice in winner.voices}
    for voice in list(loser.voices):
        known = there.get(voice.voter)
        if known is None:
            voice.feedback_id, voice.feedback = winner.id, winner
        else:
            said = [one for one in (known.words, voice.words) if one]
            known.words = "\n\n".join(dict.fromkeys(said)) or None
            session.delete(voice)
    session.flush()
    count = select(func.count()).select_from(Voice).where(Voice.feedback_id == winner.id)
    winner.votes, loser.votes = session.scalar(count) or 0, 0
    session.flush()
    session.expire(loser, ["voices"])
    session.expire(winner, ["voices"])
    if "decline" in {move.name for move in FEEDBACK_FLOW.moves if loser.status in move.sources}:
        make_move(loser, "decline", by=None, reason=_("The same as “%(title)s”", title=winner.title))


def decide(feedback: Feedback, name: str, by: User, *, version: int | None = None, reason: str | None = None) -> None:
    """Plan it, do it, decline it, or open the question again."""
    make_move(feedback, name, by=by, version=version, reason=reason)


for _move in FEEDBACK_FLOW.moves:

    @FEEDBACK_FLOW.on(_move.name)
    def _decided(feedback: Feedback, by: Actor | None, details: dict[str, Any]) -> None:
        feedback.decision = (details.get("reason") or "").strip() or (
            None if feedback.status == "new" else feedback.decision
        )


def answer_all(feedback: Feedback, text: str, by: User) -> int:
    """Tell everybody who said it, each once and in a mail of their own, what became of it. Returns how many.

    Who was told before is not told again. Refused without text, and when there is nobody left who can be written to.
    """
    lock(feedback)
    if not text.strip():
        raise Refused(_("Write what they are to be told."))
    waiting = to_answer(feedback)
    if not waiting:
        raise Refused(_("Nobody is left who could be written to."))
    for voice in waiting:
        about = [feedback, *(one for one in (voice.customer, voice.contact) if one is not None)]
        send_mail(
            str(voice.mail), feedback.title, text.strip(), record=about, by=by, reply_to=(by.name, service_address())
        )
        voice.answered_at = now()
    feedback.answered_at = now()
    session.flush()
    return len(waiting)


def to_answer(feedback: Feedback) -> Sequence[Voice]:
    """Who has not been told yet and has an address."""
    return [voice for voice in feedback.voices if voice.mail and voice.answered_at is None]
