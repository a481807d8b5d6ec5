"""The verbs of surveys: who is asked, when, how often; what is answered, once; and what follows from a bad answer."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from sqlalchemy import ColumnElement, exists, false, func, select

from erpcrm.access.models import User
from erpcrm.analytics.services import customers_in
from erpcrm.core.actor import Actor
from erpcrm.core.db import lock, now, session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _, in_language, locale_code, today
from erpcrm.core.mail import absolute, send_mail
from erpcrm.core.registry import is_on, registry
from erpcrm.customers.identity import clean
from erpcrm.customers.models import Contact, Customer, CustomerContact
from erpcrm.customers.services import add_activity

from ..models import SOLVED, Ticket
from ..models.surveys import Survey, SurveyInvitation
from ..scores import SCALES
from ..survey_mail import as_html, as_text

FILLABLE = (
    *("name", "kind", "question", "question_zh", "trigger", "active", "delay_hours", "sample_percent"),
    *("every_days", "customer_group", "segment_id", "rest_days", "valid_days", "low_at"),
)
STEP = 50
"""Mails of one step of the job"""
PEOPLE = 500
"""People whom one step of the job invites"""
LONGEST_COMMENT = 4000
CHINESE = re.compile(r"[\u3400-\u9fff]")


def save_survey(
    survey: Survey | None, values: Mapping[str, Any], by: Actor | None, version: int | None = None
) -> Survey:
    """Make or change a survey. Refused when the bar for following up is not on its scale, and when the kind is changed of one
    that was answered: scores of two scales would be mixed. Stale when somebody was quicker."""
    if survey is not None and version is not None and version != survey.version:
        raise Stale(survey)
    if survey is not None and values.get("kind", survey.kind) != survey.kind and _is_answered(survey):
        raise Refused(_("Answers have come in already. Make a new survey for another scale."))
    made = survey or Survey(created_by_id=by.id if by is not None else None)
    for name in FILLABLE:
        if name in values:
            value = values[name]
            setattr(made, name, clean(value) if isinstance(value, str) else value)
    if "segment_id" in values:
        made.by_segment = values["segment_id"] is not None
    if not made.name:
        raise Refused(_("A survey needs a name."))
    scale = SCALES[made.kind]
    if made.low_at is None:
        made.low_at = scale.bad
    if not scale.low <= made.low_at < scale.high:
        raise Refused(
            _("The score up to which you follow up lies from %(low)s to %(high)s.", low=scale.low, high=scale.high - 1)
        )
    taken = select(Survey.id).where(func.lower(Survey.name) == made.name.lower())
    if session.scalar(taken.where(Survey.id != survey.id) if survey is not None else taken) is not None:
        raise Refused(_("There is a survey called “%(name)s” already.", name=made.name))
    session.add(made)
    session.flush()
    return made


def _is_answered(survey: Survey) -> bool:
    answered = (SurveyInvitation.survey_id == survey.id) & SurveyInvitation.answered_at.is_not(None)
    return bool(session.scalar(select(exists().where(answered))))


def question_of(survey: Survey) -> str:
    """What is asked, in the language of this request."""
    chosen = survey.question_zh if locale_code() == "zh" else survey.question
    return chosen or str(
        {
            "csat": _("How satisfied are you with our help?"),
            "nps": _("How likely are you to recommend us to a friend or colleague?"),
            "ces": _("It was easy to get my matter settled. Do you agree?"),
        }[survey.kind]
    )


def ends_of(survey: Survey) -> tuple[str, str]:
    """What the lowest and the highest step of the scale mean."""
    return {
        "csat": (_("Very dissatisfied"), _("Very satisfied")),
        "nps": (_("Not at all likely"), _("Extremely likely")),
        "ces": (_("Strongly disagree"), _("Strongly agree")),
    }[survey.kind]


# ------------------------------------------------------------------ who is asked


def is_sampled(survey: Survey, ticket_id: int) -> bool:
    """Whether this ticket is among the share that is asked: the same answer however often it is tried."""
    digest = sha256(f"{survey.id}:{ticket_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < survey.sample_percent


def invite_after(ticket: Ticket, by: Actor | None, details: Mapping[str, Any]) -> None:
    """A ticket was resolved: whoever asked is asked in turn, once a ticket, after the survey's delay."""
    if not ticket.address:
        return
    known = select(SurveyInvitation.survey_id).where(SurveyInvitation.ticket_id == ticket.id)
    query = select(Survey).where(Survey.active, Survey.trigger == "ticket", Survey.id.not_in(known))
    for survey in session.scalars(query):
        if is_sampled(survey, ticket.id):
            invitation = _invitation(survey, ticket.contact, ticket.customer, ticket.address, delay=survey.delay_hours)
            invitation.ticket_id, invitation.agent_id = ticket.id, ticket.owner_id
            invitation.product_id = ticket.product_id
            session.add(invitation)
    session.flush()


