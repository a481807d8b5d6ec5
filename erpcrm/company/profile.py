"""The company's profile as a whole: what is in it, how it reads, and which version of it was seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from babel.dates import get_month_names
from flask_babel import get_locale

from erpcrm.core.i18n import LANGUAGES, NUMBER_FORMATS, _, _l
from erpcrm.core.records import Choice
from erpcrm.core.settings import setting
from erpcrm.core.stale import Stored

LABELS = {
    "company_name": _l("Company name"),
    "currency": _l("Currency"),
    "time_zone": _l("Time zone"),
    "language": _l("Language"),
    "number_format": _l("Number format"),
    "fiscal_year_start": _l("Fiscal year starts in"),
    "company_address": _l("Address"),
    "company_tax_number": _l("Tax number"),
    "company_phone": _l("Phone"),
    "company_email": _l("E-mail"),
    "company_website": _l("Website"),
    "company_bank": _l("Bank details"),
}
LETTERHEAD = (
    "company_address",
    "company_tax_number",
    "company_phone",
    "company_email",
    "company_website",
    "company_bank",
)
"""What documents say of the company besides its name and logo; blank until somebody enters it"""
VERSION = "profile_version"
"""The setting that counts the changes of the profile"""


def month_choices() -> list[tuple[int, str]]:
    names = get_month_names("wide", "stand-alone", locale=get_locale())
    return [(month, names[month]) for month in range(1, 13)]


def number_format_choices() -> list[tuple[str, str]]:
    return [("auto", _("As is usual in the reader’s language")), *((form, form) for form in NUMBER_FORMATS)]


@dataclass(frozen=True)
class Profile:
    """The profile as it is stored, at one version."""

    values: dict[str, Any]
    version: int

    @classmethod
    def now(cls) -> "Profile":
        return cls({name: setting(name) for name in LABELS}, setting(VERSION))

    def stored(self) -> Sequence[Stored]:
        """For the page that shows both versions of a stale edit."""
        choices: dict[str, list[tuple[Any, str]]] = {
            "language": list(LANGUAGES.items()),
            "number_format": number_format_choices(),
            "fiscal_year_start": month_choices(),
        }
        found = []
        for name, label in LABELS.items():
            words = [Choice(str(value), word) for value, word in choices.get(name, ())]
            sent = str(self.values[name])
            shown = next((str(choice.label) for choice in words if choice.value == sent), sent)
            found.append(Stored(name, label, sent, shown, words))
        return found
