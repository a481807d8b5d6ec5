"""Users: list, page, invite, change, deactivate, hand over."""

from flask import Response, current_app, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.i18n import _
from erpcrm.core.idempotency import keep_instead
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type

from .. import links, services, two_factor
from ..forms import HandOverForm, NewUserForm, UserForm
from ..models import User
from .blueprint import bp
from .profile import me
from .sign_in import link_for


def _user(id: int) -> User:
    return load(User, id, everyone)


@bp.get("/admin/users")
@allow("access.user.view")
def users() -> Response:
    return list_page(record_type("user"))


@bp.get("/admin/users/<int:id>")
@allow("access.user.view")
def user(id: int) -> Response:
    return _page(_user(id))


def _page(someone: User, link: str | None = None) -> Response:
    owned = services.possessions(someone) if current_user.may("access.user.edit") else []
    return page("access/user.html", user=someone, owned=owned, link=link)


def _page_with_secret(someone: User, link: str) -> Response:
    keep_instead(url_for("access.user", id=someone.id))
    return _page(someone, link)


@bp.get("/admin/users/new")
@allow("access.user.edit")
def new_user() -> Response:
    form = NewUserForm(name=request.args.get("name")).offer(services.roles_of_choice())
    return page("access/user_form.html", form=form, user=None)


@bp.post("/admin/users")
@allow("access.user.edit")
def create_user() -> Response:
    form = NewUserForm().offer(services.roles_of_choice())
    if not form.validate():
        return page("access/user_form.html", form=form, user=None, status=422)
    values = form.values()
    wanted, invite = set(values.pop("roles")), values.pop("invite")
    roles = [role for role in services.roles_of_choice() if role.id in wanted]
    someone = services.create_user(**{**values, "language": values["language"] or None}, roles=roles, by=me())
    if invite:
        return _invite(someone)
    return redirect_to(url_for("access.user", id=someone.id))


@bp.post("/admin/users/<int:id>/invite")
@allow("access.user.edit")
def invite_user(id: int) -> Response:
    return _invite(_user(id))


def _invite(someone: User) -> Response:
    """Mail the invitation; where no mail server is configured, show its link this one time, to be passed on by hand."""
    link = link_for(someone, links.INVITATION)
    services.invite(someone, link, by=me())
    if current_app.config["MAIL_URL"] is None:
        return _page_with_secret(someone, link)
    flash(_("The invitation is on its way to %(email)s.", email=someone.email), "success")
    return redirect_to(url_for("access.user", id=someone.id))


@bp.post("/admin/users/<int:id>/reset-link")
@allow("access.user.edit")
def reset_user_password(id: int) -> Response:
    someone = _user(id)
    link = link_for(someone, links.RESET)
    services.send_reset_link(someone, link, by=me())
    if current_app.config["MAIL_URL"] is None:
        return _page_with_secret(someone, link)
    flash(_("A link for a new password is on its way to %(email)s.", email=someone.email), "success")
    return redirect_to(url_for("access.user", id=id))


@bp.get("/admin/users/<int:id>/edit")
@allow("access.user.edit")
def edit_user(id: int) -> Response:
    someone = _user(id)
    form = UserForm(obj=someone, data={"roles": [role.id for role in someone.roles]})
    form.roles.data = [role.id for role in someone.roles]
    return page("access/user_form.html", form=form.offer(services.roles_of_choice()), user=someone)


@bp.post("/admin/users/<int:id>/edit")
@allow("access.user.edit")
def update_user(id: int) -> Response:
    someone = _user(id)
    form = UserForm().offer(services.roles_of_choice())
    if not form.validate():
        return page("access/user_form.html", form=form, user=someone, status=422)
    services.update_user(someone, form.values(), version=form.version.data, by=me())
    flash(_("Saved."), "success")
    return redirect_to(url_for("access.user", id=id))


@bp.post("/admin/users/<int:id>/sign-out-everywhere")
@allow("access.user.edit")
def sign_out_user(id: int) -> Response:
    someone = _user(id)
    services.sign_out_everywhere(someone, by=me())
    flash(_("%(name)s is signed out everywhere.", name=someone.name), "success")
    return redirect_to(url_for("access.user", id=id))


@bp.post("/admin/users/<int:id>/two-factor-off")
@allow("access.user.edit")
def switch_off_two_factor_of(id: int) -> Response:
    """For a user who has lost phone and recovery codes."""
    someone = _user(id)
    two_factor.switch_off(someone, by=me())
    flash(_("Two-factor sign-in of %(name)s is off.", name=someone.name), "success")
    return redirect_to(url_for("access.user", id=id))


@bp.get("/admin/users/<int:id>/leave")
@allow("access.user.edit")
def leave(id: int) -> Response:
    """What a user still owns, who takes it over, and the end of their access."""
    someone = _user(id)
    return page("access/leave.html", user=someone, owned=services.possessions(someone), form=HandOverForm())


@bp.post("/admin/users/<int:id>/hand-over")
@allow("access.user.edit")
def hand_over(id: int) -> Response:
    someone, form = _user(id), HandOverForm()
    if not form.validate():
        return page("access/leave.html", user=someone, owned=services.possessions(someone), form=form, status=422)
    job = services.hand_over(someone, _user(form.to.data or 0), by=me())
    return redirect_to(url_for("jobs.job", id=job.id))


@bp.post("/admin/users/<int:id>/deactivate")
@allow("access.user.edit")
def deactivate_user(id: int) -> Response:
    someone = _user(id)
    services.deactivate(someone, by=me())
    flash(_("%(name)s can't sign in any more.", name=someone.name), "success")
    return redirect_to(url_for("access.user", id=id))


@bp.post("/admin/users/<int:id>/reactivate")
@allow("access.user.edit")
def reactivate_user(id: int) -> Response:
    someone = _user(id)
    services.reactivate(someone, by=me())
    flash(_("%(name)s may sign in again.", name=someone.name), "success")
    return redirect_to(url_for("access.user", id=id))
