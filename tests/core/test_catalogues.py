"""Catalogues: what is extracted, what is kept, and what `check` refuses. The last test holds the product to it."""

from pathlib import Path

import pytest
from babel.support import Translations

from erpcrm.core.catalogues import Area, check, compile_catalogues, update


@pytest.fixture
def sales(tmp_path: Path) -> Area:
    """A small product of two areas, sales and core, in a folder of its own."""
    for name in ("core", "sales"):
        (tmp_path / "erpcrm" / name).mkdir(parents=True)
        (tmp_path / "erpcrm" / name / "__init__.py").touch()
    (tmp_path / "templates" / "sales").mkdir(parents=True)
    (tmp_path / "erpcrm" / "sales" / "views.py").write_text('title = _l("Orders of %(name)s", name=name)\n')
    (tmp_path / "templates" / "sales" / "order.html").write_text(
        '{% macro line(n) %}{{ ngettext("%(num)s line", "%(num)s lines", n) }}'
        "<i title=\"{{ _('Close') }}\"></i>{% endmacro %}"
    )
    (tmp_path / "templates" / "base.html").write_text("{{ _('Sign out') }}")
    update(tmp_path)
    return Area("sales", tmp_path)


def translate(area: Area, **texts: str) -> None:
    """Write translations into the catalogue, as a person would with an editor."""
    content = area.po.read_text()
    for original, translation in texts.items():
        original = original.replace("_", " ")
        content = content.replace(f'"{original}"\nmsgstr ""', f'"{original}"\nmsgstr "{translation}"')
    area.po.write_text(content)


def test_code_and_templates_of_an_area_fill_its_own_catalogue(sales: Area) -> None:
    content = sales.po.read_text()
    assert 'msgid "Orders of %(name)s"' in content
    assert 'msgid_plural "%(num)s lines"' in content
    assert 'msgid "Close"' in content
    assert "Sign out" not in content
    assert "Sign out" in Area("core", sales.root).po.read_text()


def test_an_update_keeps_translations_and_changes_nothing_else(sales: Area) -> None:
    translate(sales, Close="关闭")
    before = sales.po.read_bytes()
    update(sales.root)
    assert sales.po.read_bytes() == before


def test_an_update_drops_what_is_no_longer_used_and_guesses_nothing(sales: Area) -> None:
    translate(sales, Close="关闭")
    (sales.root / "templates" / "sales" / "order.html").write_text("{{ _('Close it') }}")
    update(sales.root)
    assert 'msgid "Close it"\nmsgstr ""' in sales.po.read_text()
    assert "关闭" not in sales.po.read_text()


def test_a_text_that_another_area_has_translated_comes_translated(sales: Area) -> None:
    translate(Area("core", sales.root), Sign_out="退出登录")
    (sales.root / "templates" / "sales" / "order.html").write_text("{{ _('Sign out') }}")
    update(sales.root)
    assert 'msgid "Sign out"\nmsgstr "退出登录"' in sales.po.read_text()


def test_what_was_compiled_is_what_users_read(sales: Area) -> None:
    translate(sales, Close="关闭")
    compile_catalogues(sales.root)
    texts = Translations.load(str(sales.po.parents[2]), ["zh"])
    assert texts.gettext("Close") == "关闭"


def test_the_check_names_what_is_missing_empty_and_left_over(sales: Area) -> None:
    (sales.root / "templates" / "sales" / "order.html").write_text("{{ _('Open') }}")
    problems = "\n".join(check(sales.root, least=1))
    assert "sales: missing: 'Open'" in problems
    assert "sales: no longer used: 'Close'" in problems
    assert "sales: not translated: 'Orders of %(name)s'" in problems


def test_the_check_refuses_a_fuzzy_translation(sales: Area) -> None:
    translate(sales, Close="关闭")
    sales.po.write_text(sales.po.read_text().replace('msgid "Close"', '#, fuzzy\nmsgid "Close"'))
    assert "sales: fuzzy: 'Close'" in check(sales.root, least=1)


@pytest.mark.parametrize(
    "translation",
    ["订单", "%(nmae)s 的订单", "%(name) 的订单", "%(name)s 的订单，100%，完"],
    ids=["left out", "misspelt", "without its letter", "a lone percent sign"],
)
def test_the_check_refuses_a_translation_that_could_not_be_filled_in(sales: Area, translation: str) -> None:
    original = "Orders of %(name)s"
    sales.po.write_text(
        sales.po.read_text().replace(f'"{original}"\nmsgstr ""', f'"{original}"\nmsgstr "{translation}"')
    )
    problems = [problem for problem in check(sales.root, least=1) if translation in problem]
    assert len(problems) == 1


def test_the_check_refuses_two_translations_of_one_text(sales: Area) -> None:
    (sales.root / "templates" / "base.html").write_text("{{ _('Close') }}")
    update(sales.root)
    translate(sales, Close="关闭")
    translate(Area("core", sales.root), Close="结束")
    assert any("'Close' is '关闭' here and '结束' in core" in problem for problem in check(sales.root, least=1))


def test_an_extraction_that_finds_nothing_is_no_success(tmp_path: Path) -> None:
    assert any("is the extraction broken?" in problem for problem in check(tmp_path))


def test_every_text_of_the_product_is_translated() -> None:
    assert check() == []
