"""The manifest of access."""

from flask import Flask
from flask_login import LoginManager

from erpcrm.core.access import everyone
from erpcrm.core.area import Area, Permission
from erpcrm.core.i18n import _l
from erpcrm.core.records import Column, RecordType

from . import services
from .models import User
from .views import bp


def init_app(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None

    @manager.user_loader
    def load(token: str) -> User | None:
        user_id, _dot, epoch = token.partition(".")
        user = services.load_user(int(user_id)) if user_id.isdigit() else None
        return (
            user
            if user is not None and user.active and str(user.session_epoch) == epoch
            else None
        )


user = RecordType(
    name="user",
    model=User,
    label=_l("User"),
    plural=_l("Users"),
    icon="user",
    endpoint="access.user",
    list_endpoint="access.users",
    view="access.user.view",
    edit="access.user.edit",
    create="access.user.edit",
    create_endpoint="access.new_user",
    title=User.name,
    scope=everyone,
    sort="name",
    columns=(Column("name", _l("Name"), User.name, sortable=True),),
)

area = Area(
    name="access",
    label=_l("Users and access"),
    always_on=True,
    blueprints=[bp],
    init_app=init_app,
    load_actor=services.load_user,
    record_types=[user],
    permissions=[
        Permission(
            "access.user.view",
            _l("See users"),
            roles=("seller", "manager", "marketer", "agent"),
        ),
        Permission("access.user.edit", _l("Invite, change and deactivate users")),
        Permission("access.role.edit", _l("Change roles")),
        Permission("access.team.edit", _l("Change teams")),
    ],
)
