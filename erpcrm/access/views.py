"""Sign-in and the pages of users, roles and teams."""

from urllib.parse import urlsplit

from flask import Blueprint, Response, request, url_for
from flask_login import current_user, login_user, logout_user

from erpcrm.core.access import public, signed_in
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to

from . import services
from .forms import LoginForm

bp = Blueprint("access", __name__)


def local_target(target: str | None) -> str:
    """Where to go after sign-in: only a path of this site, never another one."""
    parts = urlsplit(target or "")
    if (
        not target
        or parts.netloc
        or parts.scheme
        or not target.startswith("/")
        or target.startswith("//")
        or "\\" in target
    ):
        return url_for("core.home")
    return target


@bp.get("/login")
@public
def login() -> Response:
    if current_user.is_authenticated:
        return redirect_to(local_target(request.args.get("next")))
    return page("access/login.html", form=LoginForm())


@bp.post("/login")
@public
def sign_in() -> Response:
    form = LoginForm()
    if form.validate():
        user = services.user_by_email(form.email.data or "")
        if (
            services.check_password(user, form.password.data or "")
            and user is not None
            and user.active
        ):
            login_user(user, remember=form.remember.data)
            return redirect_to(local_target(request.args.get("next")))
        form.password.errors = [
            _("This e-mail address and password don't belong together.")
        ]
    return page("access/login.html", form=form, status=422)


@bp.post("/logout")
@signed_in
def sign_out() -> Response:
    logout_user()
    return redirect_to(url_for("access.login"))
