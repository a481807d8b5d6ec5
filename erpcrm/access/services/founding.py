"""The first moment of a company: its name, its roles, its first administrator."""

from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _
from erpcrm.core.settings import save_setting

from ..models import User
from .roles import ensure_standard_roles
from .users import anybody_here, create_user


def found_company(
    *, company_name: str, language: str, currency: str, time_zone: str, name: str, email: str, password: str
) -> User:
    """Store the company, make the standard roles and the administrator. Refused once there is a user.

    Two who do it at the same moment both make the role with the key "admin", of which the database takes one.
    """
    if anybody_here():
        raise Refused(_("This company is set up already. Sign in instead."))
    values = {"company_name": company_name.strip(), "language": language, "currency": currency, "time_zone": time_zone}
    for setting_name, value in values.items():
        save_setting(setting_name, value)
    ensure_standard_roles()
    return create_user(name, email, roles=["admin"], password=password, language=language)
