"""Customers and their addresses."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.core.db import Record
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

EDIT = "customers.customer.edit"

CUSTOMER_FLOW = Workflow(
    "customer",
    states=(
        State("prospect", _l("Prospect"), "blue"),
        State("active", lazy_pgettext("customer", "Active"), "green"),
        State("archived", _l("Archived"), "gray"),
    ),
    moves=(
        Move("activate", _l("Make active"), ("prospect",), "active", EDIT, icon="check"),
        Move("archive", _l("Archive"), ("prospect", "active"), "archived", EDIT, reason="optional", icon="archive"),
        Move("restore", _l("Restore"), ("archived",), "active", EDIT, icon="archive-off", kind="primary"),
        Move("restore_prospect", _l("Restore as prospect"), ("archived",), "prospect", EDIT, icon="archive-off"),
    ),
)

CUSTOMER_KINDS = (Choice("company", _l("Company")), Choice("person", _l("Private person")))
USES = (
    Choice("both", _l("Billing and delivery")),
    Choice("billing", _l("Billing")),
    Choice("delivery", _l("Delivery")),
)


class Customer(HasCustom, Record):
    """A company or person that buys or may buy."""

    __tablename__ = "customers"
    record_name = "customer"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "status",
        "name_key",
        "match_key",
        "core_key",
        "english_key",
        "mail_domain",
        "last_activity_at",
    }

    code: Mapped[str] = mapped_column(unique=True, info={"label": _l("Code")})
    kind: Mapped[str] = mapped_column(default="company", info={"label": _l("Kind"), "choices": CUSTOMER_KINDS})
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    english_name: Mapped[str | None] = mapped_column(info={"label": _l("English name")})
    reading: Mapped[str | None] = mapped_column(info={"label": _l("Pinyin")})
    """How the name is read, where the library reads it wrong: 单 as a surname is shàn."""
    name_key: Mapped[str] = mapped_column(default="")
    """Sort key: pinyin for Chinese, lower case for the others."""
    match_key: Mapped[str] = mapped_column(default="")
    """The name without legal form and punctuation: equal keys are probably the same company."""
    core_key: Mapped[str] = mapped_column(default="")
    """The same without the place either: 深圳市蓝海食品 and 蓝海食品 are probably the same company too."""
    english_key: Mapped[str | None]
    """The same of the English name."""
    tax_number: Mapped[str | None] = mapped_column(index=True, info={"label": _l("Tax number")})
    industry: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Industry"), "options": "customer.industry"}
    )
    size: Mapped[str | None] = mapped_column(info={"label": _l("Size"), "options": "customer.size"})
    region: Mapped[str | None] = mapped_column(index=True, info={"label": _l("Region"), "options": "customer.region"})
    source: Mapped[str | None] = mapped_column(info={"label": _l("Source"), "options": "customer.source"})
    status: Mapped[str] = mapped_column(default=CUSTOMER_FLOW.initial, info={"label": _l("Status")})
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True, info={"label": _l("Team")}
    )
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id"), index=True, info={"label": _l("Parent company")}
    )
    payment_terms: Mapped[str | None] = mapped_column(
        info={"label": _l("Payment terms"), "options": "customer.payment_terms"}
    )
    currency: Mapped[str | None] = mapped_column(info={"label": _l("Currency")})
    customer_group: Mapped[str | None] = mapped_column(
        index=True, info={"label": _l("Customer group"), "options": "customer.group"}
    )
    """Which price lists may be given to"""
    tax_group: Mapped[str | None] = mapped_column(info={"label": _l("Tax group"), "options": "tax.customer_group"})
    """What tax rules ask for"""
    phone: Mapped[str | None] = mapped_column(index=True, info={"label": _l("Phone")})
    email: Mapped[str | None] = mapped_column(index=True, info={"label": _l("E-mail")})
    website: Mapped[str | None] = mapped_column(info={"label": _l("Website")})
    mail_domain: Mapped[str | None] = mapped_column(index=True)
    """Of the website or the e-mail, unless it is a free-mail provider's: for finding duplicates."""
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    last_activity_at: Mapped[datetime | None]

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    parent: Mapped["Customer | None"] = relationship(remote_side="Customer.id")

    __table_args__ = (
        CUSTOMER_FLOW.check(),
        CheckConstraint("kind IN ('company', 'person')", name="kind_known"),
        # With the status in them, because lists leave archived customers out: a jump to page 1,000 reads the index alone.
        Index(None, "id", "status"),
        Index(None, "name_key", "id", "status"),
        Index(None, "updated_at", "id", "status"),
        Index(None, "last_activity_at", "id", "status"),
        Index(None, "match_key"),
        Index(None, "core_key"),
        Index(None, "english_key"),
        Index(None, "created_at", "id"),
        Index(None, "owner_id", "id"),
    )


class Address(Record):
    """Billing or delivery address of a customer."""

    __tablename__ = "addresses"
    record_name = "address"
    record_label = _l("Address")
    audit_parent = ("customer", "customer_id")

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    use: Mapped[str] = mapped_column(default="both", info={"label": _l("Use"), "choices": USES})
    is_default: Mapped[bool] = mapped_column(default=False, info={"label": _l("Default")})
    recipient: Mapped[str | None] = mapped_column(info={"label": _l("Recipient")})
    phone: Mapped[str | None] = mapped_column(info={"label": _l("Phone")})
    street: Mapped[str] = mapped_column(info={"label": _l("Street")})
    city: Mapped[str | None] = mapped_column(info={"label": _l("City")})
    state: Mapped[str | None] = mapped_column(info={"label": _l("Province or state")})
    postcode: Mapped[str | None] = mapped_column(info={"label": _l("Postcode")})
    country: Mapped[str] = mapped_column(default="CN", info={"label": _l("Country")})
    """ISO 3166-1 alpha-2"""

    __table_args__ = (
        CheckConstraint("use IN ('billing', 'delivery', 'both')", name="use_known"),
        {"info": {"label": _l("Addresses")}},
    )