def _invitation(
    survey: Survey, contact: Contact | None, customer: Customer | None, email: str | None, delay: int = 0
) -> SurveyInvitation:
    return SurveyInvitation(
        survey_id=survey.id,
        customer_id=customer.id if customer is not None else None,
        contact_id=contact.id if contact is not None else None,
        email=(email or "").strip().lower() or None,
        language=_language_of(contact, customer),
        token=token_urlsafe(24),
        send_at=now() + timedelta(hours=delay),
    )


def _language_of(contact: Contact | None, customer: Customer | None) -> str:
    """The language in which a person is written to: that of the name, as documents do."""
    name = contact.name if contact is not None else customer.name if customer is not None else ""
    return "zh" if CHINESE.search(name) else "en" if name else "zh" if locale_code() == "zh" else "en"


def fault_of(survey: Survey) -> str | None:
    """Why a survey that goes to a segment can ask nobody now; None when it can."""
    if survey.trigger == "ticket" or not survey.by_segment:
        return None
    if not is_on(registry().by_name["analytics"]):
        return _("Segments are switched off, so nobody is asked.")
    if survey.segment is None:
        return _("Its segment is not there any more, so nobody is asked. Choose another one.")
    try:
        customers_in(survey.segment)
    except Refused as no:
        return str(no.message)
    return None


def asked_customers(survey: Survey) -> ColumnElement[bool]:
    """Which customers a survey goes to that is no answer to a ticket. Nobody when its segment can't be asked."""
    among = Customer.status == "active"
    if survey.customer_group:
        among &= Customer.customer_group == survey.customer_group
    if not survey.by_segment:
        return among
    if survey.segment is None or fault_of(survey) is not None:
        return false()
    return among & Customer.id.in_(customers_in(survey.segment))


