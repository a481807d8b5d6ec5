"""From a right password to a session: what stands between the two."""

from datetime import timedelta

from babel.dates import format_timedelta
from flask import Response, session, url_for
from flask_babel import get_locale
from flask_login import login_user

from erpcrm.core.db import now
from erpcrm.core.i18n import _
from erpcrm.core.pages import own_path, redirect_to

from .. import services
from ..models import User

PENDING = "second_factor"
PATIENCE = timedelta(minutes=10)
"""For typing the code of the second factor."""


def local_target(target: str | None) -> str:
    """Where to go after sign-in: only a path of this site, never another one."""
    return own_path(target) or url_for("core.home")


def enter(user: User, *, remember: bool, target: str | None) -> Response:
    """The password was right: sign in, or ask for the second factor first."""
    if user.two_factor or user.must_use_two_factor:
        session[PENDING] = {
            "user": user.get_id(),
            "until": (now() + PATIENCE).timestamp(),
            "remember": remember,
            "target": local_target(target),
        }
        step = "access.code" if user.two_factor else "access.first_code"
        return redirect_to(url_for(step))
    return complete(user, remember=remember, target=target)


def complete(user: User, *, remember: bool, target: str | None) -> Response:
    """Nothing is left to ask."""
    session.clear()  # what somebody may have planted before sign-in must not live on after it
    login_user(user, remember=remember)
    services.signed_in(user)
    return redirect_to(local_target(target))


def pending_user() -> User | None:
    """Who has typed the password and still owes the second factor."""
    waiting = session.get(PENDING)
    if not waiting or waiting["until"] < now().timestamp():
        return None
    user_id, _dot, _epoch = waiting["user"].partition(".")
    user = services.load_user(int(user_id))
    return user if user is not None and user.active and user.get_id() == waiting["user"] else None


def too_soon(pause: timedelta) -> str:
    """What is said to somebody who has to wait."""
    time = format_timedelta(pause, threshold=1.5, locale=get_locale())
    return str(_("Too many wrong tries for this account. Please wait %(time)s, then try again.", time=time))
