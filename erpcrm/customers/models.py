"""Customers, the people at them, where they are, and what was said to them."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.core.db import Base, Record
from erpcrm.core.i18n import _l
from erpcrm.core.workflow import Move, State, Workflow

EDIT = "customers.customer.edit"

CUSTOMER_FLOW = Workflow(
    "customer",
    states=(
        State("prospect", _l("Prospect"), "blue"),
        State("active", _l("Active"), "green"),
        State("archived", _l("Archived"), "gray"),
    ),
    moves=(
        Move(
            "activate", _l("Make active"), ("prospect",), "active", EDIT, icon="check"
        ),
        Move(
            "archive",
            _l("Archive"),
            ("prospect", "active"),
            "archived",
            EDIT,
            reason="optional",
            icon="archive",
        ),
        Move(
            "restore",
            _l("Restore"),
            ("archived",),
            "active",
            EDIT,
            icon="restore",
            kind="primary",
        ),
    ),
)


class Customer(Record):
    """A company or person that buys or may buy."""

    __tablename__ = "customers"
    record_name = "customer"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status", "name_key"}

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Code")})
    kind: Mapped[str] = mapped_column(default="company", info={"label": _l("Kind")})
    """company or person"""
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    english_name: Mapped[str | None] = mapped_column(info={"label": _l("English name")})
    reading: Mapped[str | None] = mapped_column(info={"label": _l("Pinyin")})
    """How the name is read, where the library reads it wrong: 单 as a surname is shàn."""
    name_key: Mapped[str] = mapped_column(default="")
    """Sort key: pinyin for Chinese, lower case for the others."""
    tax_number: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Tax number")}
    )
    industry: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Industry"), "options": "customer.industry"}
    )
    size: Mapped[str | None] = mapped_column(
        info={"label": _l("Size"), "options": "customer.size"}
    )
    region: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Region"), "options": "customer.region"}
    )
    source: Mapped[str | None] = mapped_column(
        info={"label": _l("Source"), "options": "customer.source"}
    )
    status: Mapped[str] = mapped_column(
        default=CUSTOMER_FLOW.initial, info={"label": _l("Status")}
    )
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"),
        index=True,
        info={"label": _l("Team")},
    )
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id"), index=True, info={"label": _l("Parent company")}
    )
    payment_terms: Mapped[str | None] = mapped_column(
        info={"label": _l("Payment terms"), "options": "customer.payment_terms"}
    )
    currency: Mapped[str | None] = mapped_column(info={"label": _l("Currency")})
    phone: Mapped[str | None] = mapped_column(info={"label": _l("Phone")})
    email: Mapped[str | None] = mapped_column(info={"label": _l("E-mail")})
    website: Mapped[str | None] = mapped_column(info={"label": _l("Website")})
    mail_domain: Mapped[str | None] = mapped_column(index=True)
    """Of the website or the e-mail, unless it is a free-mail provider's: for finding duplicates."""
    tags: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Tags")}
    )
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    last_activity_at: Mapped[datetime | None]

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    parent: Mapped["Customer | None"] = relationship(remote_side="Customer.id")

    __table_args__ = (
        CUSTOMER_FLOW.check(),
        CheckConstraint("kind IN ('company', 'person')", name="kind_known"),
        Index(None, "name_key", "id"),
        Index(None, "created_at", "id"),
        Index(None, "owner_id", "id"),
        Index(None, "last_activity_at", "id"),
    )


class Contact(Record):
    """A person. Belongs to one customer or several, with one primary each."""

    __tablename__ = "contacts"
    record_name = "contact"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"name_key"}

    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    reading: Mapped[str | None] = mapped_column(info={"label": _l("Pinyin")})
    name_key: Mapped[str] = mapped_column(default="")
    job_title: Mapped[str | None] = mapped_column(info={"label": _l("Job title")})
    phone: Mapped[str | None] = mapped_column(info={"label": _l("Phone")})
    mobile: Mapped[str | None] = mapped_column(info={"label": _l("Mobile")})
    other_phone: Mapped[str | None] = mapped_column(info={"label": _l("Other phone")})
    email: Mapped[str | None] = mapped_column(index=True, info={"label": _l("E-mail")})
    wechat: Mapped[str | None] = mapped_column(info={"label": _l("WeChat")})
    channel: Mapped[str | None] = mapped_column(info={"label": _l("Preferred channel")})
    consent: Mapped[str] = mapped_column(
        default="unknown", info={"label": _l("Marketing consent")}
    )
    """unknown, granted or withdrawn"""
    consent_on: Mapped[date | None] = mapped_column(info={"label": _l("Consent on")})
    consent_source: Mapped[str | None] = mapped_column(
        info={"label": _l("Consent source")}
    )
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )

    places: Mapped[list["CustomerContact"]] = relationship(
        back_populates="contact", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint(
            "consent IN ('unknown', 'granted', 'withdrawn')", name="consent_known"
        ),
        Index(None, "name_key", "id"),
        Index(None, "created_at", "id"),
        Index(None, "owner_id", "id"),
    )


