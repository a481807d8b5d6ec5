"""Phones, tax numbers, e-mail addresses and websites as people write them."""

import pytest

from erpcrm.customers import identity


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0755-86530012", "+86 755 8653 0012"),
        ("１３８ ２３５５ ０１０１", "+86 138 2355 0101"),
        ("+49 711 4500123", "+49 711 4500123"),
        ("", None),
    ],
)
def test_a_phone_number_is_kept_in_international_form(typed, kept):
    assert identity.read_phone(typed, "CN") == kept


def test_what_is_no_phone_number_is_refused_in_a_form_and_kept_in_an_import():
    with pytest.raises(ValueError):
        identity.read_phone("ask reception", "CN")
    assert identity.any_phone("ask reception", "CN") == "ask reception"


def test_a_number_is_dialled_without_blanks_and_extension():
    assert identity.dial("+49 30 1234567 ext. 12") == "tel:+49301234567"


@pytest.mark.parametrize(
    ("number", "state"),
    [
        ("91440300MA5A12340M", "uscc"),
        ("91440300MA5A12341M", "wrong"),
        ("DE234567894", "vat"),
        ("DE234567895", "wrong"),
        ("36-4123098", "unchecked"),
        ("11010519491231002X", "id"),
        ("110105194912310021", "wrong"),
        ("91440300MA5A1234M", "wrong"),
        ("91440300MA5A123400M", "wrong"),
        ("440300123456789", "unchecked"),
        ("DE12345678", "wrong"),
        ("DE1234567", "wrong"),
        ("RO361757", "vat"),
        ("EL094014201", "vat"),
        ("ATU12345678", "wrong"),
        ("27AAPFU0939F1ZV", "unchecked"),
        ("CHE109322551", "unchecked"),
        ("", None),
    ],
)
def test_a_tax_number_is_checked_where_its_kind_is_known(number, state):
    assert identity.tax_number_state(identity.compact_tax_number(number)) == state


def test_a_website_gets_its_scheme_and_a_script_is_none():
    assert identity.read_website("www.lanhai.example") == "https://www.lanhai.example"
    with pytest.raises(ValueError):
        identity.read_website("javascript:alert(1)")


def test_a_free_mail_provider_tells_nothing_about_the_company():
    assert identity.mail_domain("a@qq.com", None) is None
    assert identity.mail_domain("a@lanhai.example", None) == "lanhai.example"
    assert identity.mail_domain("a@qq.com", "https://www.lanhai.example/shop") == "lanhai.example"
