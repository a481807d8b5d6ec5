"""Users, roles and teams."""

from functools import cached_property
from typing import Any, ClassVar

from flask_login import UserMixin
from sqlalchemy import JSON, Column, ForeignKey, Index, Table, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.core.actor import ScopeName
from erpcrm.core.db import Base, Record, session
from erpcrm.core.i18n import _l

WIDTH: dict[str, int] = {"own": 0, "team": 1, "all": 2}
EVERYTHING = "*"
"""In a role's permissions: all of them, also those that later areas bring."""

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

    key: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    permissions: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Permissions")}
    )
    scope: Mapped[str] = mapped_column(default="own", info={"label": _l("Scope")})
    scopes: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict, info={"label": _l("Scope by record type")}
    )
    lens: Mapped[str] = mapped_column(
        default="relationship", info={"label": _l("Customer page opens with")}
    )


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
    __table_args__ = (Index("uq_users_email", func.lower("email"), unique=True),)
    record_name = "user"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        "password_hash",
        "last_seen_at",
        "totp_secret",
        "recovery_codes",
    }

    name: Mapped[str] = mapped_column(index=True, info={"label": _l("Name")})
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

    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])
    roles: Mapped[list[Role]] = relationship(
        secondary=user_roles, lazy="selectin", order_by=Role.name
    )

    def get_id(self) -> str:
        return f"{self.id}.{self.session_epoch}"

    @property
    def is_active(self) -> bool:
        return self.active

    def may(self, permission: str) -> bool:
        return any(
            EVERYTHING in role.permissions or permission in role.permissions
            for role in self.roles
        )

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
