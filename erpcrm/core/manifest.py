"""What core itself shows: modules, the audit trail, imports, jobs, files, notifications."""

from datetime import timedelta

from .area import Area, Permission, Schedule
from .i18n import _l
from .lists.views import bp as lists
from .views import bp

EXPORTERS = ("manager", "marketer", "controller", "accountant", "buyer", "planner", "hr")
"""Who may take lists out of the system in a new company: not those who only work on single records."""

area = Area(
    name="core",
    label=_l("System"),
    always_on=True,
    blueprints=[bp, lists],
    permissions=[
        Permission("core.audit.view", _l("Read the audit trail")),
        Permission("core.export.run", _l("Export lists to Excel and CSV"), roles=EXPORTERS),
        Permission("core.view.share", _l("Share list views with everyone"), roles=("manager", "controller", "marketer")),
        Permission("core.module.edit", _l("Switch modules on and off")),
    ],
    schedules=[Schedule("lists.sweep_exports", _l("Delete old export files"), timedelta(days=1))],
)
