"""Which passwords are taken, and how they are kept.

The rules follow NIST SP 800-63B, 5.1.1.2: length instead of character classes, and nothing that everybody tries first.
"""

from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from erpcrm.core.i18n import _

LEAST = 10
MOST = 200
"""Longer ones are refused rather than hashed at length."""

COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8").split())
"""What people who have to choose ten characters choose, in English and Chinese."""

hasher = PasswordHasher()
NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$TngbWcQfhDv7em0VS6ZiuQ$JZ0MEz9ZCOpYeUJyXPVNU90eHggXD+IJgJ8R45rVTsQ"
"""Checked when there is no account, so that the answer takes as long as when there is one. Of a password that nobody knows."""


def objection(password: str, *, email: str | None = None, name: str = "") -> str | None:
    """Why this password is not taken, or None when it is."""
    plain = password.casefold()
    if len(password) < LEAST:
        return _("At least %(count)s characters. A short sentence is easy to remember.", count=LEAST)
    if len(password) > MOST:
        return _("At most %(count)s characters.", count=MOST)
    if plain in COMMON or len(set(plain)) < 4:
        return _("This is among the passwords that everybody tries first. Choose another one.")
    address = (email or "").casefold()
    if address and plain in (address, address.partition("@")[0]):
        return _("Your e-mail address is not a password.")
    if name and plain.replace(" ", "") == name.casefold().replace(" ", ""):
        return _("Your name is not a password.")
    return None


def matches(stored: str | None, password: str) -> bool:
    """Takes the same time whether or not there is a stored one."""
    try:
        hasher.verify(stored or NOBODY, password[: MOST + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None
