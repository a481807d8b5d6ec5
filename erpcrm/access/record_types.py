"""Users, teams and roles as lists, pickers, search, audit trail and imports see them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.access import everyone
from erpcrm.core.db import session
from erpcrm.core.i18n import LANGUAGES, _, _l, lazy_pgettext
from erpcrm.core.records import Choice, Column, Importer, ImportField, Join, RecordType, Searchable

from . import importing
from .models import Role, Team, User, user_roles
from .roles import STANDARD_ROLES

_STANDARD_LABELS = {role.name: role.label for role in STANDARD_ROLES}
_role_names = (
    select(func.aggregate_strings(Role.name, ", "))
    .join(user_roles, user_roles.c.role_id == Role.id)
    .where(user_roles.c.user_id == User.id)
    .correlate(User)
    .scalar_subquery()
)


def in_words(names: str) -> str:
    """Names of roles, those of standard roles in the reader's language."""
    return _(", ").join(str(_STANDARD_LABELS.get(name, name)) for name in names.split(", "))


def role_choices() -> Sequence[Choice]:
    return [Choice(str(role.id), role.label) for role in session.scalars(select(Role).order_by(Role.id))]


def find_users(field: str, texts: Sequence[str]) -> Mapping[str, int]:
    """The one user that has each of these names or addresses."""
    column = User.email if field == "email" else User.name
    return {text: ids[0] for text, ids in _lookup(column, texts).items() if len(ids) == 1}


def look_up_users(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    """Users by address or name."""
    by_email, by_name = _lookup(User.email, texts), _lookup(User.name, texts)
    return {text: by_email.get(text) or by_name[text] for text in {*by_email, *by_name}}


def _lookup(column: Any, texts: Sequence[str]) -> dict[str, list[int]]:
    wanted: dict[str, list[str]] = {}
    for text in texts:
        wanted.setdefault(text.strip().lower(), []).append(text)
    found: dict[str, list[int]] = {}
    model = column.class_
    for record_id, value in session.execute(select(model.id, column).where(func.lower(column).in_(list(wanted)))):
        for text in wanted.get(value.lower(), ()):
            found.setdefault(text, []).append(record_id)
    return found


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
    code=User.email,
    scope=everyone,
    confidential=True,
    sort="name",
    columns=(
        Column("name", lazy_pgettext("person", "Name"), User.name, sortable=True),
        Column("email", _l("E-mail"), User.email, kind="email"),
        Column(
            "team",
            _l("Team"),
            Team.name,
            kind="ref",
            key=User.team_id,
            ref="team",
            joins=(Join("team", Team, Team.id == User.team_id),),
        ),
        Column("roles", _l("Roles"), _role_names, filterable=False, reads=in_words),
        Column("region", _l("Region"), User.region),
        Column("active", _l("Active"), User.active, kind="bool"),
        Column("two_factor", _l("Two-factor sign-in"), User.totp_secret.is_not(None), kind="bool"),
        Column("last_sign_in", _l("Last sign-in"), User.last_sign_in_at, kind="datetime"),
        Column("phone", _l("Phone"), User.phone, kind="phone", shown=False),
        Column(
            "language",
            _l("Language"),
            User.language,
            kind="choice",
            shown=False,
            choices=[Choice(code, name) for code, name in LANGUAGES.items()],
        ),
        Column("created", _l("Created"), User.created_at, kind="datetime", shown=False),
    ),
    search=Searchable(
        title=lambda user: user.name,
        names=lambda user: [(user.name, None)],
        words=lambda user: [user.email],
        phones=lambda user: [user.phone],
        subtitle=lambda user: user.email or "",
    ),
    presets={
        "active": (_l("Active"), "active=1"),
    },
    importer=Importer(
        fields=(
            ImportField(
                "name",
                lazy_pgettext("person", "Name"),
                required=True,
                match=True,
                aliases=(
                    "name",
                    "full name",
                    "user",
                    "sales agent",
                    "sales_agent",
                    "seller",
                    "agent",
                    "employee",
                    "姓名",
                    "名称",
                    "用户",
                    "销售",
                    "销售员",
                    "业务员",
                    "员工",
                ),
            ),
            ImportField(
                "email",
                _l("E-mail"),
                kind="email",
                match=True,
                aliases=("email", "e-mail", "mail", "邮箱", "电子邮箱", "电子邮件"),
            ),
            ImportField("phone", _l("Phone"), kind="phone", aliases=("phone", "mobile", "telephone", "电话", "手机")),
            ImportField(
                "team",
                _l("Team"),
                kind="ref",
                ref="team",
                create_missing=importing.create_missing_team,
                aliases=("team", "sales team", "group", "团队", "小组", "销售团队"),
            ),
            ImportField(
                "manager",
                _l("Team of this manager"),
                aliases=("manager", "supervisor", "team lead", "经理", "主管", "上级"),
                help=_l("The user joins the team that this person manages; both are created when they are missing."),
            ),
            ImportField(
                "region",
                _l("Region"),
                aliases=("region", "office", "regional office", "regional_office", "区域", "地区", "大区", "办事处"),
            ),
            ImportField("role", _l("Role"), kind="choice", choices=role_choices, aliases=("role", "角色", "权限")),
        ),
        create=importing.create,
        update=importing.update,
        remove=importing.remove,
        revert=importing.revert,
        permission="access.user.edit",
        lookup=look_up_users,
        find=find_users,
    ),
)

team = RecordType(
    name="team",
    model=Team,
    label=_l("Team"),
    plural=_l("Teams"),
    icon="users-group",
    endpoint="access.team",
    list_endpoint="access.teams",
    view="access.user.view",
    edit="access.team.edit",
    create="access.team.edit",
    create_endpoint="access.new_team",
    title=Team.name,
    scope=everyone,
    confidential=True,
    sort="name",
    columns=(Column("name", _l("Name"), Team.name, sortable=True),),
    search=Searchable(title=lambda team: team.name, names=lambda team: [(team.name, None)]),
)

role = RecordType(
    name="role",
    model=Role,
    label=_l("Role"),
    plural=_l("Roles"),
    icon="shield",
    endpoint="access.role",
    list_endpoint="access.roles",
    view="access.role.edit",
    edit="access.role.edit",
    create="access.role.edit",
    create_endpoint="access.new_role",
    title=Role.name,
    scope=everyone,
    confidential=True,
    sort="name",
    columns=(Column("name", _l("Name"), Role.name, sortable=True, reads=in_words),),
)
