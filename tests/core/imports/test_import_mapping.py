"""Which column is what: suggested from headers in both languages."""

from erpcrm.core.imports.mapping import likeness, signature, suggest
from erpcrm.core.records import ImportField

FIELDS = {
    "name": (
        ImportField("name", "Name", required=True, aliases=("account", "company", "公司名称", "客户名称")),
        ("Name", "名称"),
    ),
    "code": (ImportField("code", "Code", aliases=("customer code", "代码", "编码")), ("Code", "编码")),
    "email": (ImportField("email", "E-mail", "email"), ("E-mail", "电子邮件")),
    "phone": (ImportField("phone", "Phone", "phone", aliases=("telephone", "电话")), ("Phone", "电话")),
    "owner_id": (ImportField("owner_id", "Owner", "ref", aliases=("sales agent",)), ("Owner", "负责人")),
    "closed_on": (ImportField("closed_on", "Closed on", "date", aliases=("close date",)), ("Closed on", "关闭日期")),
}


def suggested(*headers: str, samples: list[list[str]] | None = None) -> list[str | None]:
    return suggest(headers, samples or [[] for _header in headers], FIELDS)


def test_headers_are_known_in_both_languages_and_any_spelling() -> None:
    assert suggested("Account", "CUSTOMER_CODE", "e-mail", "Telephone", "sales_agent", "Close Date") == [
        "name", "code", "email", "phone", "owner_id", "closed_on",
    ]  # fmt: skip
    assert suggested("公司名称", "代码", "电话", "负责人") == ["name", "code", "phone", "owner_id"]


def test_a_slip_of_the_pen_is_forgiven() -> None:
    assert suggested("Telephne", "Acount") == ["phone", "name"]


def test_each_field_is_suggested_once_for_the_likeliest_column() -> None:
    assert suggested("Companies", "Name") == [None, "name"]
    assert suggested("Company", "Name") == ["name", None]


def test_what_is_unlike_everything_stays_open() -> None:
    assert suggested("revenue", "year_established", "备注") == [None, None, None]
    assert likeness("code", {"owner"}) < 88


def test_cells_full_of_addresses_are_an_email_column() -> None:
    assert suggested("contact point", samples=[["a@b.example", "c@d.example"]]) == ["email"]


def test_the_same_headers_have_the_same_signature() -> None:
    assert signature(["Name", "Ｃｏｄｅ "]) == signature(["name", "code"])
    assert signature(["name", "code"]) != signature(["code", "name"])
