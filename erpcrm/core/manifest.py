"""What core itself shows: modules, the audit trail, imports, jobs, files, notifications."""

from .area import Area, Permission
from .i18n import _l
from .search.views import commands as search_commands
from .views import bp

area = Area(
    name="core",
    label=_l("System"),
    always_on=True,
    blueprints=[bp, search_commands],
    permissions=[
        Permission("core.audit.view", _l("Read the audit trail")),
        Permission("core.module.edit", _l("Switch modules on and off")),
    ],
)
