"""Signing in and out, forgotten passwords, invitations, the language of the screen."""

from flask import Response, current_app, flash, request, session, url_for
from flask_login import current_user, logout_user

from erpcrm.core.access import public, signed_in
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import LANGUAGES, _
from erpcrm.core.idempotency import keep_nothing
from erpcrm.core.lifecycle import afterwards
from erpcrm.core.mail import absolute
from erpcrm.core.pages import page, redirect_to

from .. import links, services, throttle
from ..forms import ForgotForm, LoginForm, NewPasswordForm
from ..models import User
from .blueprint import bp
from .entering import enter, local_target, too_soon

YEAR = 365 * 24 * 3600


@bp.get("/login")
@public
def login() -> Response:
    if current_user.is_authenticated:
        return redirect_to(local_target(request.args.get("next")))
    if not services.anybody_here():
        return redirect_to(url_for("access.set_up"))
    return page("access/login.html", form=LoginForm())


@bp.post("/login")
@public
def sign_in() -> Response:
    form = LoginForm()
    if not form.validate():
        return page("access/login.html", form=form, status=422)
    email = form.email.data or ""
    if pause := throttle.wait(email):
        form.password.errors = [too_soon(pause)]
        return page("access/login.html", form=form, status=429)
    user = services.user_by_email(email)
    if services.check_password(user, form.password.data or "") and user is not None and user.active:
        keep_nothing()
        return enter(user, remember=form.remember.data, target=request.args.get("next"))
    afterwards(lambda: throttle.failed(email))
    form.password.errors = [_("This e-mail address and password don't belong together.")]
    return page("access/login.html", form=form, status=422)


@bp.post("/logout")
@signed_in
def sign_out() -> Response:
    session.clear()
    logout_user()
    return redirect_to(url_for("access.login"))


@bp.get("/login/forgotten")
@public
def forgot_password() -> Response:
    return page("access/forgot.html", form=ForgotForm(formdata=None, email=request.args.get("email")), sent=False)


@bp.post("/login/forgotten")
@public
def mail_reset_link() -> Response:
    """Says the same whether or not the account exists."""
    form = ForgotForm()
    if not form.validate():
        return page("access/forgot.html", form=form, sent=False, status=422)
    user = services.user_by_email(form.email.data or "")
    if user is not None and user.active:
        if user.password_hash is None:
            services.invite(user, link_for(user, links.INVITATION))
        else:
            services.send_reset_link(user, link_for(user, links.RESET))
    return page("access/forgot.html", form=form, sent=True, mail=current_app.config["MAIL_URL"] is not None)


def link_for(user: User, purpose: str) -> str:
    """The whole address of a link that lets this user choose a password."""
    endpoint = "access.accept_invitation" if purpose == links.INVITATION else "access.reset_password"
    return absolute(url_for(endpoint, token=links.make_token(user, purpose)))


@bp.get("/login/reset/<token>")
@public
def reset_password(token: str) -> Response:
    return _choose_password(token, links.RESET)


@bp.post("/login/reset/<token>")
@public
def set_password(token: str) -> Response:
    return _set_password(token, links.RESET)


@bp.get("/login/invitation/<token>")
@public
def accept_invitation(token: str) -> Response:
    return _choose_password(token, links.INVITATION)


@bp.post("/login/invitation/<token>")
@public
def set_first_password(token: str) -> Response:
    return _set_password(token, links.INVITATION)


def _holder(token: str, purpose: str) -> User:
    user = links.user_of(token, purpose)
    if user is None:
        raise Refused(
            _("This link is too old, or was used already. Ask for a new one."),
            url=url_for("access.forgot_password"),
        )
    return user


def _choose_password(token: str, purpose: str) -> Response:
    user = _holder(token, purpose)
    return page("access/new_password.html", form=NewPasswordForm(user), user=user, first=purpose == links.INVITATION)


def _set_password(token: str, purpose: str) -> Response:
    user = _holder(token, purpose)
    form = NewPasswordForm(user)
    first = purpose == links.INVITATION
    if not form.validate():
        return page("access/new_password.html", form=form, user=user, first=first, status=422)
    services.change_password(user, form.password.data or "")
    if first:
        return enter(user, remember=False, target=None)
    logout_user()
    flash(_("Your password is changed. Sign in with the new one."), "success")
    return redirect_to(url_for("access.login"))


@bp.post("/language")
@public
def choose_language() -> Response:
    """The language of this browser, and of the account if somebody is signed in."""
    chosen = request.form.get("locale", "")
    response = redirect_to(local_target(request.form.get("next")))
    if chosen in LANGUAGES:
        response.set_cookie(
            "language",
            chosen,
            max_age=YEAR,
            samesite="Lax",
            httponly=True,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )
        if current_user.is_authenticated and current_user.language != chosen:
            services.choose_language(current_user, chosen)
    return response
