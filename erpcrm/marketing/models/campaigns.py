"""Campaigns: what they are after, whom they are for, what they cost."""

from datetime import date, datetime
from decimal import Decimal
from secrets import randbits
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

from .mails import MailTemplate

VIEW = "marketing.campaign.view"
EDIT = "marketing.campaign.edit"
SEND = "marketing.campaign.send"
declare_numbers("campaign", _l("Campaigns"), "CP-")

CAMPAIGN_FLOW = Workflow(
    "campaign",
    states=(
        State("planned", lazy_pgettext("campaign", "Planned"), "blue"),
        State("running", lazy_pgettext("campaign", "Running"), "green"),
        State("paused", lazy_pgettext("campaign", "Paused"), "yellow"),
        State("finished", lazy_pgettext("campaign", "Finished"), "gray"),
        State("cancelled", lazy_pgettext("campaign", "Cancelled"), "red"),
    ),
    moves=(
        Move(
            "start",
            lazy_pgettext("campaign", "Start"),
            ("planned",),
            "running",
            SEND,
            icon="player-play",
            kind="primary",
            page="marketing.ask_start",
        ),
        Move("pause", lazy_pgettext("campaign", "Pause"), ("running",), "paused", SEND, icon="player-pause"),
        Move(
            "resume",
            lazy_pgettext("campaign", "Go on"),
            ("paused",),
            "running",
            SEND,
            icon="player-play",
            kind="primary",
        ),
        Move(
            "finish", lazy_pgettext("campaign", "Finish"), ("running", "paused"), "finished", SEND, icon="circle-check"
        ),
        Move(
            "cancel",
            lazy_pgettext("campaign", "Cancel the campaign"),
            ("planned", "running", "paused"),
            "cancelled",
            SEND,
            reason="required",
            icon="ban",
            kind="danger",
        ),
    ),
)
CHANNELS = (
    Choice("mail", lazy_pgettext("campaign", "E-mail"), "blue"),
    Choice("event", _l("Event"), "purple"),
    Choice("call", _l("Calls"), "green"),
    Choice("print", lazy_pgettext("campaign", "Print"), "orange"),
    Choice("ads", _l("Advertising"), "yellow"),
    Choice("other", lazy_pgettext("campaign", "Other"), "gray"),
)
MEASURES = (
    Choice("responses", _l("Responses")),
    Choice("leads", _l("Leads")),
    Choice("won", _l("Won value")),
)


class Campaign(Record):
    """A marketing effort. Amounts are in the company's currency.

    Whom it is for stands in its targets until it starts; from then on in its members, who never change again.
    """

    __tablename__ = "campaigns"
    record_name = "campaign"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "seed", "job_id", "fixed_at"}

    number: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    name_key: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default=CAMPAIGN_FLOW.initial, info={"label": _l("Status")})
    channel: Mapped[str] = mapped_column(info={"label": _l("Channel"), "choices": CHANNELS})
    goal: Mapped[str | None] = mapped_column(info={"label": _l("Goal")})
    measure: Mapped[str] = mapped_column(default="responses", info={"label": _l("Measured by"), "choices": MEASURES})
    aim: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("Aim")})
    """How many responses or leads, or how much won value in the company's currency"""
    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Response code")})
    """Stands on print and in advertisements: /marketing/r/<code>"""
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), index=True, info={"label": _l("Owner")}
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True, info={"label": _l("Team")}
    )
    budget: Mapped[Decimal | None] = mapped_column(AMOUNT, info={**COMPANY_MONEY, "label": _l("Budget")})
    starts_on: Mapped[date | None] = mapped_column(info={"label": _l("Begins on")})
    ends_on: Mapped[date | None] = mapped_column(info={"label": _l("Ends on")})
    control_percent: Mapped[int] = mapped_column(default=0, info={"label": _l("Control group in %")})
    """So many percent of those who could get it are held out at random, to know what would have happened anyway"""
    seed: Mapped[int] = mapped_column(default=lambda: randbits(31))
    """What the draw of the control group and of the halves is made from: the same audience gives the same draw"""
    template_id: Mapped[int | None] = mapped_column(
        ForeignKey("mail_templates.id"), index=True, info={"label": _l("Mail template")}
    )
    template_b_id: Mapped[int | None] = mapped_column(
        ForeignKey("mail_templates.id"), index=True, info={"label": _l("Mail template of the other half")}
    )
    """Where there is one, half of the members get it: variant b"""
    per_hour: Mapped[int | None] = mapped_column(info={"label": _l("At most so many mails an hour")})
    send_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Sending begins")})
    fixed_at: Mapped[datetime | None]
    """Since when its members stand"""
    job_id: Mapped[int | None]
    """The job that sends, or sent last"""

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    template: Mapped[MailTemplate | None] = relationship(foreign_keys=[template_id])
    template_b: Mapped[MailTemplate | None] = relationship(foreign_keys=[template_b_id])

    __table_args__ = (
        CAMPAIGN_FLOW.check(),
        CheckConstraint("channel IN ('mail', 'event', 'call', 'print', 'ads', 'other')", name="channel_known"),
        CheckConstraint("control_percent BETWEEN 0 AND 50", name="control_in_bounds"),
        CheckConstraint("budget >= 0", name="budget_not_negative"),
        CheckConstraint("per_hour > 0", name="throttle_positive"),
        CheckConstraint("starts_on <= ends_on", name="ends_after_start"),
        Index(None, "created_at", "id"),
        Index(None, "name_key", "id"),
        Index(None, "starts_on", "id"),
        Index(None, "status", "id"),
    )

    @property
    def has_variants(self) -> bool:
        return self.channel == "mail" and self.template_b_id is not None


class CampaignCost(Record):
    """Money that a campaign has really cost, in the company's currency."""

    __tablename__ = "campaign_costs"
    record_name = "campaign_cost"
    record_label = lazy_pgettext("campaign", "Cost")
    audit_parent = ("campaign", "campaign_id")

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), index=True)
    spent_on: Mapped[date] = mapped_column(info={"label": _l("Date")})
    text: Mapped[str] = mapped_column(info={"label": _l("Purpose")})
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={**COMPANY_MONEY, "label": _l("Amount")})

    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)


class CampaignTarget(Base):
    """Somebody whom a campaign is for, or `excluded` from it; a customer stands for its active contacts.

    A segment stands for the customers that are in it when the campaign starts.
    """

    __tablename__ = "campaign_targets"

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"))
    excluded: Mapped[bool] = mapped_column(default=False)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id", ondelete="CASCADE"), index=True)
    segment_id: Mapped[int | None] = mapped_column(ForeignKey("segments.id", ondelete="CASCADE"), index=True)

    __table_args__: Any = (
        CheckConstraint(
            "CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END + CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN lead_id IS NULL THEN 0 ELSE 1 END + CASE WHEN segment_id IS NULL THEN 0 ELSE 1 END = 1",
            name="one_of_four",
        ),
        Index(None, "campaign_id", "excluded"),
        {"info": {"label": _l("Targets of campaigns")}},
    )
