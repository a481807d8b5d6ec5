"""The manifest of company."""

from erpcrm.core.area import Area, Permission
from erpcrm.core.i18n import _l

area = Area(
    name="company",
    label=_l("Company"),
    always_on=True,
    requires=("access",),
    permissions=[Permission("company.profile.edit", _l("Change the company profile"))],
)
