"""Quantities in words."""

from decimal import Decimal

import pytest
from flask import Flask

from erpcrm.catalog.quantities import in_unit
from erpcrm.core.i18n import in_language


@pytest.mark.parametrize(
    ("quantity", "unit", "english", "chinese"),
    [
        ("1", "roll", "1 roll", "1 卷"),
        ("6", "roll", "6 rolls", "6 卷"),
        ("0.5", "day", "0.5 days", "0.5 人天"),
        ("1200", "pcs", "1,200 pcs", "1,200 件"),
        ("2", "barrel", "2 barrel", "2 barrel"),
        ("3", None, "3", "3"),
        (None, "roll", "–", "–"),
    ],
)
def test_a_quantity_is_told_with_its_unit(
    app: Flask, quantity: str | None, unit: str | None, english: str, chinese: str
) -> None:
    amount = None if quantity is None else Decimal(quantity)
    for language, words in (("en", english), ("zh", chinese)):
        with in_language(language):
            assert in_unit(amount, unit) == words
