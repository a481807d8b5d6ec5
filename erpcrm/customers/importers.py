"""How rows of a file become customers and contacts."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, or_, select

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l, lazy_pgettext
from erpcrm.core.numbers import free_numbers
from erpcrm.core.options import ensure_option, options
from erpcrm.core.records import Choice, Importer, ImportField
from erpcrm.core.similar import normalise

from .identity import compact_tax_number
from .models import CHANNELS, CONSENTS, CUSTOMER_FLOW, CUSTOMER_KINDS, Contact, Customer
from .services import create_contact, delete_contact, delete_customer, link_contact, update_contact, update_customer
from .services.customers import CODE_IS_FREE, build_customer

STATUSES = tuple(Choice(state.value, state.label) for state in CUSTOMER_FLOW.states if state.value != "archived")
BATCH = 500
"""Texts looked up in one query: SQLite and PostgreSQL both take many more."""


def option_field(name: str, label: Any, option_list: str, aliases: Sequence[str]) -> ImportField:
    """A field with values from an editable list; words that it lacks may be added."""
    return ImportField(
        name,
        label,
        "choice",
        aliases,
        choices=lambda: options(option_list),
        create_missing=_creator(option_list),
    )


def _creator(option_list: str) -> Callable[[str, Any], Any]:
    return lambda text, by: ensure_option(option_list, text)


def _ids(column: Any, model: Any, texts: Sequence[str]) -> dict[str, list[int]]:
    """{lower-case text: ids} of the records whose `column` is one of `texts`, whatever their case."""
    found: dict[str, list[int]] = {}
    wanted = sorted({text.strip() for text in texts if text.strip()})
    for start in range(0, len(wanted), BATCH):
        some = wanted[start : start + BATCH]
        # SQLite lowers ASCII letters only: as written, too.
        same = or_(column.in_(some), func.lower(column).in_([text.lower() for text in some]))
        for text, record_id in session.execute(select(column, model.id).where(same).order_by(model.id)):
            found.setdefault(text.lower(), []).append(record_id)
    return found


def _lookup(model: Any, columns: Sequence[Any], texts: Sequence[str]) -> dict[str, list[int]]:
    """{text: ids}: by the first of `columns` that knows it."""
    found: dict[str, list[int]] = {}
    for column in columns:
        left = [text for text in texts if text not in found]
        known = _ids(column, model, left) if left else {}
        found |= {text: known[text.strip().lower()] for text in left if text.strip().lower() in known}
    return found


def find_customers(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    return _lookup(Customer, (Customer.code, Customer.name, Customer.english_name), texts)


def match_customers(field: str, texts: Sequence[str]) -> Mapping[str, int]:
    columns = {"code": Customer.code, "name": Customer.name, "tax_number": Customer.tax_number}
    return {text: ids[0] for text, ids in _lookup(Customer, (columns[field],), texts).items() if len(ids) == 1}


def find_contacts(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    return _lookup(Contact, (Contact.email, Contact.name), texts)


def match_contacts(field: str, texts: Sequence[str]) -> Mapping[str, int]:
    columns = {"email": Contact.email, "name": Contact.name, "mobile": Contact.mobile}
    return {text: ids[0] for text, ids in _lookup(Contact, (columns[field],), texts).items() if len(ids) == 1}


def change_customer(customer: Customer, values: dict[str, Any], by: Actor | None) -> None:
    update_customer(customer, values, None, by)


def prepare_customers(rows: Sequence[dict[str, Any]], by: Actor | None) -> None:
    """The next numbers for those without a code, and which of the given codes are free, for the whole batch at once."""
    nameless = [row for row in rows if not row.get("code")]
    given = [str(row["code"]) for row in rows if row.get("code")]
    for row, number in zip(nameless, free_numbers("customer", len(nameless), Customer.code, given), strict=True):
        row["code"] = number
    taken = _ids(Customer.code, Customer, [str(row["code"]) for row in rows])
    for row in rows:
        if str(row["code"]).strip().lower() not in taken:
            row[CODE_IS_FREE] = True


def alike_customers(rows: Sequence[dict[str, Any]]) -> Mapping[int, tuple[int, str]]:
    """{position: (id, why)} of customers that exist with the same tax number or, but for the legal form, the same name."""
    found: dict[int, tuple[int, str]] = {}
    keys = [(normalise(str(row.get("name") or "")), compact_tax_number(row.get("tax_number"))) for row in rows]
    names = _ids(Customer.match_key, Customer, [name for name, _number in keys])
    numbers = _ids(Customer.tax_number, Customer, [number for _name, number in keys if number])
    for position, (name, number) in enumerate(keys):
        if number and number.lower() in numbers:
            found[position] = numbers[number.lower()][0], _("has the same tax number")
        elif name and name in names:
            found[position] = names[name][0], _("has the same name")
    return found


def remove_customer(customer: Customer, by: Actor) -> None:
    delete_customer(customer, by)


def new_contact(values: dict[str, Any], by: Actor | None) -> Contact:
    customer = _customer(values)
    return create_contact(values, by, customer=customer, role=values.get("role"))


def change_contact(contact: Contact, values: dict[str, Any], by: Actor | None) -> None:
    update_contact(contact, values, None, by)
    customer = _customer(values)
    if customer is not None:
        link_contact(contact, customer, values.get("role"))


def _customer(values: Mapping[str, Any]) -> Customer | None:
    if not values.get("customer_id"):
        return None
    customer = session.get(Customer, values["customer_id"])
    if customer is None:
        raise Refused(_("The customer is not there any more."))
    return customer


CUSTOMER_IMPORTER = Importer(
    permission="customers.customer.import",
    create=build_customer,
    update=change_customer,
    prepare=prepare_customers,
    alike=alike_customers,
    remove=remove_customer,
    lookup=find_customers,
    find=match_customers,
    fields=(
        ImportField(
            "name",
            _l("Name"),
            aliases=(
                "account",
                "company",
                "customer",
                "name",
                "公司名称",
                "客户",
                "客户名称",
                "企业名称",
                "名称",
                "股票简称",
                "公司简称",
                "企业简称",
            ),
            required=True,
            match=True,
        ),
        ImportField(
            "code",
            _l("Code"),
            aliases=("code", "customer code", "account number", "客户编号", "编码", "代码", "客户代码", "股票代码"),
            match=True,
            help=_l("Left out, customers are numbered."),
        ),
        ImportField("english_name", _l("English name"), aliases=("english name", "英文名", "英文名称", "公司英文名称")),
        ImportField("reading", _l("Pinyin"), aliases=("pinyin", "reading", "拼音")),
        ImportField("kind", _l("Kind"), "choice", aliases=("kind", "type", "类型", "客户类型"), choices=CUSTOMER_KINDS),
        ImportField(
            "tax_number",
            _l("Tax number"),
            aliases=("tax number", "vat", "tax id", "税号", "纳税人识别号", "统一社会信用代码"),
            match=True,
        ),
        option_field(
            "industry", _l("Industry"), "customer.industry", ("industry", "sector", "行业", "所属行业", "行业分类")
        ),
        option_field("size", _l("Size"), "customer.size", ("size", "规模", "人员规模")),
        option_field(
            "region",
            _l("Region"),
            "customer.region",
            ("region", "area", "territory", "office_location", "地区", "区域", "省份", "地域"),
        ),
        option_field("source", _l("Source"), "customer.source", ("source", "来源", "客户来源")),
        ImportField("status", _l("Status"), "choice", aliases=("status", "客户状态", "状态"), choices=STATUSES),
        ImportField(
            "owner_id",
            _l("Owner"),
            "ref",
            aliases=("owner", "sales agent", "account manager", "负责人", "业务员", "客户经理"),
            ref="user",
        ),
        ImportField("team_id", _l("Team"), "ref", aliases=("team", "团队", "部门"), ref="team"),
        ImportField(
            "parent_id",
            _l("Parent company"),
            "ref",
            aliases=("parent", "parent company", "subsidiary_of", "subsidiary of", "母公司", "上级公司", "上级客户"),
            ref="customer",
        ),
        option_field(
            "payment_terms",
            _l("Payment terms"),
            "customer.payment_terms",
            ("payment terms", "terms", "付款条件", "账期"),
        ),
        ImportField("currency", _l("Currency"), aliases=("currency", "币种", "货币")),
        option_field(
            "customer_group",
            _l("Customer group"),
            "customer.group",
            ("customer group", "customer category", "客户分组"),
        ),
        option_field("tax_group", _l("Tax group"), "tax.customer_group", ("tax group", "税务分组")),
        ImportField("phone", _l("Phone"), "phone", aliases=("phone", "telephone", "tel", "电话", "联系电话")),
        ImportField("email", _l("E-mail"), "email", aliases=("email", "e-mail", "mail", "邮箱", "电子邮件")),
        ImportField("website", _l("Website"), aliases=("website", "web", "url", "网址", "官网", "公司网站")),
        ImportField("tags", _l("Tags"), "tags", aliases=("tags", "labels", "标签")),
        ImportField("note", _l("Note"), aliases=("note", "notes", "comment", "备注", "说明")),
    ),
)

CONTACT_IMPORTER = Importer(
    permission="customers.contact.import",
    create=new_contact,
    update=change_contact,
    remove=delete_contact,
    lookup=find_contacts,
    find=match_contacts,
    fields=(
        ImportField(
            "name",
            lazy_pgettext("person", "Name"),
            aliases=("name", "contact", "full name", "姓名", "联系人", "联系人姓名"),
            required=True,
            match=True,
        ),
        ImportField(
            "customer_id",
            _l("Customer"),
            "ref",
            aliases=("customer", "account", "company", "客户", "公司", "客户名称", "单位"),
            ref="customer",
        ),
        option_field("role", _l("Role"), "contact.role", ("role", "角色")),
        ImportField("reading", _l("Pinyin"), aliases=("pinyin", "reading", "拼音")),
        ImportField("job_title", _l("Job title"), aliases=("job title", "title", "position", "职务", "职位")),
        ImportField("phone", _l("Phone"), "phone", aliases=("phone", "telephone", "tel", "电话", "座机", "办公电话")),
        ImportField(
            "mobile", _l("Mobile"), "phone", aliases=("mobile", "cell", "手机", "手机号", "移动电话"), match=True
        ),
        ImportField("other_phone", _l("Other phone"), "phone", aliases=("other phone", "其他电话")),
        ImportField(
            "email", _l("E-mail"), "email", aliases=("email", "e-mail", "mail", "邮箱", "电子邮件"), match=True
        ),
        ImportField("wechat", _l("WeChat"), aliases=("wechat", "weixin", "微信", "微信号")),
        ImportField(
            "channel",
            _l("Preferred channel"),
            "choice",
            aliases=("preferred channel", "channel", "首选联系方式"),
            choices=CHANNELS,
        ),
        ImportField(
            "consent",
            _l("Marketing consent"),
            "choice",
            aliases=("consent", "marketing consent", "opt in", "营销同意", "同意营销"),
            choices=CONSENTS,
        ),
        ImportField("consent_on", _l("Consent on"), "date", aliases=("consent date", "consent on", "同意日期")),
        ImportField("consent_source", _l("Consent source"), aliases=("consent source", "同意来源")),
        ImportField("owner_id", _l("Owner"), "ref", aliases=("owner", "负责人"), ref="user"),
        ImportField("note", _l("Note"), aliases=("note", "notes", "备注")),
    ),
)
