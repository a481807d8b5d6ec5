"""What lists, filters, export, import and search know about leads and opportunities."""

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from erpcrm.access.models import Team, User
from erpcrm.core.access import everyone, owned
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.db import session
from erpcrm.core.i18n import _l, lazy_pgettext, locale_code
from erpcrm.core.options import options
from erpcrm.core.records import Choice, Column, Join, RecordType, Searchable, states_of
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .bulk import LEAD_BULK, OPPORTUNITY_BULK
from .deal_views import views_of
from .importers import LEAD_IMPORTER, OPPORTUNITY_IMPORTER
from .models import LEAD_FLOW, OPPORTUNITY_FLOW, AssignmentRule, Lead, Opportunity, Pipeline, ScoreRule, Stage
from .models.leads import ASSIGN, OPEN_LEAD
from .models.stages import FORECAST_CATEGORIES
from .planned import PLANNED
from .services.forecast.view import category_now

LEAD_OWNED = owned(Lead.owner_id, Lead.team_id)
OPPORTUNITY_SCOPE = owned(Opportunity.owner_id, Opportunity.team_id)


def LEAD_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """As owned. Whoever assigns the leads of a team also sees those that belong to nobody yet: who else should."""
    mine = LEAD_OWNED(actor, scope)
    if scope == "team" and actor.may(ASSIGN):
        return or_(mine, and_(Lead.owner_id.is_(None), Lead.team_id.is_(None)))
    return mine


def pipelines() -> Sequence[Choice]:
    return [
        Choice(str(pipeline.id), pipeline.label)
        for pipeline in session.scalars(select(Pipeline).order_by(Pipeline.position))
    ]


def stages() -> Sequence[Choice]:
    """The stages of all pipelines, in order; the pipeline is named where there are several."""
    rows = session.execute(
        select(Stage.id, Stage.name, Stage.name_zh, Pipeline.name, Pipeline.name_zh)
        .join(Pipeline)
        .order_by(Pipeline.position, Pipeline.id, Stage.position)
    ).all()
    chinese = locale_code() == "zh"
    several = len({row[3] for row in rows}) > 1
    return [
        Choice(
            str(id),
            f"{(pzh if chinese else None) or pipeline} · {(zh if chinese else None) or name}"
            if several
            else ((zh if chinese else None) or name),
        )
        for id, name, zh, pipeline, pzh in rows
    ]


def owner_column(key: InstrumentedAttribute[int | None], join: str) -> Column:
    return Column(
        "owner", _l("Owner"), User.name, "ref", key=key, ref="user", joins=(Join(join, User, User.id == key),)
    )


def team_column(key: InstrumentedAttribute[int | None], join: str) -> Column:
    return Column(
        "team",
        _l("Team"),
        Team.name,
        "ref",
        key=key,
        ref="team",
        joins=(Join(join, Team, Team.id == key),),
        shown=False,
    )


def customers_of(deal_ids: Sequence[int], actor: Actor) -> Mapping[int, str]:
    """{deal: name of its customer}, where this user sees that customer."""
    if not actor.may("customers.customer.view"):
        return {}
    query = (
        select(Opportunity.id, Customer.name)
        .join(Customer, Customer.id == Opportunity.customer_id)
        .where(Opportunity.id.in_(deal_ids), CUSTOMER_SCOPE(actor, actor.scope("customer")))
    )
    return {deal_id: name for deal_id, name in session.execute(query)}


