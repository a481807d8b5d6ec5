"""Which passwords are taken, and how they are kept.

The rules follow NIST SP 800-63B, 5.1.1.2: length instead of character classes, and nothing that everybody tries first.
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from erpcrm.core.i18n import _

LEAST = 10
MOST = 200
"""Longer ones are refused rather than hashed at length."""

COMMON = frozenset(
    [
        "0123456789",
        "1234567890",
        "12345678910",
        "0987654321",
        "9876543210",
        "1111111111",
        "0000000000",
        "1122334455",
        "1234512345",
        "123456789a",
        "a123456789",
        "a1234567890",
        "qwertyuiop",
        "qwerty1234",
        "qwerty12345",
        "qwerty123456",
        "1qaz2wsx3edc",
        "1q2w3e4r5t",
        "1q2w3e4r5t6y",
        "q1w2e3r4t5",
        "asdfghjkl1",
        "asdfghjkl;",
        "zxcvbnm123",
        "password12",
        "password123",
        "password1234",
        "password12345",
        "passw0rd12",
        "passw0rd123",
        "p@ssw0rd12",
        "p@ssw0rd123",
        "p@ssword123",
        "administrator",
        "admin12345",
        "admin123456",
        "admin1234567",
        "administrador",
        "changeme123",
        "changemenow",
        "letmein123",
        "letmein1234",
        "welcome123",
        "welcome1234",
        "welcome12345",
        "iloveyou12",
        "iloveyou123",
        "iloveyouforever",
        "princess123",
        "football123",
        "baseball123",
        "basketball",
        "sunshine123",
        "trustno1234",
        "superman123",
        "michael123",
        "dragon1234",
        "monkey1234",
        "master1234",
        "woaini1314",
        "woaini520",
        "woaini1314520",
        "woaini521314",
        "5201314520",
        "1314520520",
        "5201314521",
        "aini1314520",
        "woaiwojia123",
        "zhang123456",
        "wang123456",
        "li12345678",
        "abc1234567",
        "abcd123456",
        "abcd1234567",
        "abc123456789",
        "abcdefghij",
        "abcdefghijk",
        "aa123456789",
        "aaa1234567",
        "aaaaaaaaaa",
        "asd1234567",
        "qq123456789",
        "qaz1234567",
        "qazwsxedc1",
        "qazwsxedcrfv",
        "computer123",
        "internet123",
        "company123",
        "testtest123",
        "test123456",
        "test1234567",
        "temp123456",
        "secret1234",
        "secret12345",
        "default123",
        "guest12345",
        "login12345",
        "manager123",
        "user123456",
    ]
)

hasher = PasswordHasher()
NOBODY = hasher.hash("no account has this password")
"""Checked when there is no account, so that the answer takes as long as when there is one."""


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
