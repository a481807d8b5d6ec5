"""The currencies that a form offers."""

from babel.numbers import get_currency_name

from .i18n import locale_code
from .places import current_currencies
from .settings import setting

COMMON = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP", "SGD", "TWD", "KRW", "AUD", "CAD", "CHF")


def currency_choices() -> list[tuple[str, str]]:
    """(ISO 4217 code, code and name): the company's own first, then common ones, then all others that are money today, by code."""
    own = setting("currency")
    first = list(dict.fromkeys((own, *COMMON)))
    rest = sorted(current_currencies().difference(first))
    return [(code, f"{code} · {get_currency_name(code, locale=locale_code())}") for code in (*first, *rest)]
