"""The words of the index and of a question, as pure functions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erpcrm.core.pinyin import pinyin_key, syllables
from erpcrm.core.search.everywhere import fits
from erpcrm.core.search.words import GAP, LONGEST, MOST, asked, search_words

HUAWEI = search_words(names=[("深圳华为技术有限公司", None)])


@pytest.mark.parametrize(
    "typed",
    ["hwjs", "HWJS", "huawei", "jishu", "js", "shenzhen", "szhw", "华为", "为技", "华为 技术", "深圳huawei", "hua wei"],
)
def test_a_chinese_company_is_found_by_characters_pinyin_and_initials_from_any_character_on(typed):
    assert fits(HUAWEI, typed)


@pytest.mark.parametrize("typed", ["hwsj", "uawei", "为华", "华技", "huaweix", "-", "！"])
def test_it_is_not_found_by_what_is_not_in_its_name(typed):
    assert not fits(HUAWEI, typed)


def test_the_whole_pinyin_of_a_long_name_finds_it():
    assert fits(HUAWEI, "shenzhenhuaweijishuyouxiangongsi")


def test_the_legal_form_alone_is_not_read_into_pinyin():
    assert "gongsi" not in HUAWEI.split()
    assert fits(HUAWEI, "有限公司")


@pytest.mark.parametrize("reading", ["shàn xiǎo míng", "Shan Xiaoming", "shan", "shàn"])
def test_an_edited_reading_wins_however_it_is_written(reading):
    assert syllables("单晓明", reading) == ("shan", "xiao", "ming")
    words = search_words(names=[("单晓明", reading)])
    assert fits(words, "shanxiaoming")
    assert fits(words, "sxm")
    assert not fits(words, "dxm")


def test_a_surname_that_is_read_in_a_way_of_its_own_is_found_by_both_readings():
    words = search_words(names=[("曾志伟", None)])
    assert fits(words, "zengzhiwei")
    assert fits(words, "czw")


def test_u_with_dots_is_typed_v():
    assert syllables("吕布") == ("lv", "bu")
    assert fits(search_words(names=[("吕布", "lǚ bù")]), "lvbu")
    assert fits(search_words(names=[("吕布", None)]), "lǚ")
    assert fits(search_words(names=[("吕布", None)]), "lubu")


@pytest.mark.parametrize("typed", ["5888", "1234", "02158881234", "021-5888 1234", "+86 021-5888", "0086 021"])
def test_a_phone_is_found_by_any_run_of_its_digits(typed):
    assert fits(search_words(phones=["021-5888 1234"]), typed)


@pytest.mark.parametrize(
    "typed",
    ["0755-86530012", "(0755) 8653 0012", "07558653", "0755", "+86 755 8653", "0086 755 8653", "86 755", "6530"],
)
def test_an_international_number_is_found_as_it_is_dialled_at_home(typed):
    assert fits(search_words(phones=["+86 755 8653 0012"]), typed)


def test_the_extension_is_no_part_of_the_number_at_home():
    assert "02079460123" in search_words(phones=["+44 20 7946 0123 ext. 7"]).split()


def test_an_international_number_is_found_without_its_country():
    assert fits(search_words(phones=["+8613812345678"]), "138 1234")


def test_phones_full_width_are_digits_too():
    assert fits(search_words(phones=["０２１－５８８８１２３４"]), "0215888")


@pytest.mark.parametrize("typed", ["C-00012", "c00012", "00012", "Ｃ-０００１２"])
def test_a_code_is_found_with_and_without_its_punctuation(typed):
    assert fits(search_words(words=["C-00012"]), typed)


@pytest.mark.parametrize("typed", ["li.wei@acme.com", "acme.com", "acme", "LI.WEI"])
def test_an_email_is_found_by_its_parts(typed):
    assert fits(search_words(words=["Li.Wei@acme.com"]), typed)


@pytest.mark.parametrize("typed", ["muller", "Müller", "MULLER", "electronique", "Électronique"])
def test_accents_make_no_difference(typed):
    assert fits(search_words(names=[("Müller Électronique", None)]), typed)


def test_a_phrase_does_not_reach_from_one_text_into_the_next():
    assert not fits(search_words(names=[("东方", None)], words=["红海"]), "方红")


def test_a_country_prefix_is_taken_off_numbers_and_not_off_codes():
    assert asked("+86 13812345678").beginnings == ("13812345678",)
    assert asked("00123 456").beginnings == ("00123", "456")


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_harmless_words(typed):
    question = asked(typed)
    assert all(word.isalnum() and word.isascii() and word == word.lower() for word in question.beginnings)
    assert all(char.isalnum() and not char.isascii() for phrase in question.phrases for char in phrase)


@given(st.text(max_size=60), st.text(max_size=20))
def test_a_text_finds_what_was_indexed_under_it(name, reading):
    words = search_words(names=[(name, reading)])
    assert len(words.split()) <= 2 * MOST
    assert all(len(word) <= LONGEST for word in words.split())
    assert GAP not in "".join([*asked(name).beginnings, *asked(name).phrases])
    if asked(name):
        assert fits(words, name)


def test_names_sort_by_pinyin_among_latin_ones():
    names = ["重庆啤酒", "Beta", "阿里巴巴", "华为", "Huber", "中国银行"]
    assert sorted(names, key=pinyin_key) == ["阿里巴巴", "Beta", "重庆啤酒", "华为", "Huber", "中国银行"]


def test_a_reading_also_decides_the_place_in_a_sorted_list():
    assert pinyin_key("单晓明", "shàn") == "shan xiao ming 单晓明"
    assert len(pinyin_key("很" * 100)) == 80
