"""The second step of signing in: a code of the app, or setting the app up where a role requires it."""

from typing import Any

from flask import Response, session, url_for

from erpcrm.core.access import public
from erpcrm.core.i18n import _
from erpcrm.core.idempotency import keep_instead, keep_nothing
from erpcrm.core.lifecycle import afterwards
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting

from .. import throttle, two_factor
from ..forms import CodeForm
from ..models import User
from .blueprint import bp
from .entering import PENDING, complete, pending_user, too_soon

SECRET = "new_totp_secret"  # noqa: S105  the name of the place in the session


def app_setup(user: User) -> dict[str, Any]:
    """What the page shows for setting the app up; the same secret until it is confirmed."""
    secret = session.setdefault(SECRET, two_factor.new_secret())
    address = two_factor.app_address(user, secret, setting("company_name") or "erpcrm")
    return {
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "picture": two_factor.qr_picture(address),
    }


def recovery_codes_page(codes: list[str], target: str) -> Response:
    """The one time that they are shown: not kept for a second try either."""
    keep_instead(url_for("access.two_factor_page"))
    return page("access/recovery_codes.html", codes=codes, target=target)


@bp.get("/login/code")
@public
def code() -> Response:
    if pending_user() is None:
        return redirect_to(url_for("access.login"))
    return page("access/code.html", form=CodeForm())


@bp.post("/login/code")
@public
def check_code() -> Response:
    user, form = pending_user(), CodeForm()
    if user is None:
        return redirect_to(url_for("access.login"))
    email = user.email or ""
    if pause := throttle.wait(email):
        form.code.errors = [too_soon(pause)]
        return page("access/code.html", form=form, status=429)
    if form.validate() and two_factor.accept(user, form.code.data or ""):
        waiting = session[PENDING]
        keep_nothing()
        return complete(user, remember=waiting["remember"], target=waiting["target"])
    if not form.errors:
        afterwards(lambda: throttle.failed(email))
        form.code.errors = [_("This code is wrong, used already or too old.")]
    return page("access/code.html", form=form, status=422)


@bp.get("/login/first-code")
@public
def first_code() -> Response:
    """One of the user's roles requires a second factor, and there is none yet."""
    user = pending_user()
    if user is None or user.two_factor:
        return redirect_to(url_for("access.login"))
    return page("access/first_code.html", form=CodeForm(), **app_setup(user))


@bp.post("/login/first-code")
@public
def confirm_first_code() -> Response:
    user, form = pending_user(), CodeForm()
    if user is None or user.two_factor or SECRET not in session:
        return redirect_to(url_for("access.login"))
    if form.validate():
        codes = two_factor.switch_on(user, session[SECRET], form.code.data or "")
        if codes is not None:
            waiting = session[PENDING]
            complete(user, remember=waiting["remember"], target=None)
            return recovery_codes_page(codes=codes, target=waiting["target"])
        form.code.errors = [_("This code is wrong. Check the clock of your phone, and try the next code.")]
    return page("access/first_code.html", form=form, status=422, **app_setup(user))
