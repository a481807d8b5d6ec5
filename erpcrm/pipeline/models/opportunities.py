"""Opportunities: possible deals, what is in them, who decides, who else wants them, and how they moved."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.catalog.models import Product
from erpcrm.company.models import COMPANY_MONEY
from erpcrm.core.db import Base, Record
from erpcrm.core.exact import AMOUNT, PRICE, QUANTITY, RATE
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext, moment
from erpcrm.core.numbers import declare_numbers
from erpcrm.core.workflow import Move, State, Workflow
from erpcrm.customers.models import Contact, Customer

from .stages import CATEGORY_KNOWN, FORECAST_CATEGORIES, Pipeline, Stage

EDIT = "pipeline.opportunity.edit"
ASSIGN = "pipeline.opportunity.assign"
declare_numbers("opportunity", _l("Opportunities"), "O-")

OPPORTUNITY_FLOW = Workflow(
    "opportunity",
    states=(
        State("open", lazy_pgettext("deal", "Open"), "blue"),
        State("won", _l("Won"), "green"),
        State("lost", _l("Lost"), "red"),
    ),
    moves=(
        Move("win", _l("Won"), ("open",), "won", EDIT, icon="check", kind="primary"),
        Move("lose", _l("Lost"), ("open",), "lost", EDIT, icon="x", page="pipeline.lose_opportunity"),
        Move("reopen", _l("Reopen"), ("won", "lost"), "open", EDIT, reason="required", icon="refresh"),
    ),
)


class Opportunity(HasCustom, Record):
    """A possible deal, with a customer or none yet. `won` and `lost` are its ends."""

    __tablename__ = "opportunities"
    record_name = "opportunity"
    # active_history: the history of a deal compares with what was stored, also where that was not read before.
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "stage_since", "rate", "base_amount"}

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Number")})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id"), info={"label": _l("Pipeline")})
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"), info={"label": _l("Stage")}, active_history=True)
    """While open: where it is. Won or lost: the last stage that it reached."""
    stage_since: Mapped[datetime] = mapped_column(default=moment)
    status: Mapped[str] = mapped_column(
        default=OPPORTUNITY_FLOW.initial, info={"label": _l("Status")}, active_history=True
    )
    amount: Mapped[Decimal | None] = mapped_column(AMOUNT, info={"label": _l("Amount")}, active_history=True)
    currency: Mapped[str] = mapped_column(info={"label": _l("Currency")}, active_history=True)
    rate: Mapped[Decimal] = mapped_column(RATE, default=Decimal(1))
    """Company currency for one unit of `currency`, on the day the deal was opened."""
    base_amount: Mapped[Decimal | None] = mapped_column(AMOUNT, active_history=True, info=COMPANY_MONEY)
    """`amount` in the company's currency: what boards and forecasts add up."""
    own_probability: Mapped[int | None] = mapped_column(info={"label": _l("Own probability")})
    """Percent, as the seller sees it: holds instead of the stage's"""
    opened_on: Mapped[date | None] = mapped_column(info={"label": _l("Opened on")})
    expected_close: Mapped[date | None] = mapped_column(info={"label": _l("Expected close")}, active_history=True)
    forecast_category: Mapped[str | None] = mapped_column(
        active_history=True, info={"label": _l("Forecast category"), "choices": FORECAST_CATEGORIES}
    )
    """What the seller says; None: what the stage says"""
    closed_on: Mapped[date | None] = mapped_column(active_history=True, info={"label": _l("Closed on")})
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), active_history=True, info={"label": _l("Owner")}
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), active_history=True, index=True, info={"label": _l("Team")}
    )
    source: Mapped[str | None] = mapped_column(info={"label": _l("Source"), "options": "customer.source"})
    next_step: Mapped[str | None] = mapped_column(info={"label": _l("Next step")})
    next_step_on: Mapped[date | None] = mapped_column(info={"label": _l("Next step on")})
    loss_reason: Mapped[str | None] = mapped_column(
        info={"label": _l("Reason for losing"), "options": "opportunity.loss_reason"}
    )
    description: Mapped[str | None] = mapped_column(info={"label": _l("Description")})
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})
    last_activity_at: Mapped[datetime | None]

    customer: Mapped[Customer | None] = relationship()
    pipeline: Mapped[Pipeline] = relationship()
    stage: Mapped[Stage] = relationship()
    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    lines: Mapped[list["OpportunityLine"]] = relationship(
        cascade="all, delete-orphan", order_by="OpportunityLine.position", back_populates="opportunity"
    )
    people: Mapped[list["OpportunityContact"]] = relationship(
        cascade="all, delete-orphan", back_populates="opportunity"
    )
    competitors: Mapped[list["Competitor"]] = relationship(cascade="all, delete-orphan", back_populates="opportunity")

    __table_args__ = (
        OPPORTUNITY_FLOW.check(),
        CheckConstraint("amount IS NULL OR amount >= 0", name="amount_positive"),
        CheckConstraint("own_probability BETWEEN 0 AND 100", name="own_probability_range"),
        CheckConstraint(CATEGORY_KNOWN, name="category_known"),
        Index(None, "stage_id", "status", "stage_since", "id"),
        Index(None, "customer_id", "status"),
        Index(None, "owner_id", "status", "id"),
        Index(None, "created_at", "id"),
        Index(None, "expected_close", "id"),
        Index(None, "base_amount", "id"),
        Index(None, "status", "closed_on", "id"),
    )


