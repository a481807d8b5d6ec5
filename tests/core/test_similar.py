"""Names that mean the same company are alike; names that do not are not."""

import pytest

from erpcrm.core.similar import normalise, similarity


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("华为技术有限公司", "华为技术"),
        ("华为技术股份有限公司", "华为技术有限责任公司"),
        ("海尔集团公司", "海尔集团"),
        ("Acme Co., Ltd.", "ACME"),
        ("Acme GmbH & Co. KG", "acme"),
        ("Ａｃｍｅ Ｉｎｃ．", "Acme Incorporated"),
        ("The Acme Company", "Acme"),
        ("Société Générale S.A.", "Societe Generale"),
        ("上海　水泵 （集团） 有限公司", "上海水泵集团"),
    ],
)
def test_legal_form_width_case_blanks_and_accents_make_no_difference(one, other):
    assert normalise(one) == normalise(other)
    assert similarity(normalise(one), normalise(other)) == 100


@pytest.mark.parametrize(
    ("name", "kept"), [("AG Insurance", "aginsurance"), ("公司", "公司"), ("Ltd", "ltd"), ("", "")]
)
def test_a_form_that_is_not_at_the_end_or_is_all_there_is_stays(name, kept):
    assert normalise(name) == kept


def test_a_slip_of_the_pen_is_alike_and_another_company_is_not():
    assert similarity(normalise("Shanghai Pumps Ltd"), normalise("Shanghai Pump")) > 90
    assert similarity(normalise("深圳华为技术有限公司"), normalise("华为技术")) == 80
    assert similarity(normalise("华为技术有限公司"), normalise("中兴通讯有限公司")) < 50


def test_no_name_is_like_nothing():
    assert similarity("", normalise("Acme")) == 0
