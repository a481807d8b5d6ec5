"""What users see and change of themselves: name, language, password, two-factor sign-in, sessions."""

from flask import Response, flash, session, url_for
from flask_login import current_user, login_user

from erpcrm.core.access import signed_in
from erpcrm.core.i18n import _
from erpcrm.core.lifecycle import afterwards
from erpcrm.core.pages import page, redirect_to

from .. import services, throttle, two_factor
from ..forms import ChangePasswordForm, CodeForm, PasswordOnlyForm, ProfileForm
from ..models import User
from .blueprint import bp
from .entering import too_soon
from .second_factor import SECRET, app_setup, recovery_codes_page


def me() -> User:
    return current_user._get_current_object()  # type: ignore[no-any-return]


def _is_me(form: PasswordOnlyForm | ChangePasswordForm) -> bool:
    """Whether the present password was typed. Guesses are slowed down like those at sign-in."""
    field = form.current if isinstance(form, ChangePasswordForm) else form.password
    user = me()
    email = user.email or ""
    if pause := throttle.wait(email):
        field.errors = [too_soon(pause)]
        return False
    if services.check_password(user, field.data or ""):
        return True
    afterwards(lambda: throttle.failed(email))
    field.errors = [_("This is not your password.")]
    return False


@bp.get("/profile")
@signed_in
def profile() -> Response:
    return page("access/profile.html", form=ProfileForm(obj=me()), user=me())


@bp.post("/profile")
@signed_in
def update_profile() -> Response:
    form = ProfileForm()
    if not form.validate():
        return page("access/profile.html", form=form, user=me(), status=422)
    services.update_profile(me(), **form.values(), version=form.version.data)
    flash(_("Saved."), "success")
    return redirect_to(url_for("access.profile"))


@bp.get("/profile/password")
@signed_in
def password() -> Response:
    return page("access/password.html", form=ChangePasswordForm(me()))


@bp.post("/profile/password")
@signed_in
def change_password() -> Response:
    form = ChangePasswordForm(me())
    if not form.validate() or not _is_me(form):
        return page("access/password.html", form=form, status=422)
    services.change_password(me(), form.password.data or "")
    login_user(me())
    flash(_("Your password is changed, and you are signed out on all other devices."), "success")
    return redirect_to(url_for("access.profile"))


@bp.post("/profile/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    services.sign_out_everywhere(me())
    login_user(me())
    flash(_("You are signed out on all other devices."), "success")
    return redirect_to(url_for("access.profile"))


@bp.get("/profile/two-factor")
@signed_in
def two_factor_page() -> Response:
    user = me()
    if user.two_factor:
        return page("access/two_factor.html", form=PasswordOnlyForm(), user=user)
    return page("access/two_factor_setup.html", form=CodeForm(), **app_setup(user))


@bp.post("/profile/two-factor")
@signed_in
def switch_on_two_factor() -> Response:
    user, form = me(), CodeForm()
    if user.two_factor or SECRET not in session:
        return redirect_to(url_for("access.two_factor_page"))
    if form.validate():
        codes = two_factor.switch_on(user, session[SECRET], form.code.data or "")
        if codes is not None:
            session.pop(SECRET)
            return recovery_codes_page(codes=codes, target=url_for("access.profile"))
        form.code.errors = [_("This code is wrong. Check the clock of your phone, and try the next code.")]
    return page("access/two_factor_setup.html", form=form, status=422, **app_setup(user))


@bp.post("/profile/two-factor/off")
@signed_in
def switch_off_two_factor() -> Response:
    form = PasswordOnlyForm()
    if not form.validate() or not _is_me(form):
        return page("access/two_factor.html", form=form, user=me(), status=422)
    two_factor.switch_off(me())
    flash(_("Two-factor sign-in is off."), "success")
    return redirect_to(url_for("access.profile"))


@bp.post("/profile/two-factor/codes")
@signed_in
def renew_recovery_codes() -> Response:
    form = PasswordOnlyForm()
    if not form.validate() or not _is_me(form) or not me().two_factor:
        return page("access/two_factor.html", form=form, user=me(), status=422)
    codes = two_factor.renew_codes(me())
    return recovery_codes_page(codes=codes, target=url_for("access.profile"))
