"""People, and the customers that they work for."""

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import User
from erpcrm.core.db import Record
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice

from .customers import Customer

CONSENTS = (
    Choice("unknown", _l("Not asked"), "gray"),
    Choice("granted", _l("Granted"), "green"),
    Choice("withdrawn", _l("Withdrawn"), "red"),
)
CHANNELS = (
    Choice("phone", _l("Phone")),
    Choice("mobile", _l("Mobile")),
    Choice("email", _l("E-mail")),
    Choice("wechat", _l("WeChat")),
    Choice("post", _l("Post")),
)


class Contact(HasCustom, Record):
    """A person. Belongs to one customer or several, with one primary each."""

    __tablename__ = "contacts"
    record_name = "contact"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"name_key", "last_activity_at"}

    name: Mapped[str] = mapped_column(info={"label": lazy_pgettext("person", "Name")})
    reading: Mapped[str | None] = mapped_column(info={"label": _l("Pinyin")})
    name_key: Mapped[str] = mapped_column(default="")
    job_title: Mapped[str | None] = mapped_column(info={"label": _l("Job title")})
    phone: Mapped[str | None] = mapped_column(index=True, info={"label": _l("Phone")})
    mobile: Mapped[str | None] = mapped_column(index=True, info={"label": _l("Mobile")})
    other_phone: Mapped[str | None] = mapped_column(info={"label": _l("Other phone")})
    email: Mapped[str | None] = mapped_column(index=True, info={"label": _l("E-mail")})
    wechat: Mapped[str | None] = mapped_column(info={"label": _l("WeChat")})
    channel: Mapped[str | None] = mapped_column(info={"label": _l("Preferred channel"), "choices": CHANNELS})
    consent: Mapped[str] = mapped_column(
        default="unknown", info={"label": _l("Marketing consent"), "choices": CONSENTS}
    )
    consent_on: Mapped[date | None] = mapped_column(info={"label": _l("Consent on")})
    consent_source: Mapped[str | None] = mapped_column(info={"label": _l("Consent source")})
    note: Mapped[str | None] = mapped_column(info={"label": _l("Note")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    last_activity_at: Mapped[datetime | None]

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    places: Mapped[list["CustomerContact"]] = relationship(
        back_populates="contact", cascade="all, delete-orphan", order_by="CustomerContact.id"
    )

    __table_args__ = (
        CheckConstraint("consent IN ('unknown', 'granted', 'withdrawn')", name="consent_known"),
        Index(None, "name_key", "id"),
        Index(None, "created_at", "id"),
        Index(None, "updated_at", "id"),
        Index(None, "owner_id", "id"),
    )


class CustomerContact(Record):
    """This person works for this customer, in this role."""

    __tablename__ = "customer_contacts"
    record_name = "customer_contact"
    record_label = _l("Customer of this contact")
    audit_parent = ("contact", "contact_id")

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), info={"label": _l("Customer")})
    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), info={"label": _l("Contact")}
    )
    role: Mapped[str | None] = mapped_column(info={"label": _l("Role"), "options": "contact.role"})
    is_primary: Mapped[bool] = mapped_column(default=False, info={"label": _l("Primary customer of this contact")})
    is_main: Mapped[bool] = mapped_column(default=False, info={"label": _l("Main contact of this customer")})

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
        {"info": {"label": _l("Links between contacts and customers")}},
    )
