"""What tells one company or person from another: phones, tax numbers, addresses on the web. Pure, without a database."""

import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from stdnum.cn import ric, uscc
from stdnum.eu import vat
from stdnum.exceptions import ValidationError

FREE_MAIL = frozenset(
    [
        "qq.com",
        "163.com",
        "126.com",
        "yeah.net",
        "sina.com",
        "sina.cn",
        "sohu.com",
        "foxmail.com",
        "139.com",
        "189.cn",
        "aliyun.com",
        "gmail.com",
        "googlemail.com",
        "outlook.com",
        "hotmail.com",
        "live.com",
        "msn.com",
        "yahoo.com",
        "yahoo.co.jp",
        "icloud.com",
        "me.com",
        "mac.com",
        "gmx.de",
        "gmx.net",
        "web.de",
        "t-online.de",
        "free.fr",
        "orange.fr",
        "wanadoo.fr",
        "laposte.net",
        "proton.me",
        "protonmail.com",
        "aol.com",
        "mail.ru",
        "yandex.ru",
        "naver.com",
        "hanmail.net",
    ]
)
"""Providers at which anybody may have a mailbox: a shared domain says nothing there."""

_REGIONS = {
    "CNY": "CN",
    "USD": "US",
    "EUR": "DE",
    "GBP": "GB",
    "JPY": "JP",
    "HKD": "HK",
    "TWD": "TW",
    "SGD": "SG",
    "CHF": "CH",
}


def region_of_currency(currency: str) -> str:
    """The country whose way of dialling is meant where a number names none. A currency's first two letters are its country."""
    return _REGIONS.get(currency, currency[:2])


def clean(text: str | None) -> str | None:
    """In the usual form of Unicode, without blanks around and without NUL, which no database takes; None when nothing is left."""
    if text is None:
        return None
    return unicodedata.normalize("NFC", text.replace("\0", "")).strip() or None


def read_phone(text: str | None, region: str) -> str | None:
    """A phone number in international form ("+86 755 2878 0808"), with its extension. ValueError when it is none.

    `region` is the country (ISO 3166-1 alpha-2) that is meant when the number does not begin with "+".
    """
    typed = unicodedata.normalize("NFKC", text or "").strip()
    if not typed:
        return None
    try:
        number = phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException as error:
        raise ValueError(typed) from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError(typed)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def any_phone(text: str | None, region: str) -> str | None:
    """Like `read_phone`, but what can't be read is kept as it was written: for data that others made."""
    try:
        return read_phone(text, region)
    except ValueError:
        return clean(text)


def dial(number: str) -> str:
    """The target of a tel: link."""
    return "tel:" + re.sub(r"[^\d+]", "", number.partition(" ext")[0])


def read_email(text: str | None) -> str | None:
    """An e-mail address with its domain in lower case. ValueError when it is none. The server is not asked."""
    typed = unicodedata.normalize("NFKC", text or "").strip()
    if not typed:
        return None
    try:
        return validate_email(typed, check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise ValueError(typed) from error


def any_email(text: str | None) -> str | None:
    try:
        return read_email(text)
    except ValueError:
        return clean(text)


def read_website(text: str | None) -> str | None:
    """An address of the web with its scheme. ValueError for anything else, so that no link runs a script."""
    typed = unicodedata.normalize("NFKC", text or "").strip()
    if not typed:
        return None
    address = typed if "://" in typed else f"https://{typed}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError as error:
        raise ValueError(typed) from error
    if (
        parts.scheme not in ("http", "https")
        or not re.fullmatch(r"[^\s<>\"']+\.[^\s<>\"'.]{2,}", host)
        or " " in address
    ):
        raise ValueError(typed)
    return address


def any_website(text: str | None) -> str | None:
    try:
        return read_website(text)
    except ValueError:
        return None


def mail_domain(email: str | None, website: str | None) -> str | None:
    """The domain that tells the company: of its website, else of its e-mail, unless everybody may have one there."""
    host = ""
    if website:
        host = (urlsplit(website).hostname or "").removeprefix("www.")
    elif email and "@" in email:
        host = email.rpartition("@")[2].lower()
    return host if host and host not in FREE_MAIL else None


def compact_tax_number(text: str | None) -> str | None:
    """Upper case, without blanks and separators; None when nothing is left."""
    compact = re.sub(r"[\s.\-/]", "", unicodedata.normalize("NFKC", text or "")).upper()
    return compact or None


def tax_number_state(number: str | None) -> str | None:
    """What is known about a tax number: "uscc", "vat" or "id" when it is right, "wrong" when it looks like one and is not,
    "unchecked" when it is of a kind that nobody here can check; None when there is none.

    Rules: GB 32100-2015 (Chinese unified social credit code), GB 11643-1999 (number of the Chinese identity card, which is
    the tax number of a person), the VAT number formats of the EU member states.
    """
    if not number:
        return None
    if _passes(vat, number):
        return "vat"
    if len(number) == 18 and number[:2].isalnum() and not number[:2].isalpha():
        return "uscc" if _passes(uscc, number) else "id" if _passes(ric, number) else "wrong"
    if NEARLY_USCC.fullmatch(number) or (number[:2].lower() in VAT_PREFIXES and NEARLY_VAT.fullmatch(number)):
        return "wrong"
    return "unchecked"


NEARLY_USCC = re.compile(r"(?=.{16,17}$|.{19}$)(?:1[1239]|5[1239]|9[123]|[AN]\d|Y1)\d{6}[0-9A-Z]+")
"""A credit code with a digit too many or too few."""
NEARLY_VAT = re.compile(r"[A-Z]{2}(?=(?:[A-Z]*\d){6})[0-9A-Z]{6,13}")
VAT_PREFIXES = vat.MEMBER_STATES | {"el"}


def _passes(module: Any, number: str) -> bool:
    try:
        module.validate(number)
    except ValidationError:
        return False
    return True