lead = RecordType(
    name="lead",
    model=Lead,
    label=_l("Lead"),
    plural=_l("Leads"),
    icon="user-plus",
    endpoint="pipeline.lead",
    open=lambda: Lead.status.in_(OPEN_LEAD),
    list_endpoint="pipeline.leads",
    view="pipeline.lead.view",
    edit="pipeline.lead.edit",
    create="pipeline.lead.edit",
    create_endpoint="pipeline.new_lead",
    title=Lead.name,
    scope=LEAD_SCOPE,
    sort="-created",
    custom_fields=True,
    bulk=LEAD_BULK,
    importer=LEAD_IMPORTER,
    search=Searchable(
        title=lambda lead: lead.name,
        subtitle=lambda lead: lead.person or "",
        names=lambda lead: [(lead.name, lead.reading), (lead.person or "", None)],
        words=lambda lead: [lead.email, lead.website],
        phones=lambda lead: [lead.phone],
    ),
    columns=(
        Column("name", _l("Name"), Lead.name, sort=Lead.name_key, sortable=True),
        Column("person", _l("Person"), Lead.person),
        Column("status", _l("Status"), Lead.status, "state", choices=states_of(LEAD_FLOW)),
        Column("score", _l("Score"), Lead.score, "number", sortable=True),
        Column("source", _l("Source"), Lead.source, "choice", choices=lambda: options("customer.source")),
        Column("region", _l("Region"), Lead.region, "choice", choices=lambda: options("customer.region"), shown=False),
        Column(
            "industry",
            _l("Industry"),
            Lead.industry,
            "choice",
            choices=lambda: options("customer.industry"),
            shown=False,
        ),
        Column("size", _l("Size"), Lead.size, "choice", choices=lambda: options("customer.size"), shown=False),
        Column("phone", _l("Phone"), Lead.phone, "phone"),
        Column("email", _l("E-mail"), Lead.email, "email", shown=False),
        Column("company", _l("Company"), Lead.company, shown=False),
        Column("job_title", _l("Job title"), Lead.job_title, shown=False),
        Column("website", _l("Website"), Lead.website, shown=False),
        Column("need", _l("Need"), Lead.need, shown=False),
        Column("source_reference", _l("Source reference"), Lead.source_reference, shown=False),
        Column("marketing_consent", _l("Agreed to marketing"), Lead.marketing_consent, "bool", shown=False),
        Column(
            "disqualify_reason",
            _l("Reason for disqualifying"),
            Lead.disqualify_reason,
            "choice",
            choices=lambda: options("lead.disqualify_reason"),
            shown=False,
        ),
        owner_column(Lead.owner_id, "lead_owner"),
        team_column(Lead.team_id, "lead_team"),
        Column("tags", _l("Tags"), Lead.tags, "tags", shown=False),
        Column("last_activity", _l("Last activity"), Lead.last_activity_at, "datetime", shown=False),
        Column("converted", _l("Converted on"), Lead.converted_at, "datetime", shown=False),
        Column("created", _l("Created"), Lead.created_at, "datetime", sortable=True),
    ),
    presets={
        "open": (lazy_pgettext("leads", "Open"), "status=new&status=contacted&status=qualified"),
        "mine": (_l("My open leads"), "owner=me&status=new&status=contacted&status=qualified"),
        "unassigned": (_l("Unassigned"), "owner.empty=1&status=new&status=contacted&status=qualified"),
        "hot": (_l("Hot"), "score.min=60&status=new&status=contacted&status=qualified&sort=-score"),
    },
)