class OpportunityLine(Record):
    """Something that the deal is about: a product, or a text."""

    __tablename__ = "opportunity_lines"
    record_name = "opportunity_line"
    record_label = _l("Line")
    audit_parent = ("opportunity", "opportunity_id")

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"), index=True)
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"), index=True, info={"label": _l("Product")})
    text: Mapped[str | None] = mapped_column(info={"label": lazy_pgettext("line", "Text")})
    quantity: Mapped[Decimal] = mapped_column(QUANTITY, info={"label": _l("Quantity")})
    price: Mapped[Decimal | None] = mapped_column(PRICE, info={"label": _l("Price")})
    """For one unit, in the opportunity's currency; None when not known yet"""
    amount: Mapped[Decimal] = mapped_column(AMOUNT, info={"label": _l("Amount")})
    """quantity x price, rounded to the currency's digits"""

    opportunity: Mapped[Opportunity] = relationship(back_populates="lines")
    product: Mapped[Product | None] = relationship()

    __table_args__ = (CheckConstraint("product_id IS NOT NULL OR text IS NOT NULL", name="says_what"),)


class OpportunityContact(Record):
    """A person who has a say in the deal."""

    __tablename__ = "opportunity_contacts"
    record_name = "opportunity_contact"
    record_label = _l("Person in this deal")
    audit_parent = ("opportunity", "opportunity_id")

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), index=True, info={"label": _l("Contact")}
    )
    role: Mapped[str | None] = mapped_column(info={"label": _l("Role"), "options": "opportunity.contact_role"})

    opportunity: Mapped[Opportunity] = relationship(back_populates="people")
    contact: Mapped[Contact] = relationship()

    __table_args__ = (UniqueConstraint("opportunity_id", "contact_id"),)


class Competitor(Record):
    """Who else offers."""

    __tablename__ = "opportunity_competitors"
    record_name = "opportunity_competitor"
    record_label = _l("Competitor")
    audit_parent = ("opportunity", "opportunity_id")

    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})

    opportunity: Mapped[Opportunity] = relationship(back_populates="competitors")


class OpportunityHistory(Base):
    """What an opportunity was like after each change of stage, status, amount, owner, team, close or category.

    The state on any day is the last row before it; forecast and performance read this and nothing else about the past.
    """

    __tablename__ = "opportunity_history"

    id: Mapped[int] = mapped_column(primary_key=True)
    opportunity_id: Mapped[int] = mapped_column(ForeignKey("opportunities.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=moment, index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    changed: Mapped[list[Any]] = mapped_column(JSON)
    """Which of the columns below differ from the row before"""
    stage_id: Mapped[int] = mapped_column(ForeignKey("stages.id"))
    status: Mapped[str]
    amount: Mapped[Decimal | None] = mapped_column(AMOUNT)
    currency: Mapped[str]
    base_amount: Mapped[Decimal | None] = mapped_column(AMOUNT, info=COMPANY_MONEY)
    expected_close: Mapped[date | None]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="SET NULL"))
    closed_on: Mapped[date | None]
    forecast_category: Mapped[str | None]

    opportunity: Mapped[Opportunity] = relationship()

    __table_args__ = (
        Index(None, "opportunity_id", "id", "at"),
        Index(None, "expected_close", "at"),
        Index(None, "closed_on", "at"),
    )
