"""The manifest of analytics."""

from erpcrm.core.area import Area
from erpcrm.core.i18n import _l

from .views import bp

area = Area(
    name="analytics",
    label=_l("Analytics"),
    about=_l("Segments, what customers are worth, and how they buy."),
    requires=("access", "company", "customers"),
    blueprints=[bp],
)
