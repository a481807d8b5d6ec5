"""Passwords and sessions."""

from sqlalchemy import update

from erpcrm.core.audit import record_event
from erpcrm.core.db import now, session
from erpcrm.core.errors import Refused

from .. import passwords, throttle
from ..models import User
from ..passwords import matches, objection
from .rank import may_touch


def check_password(user: User | None, password: str) -> bool:
    """Takes the same time whether or not the account exists, so that nobody can find out which ones do."""
    return matches(user.password_hash if user is not None else None, password)


def set_password(user: User, password: str) -> None:
    """Store a new password and sign the user out everywhere. Links to reset it are spent. No rules are asked here."""
    user.password_hash = passwords.hasher.hash(password)
    user.session_epoch += 1
    session.flush()


def change_password(user: User, password: str) -> None:
    """What a user's own wish goes through. Refused when the password breaks a rule."""
    if (why := objection(password, email=user.email, name=user.name)) is not None:
        raise Refused(why)
    set_password(user, password)
    if user.email:
        throttle.forget(user.email)
    record_event(user, "password_changed")
    session.flush()


def signed_in(user: User) -> None:
    """Note that somebody has come in."""
    # Not through the record: a sign-in is no edit, and must not make one of an administrator stale.
    session.execute(update(User).where(User.id == user.id).values(last_sign_in_at=now(), updated_at=User.updated_at))
    if user.email:
        throttle.forget(user.email)
    record_event(user, "signed_in")
    session.flush()


def sign_out_everywhere(user: User, *, by: User | None = None) -> None:
    """Every session and every "stay signed in" of this user ends."""
    may_touch(by, user)
    user.session_epoch += 1
    record_event(user, "signed_out_everywhere")
    session.flush()
