"""The verbs of access."""

from collections.abc import Iterable, Sequence

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.registry import registry

from .models import EVERYTHING, Role, Team, User
from .roles import STANDARD_ROLES

hasher = PasswordHasher()
_NOBODY = hasher.hash("no account has this password")


def load_user(user_id: int) -> User | None:
    return session.get(User, user_id)


def user_by_email(email: str) -> User | None:
    return session.scalars(
        select(User).where(func.lower(User.email) == email.strip().lower())
    ).one_or_none()


def check_password(user: User | None, password: str) -> bool:
    """Takes the same time whether or not the account exists, so that nobody can find out which ones do."""
    stored = user.password_hash if user and user.password_hash else _NOBODY
    try:
        hasher.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return user is not None and user.password_hash is not None


def set_password(user: User, password: str) -> None:
    """Store a new password and sign the user out everywhere."""
    user.password_hash = hasher.hash(password)
    user.session_epoch += 1
    session.flush()


def create_user(
    name: str,
    email: str | None = None,
    *,
    roles: Iterable[str | Role] = (),
    team: Team | None = None,
    password: str | None = None,
    **more: object,
) -> User:
    """A new user. `roles` are roles or the keys of standard roles."""
    user = User(name=name, email=email, team=team, **more)
    user.roles = [
        role if isinstance(role, Role) else standard_role(role) for role in roles
    ]
    session.add(user)
    session.flush()
    if password is not None:
        set_password(user, password)
    return user


def standard_role(key: str) -> Role:
    return session.scalars(select(Role).where(Role.key == key)).one()


def ensure_standard_roles(labels: dict[str, str] | None = None) -> Sequence[Role]:
    """Create the standard roles that are missing, each with the permissions that the areas declare for it."""
    known = set(session.scalars(select(Role.key).where(Role.key.is_not(None))))
    for standard in STANDARD_ROLES:
        if standard.key not in known:
            codes = [
                p.code
                for p in registry().permissions.values()
                if standard.key in p.roles
            ]
            session.add(
                Role(
                    key=standard.key,
                    name=(labels or {}).get(standard.key) or str(standard.label),
                    permissions=[EVERYTHING]
                    if standard.key == "admin"
                    else sorted(codes),
                    scope=standard.scope,
                    lens=standard.lens,
                )
            )
    session.flush()
    return session.scalars(select(Role).where(Role.key.is_not(None))).all()