class CustomerContact(Record):
    """This person works for this customer, in this role."""

    __tablename__ = "customer_contacts"
    record_name = "customer_contact"
    audit_parent = ("contact", "contact_id")

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id"), info={"label": _l("Customer")}
    )
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), info={"label": _l("Contact")}
    )
    role: Mapped[str | None] = mapped_column(
        info={"label": _l("Role"), "options": "contact.role"}
    )
    is_primary: Mapped[bool] = mapped_column(
        default=False, info={"label": _l("Primary customer of this contact")}
    )
    is_main: Mapped[bool] = mapped_column(
        default=False, info={"label": _l("Main contact of this customer")}
    )

    customer: Mapped[Customer] = relationship()
    contact: Mapped[Contact] = relationship(back_populates="places")

    __table_args__ = (
        UniqueConstraint("customer_id", "contact_id"),
        Index(None, "contact_id"),
        Index(
            "uq_customer_contacts_primary",
            "contact_id",
            unique=True,
            sqlite_where=text("is_primary"),
            postgresql_where=text("is_primary"),
        ),
        Index(
            "uq_customer_contacts_main",
            "customer_id",
            unique=True,
            sqlite_where=text("is_main"),
            postgresql_where=text("is_main"),
        ),
    )


class Address(Record):
    """Billing or delivery address of a customer."""

    __tablename__ = "addresses"
    record_name = "address"
    audit_parent = ("customer", "customer_id")

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    use: Mapped[str] = mapped_column(default="both", info={"label": _l("Use")})
    """billing, delivery or both"""
    is_default: Mapped[bool] = mapped_column(
        default=False, info={"label": _l("Default")}
    )
    recipient: Mapped[str | None] = mapped_column(info={"label": _l("Recipient")})
    phone: Mapped[str | None] = mapped_column(info={"label": _l("Phone")})
    street: Mapped[str] = mapped_column(info={"label": _l("Street")})
    city: Mapped[str | None] = mapped_column(info={"label": _l("City")})
    state: Mapped[str | None] = mapped_column(info={"label": _l("Province or state")})
    postcode: Mapped[str | None] = mapped_column(info={"label": _l("Postcode")})
    country: Mapped[str] = mapped_column(default="CN", info={"label": _l("Country")})
    """ISO 3166-1 alpha-2"""


class Activity(Record):
    """A call, meeting, e-mail, note or task on a record, done or planned.

    It points at its record by (type, id) and, where there is one, at the customer, whose timeline is one query.
    """

    __tablename__ = "activities"
    record_name = "activity"

    kind: Mapped[str] = mapped_column(info={"label": _l("Kind")})
    """call, meeting, email, note, task"""
    subject: Mapped[str] = mapped_column(info={"label": _l("Subject")})
    body: Mapped[str | None] = mapped_column(info={"label": _l("Text")})
    record_type: Mapped[str]
    record_id: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True
    )
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    due_on: Mapped[date | None] = mapped_column(info={"label": _l("Due")})
    starts_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Starts")})
    done_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Done")})
    at: Mapped[datetime]
    """Where it stands in the timeline: when it happened, or was planned."""
    outcome: Mapped[str | None] = mapped_column(info={"label": _l("Outcome")})
    mentions: Mapped[list[Any]] = mapped_column(JSON, default=list)

    __table_args__ = (
        CheckConstraint(
            "kind IN ('call', 'meeting', 'email', 'note', 'task')", name="kind_known"
        ),
        Index(None, "record_type", "record_id", "at"),
        Index(None, "customer_id", "at"),
        Index(
            "ix_activities_open",
            "owner_id",
            "due_on",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )


class CustomerMerge(Base):
    """A customer that was merged into another: old links lead to the winner."""

    __tablename__ = "customer_merges"

    loser_id: Mapped[int] = mapped_column(primary_key=True)
    loser_code: Mapped[str] = mapped_column(index=True)
    winner_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), index=True
    )
