"""Place, name and trade of a company, told apart."""

import pytest

from erpcrm.core.company_names import company_name, same_company, shorter_cores


@pytest.mark.parametrize(
    ("name", "core", "places"),
    [
        ("深圳市蓝海食品有限公司", "蓝海食品", {"深圳"}),
        ("广东省深圳市蓝海食品有限公司", "蓝海食品", {"广东", "深圳"}),
        ("蓝海食品（珠海）有限公司", "蓝海食品", {"珠海"}),
        ("蓝海食品（中国）有限公司", "蓝海食品", set()),
        ("广西壮族自治区桂林三金药业", "三金药业", {"广西", "桂林"}),
        ("上海浦东新区蓝海科技", "蓝海科技", {"上海", "浦东"}),
        ("海宁市蓝海包装", "蓝海包装", {"海宁"}),
        ("北京银行", "银行", {"北京"}),
        ("上海", "上海", set()),
        ("Acme Pumps (China) Co., Ltd.", "acmepumpschina", set()),
        ("", "", set()),
    ],
)
def test_a_name_is_taken_apart(name, core, places):
    found = company_name(name)
    assert (found.core, found.places) == (core, places)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("深圳市蓝海食品有限公司", "蓝海食品"),
        ("深圳蓝海食品有限公司", "深圳市蓝海食品股份有限公司"),
        ("蓝海食品集团", "广东蓝海食品科技有限公司"),
        ("蓝海", "蓝海科技有限公司"),
        ("青岛啤酒", "青岛啤酒股份有限公司"),
        ("Acme Pumps", "Acme Pumps International Ltd"),
    ],
)
def test_names_of_one_company_are_recognised_whatever_part_is_left_out(one, other):
    assert same_company(company_name(one), company_name(other)) >= 60
    assert same_company(company_name(other), company_name(one)) >= 60


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("北京银行", "上海银行"),
        ("北京银行", "银行"),
        ("青岛啤酒", "重庆啤酒"),
        ("蓝海食品", "蓝海造船厂"),
        ("上海蓝海食品", "深圳蓝海食品"),
        ("蓝海食品", "蓝天食品"),
        ("深圳市科技", "科技"),
        ("", "蓝海"),
    ],
)
def test_names_of_two_companies_are_not(one, other):
    assert same_company(company_name(one), company_name(other)) == 0


def test_trades_are_left_out_from_the_end_only():
    assert shorter_cores("蓝海食品科技") == ["蓝海", "蓝海食品"]
    assert shorter_cores("科技蓝海") == []
