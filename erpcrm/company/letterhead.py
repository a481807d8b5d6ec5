"""The company as its documents show it."""

from erpcrm.core.i18n import _
from erpcrm.core.printing import Company
from erpcrm.core.settings import setting

from .models import CompanyLogo
from .services import logo


def letterhead() -> Company:
    """Name, address, numbers, bank and logo of the profile, in the language that is spoken now; what is blank is left out."""
    facts = [
        (_("Tax number"), setting("company_tax_number")),
        (_("Phone"), setting("company_phone")),
        (_("E-mail"), setting("company_email")),
        (_("Website"), setting("company_website")),
    ]
    bank = setting("company_bank")
    return Company(
        name=setting("company_name"),
        lines=setting("company_address").splitlines(),
        facts=[(label, value) for label, value in facts if value],
        bank=[("", line) for line in bank.splitlines()],
        logo=_logo(),
    )


def _logo() -> bytes | None:
    digest = setting("company_logo")
    found: CompanyLogo | None = logo(digest) if digest is not None else None
    return found.content if found is not None else None
