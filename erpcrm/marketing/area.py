"""The manifest of marketing."""

from erpcrm.core.area import Area
from erpcrm.core.i18n import _l

from .views import bp

area = Area(
    name="marketing",
    label=_l("Marketing"),
    about=_l("Campaigns, who answered them, and what they brought."),
    requires=("access", "company", "customers", "pipeline", "analytics"),
    blueprints=[bp],
)