def people_of(survey: Survey, after: int = 0, limit: int = PEOPLE) -> list[tuple[Contact, Customer]]:
    """Whom it would ask now, by id: people with an address who want mails and were not asked within the days of rest, each
    with the primary customer. One that waits to be sent counts as asked."""
    since = now() - timedelta(days=survey.rest_days)
    asked = exists().where(
        SurveyInvitation.email == func.lower(Contact.email),
        SurveyInvitation.skipped.is_(None),
        func.coalesce(SurveyInvitation.sent_at, SurveyInvitation.send_at) > since,
    )
    query = (
        select(Contact, Customer)
        .join(CustomerContact, CustomerContact.contact_id == Contact.id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(
            Contact.id > after,
            CustomerContact.is_primary,
            Contact.active,
            Contact.email.is_not(None),
            Contact.consent != "withdrawn",
            asked_customers(survey),
            ~asked,
        )
        .order_by(Contact.id)
    )
    return [(contact, customer) for contact, customer in session.execute(query.limit(limit))]


def invite_people(survey: Survey, after: int = 0) -> int | None:
    """Invite the next people; returns the id of the last one, None when there are no more. An address that two people share is
    asked once."""
    people = people_of(survey, after)
    seen: set[str] = set()
    for contact, customer in people:
        address = (contact.email or "").lower()
        if address not in seen:
            seen.add(address)
            session.add(_invitation(survey, contact, customer, address))
    session.flush()
    return people[-1][0].id if len(people) == PEOPLE else None


def surveys_due() -> Iterator[Survey]:
    """Surveys by schedule whose day has come."""
    query = select(Survey).where(Survey.active, Survey.trigger == "schedule").order_by(Survey.id)
    for survey in session.scalars(query).all():
        if survey.last_run_on is None or survey.last_run_on + timedelta(days=survey.every_days) <= today():
            yield survey


# ------------------------------------------------------------------------ sending


def send_due(limit: int = STEP) -> int:
    """Send the invitations whose time has come; those that must not go any more are skipped, with the reason. Returns how many
    were looked at."""
    waiting = SurveyInvitation.sent_at.is_(None) & SurveyInvitation.skipped.is_(None)
    query = (
        select(SurveyInvitation)
        .where(waiting, SurveyInvitation.send_at <= now())
        .order_by(SurveyInvitation.send_at, SurveyInvitation.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=SurveyInvitation)
    )
    found = session.scalars(query).all()
    for invitation in found:
        invitation.skipped = _why_not(invitation)
        if invitation.skipped is None:
            _send(invitation)
        session.flush()  # the next one may be for the same person
    return len(found)


def _why_not(invitation: SurveyInvitation) -> str | None:
    survey, contact, ticket = invitation.survey, invitation.contact, invitation.ticket
    if not survey.active:
        return "stopped"
    if invitation.send_at + timedelta(days=survey.valid_days) < now():
        return "too_late"
    if not invitation.email or (contact is not None and not contact.active):
        return "no_email"
    if contact is not None and contact.consent == "withdrawn":
        return "withdrawn"
    if ticket is not None and ticket.status not in SOLVED:
        return "reopened"
    since = now() - timedelta(days=survey.rest_days)
    asked = exists().where(SurveyInvitation.email == invitation.email, SurveyInvitation.sent_at > since)
    return "rested" if session.scalar(select(asked)) else None


def _send(invitation: SurveyInvitation) -> None:
    """A mail with one link a step of the scale. None of them answers: they open the page on which one press does."""
    survey = invitation.survey
    invitation.sent_at = now()
    invitation.expires_at = now() + timedelta(days=survey.valid_days)
    url = absolute(path_of(invitation))
    steps = [(step, f"{url}?score={step}") for step in SCALES[survey.kind].steps]
    with in_language(invitation.language):
        question, ends = question_of(survey), ends_of(survey)
        subject = (
            _("[%(code)s] How did we do?", code=invitation.ticket.code)
            if invitation.ticket is not None
            else _("One question to you")
        )
        about = [one for one in (invitation.ticket, invitation.customer, invitation.contact) if one is not None]
        send_mail(
            str(invitation.email),
            subject,
            as_text(invitation, question, ends, url),
            as_html(invitation, question, ends, steps),
            record=about,
        )


def path_of(invitation: SurveyInvitation) -> str:
    return f"/service/s/{invitation.token}"


# ---------------------------------------------------------------------- answering


def by_token(token: str) -> SurveyInvitation:
    """The invitation behind a link. NotThere when there is none, or it was never sent."""
    query = select(SurveyInvitation).where(SurveyInvitation.token == token, SurveyInvitation.sent_at.is_not(None))
    found = session.scalars(query).one_or_none() if token else None
    if found is None:
        raise NotThere
    return found


def is_over(invitation: SurveyInvitation) -> bool:
    return invitation.expires_at is not None and invitation.expires_at < now()


def answer(invitation: SurveyInvitation, score: int, comment: str | None) -> bool:
    """Keep an answer. False when there is one already: the first one stays. Refused after its time, and off the scale."""
    lock(invitation)
    if invitation.answered_at is not None:
        return False
    if is_over(invitation):
        raise Refused(_("This survey has ended. Thank you all the same."))
    if score not in SCALES[invitation.survey.kind].steps:
        raise Refused(_("Choose one of the steps."))
    invitation.score, invitation.answered_at = score, now()
    invitation.comment = (clean(comment) or "")[:LONGEST_COMMENT] or None
    session.flush()
    if score <= invitation.survey.low_at:
        _follow_up(invitation)
    return True


def _follow_up(invitation: SurveyInvitation) -> None:
    """A task for whoever looks after the customer, else for the agent. Nobody to give it to: it is seen on the page alone."""
    customer, ticket = invitation.customer, invitation.ticket
    record = customer or ticket
    owner_id = (customer.owner_id if customer is not None else None) or invitation.agent_id
    owner = session.get(User, owner_id) if owner_id is not None else None
    if record is None or owner is None:
        return
    with in_language(owner.language):
        about = {
            "name": invitation.contact.name if invitation.contact is not None else invitation.email,
            "survey": invitation.survey.name,
            "score": invitation.score,
        }
        subject = _("Call %(name)s: gave only %(score)s in “%(survey)s”", **about)
        if ticket is not None:
            subject += f" · {ticket.code}"
    made = add_activity(
        record,
        "task",
        subject,
        None,
        body=invitation.comment,
        due_on=today() + timedelta(days=1),
        contact_id=invitation.contact_id,
        owner_id=owner.id,
    )
    invitation.follow_up_id = made.id
    session.flush()
