"""The currencies that a form offers."""

from babel.numbers import get_currency_name, list_currencies

from .i18n import locale_code
from .settings import setting

COMMON = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP", "SGD", "TWD", "KRW", "AUD", "CAD", "CHF")


def currency_choices() -> list[tuple[str, str]]:
    """(ISO 4217 code, code and name): the company's own first, then common ones, then all others by code."""
    own = setting("currency")
    known = list_currencies()
    first = list(dict.fromkeys((own, *COMMON)))
    rest = sorted(known.difference(first))
    return [(code, f"{code} · {get_currency_name(code, locale=locale_code())}") for code in (*first, *rest)]
