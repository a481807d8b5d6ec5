"""Users, roles and teams."""

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from flask_login import UserMixin
from sqlalchemy import JSON, Column, ForeignKey, Index, Table, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from erpcrm.core.actor import ScopeName
from erpcrm.core.db import Base, Record, session
from erpcrm.core.i18n import _l, lazy_pgettext

from .roles import EVERYTHING, LENSES, SCOPES, STANDARD, permission_label, scope_label

WIDTH: dict[str, int] = {"own": 0, "team": 1, "all": 2}
user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column(
        "role_id",
        ForeignKey("roles.id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)


class Role(Record):
    """A set of permissions, and how far they reach.

    `scopes` holds the exceptions by record type; every other type has `scope`. `key` marks a standard role.
    """

    __tablename__ = "roles"
    record_name = "role"

    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"key"}

    key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    permissions: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Permissions"), "words": permission_label}
    )
    scope: Mapped[str] = mapped_column(default="own", info={"label": _l("Scope"), "choices": SCOPES})
    scopes: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info={"label": _l("Scope by record type"), "words": scope_label}
    )
    lens: Mapped[str] = mapped_column(
        default="relationship", info={"label": _l("Customer page opens with"), "choices": LENSES}
    )
    two_factor: Mapped[bool] = mapped_column(default=False, info={"label": _l("Two-factor sign-in required")})

    @property
    def label(self) -> str:
        """The name; that of a standard role which nobody has renamed is shown in the reader's language."""
        standard = STANDARD.get(self.key or "")
        return str(standard.label) if standard is not None and standard.name == self.name else self.name

    @property
    def everything(self) -> bool:
        return EVERYTHING in self.permissions

    def holds(self, permission: str) -> bool:
        return self.everything or permission in self.permissions


class Team(Record):
    """People who work on the same records. Its manager sees them through the scope "team"."""

    __tablename__ = "teams"
    record_name = "team"

    name: Mapped[str] = mapped_column(unique=True, info={"label": _l("Name")})
    manager_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL", use_alter=True),
        index=True,
        info={"label": _l("Manager")},
    )


class User(UserMixin, Record):  # type: ignore[misc]
    """A person who works here. Without an e-mail address they are known by name but can't sign in yet."""

    __tablename__ = "users"
    record_name = "user"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "password_hash",
        "session_epoch",
        "last_sign_in_at",
        "totp_secret",
        "totp_step",
        "recovery_codes",
    }

    name: Mapped[str] = mapped_column(index=True, info={"label": lazy_pgettext("person", "Name")})
    email: Mapped[str | None] = mapped_column(info={"label": _l("E-mail")})
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("Active")})
    language: Mapped[str | None] = mapped_column(info={"label": _l("Language")})
    phone: Mapped[str | None] = mapped_column(info={"label": _l("Phone")})
    region: Mapped[str | None] = mapped_column(info={"label": _l("Region")})
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"),
        index=True,
        info={"label": _l("Team")},
    )
    session_epoch: Mapped[int] = mapped_column(default=0)
    """Counted up to sign this user out everywhere."""
    totp_secret: Mapped[str | None]
    totp_step: Mapped[int] = mapped_column(default=0)
    """The time step of the last code that was taken: one that was read over a shoulder is good for nothing."""
    recovery_codes: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Hashes of those that are left."""
    last_sign_in_at: Mapped[datetime | None] = mapped_column(info={"label": _l("Last sign-in")})

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    roles: Mapped[list[Role]] = relationship(secondary=user_roles, lazy="selectin", order_by=Role.name)

    def get_id(self) -> str:
        return f"{self.id}.{self.session_epoch}"

    @property
    def is_active(self) -> bool:
        return self.active

    @validates("email")
    def _clean_email(self, _key: str, email: str | None) -> str | None:
        return (email or "").strip() or None

    @property
    def two_factor(self) -> bool:
        return self.totp_secret is not None

    @property
    def must_use_two_factor(self) -> bool:
        return any(role.two_factor for role in self.roles)

    def may(self, permission: str) -> bool:
        return any(role.holds(permission) for role in self.roles)

    def scope(self, record_name: str) -> ScopeName:
        """The widest scope that one of the user's roles gives on records of this type."""
        given = [role.scopes.get(record_name, role.scope) for role in self.roles]
        return max(given, key=WIDTH.__getitem__, default="own")  # type: ignore[return-value]

    @cached_property
    def team_ids(self) -> frozenset[int]:
        """The user's own team and those that the user manages."""
        managed = session.scalars(select(Team.id).where(Team.manager_id == self.id))
        return frozenset(managed) | ({self.team_id} if self.team_id else set())

    @property
    def lens(self) -> str:
        """The lens under which a customer page opens first."""
        return self.roles[0].lens if self.roles else "relationship"


Index("uq_users_email", func.lower(User.email), unique=True)


class SignInFailures(Base):
    """How often sign-in failed for an e-mail address, whether or not an account has it. Forgotten after a day."""

    __tablename__ = "sign_in_failures"

    account: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(index=True)