opportunity = RecordType(
    name="opportunity",
    model=Opportunity,
    label=_l("Opportunity"),
    plural=_l("Opportunities"),
    views=views_of,
    icon="target",
    endpoint="pipeline.opportunity",
    open=lambda: Opportunity.status == "open",
    list_endpoint="pipeline.opportunities",
    view="pipeline.opportunity.view",
    edit="pipeline.opportunity.edit",
    create="pipeline.opportunity.edit",
    create_endpoint="pipeline.new_opportunity",
    title=Opportunity.name,
    code=Opportunity.code,
    scope=OPPORTUNITY_SCOPE,
    sort="-created",
    custom_fields=True,
    bulk=OPPORTUNITY_BULK,
    importer=OPPORTUNITY_IMPORTER,
    search=Searchable(
        title=lambda deal: deal.name,
        subtitle=lambda deal: deal.code,
        beside=customers_of,
        names=lambda deal: [(deal.name, None)],
        words=lambda deal: [deal.code],
    ),
    columns=(
        Column("name", _l("Name"), Opportunity.name),
        Column("code", _l("Number"), Opportunity.code, shown=False),
        Column(
            "customer",
            _l("Customer"),
            Customer.name,
            "ref",
            key=Opportunity.customer_id,
            ref="customer",
            joins=(Join("deal_customer", Customer, Customer.id == Opportunity.customer_id),),
        ),
        Column("pipeline", _l("Pipeline"), Opportunity.pipeline_id, "choice", choices=pipelines, shown=False),
        Column("stage", _l("Stage"), Opportunity.stage_id, "choice", choices=stages),
        Column("status", _l("Status"), Opportunity.status, "state", choices=states_of(OPPORTUNITY_FLOW)),
        Column(
            "category",
            _l("Forecast category"),
            category_now,
            "choice",
            choices=(Choice("closed", lazy_pgettext("forecast", "Closed")), *FORECAST_CATEGORIES),
            joins=(Join("deal_stage", Stage, Stage.id == Opportunity.stage_id),),
            shown=False,
        ),
        Column(
            "amount",
            _l("Amount"),
            Opportunity.amount,
            "money",
            currency=Opportunity.currency,
            total=True,
            sort=Opportunity.base_amount,
            sortable=True,
        ),
        Column("expected_close", _l("Expected close"), Opportunity.expected_close, "date", sortable=True),
        Column("closed_on", _l("Closed on"), Opportunity.closed_on, "date", shown=False),
        Column("opened_on", _l("Opened on"), Opportunity.opened_on, "date", shown=False),
        owner_column(Opportunity.owner_id, "deal_owner"),
        team_column(Opportunity.team_id, "deal_team"),
        Column(
            "region",
            _l("Seller's region"),
            User.region,
            shown=False,
            joins=(Join("deal_owner", User, User.id == Opportunity.owner_id),),
        ),
        Column("next_step", _l("Next step"), Opportunity.next_step, shown=False),
        Column("planned", _l("What is planned"), PLANNED, shown=False),
        Column("next_step_on", _l("Next step on"), Opportunity.next_step_on, "date", shown=False),
        Column(
            "source",
            _l("Source"),
            Opportunity.source,
            "choice",
            choices=lambda: options("customer.source"),
            shown=False,
        ),
        Column(
            "loss_reason",
            _l("Reason for losing"),
            Opportunity.loss_reason,
            "choice",
            choices=lambda: options("opportunity.loss_reason"),
            shown=False,
        ),
        Column("tags", _l("Tags"), Opportunity.tags, "tags", shown=False),
        Column("created", _l("Created"), Opportunity.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "open": (lazy_pgettext("deals", "Open"), "status=open"),
        "mine": (_l("My open deals"), "owner=me&status=open"),
        "no_next_step": (_l("Without a next step"), "status=open&planned.empty=1"),
        "won": (_l("Won"), "status=won"),
        "lost": (_l("Lost"), "status=lost"),
    },
)

pipeline = RecordType(
    name="pipeline",
    model=Pipeline,
    label=_l("Pipeline"),
    plural=_l("Pipelines"),
    icon="adjustments",
    endpoint="pipeline.edit_pipeline",
    list_endpoint="pipeline.pipelines",
    view="pipeline.opportunity.view",
    edit="pipeline.setup.edit",
    title=Pipeline.name,
    scope=everyone,
)

stage = RecordType(
    name="stage",
    model=Stage,
    label=_l("Stage"),
    plural=_l("Stages"),
    icon="adjustments",
    endpoint="pipeline.edit_stage",
    list_endpoint="pipeline.pipelines",
    view="pipeline.opportunity.view",
    edit="pipeline.setup.edit",
    title=Stage.name,
    scope=everyone,
)

score_rule = RecordType(
    name="score_rule",
    model=ScoreRule,
    label=_l("Score rule"),
    plural=_l("Score rules"),
    icon="list-check",
    endpoint="pipeline.score_rule",
    list_endpoint="pipeline.score_rules",
    view="pipeline.setup.edit",
    edit="pipeline.setup.edit",
    title=ScoreRule.name,
    scope=everyone,
)

assignment_rule = RecordType(
    name="assignment_rule",
    model=AssignmentRule,
    label=_l("Assignment rule"),
    plural=_l("Assignment rules"),
    icon="list-check",
    endpoint="pipeline.assignment_rule",
    list_endpoint="pipeline.score_rules",
    view="pipeline.setup.edit",
    edit="pipeline.setup.edit",
    title=AssignmentRule.name,
    scope=everyone,
)
