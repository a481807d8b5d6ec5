"""Which fields of a file become leads and deals."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import _l
from erpcrm.core.options import ensure_option, options, two_languages
from erpcrm.core.records import Choice, Importer, ImportField

from .models import Lead, Opportunity, Pipeline, Stage
from .services.importing import create_stage, import_opportunity, prepare_opportunities, update_imported
from .services.lead_import import import_lead, prepare_leads, prepare_updates, update_imported_lead

ENDS = (Choice("won", _l("Won")), Choice("lost", _l("Lost")))


def stage_choices() -> Sequence[Choice]:
    """Stages, known by their names in both languages, and the two ends."""
    rows = session.execute(
        select(Stage.id, Stage.name, Stage.name_zh).join(Pipeline).order_by(Pipeline.position, Stage.position)
    ).all()
    return [*(Choice(str(id), two_languages(name, name_zh)) for id, name, name_zh in rows), *ENDS]


def option_field(name: str, label: Any, option_list: str, *aliases: str) -> ImportField:
    return ImportField(
        name, label, "choice", aliases,
        choices=lambda: options(option_list), create_missing=lambda text, by: ensure_option(option_list, text),
    )  # fmt: skip


def by_code(field: str, texts: Sequence[str]) -> Mapping[str, int]:
    """{number: id} of the deals that exist."""
    rows = session.execute(select(Opportunity.code, Opportunity.id).where(Opportunity.code.in_(texts)))
    return dict(rows.all())


def deals_called(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = {}
    query = select(Opportunity.id, Opportunity.code, Opportunity.name)
    for id, code, name in session.execute(query.where(Opportunity.code.in_(texts) | Opportunity.name.in_(texts))):
        for text in {code, name} & set(texts):
            found.setdefault(text, []).append(id)
    return found


def _leads_by(column: Any, texts: Sequence[str]) -> dict[str, list[int]]:
    """{text: ids} of the leads of which `column` is this text, whatever its case."""
    wanted: dict[str, list[str]] = {}
    for text in texts:
        wanted.setdefault(text.strip().lower(), []).append(text)
    # SQLite lowers ASCII letters only: as written, too.
    same = column.in_(texts) | func.lower(column).in_(list(wanted))
    found: dict[str, list[int]] = {}
    for value, lead_id in session.execute(select(column, Lead.id).where(same).order_by(Lead.id)):
        for text in wanted.get(value.strip().lower(), ()):
            found.setdefault(text, []).append(lead_id)
    return found


def match_leads(field: str, texts: Sequence[str]) -> Mapping[str, int]:
    """The one lead with this company, phone or e-mail. Where there are several none of them is meant."""
    column = {"email": Lead.email, "company": Lead.company, "phone": Lead.phone}[field]
    return {text: ids[0] for text, ids in _leads_by(column, texts).items() if len(ids) == 1}


def leads_called(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    return _leads_by(Lead.name, texts)


LEAD_IMPORTER = Importer(
    permission="pipeline.lead.import",
    create=import_lead,
    update=update_imported_lead,
    prepare=prepare_leads,
    prepare_updates=prepare_updates,
    lookup=leads_called,
    find=match_leads,
    fields=(
        ImportField(
            "company",
            _l("Company"),
            aliases=("company name", "account", "organisation", "organization", "公司", "公司名称", "企业名称"),
            match=True,
        ),
        ImportField("person", _l("Person"), aliases=("name", "contact", "full name", "姓名", "联系人")),
        ImportField("job_title", _l("Job title"), aliases=("title", "position", "职位", "职务")),
        ImportField("phone", _l("Phone"), "phone", ("mobile", "telephone", "tel", "电话", "手机"), match=True),
        ImportField("email", _l("E-mail"), "email", ("mail", "email address", "邮箱", "电子邮件"), match=True),
        ImportField("website", _l("Website"), aliases=("url", "homepage", "网站", "网址")),
        ImportField("need", _l("Need"), aliases=("description", "message", "note", "requirement", "需求", "备注")),
        option_field("source", _l("Source"), "customer.source", "lead source", "来源", "线索来源"),
        ImportField("source_reference", _l("Source reference"), aliases=("campaign", "utm_campaign", "市场活动")),
        option_field("industry", _l("Industry"), "customer.industry", "sector", "行业"),
        option_field("region", _l("Region"), "customer.region", "area", "province", "地区", "区域"),
        option_field("size", _l("Size"), "customer.size", "employees", "规模"),
        ImportField(
            "owner_id", _l("Owner"), "ref", ("seller", "sales agent", "assigned to", "负责人", "销售"), ref="user"
        ),
        ImportField(
            "marketing_consent",
            _l("Agreed to marketing"),
            "bool",
            ("marketing consent", "opt in", "newsletter", "营销同意", "同意营销"),
        ),
        ImportField("tags", _l("Tags"), "tags", ("labels", "标签")),
    ),
)

OPPORTUNITY_IMPORTER = Importer(
    permission="pipeline.opportunity.import",
    create=import_opportunity,
    update=update_imported,
    prepare=prepare_opportunities,
    lookup=deals_called,
    find=by_code,
    fields=(
        ImportField(
            "code",
            _l("Number"),
            aliases=("opportunity id", "opportunity_id", "deal id", "id", "编号", "商机编号"),
            match=True,
        ),
        ImportField(
            "name",
            _l("Name"),
            aliases=("opportunity", "deal", "subject", "名称", "商机名称"),
            help=_l("Left out, it is made of product and customer."),
        ),
        ImportField(
            "customer_id", _l("Customer"), "ref", ("account", "company", "client", "客户", "客户名称"), ref="customer"
        ),
        ImportField(
            "stage",
            _l("Stage"),
            "choice",
            ("deal stage", "deal_stage", "status", "阶段", "销售阶段"),
            choices=stage_choices,
            create_missing=create_stage,
        ),
        ImportField(
            "amount", _l("Amount"), "money", ("close value", "close_value", "value", "revenue", "金额", "预计金额")
        ),
        ImportField("currency", _l("Currency"), aliases=("币种", "货币")),
        ImportField(
            "opened_on",
            _l("Opened on"),
            "date",
            ("engage date", "engage_date", "created", "start", "创建日期", "开始日期"),
        ),
        ImportField(
            "close_date",
            _l("Close date"),
            "date",
            ("close_date", "closed on", "expected close", "关闭日期", "预计成交日期", "成交日期"),
            help=_l("For won and lost deals the day they closed, for open ones the day they are expected to."),
        ),
        ImportField("product_id", _l("Product"), "ref", ("item", "产品", "产品名称"), ref="product"),
        ImportField(
            "owner_id",
            _l("Owner"),
            "ref",
            ("sales agent", "sales_agent", "seller", "salesperson", "负责人", "销售"),
            ref="user",
        ),
        option_field("source", _l("Source"), "customer.source", "来源"),
        option_field("loss_reason", _l("Reason for losing"), "opportunity.loss_reason", "lost reason", "输单原因"),
        ImportField("next_step", _l("Next step"), aliases=("下一步",)),
        ImportField("description", _l("Description"), aliases=("note", "comment", "描述", "备注")),
        ImportField("tags", _l("Tags"), "tags", ("标签",)),
    ),
)
