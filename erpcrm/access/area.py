"""The manifest of access."""

from flask import Flask, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager

from erpcrm.core.access import PUBLIC
from erpcrm.core.area import Area, NavItem, Permission
from erpcrm.core.i18n import _l
from erpcrm.core.whole import whole_or_none

from . import record_types, services
from .demo import build_users
from .models import User
from .views import bp

ADMINISTRATION = _l("Administration")


def public_limit() -> str:
    """Guesses at passwords and floods of forms are slowed down by address; a whole office may share one."""
    return "30 per minute; 300 per hour" if request.method == "POST" else "240 per minute"


limiter = Limiter(
    get_remote_address,
    default_limits=[public_limit],
    default_limits_per_method=True,
    storage_uri="memory://",
)
"""In memory, so each server process counts for itself: a brake, not a bookkeeper."""


@limiter.request_filter
def needs_no_limit() -> bool:
    """Only what needs no account is limited."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "permission", None) != PUBLIC


def load_signed_in(token: str) -> User | None:
    """The user of a session, unless signed out everywhere since, or deactivated."""
    user_id, _dot, epoch = token.partition(".")
    number = whole_or_none(user_id)
    user = services.load_user(number) if number is not None else None
    return user if user is not None and user.active and str(user.session_epoch) == epoch else None


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(load_signed_in)
    limiter.init_app(app)


area = Area(
    name="access",
    label=_l("Users and access"),
    about=_l("Who works here, in which teams, and who may do what on whose records."),
    always_on=True,
    blueprints=[bp],
    init_app=init_app,
    load_actor=services.load_user,
    record_types=[record_types.user, record_types.team, record_types.role],
    permissions=[
        Permission(
            "access.user.view",
            _l("See users and teams"),
            roles=(
                "seller",
                "manager",
                "marketer",
                "agent",
                "controller",
                "accountant",
                "buyer",
                "storekeeper",
                "planner",
                "hr",
            ),
        ),
        Permission("access.user.edit", _l("Invite, change and deactivate users")),
        Permission("access.role.edit", _l("Change roles")),
        Permission("access.team.edit", _l("Change teams")),
    ],
    nav=[
        NavItem(_l("Users"), "access.users", "user", "access.user.edit", group=ADMINISTRATION, order=80),
        NavItem(_l("Teams"), "access.teams", "users-group", "access.team.edit", group=ADMINISTRATION, order=81),
        NavItem(_l("Roles"), "access.roles", "shield", "access.role.edit", group=ADMINISTRATION, order=82),
        NavItem(_l("Who may do what"), "access.may", "help", "access.role.edit", group=ADMINISTRATION, order=83),
        NavItem(_l("Profile and security"), "access.profile", "user-circle", None, order=97, in_menu=False),
        NavItem(_l("Change password"), "access.password", "key", None, order=98, in_menu=False),
        NavItem(_l("Two-factor sign-in"), "access.two_factor_page", "shield", None, order=99, in_menu=False),
    ],
    settings={"permissions_known": []},
    events={
        "roles_changed": _l("changed the roles"),
        "signed_in": _l("signed in"),
        "signed_out_everywhere": _l("signed out everywhere"),
        "password_changed": _l("changed the password"),
        "two_factor_on": _l("switched two-factor sign-in on"),
        "two_factor_off": _l("switched two-factor sign-in off"),
        "recovery_code_used": _l("used a recovery code"),
        "handed_over": _l("handed over to a colleague"),
    },
    after_upgrade=services.sync_new_permissions,
    demo=build_users,
)
