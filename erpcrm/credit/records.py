"""What lists, search and export know about the records of credit."""

from typing import Any

from sqlalchemy import ColumnElement, String, cast, or_, select

from erpcrm.core.access import ScopeRule, everyone
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Column, RecordType, Searchable, states_of
from erpcrm.customers.models import Customer
from erpcrm.customers.records import customer_column
from erpcrm.customers.scopes import CUSTOMER_SCOPE, of_seen_customers

from .models import (
    ACCOUNT_EDIT,
    ACCOUNT_VIEW,
    APPLICATION_FLOW,
    APPLY,
    ASSESS,
    ASSESSMENT_VIEW,
    DEBT_FLOW,
    DEBT_PROPOSE,
    DECIDE,
    GRADES,
    KINDS,
    LOSS_POST,
    RISK_VIEW,
    SETUP,
    UNDECIDED,
    VIEW,
    Assessment,
    BadDebt,
    CreditAccount,
    CreditApplication,
    ExpectedLoss,
    Scorecard,
)
from .services.authority import stood_in_for


def _and_of_who_is_away(rule: ScopeRule) -> ScopeRule:
    """A deputy sees what those see whose applications they decide today: what can't be seen can't be decided."""

    def widened(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
        own = rule(actor, scope)
        if actor.scope("customer") == "all":
            return own
        others = [rule(user, user.scope("customer")) for user in stood_in_for(actor) if user.may(DECIDE)]
        return or_(own, *others) if others else own

    return widened


APPLICATION_SCOPE = _and_of_who_is_away(of_seen_customers(CreditApplication.customer_id))
SHEET_SCOPE = _and_of_who_is_away(CUSTOMER_SCOPE)
"""Whose credit somebody may look at"""
ACCOUNT_SCOPE = of_seen_customers(CreditAccount.customer_id)
ASSESSMENT_SCOPE = _and_of_who_is_away(of_seen_customers(Assessment.customer_id))
DEBT_SCOPE = of_seen_customers(BadDebt.customer_id)


def _name_of_customer(model: Any) -> Any:
    """By which a record is called and found that has no name of its own."""
    return select(Customer.name).where(Customer.id == model.customer_id).correlate(model).scalar_subquery()


credit_account = RecordType(
    name="credit_account",
    model=CreditAccount,
    label=_l("Credit account"),
    plural=_l("Credit accounts"),
    icon="shield",
    endpoint="credit.account",
    list_endpoint="credit.accounts",
    view=ACCOUNT_VIEW,
    edit=ACCOUNT_EDIT,
    title=_name_of_customer(CreditAccount),
    scope=ACCOUNT_SCOPE,
    sort="-created",
    columns=(
        customer_column(CreditAccount, "credit_account_customer"),
        Column("limit", _l("Credit limit"), CreditAccount.limit, "money"),
        Column("temporary_limit", _l("Temporary limit"), CreditAccount.temporary_limit, "money", shown=False),
        Column("temporary_until", _l("Temporary limit until"), CreditAccount.temporary_until, "date", shown=False),
        Column("overdue_limit", _l("Overdue limit"), CreditAccount.overdue_limit, "money", shown=False),
        Column("grade", _l("Grade"), CreditAccount.grade, "choice", choices=GRADES),
        Column("score", _l("Score"), CreditAccount.score, "number"),
        Column("held", _l("On hold"), CreditAccount.held, "bool"),
        Column("watch", _l("On the watch list"), CreditAccount.watch, "bool"),
        Column("reassess_on", _l("Assess again on"), CreditAccount.reassess_on, "date", sortable=True),
        Column("created", _l("Created"), CreditAccount.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "held": (_l("On hold"), "held=1"),
        "watch": (_l("Watch list"), "watch=1"),
        "reassess": (_l("By next assessment"), "sort=reassess_on"),
    },
)

credit_application = RecordType(
    name="credit_application",
    model=CreditApplication,
    label=_l("Credit application"),
    plural=_l("Credit applications"),
    icon="shield-check",
    endpoint="credit.application",
    list_endpoint="credit.application_list",
    view=VIEW,
    edit=APPLY,
    create=APPLY,
    create_endpoint="credit.new_application",
    title=CreditApplication.number,
    code=CreditApplication.number,
    scope=APPLICATION_SCOPE,
    open=lambda: CreditApplication.status.in_(UNDECIDED),
    sort="-created",
    search=Searchable(
        title=lambda one: one.number,
        names=lambda one: [],
        words=lambda one: [one.number],
        subtitle=lambda one: one.customer.name,
    ),
    columns=(
        Column("number", _l("Number"), CreditApplication.number),
        customer_column(CreditApplication, "application_customer"),
        Column("kind", _l("Kind"), CreditApplication.kind, "choice", choices=KINDS),
        Column("status", _l("Status"), CreditApplication.status, "state", choices=states_of(APPLICATION_FLOW)),
        Column("amount", _l("Amount"), CreditApplication.amount, "money", sortable=True, total=True),
        Column("granted", _l("Granted"), CreditApplication.granted, "money"),
        Column("expires_on", _l("Expires on"), CreditApplication.expires_on, "date", shown=False),
        Column("created", _l("Created"), CreditApplication.created_at, "datetime", sortable=True),
    ),
)

credit_assessment = RecordType(
    name="credit_assessment",
    model=Assessment,
    label=_l("Credit assessment"),
    plural=_l("Credit assessments"),
    icon="scale",
    endpoint="credit.assessment",
    list_endpoint="credit.assessments",
    view=ASSESSMENT_VIEW,
    edit=ASSESS,
    title=_name_of_customer(Assessment),
    scope=ASSESSMENT_SCOPE,
    sort="-assessed_on",
    columns=(
        customer_column(Assessment, "assessment_customer"),
        Column("assessed_on", _l("Assessed on"), Assessment.assessed_on, "date", sortable=True),
        Column("score", _l("Score"), Assessment.score, "number", sortable=True),
        Column("grade", _l("Grade"), Assessment.grade, "choice", choices=GRADES),
        Column("suggested_limit", _l("Suggested limit"), Assessment.suggested_limit, "money"),
        Column("valid_until", _l("Valid until"), Assessment.valid_until, "date"),
    ),
)

scorecard = RecordType(
    name="scorecard",
    model=Scorecard,
    label=_l("Scorecard"),
    plural=_l("Scorecards"),
    icon="list-check",
    endpoint="credit.scorecard",
    list_endpoint="credit.scorecards",
    view=ASSESSMENT_VIEW,
    edit=SETUP,
    title=Scorecard.name,
    scope=everyone,
    sort="-created",
    columns=(
        Column("revision", lazy_pgettext("scorecard", "Version"), Scorecard.revision, "number"),
        Column("name", _l("Name"), Scorecard.name),
        Column("active", _l("In use"), Scorecard.active, "bool"),
        Column("created", _l("Created"), Scorecard.created_at, "datetime", sortable=True),
    ),
)

bad_debt = RecordType(
    name="bad_debt",
    model=BadDebt,
    label=_l("Bad debt"),
    plural=_l("Bad debts"),
    icon="ban",
    endpoint="credit.bad_debt",
    list_endpoint="credit.bad_debts",
    view=RISK_VIEW,
    edit=DEBT_PROPOSE,
    title=BadDebt.number,
    code=BadDebt.number,
    scope=DEBT_SCOPE,
    open=lambda: BadDebt.status == "proposed",
    sort="-created",
    columns=(
        Column("number", _l("Number"), BadDebt.number),
        customer_column(BadDebt, "bad_debt_customer"),
        Column("status", _l("Status"), BadDebt.status, "state", choices=states_of(DEBT_FLOW)),
        Column("base_amount", _l("Amount"), BadDebt.base_amount, "money", total=True),
        Column("recovered", _l("Recovered"), BadDebt.recovered, "money", total=True),
        Column("created", _l("Created"), BadDebt.created_at, "datetime", sortable=True),
    ),
    presets={"proposed": (_l("To approve"), "status=proposed")},
)

expected_loss = RecordType(
    name="expected_loss",
    model=ExpectedLoss,
    label=_l("Expected credit loss"),
    plural=_l("Expected credit losses"),
    icon="percentage",
    endpoint="credit.expected_loss",
    list_endpoint="credit.expected_losses",
    view=RISK_VIEW,
    edit=LOSS_POST,
    title=cast(ExpectedLoss.date, String),
    scope=everyone,
    sort="-created",
    columns=(
        Column("date", _l("Date"), ExpectedLoss.date, "date"),
        Column("open", _l("Open"), ExpectedLoss.open, "money"),
        Column("amount", _l("Expected loss"), ExpectedLoss.amount, "money"),
        Column("difference", _l("Booked"), ExpectedLoss.difference, "money"),
        Column("created", _l("Created"), ExpectedLoss.created_at, "datetime", sortable=True, shown=False),
    ),
)

RECORD_TYPES = [credit_account, credit_application, credit_assessment, scorecard, bad_debt, expected_loss]
