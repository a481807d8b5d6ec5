"""What core itself shows: modules, the audit trail, imports, jobs, files, notifications."""

from datetime import timedelta

from . import file_views, mail_views, modules, notification_views, option_views, trail_views
from .area import Area, NavItem, Permission, Schedule
from .fields.views import bp as fields
from .i18n import _l
from .imports.handlers import sweep_job  # noqa: F401 - declares the jobs of imports
from .imports.models import FLOW as import_flow
from .imports.services import importable
from .imports.views import bp as imports
from .jobs import views as job_views
from .lists.views import bp as lists
from .notifications import unread_count
from .pointers import past_of
from .search.views import commands as search_commands
from .views import bp

EXPORTERS = ("manager", "marketer", "controller", "accountant", "buyer", "planner", "hr")
"""Who may take lists out of the system in a new company: not those who only work on single records."""

IMPORTERS = ("seller", "manager", "marketer", "buyer", "storekeeper", "planner", "accountant", "hr")
"""Who may import in a new company: what they import needs the permission to create it too."""

area = Area(
    name="core",
    label=_l("System"),
    always_on=True,
    blueprints=[
        bp,
        search_commands,
        lists,
        imports,
        job_views.bp,
        mail_views.bp,
        notification_views.bp,
        file_views.bp,
        modules.bp,
        trail_views.bp,
        option_views.bp,
        fields,
    ],
    permissions=[
        Permission("core.audit.view", _l("Read the audit trail")),
        Permission("core.export.run", _l("Export lists to Excel and CSV"), roles=EXPORTERS),
        Permission("core.import.run", _l("Import files"), roles=IMPORTERS),
        Permission("core.import.all", _l("See everybody's imports")),
        Permission(
            "core.view.share", _l("Share list views with everyone"), roles=("manager", "controller", "marketer")
        ),
        Permission("core.module.edit", _l("Switch modules on and off")),
        Permission("core.option.edit", _l("Edit choice lists")),
        Permission("core.field.edit", _l("Add and change own fields")),
        Permission("core.job.view", _l("See everybody's jobs and what went wrong in them")),
        Permission("core.mail.view", _l("Read the mails that the system sends, with the sign-in links in them")),
    ],
    workflows=[import_flow],
    nav=[
        NavItem(
            _l("Imports"),
            "imports.imports",
            "database-import",
            "core.import.run",
            group=_l("Administration"),
            order=80,
            when=lambda actor: bool(importable(actor)),
        ),
        NavItem(
            _l("Modules"), "modules.modules", "adjustments", "core.module.edit", group=_l("Administration"), order=86
        ),
        NavItem(_l("Audit trail"), "trail.audit", "history", "core.audit.view", group=_l("Administration"), order=87),
        NavItem(
            _l("Own fields"), "fields.fields", "adjustments", "core.field.edit", group=_l("Administration"), order=86
        ),
        NavItem(
            _l("Choice lists"),
            "options.option_lists",
            "list-details",
            "core.option.edit",
            group=_l("Administration"),
            order=87,
        ),
        NavItem(_l("Jobs"), "jobs.jobs", "activity", "core.job.view", group=_l("Administration"), order=90),
        NavItem(_l("Mails"), "mails.mails", "mail", "core.mail.view", group=_l("Administration"), order=91),
        NavItem(_l("Notifications"), "notifications.inbox", "bell", None, order=95, in_menu=False),
        NavItem(_l("Notification settings"), "notifications.settings", "settings", None, order=96, in_menu=False),
    ],
    schedules=[
        Schedule("lists.sweep_exports", _l("Delete old export files"), timedelta(days=1)),
        Schedule("imports.sweep", _l("Remove files of imports that came to nothing"), timedelta(days=1)),
        Schedule("jobs.sweep", _l("Forget old jobs"), timedelta(days=1)),
        Schedule("keys.sweep", _l("Forget the answers to old forms"), timedelta(hours=6)),
        Schedule("files.sweep", _l("Clear away files that nothing names"), timedelta(days=1)),
        Schedule("files.empty_bin", _l("Forget files that were removed a month ago"), timedelta(days=1)),
        Schedule("notifications.sweep", _l("Forget old notifications"), timedelta(days=1)),
    ],
    jinja={"unread_count": unread_count, "past_of": past_of},
)
