"""Taxes, as arithmetic."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.company.taxation import TaxedAmount, totals

D = Decimal
RATES = st.sampled_from([D(0), D("3"), D("5.5"), D("6"), D("7"), D("9"), D("13"), D("19"), D("8.1")])
CURRENCIES = st.sampled_from(["CNY", "EUR", "JPY", "KWD"])
DIGITS = {"CNY": 2, "EUR": 2, "JPY": 0, "KWD": 3}


@st.composite
def documents(draw):
    currency = draw(CURRENCIES)
    amounts = st.decimals(-1_000_000, 1_000_000, places=DIGITS[currency], allow_nan=False)
    pairs = draw(st.lists(st.tuples(amounts, RATES), max_size=12))
    return currency, [TaxedAmount(amount, str(rate), rate) for amount, rate in pairs]


def of(lines, **how):
    return totals([TaxedAmount(D(amount), rate, D(rate)) for amount, rate in lines], **{"currency": "EUR", **how})


@given(documents(), st.booleans(), st.sampled_from(["line", "document"]))
def test_net_and_tax_are_gross_and_the_taxes_add_up(document, included, rounding):
    currency, lines = document
    found = totals(lines, included=included, rounding=rounding, currency=currency)
    assert found.net + found.tax == found.gross
    assert sum((one.base for one in found.taxes), D(0)) == found.net
    assert sum((one.amount for one in found.taxes), D(0)) == found.tax
    assert (found.gross if included else found.net) == sum((line.amount for line in lines), D(0))
    unit = D(1).scaleb(-DIGITS[currency])
    assert all(figure == figure.quantize(unit) for figure in (found.net, found.tax, found.gross))


@given(documents(), st.booleans(), st.sampled_from(["line", "document"]))
def test_what_takes_a_document_back_has_the_same_sums_below_zero(document, included, rounding):
    currency, lines = document
    back = [TaxedAmount(-line.amount, line.tax, line.rate) for line in lines]
    there = totals(lines, included=included, rounding=rounding, currency=currency)
    again = totals(back, included=included, rounding=rounding, currency=currency)
    assert (again.net, again.tax, again.gross) == (-there.net, -there.tax, -there.gross)


@given(documents(), st.booleans())
def test_both_ways_to_round_differ_by_half_a_unit_a_line_at_most(document, included):
    currency, lines = document
    by_line = totals(lines, included=included, rounding="line", currency=currency)
    at_once = totals(lines, included=included, rounding="document", currency=currency)
    unit = D(1).scaleb(-DIGITS[currency])
    assert abs(by_line.tax - at_once.tax) <= unit / 2 * (len(lines) + len(at_once.taxes))


@given(documents())
def test_the_order_of_the_lines_changes_nothing(document):
    currency, lines = document
    how = {"included": False, "rounding": "document", "currency": currency}
    one, other = totals(lines, **how), totals(reversed(lines), **how)
    assert (one.net, one.tax, one.gross) == (other.net, other.tax, other.gross)


@pytest.mark.parametrize(
    ("rounding", "tax"),
    [("line", "0.03"), ("document", "0.02")],
)
def test_three_lines_of_a_cent_and_a_half_of_tax(rounding, tax):
    lines = [("0.05", "13"), ("0.05", "13"), ("0.05", "13")]  # 0.0065 each
    assert of(lines, included=False, rounding=rounding).tax == D(tax)


def test_half_a_cent_is_rounded_up():
    assert of([("0.50", "1")], included=False, rounding="line").tax == D("0.01")  # 0.005
    assert of([("-0.50", "1")], included=False, rounding="line").tax == D("-0.01")


def test_an_included_tax_is_taken_out_of_the_price():
    found = of([("119", "19"), ("107", "7")], included=True, rounding="line")
    assert (found.net, found.tax, found.gross) == (D(200), D(26), D(226))
    assert [(one.rate, one.base, one.amount) for one in found.taxes] == [(19, 100, 19), (7, 100, 7)]


def test_a_line_without_tax_counts_for_net_and_gross():
    found = totals(
        [TaxedAmount(D(100), None, D(0)), TaxedAmount(D(100), 1, D(13))],
        included=False,
        rounding="line",
        currency="CNY",
    )
    assert (found.net, found.tax, found.gross) == (D(200), D(13), D(213))


def test_a_currency_without_cents_has_no_cents_of_tax():
    assert of([("105", "8.1")], included=False, rounding="line", currency="JPY").tax == D(9)


def test_a_document_without_lines_comes_to_nothing():
    assert of([], included=True, rounding="document") == totals((), included=True, rounding="line", currency="EUR")
