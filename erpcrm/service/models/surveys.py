"""Surveys: one question with a scale, whom it is sent to and when, and what came back."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.analytics.models import Segment
from erpcrm.catalog.models import Product
from erpcrm.core.db import Record
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice
from erpcrm.customers.models import Activity, Contact, Customer

from .tickets import Ticket

SURVEY_VIEW = "service.survey.view"
SURVEY_EDIT = "service.survey.edit"

SURVEY_KINDS = (
    Choice("csat", _l("Satisfaction (CSAT, 1 to 5)")),
    Choice("nps", _l("Recommendation (NPS, 0 to 10)")),
    Choice("ces", _l("Effort (CES, 1 to 7)")),
)
TRIGGERS = (
    Choice("ticket", _l("After a ticket is resolved")),
    Choice("schedule", _l("Every so many days")),
    Choice("hand", _l("When somebody sends it")),
)
SKIPPED = (
    Choice("no_email", _l("No e-mail address")),
    Choice("withdrawn", _l("Does not want mails")),
    Choice("rested", _l("Was asked not long ago")),
    Choice("reopened", _l("The ticket was reopened")),
    Choice("stopped", _l("The survey was stopped")),
    Choice("too_late", _l("It could not be sent in time")),
)


class Survey(Record):
    """What is asked, of whom, how often. A question that is left empty is the usual one of its kind."""

    __tablename__ = "surveys"
    record_name = "survey"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"last_run_on", "by_segment"}

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    kind: Mapped[str] = mapped_column(info={"label": _l("Kind"), "choices": SURVEY_KINDS})
    question: Mapped[str | None] = mapped_column(info={"label": _l("Question in English")})
    question_zh: Mapped[str | None] = mapped_column(info={"label": _l("Question in Chinese")})
    trigger: Mapped[str] = mapped_column(info={"label": _l("When it is sent"), "choices": TRIGGERS})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    delay_hours: Mapped[int] = mapped_column(default=24, info={"label": _l("Hours after the ticket is resolved")})
    sample_percent: Mapped[int] = mapped_column(default=100, info={"label": _l("Share that is asked (%)")})
    every_days: Mapped[int] = mapped_column(default=90, info={"label": _l("Days between two runs")})
    customer_group: Mapped[str | None] = mapped_column(
        info={"label": _l("Customer group"), "options": "customer.group"}
    )
    by_segment: Mapped[bool] = mapped_column(default=False)
    """Once a segment was chosen: when it is deleted nobody is asked, rather than everybody"""
    segment_id: Mapped[int | None] = mapped_column(
        ForeignKey("segments.id", ondelete="SET NULL"), index=True, info={"label": _l("Segment")}
    )
    rest_days: Mapped[int] = mapped_column(default=30, info={"label": _l("Days of rest for a person")})
    valid_days: Mapped[int] = mapped_column(default=14, info={"label": _l("Days that the link is valid")})
    low_at: Mapped[int] = mapped_column(info={"label": _l("Follow up on scores up to")})
    last_run_on: Mapped[date | None]

    segment: Mapped[Segment | None] = relationship()

    __table_args__ = (
        CheckConstraint("kind IN ('csat', 'nps', 'ces')", name="kind_known"),
        CheckConstraint("trigger IN ('ticket', 'schedule', 'hand')", name="trigger_known"),
        CheckConstraint("sample_percent BETWEEN 1 AND 100", name="sample_is_a_share"),
        CheckConstraint(
            "delay_hours >= 0 AND every_days > 0 AND rest_days >= 0 AND valid_days > 0", name="times_make_sense"
        ),
        Index(None, "created_at", "id"),
    )


class SurveyInvitation(Record):
    """One person who is asked once: planned, sent or skipped, perhaps answered. An answer is never changed."""

    __tablename__ = "survey_invitations"
    record_name = "survey_invitation"
    record_label = _l("Answer to a survey")
    told_when_created = False
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"token", "send_at", "sent_at", "expires_at", "skipped"}

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id"), info={"label": _l("Survey")})
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True, info={"label": _l("Contact")}
    )
    email: Mapped[str | None] = mapped_column(info={"label": _l("E-mail")})
    """In lower case: by it a person is known who is no contact"""
    language: Mapped[str]
    ticket_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"), index=True, info={"label": _l("Ticket")})
    agent_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, info={"label": _l("Agent")}
    )
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    token: Mapped[str] = mapped_column(unique=True)
    send_at: Mapped[datetime]
    sent_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Sent")})
    skipped: Mapped[str | None] = mapped_column(info={"label": _l("Not sent because"), "choices": SKIPPED})
    expires_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Valid until")})
    answered_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Answered")})
    score: Mapped[int | None] = mapped_column(info={"label": _l("Score")})
    comment: Mapped[str | None] = mapped_column(info={"label": _l("Comment")})
    follow_up_id: Mapped[int | None] = mapped_column(
        ForeignKey("activities.id", ondelete="SET NULL"), index=True, info={"label": _l("Follow-up")}
    )

    survey: Mapped[Survey] = relationship()
    customer: Mapped[Customer | None] = relationship()
    contact: Mapped[Contact | None] = relationship()
    ticket: Mapped[Ticket | None] = relationship()
    agent: Mapped[User | None] = relationship(foreign_keys=[agent_id])
    product: Mapped[Product | None] = relationship()
    follow_up: Mapped[Activity | None] = relationship()

    __table_args__ = (
        UniqueConstraint("survey_id", "ticket_id"),
        CheckConstraint("(answered_at IS NULL) = (score IS NULL)", name="answered_with_a_score"),
        CheckConstraint("score IS NULL OR score BETWEEN 0 AND 10", name="score_on_a_scale"),
        CheckConstraint("skipped IS NULL OR sent_at IS NULL", name="skipped_is_not_sent"),
        Index(None, "survey_id", "sent_at"),
        Index(None, "customer_id", "id"),
        Index(None, "email", "sent_at"),
        Index(None, "answered_at", "id"),
        Index(None, "created_at", "id"),
        Index(
            "ix_survey_invitations_waiting",
            "send_at",
            sqlite_where=text("sent_at IS NULL AND skipped IS NULL"),
            postgresql_where=text("sent_at IS NULL AND skipped IS NULL"),
        ),
    )
