"""The quick ways to write numbers, amounts and dates say what Babel says."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.core import formats
from erpcrm.core.i18n import NUMBER_FORMATS

LOCALES = [Locale.parse("en"), Locale.parse("zh"), *NUMBER_FORMATS.values()]
AMOUNTS = st.decimals(min_value=Decimal("-1e14"), max_value=Decimal("1e14"), allow_nan=False, places=4)
NUMBERS = st.one_of(
    AMOUNTS, st.integers(-(10**12), 10**12), st.decimals(allow_nan=False, allow_infinity=False, places=12)
)


@given(AMOUNTS, st.sampled_from(["CNY", "EUR", "USD", "JPY", "KWD", "XXX"]), st.sampled_from(LOCALES))
def test_amounts_are_written_as_babel_writes_them(value: Decimal, currency: str, locale: Locale | str) -> None:
    assert formats.money(value, currency, locale) == format_currency(value, currency, locale=locale)


@given(NUMBERS, st.sampled_from(LOCALES))
def test_numbers_are_written_as_babel_writes_them(value: Decimal | int, locale: Locale | str) -> None:
    assert formats.number(value, locale) == format_decimal(value, formats.PLAIN, locale=locale)


@pytest.mark.parametrize("locale", ["hi_IN", "es", "pl", "ar_EG", "fa"])
def test_a_language_with_ways_of_its_own_is_left_to_babel(locale: str) -> None:
    for value in (Decimal("0"), Decimal("-0"), Decimal("1234.5"), Decimal("-12345678.25")):
        assert formats.money(value, "EUR", locale) == format_currency(value, "EUR", locale=locale)
        assert formats.number(value, locale) == format_decimal(value, formats.PLAIN, locale=locale)


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1)), st.sampled_from(LOCALES[:2]))
def test_a_moment_is_a_date_and_a_minute(value: datetime, locale: Locale) -> None:
    local = value.replace(tzinfo=UTC)
    written = formats.moment(local, locale)
    assert format_date(local.date(), "medium", locale=locale) in written
    assert format_time(local.time(), "short", locale=locale) in written
