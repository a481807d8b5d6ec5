"""大写金额, by the rules for filling in bills and vouchers."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.core.amount_in_words import DIGITS, amount_in_words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        # Examples of the rules themselves; where these allow 零 or none, none.
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        # zeros
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10.05", "壹拾元零伍分"),
        ("1001", "壹仟零壹元整"),
        ("1010", "壹仟零壹拾元整"),
        ("10500", "壹万零伍佰元整"),
        ("100000000", "壹亿元整"),
        ("100005000", "壹亿零伍仟元整"),
        ("120000300", "壹亿贰仟万零叁佰元整"),
        # great ones, and below zero
        ("12345.67", "壹万贰仟叁佰肆拾伍元陆角柒分"),
        ("1234500000000", "壹万贰仟叁佰肆拾伍亿元整"),
        ("1000000000001", "壹万亿零壹元整"),
        ("-3.20", "负叁元贰角整"),
    ],
)
def test_an_amount_is_said_in_capital_numerals(amount: str, words: str) -> None:
    assert amount_in_words(Decimal(amount), "CNY") == words


@pytest.mark.parametrize(
    ("amount", "currency"), [("1", "USD"), ("1.005", "CNY"), ("1e16", "CNY"), ("NaN", "CNY"), ("Infinity", "CNY")]
)
def test_what_the_rules_know_no_words_for_has_none(amount: str, currency: str) -> None:
    assert amount_in_words(Decimal(amount), currency) is None


UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def read_back(words: str) -> Decimal:
    """What a reader understands."""
    yuan, _yuan, rest = words.rpartition("元")
    total = below_hundred_million = group = digit = 0
    for character in yuan:
        if character in DIGITS:
            digit = DIGITS.index(character)
        elif character in UNITS:
            group, digit = group + digit * UNITS[character], 0
        elif character == "万":
            below_hundred_million, group, digit = (group + digit) * 10_000, 0, 0
        else:
            total, below_hundred_million, group, digit = (below_hundred_million + group + digit) * 10**8, 0, 0, 0
    fen = 0
    for value, unit in re.findall(rf"([{DIGITS}])([角分])", rest):
        fen += DIGITS.index(value) * (10 if unit == "角" else 1)
    return total + below_hundred_million + group + digit + Decimal(fen) / 100


@given(st.integers(min_value=0, max_value=10**18 - 1).map(lambda fen: Decimal(fen).scaleb(-2)))
def test_whatever_the_amount_it_is_read_back_the_same(amount: Decimal) -> None:
    words = amount_in_words(amount, "CNY")
    assert read_back(words) == amount
    assert "零零" not in words
    assert words.endswith(("整", "分"))
