"""The manifest of service."""

from erpcrm.core.area import Area
from erpcrm.core.i18n import _l, lazy_pgettext

from .views import bp

area = Area(
    name="service",
    label=lazy_pgettext("area", "Service"),
    about=_l("Tickets, complaints and feedback of customers, in time, and how satisfied they were."),
    requires=("access", "company", "customers", "catalog"),
    blueprints=[bp],
)
