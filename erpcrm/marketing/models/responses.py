"""Who is in a campaign, what became of each, and the forms that bring new ones."""

from datetime import datetime
from secrets import token_urlsafe
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.db import Base, Record, now
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.customers.models import Contact, Customer
from erpcrm.pipeline.models import Lead

from .campaigns import Campaign
from .mails import LANGUAGES, CampaignLink

MEMBER_VIEW = "marketing.member.view"
RESPOND = "marketing.member.respond"

DELIVERIES = (
    Choice("waiting", lazy_pgettext("campaign", "Waiting"), "gray"),
    Choice("sending", lazy_pgettext("campaign", "Being sent"), "blue"),
    Choice("sent", lazy_pgettext("campaign", "Sent"), "green"),
    Choice("uncertain", _l("Uncertain"), "orange"),
    Choice("failed", lazy_pgettext("campaign", "Failed"), "red"),
    Choice("bounced", _l("Bounced"), "red"),
    Choice("withdrawn", _l("Consent withdrawn"), "yellow"),
    Choice("control", _l("Control group"), "purple"),
    Choice("none", _l("Not by mail"), "gray"),
)
"""uncertain: handed to the mail server, but the program ended before it heard the answer; never sent again by itself"""
VARIANTS = (Choice("a", "A", "blue"), Choice("b", "B", "purple"))
OUTCOMES = (
    Choice("interested", _l("Interested"), "green"),
    Choice("not_interested", _l("Not interested"), "gray"),
    Choice("no_answer", _l("No answer"), "yellow"),
    Choice("wrong_number", _l("Wrong number"), "red"),
    Choice("registered", _l("Registered"), "blue"),
    Choice("attended", _l("Attended"), "green"),
    Choice("declined", _l("Declined"), "gray"),
    Choice("answered", _l("Answered"), "green"),
)
OUTCOMES_OF = {
    "call": ("interested", "not_interested", "no_answer", "wrong_number"),
    "event": ("registered", "attended", "declined"),
}
"""What may come of it, by channel; of the others that somebody answered"""
RESPONSES = frozenset({"interested", "registered", "attended", "answered"})
PATH = (
    ("targeted", _l("Targeted")),
    ("sent", lazy_pgettext("campaign", "Sent")),
    ("delivered", lazy_pgettext("campaign", "Delivered")),
    ("opened", _l("Opened (estimated)")),
    ("clicked", _l("Clicked")),
    ("responded", _l("Responded")),
    ("converted", lazy_pgettext("campaign", "Converted")),
    ("unsubscribed", _l("Unsubscribed")),
    ("bounced", _l("Bounced")),
)
"""The steps of a member's path; the column of each is <step>_at"""


def new_token() -> str:
    return token_urlsafe(18)


class CampaignMember(Record):
    """A person in a campaign, with the address of that time and when they first came to each step of the path."""

    __tablename__ = "campaign_members"
    record_name = "campaign_member"
    told_when_created = False
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        *(f"{step}_at" for step, _label in PATH),
        *("campaign_id", "contact_id", "lead_id", "customer_id", "name", "address", "variant", "control"),
        *("delivery", "tries", "next_try_at", "token", "outcome", "outcome_at", "error"),
    }
    """Its events tell all of it"""

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="SET NULL"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="SET NULL"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    address: Mapped[str | None] = mapped_column(info={"label": lazy_pgettext("campaign", "Address")})
    """The e-mail address or phone number of that time"""
    variant: Mapped[str] = mapped_column(default="a", info={"label": _l("Variant"), "choices": VARIANTS})
    control: Mapped[bool] = mapped_column(default=False, info={"label": _l("Control group")})
    delivery: Mapped[str] = mapped_column(default="none", info={"label": _l("Sending"), "choices": DELIVERIES})
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    """A server that says "later" is asked again then"""
    error: Mapped[str | None] = mapped_column(Text)
    token: Mapped[str] = mapped_column(unique=True, default=new_token)
    """In the links of the mail: can't be guessed, and says nothing to anybody else"""
    outcome: Mapped[str | None] = mapped_column(info={"label": _l("Outcome"), "choices": OUTCOMES})
    outcome_at: Mapped[datetime | None]
    targeted_at: Mapped[datetime | None] = mapped_column(default=now)
    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    clicked_at: Mapped[datetime | None]
    responded_at: Mapped[datetime | None]
    converted_at: Mapped[datetime | None]
    unsubscribed_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship()
    contact: Mapped[Contact | None] = relationship()
    lead: Mapped[Lead | None] = relationship()
    customer: Mapped[Customer | None] = relationship()

    __table_args__ = (
        UniqueConstraint("campaign_id", "contact_id"),
        UniqueConstraint("campaign_id", "lead_id"),
        CheckConstraint("variant IN ('a', 'b')", name="variant_known"),
        CheckConstraint(
            "delivery IN ({})".format(", ".join(f"'{one.value}'" for one in DELIVERIES)), name="delivery_known"
        ),
        CheckConstraint("NOT control OR sent_at IS NULL", name="control_gets_nothing"),
        Index(None, "campaign_id", "delivery", "id"),
        Index(None, "campaign_id", "sent_at"),
        Index(None, "customer_id", "id"),
        Index(None, "created_at", "id"),
        Index(None, "address"),
    )


class MemberEvent(Base):
    """Something that happened to a member: every single time, with the link where there was one."""

    __tablename__ = "campaign_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("campaign_members.id", ondelete="CASCADE"))
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    kind: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
    link_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_links.id", ondelete="SET NULL"), index=True)
    text: Mapped[str | None] = mapped_column(Text)
    counted: Mapped[bool] = mapped_column(default=True)
    """False where a machine opened it, not a person"""
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    link: Mapped[CampaignLink | None] = relationship()

    __table_args__: Any = (
        Index(None, "member_id", "at"),
        Index(None, "campaign_id", "kind", "at"),
    )


class LandingForm(Record):
    """A public page of a campaign that takes leads."""

    __tablename__ = "landing_forms"
    record_name = "landing_form"
    record_label = _l("Landing form")
    audit_parent = ("campaign", "campaign_id")

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    slug: Mapped[str] = mapped_column(unique=True, info={"label": _l("Address of the page")})
    language: Mapped[str] = mapped_column(info={"label": _l("Language"), "choices": LANGUAGES})
    title: Mapped[str] = mapped_column(info={"label": _l("Title")})
    intro: Mapped[str | None] = mapped_column(Text, info={"label": _l("Introduction")})
    consent_text: Mapped[str] = mapped_column(Text, info={"label": _l("Text of the consent")})
    thanks: Mapped[str | None] = mapped_column(Text, info={"label": _l("Thanks")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Open to the public")})

    campaign: Mapped[Campaign] = relationship()

    __table_args__ = (CheckConstraint("language IN ('en', 'zh')", name="language_known"),)


class CampaignLead(Base):
    """A lead that a campaign brought, and the very words that its person agreed to, if they did."""

    __tablename__ = "campaign_leads"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), unique=True)
    form_id: Mapped[int | None] = mapped_column(ForeignKey("landing_forms.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    consent_text: Mapped[str | None] = mapped_column(Text)

    lead: Mapped[Lead] = relationship()

    __table_args__: Any = ({"info": {"label": _l("Leads of campaigns")}},)
