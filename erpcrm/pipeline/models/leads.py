"""Leads, and the rules by which they are scored and assigned."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from erpcrm.access.models import Team, User
from erpcrm.core.db import Record
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.records import Choice
from erpcrm.core.workflow import Move, State, Workflow

EDIT = "pipeline.lead.edit"
CONVERT = "pipeline.lead.convert"
ASSIGN = "pipeline.lead.assign"
OPEN_LEAD = ("new", "contacted", "qualified")

LEAD_FLOW = Workflow(
    "lead",
    states=(
        State("new", lazy_pgettext("lead", "New"), "blue"),
        State("contacted", _l("Contacted"), "yellow"),
        State("qualified", _l("Qualified"), "purple"),
        State("converted", _l("Converted"), "green"),
        State("disqualified", _l("Disqualified"), "gray"),
    ),
    moves=(
        Move("contact", _l("Mark as contacted"), ("new",), "contacted", EDIT, icon="phone"),
        Move("qualify", _l("Qualify"), ("new", "contacted"), "qualified", EDIT, icon="check"),
        Move(
            "convert",
            _l("Convert"),
            OPEN_LEAD,
            "converted",
            CONVERT,
            icon="arrow-right",
            kind="primary",
            page="pipeline.convert_lead",
        ),
        Move(
            "disqualify",
            _l("Disqualify"),
            OPEN_LEAD,
            "disqualified",
            EDIT,
            reason="required",
            icon="ban",
            page="pipeline.disqualify_lead",
        ),
        Move("reopen", _l("Reopen"), ("disqualified",), "new", EDIT, reason="optional", icon="refresh"),
    ),
)


class Lead(HasCustom, Record):
    """A person or company not yet known to be worth a deal."""

    __tablename__ = "leads"
    record_name = "lead"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {
        *("status", "disqualify_reason", "converted_at"),  # told by the moves, with their reasons
        *("name", "name_key", "score", "score_terms", "last_activity_at"),  # worked out
    }

    company: Mapped[str | None] = mapped_column(info={"label": _l("Company")})
    person: Mapped[str | None] = mapped_column(info={"label": _l("Person")})
    name: Mapped[str]
    """What it is listed under: the company, else the person."""
    name_key: Mapped[str] = mapped_column(default="")
    reading: Mapped[str | None] = mapped_column(info={"label": _l("Pinyin")})
    job_title: Mapped[str | None] = mapped_column(info={"label": _l("Job title")})
    phone: Mapped[str | None] = mapped_column(info={"label": _l("Phone")})
    email: Mapped[str | None] = mapped_column(index=True, info={"label": _l("E-mail")})
    website: Mapped[str | None] = mapped_column(info={"label": _l("Website")})
    industry: Mapped[str | None] = mapped_column(info={"label": _l("Industry"), "options": "customer.industry"})
    region: Mapped[str | None] = mapped_column(info={"label": _l("Region"), "options": "customer.region"})
    size: Mapped[str | None] = mapped_column(info={"label": _l("Size"), "options": "customer.size"})
    source: Mapped[str | None] = mapped_column(info={"label": _l("Source"), "options": "customer.source"})
    source_reference: Mapped[str | None] = mapped_column(info={"label": _l("Source reference")})
    """The campaign, form or advertisement that it came through, as text."""
    need: Mapped[str | None] = mapped_column(info={"label": _l("Need")})
    status: Mapped[str] = mapped_column(default=LEAD_FLOW.initial, info={"label": _l("Status")})
    disqualify_reason: Mapped[str | None] = mapped_column(
        info={"label": _l("Reason for disqualifying"), "options": "lead.disqualify_reason"}
    )
    score: Mapped[int] = mapped_column(default=0, info={"label": _l("Score")})
    """0 to 100, by the score rules"""
    score_terms: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """What adds up to the score: [[rule id, rule name, points]]"""
    owner_id: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="SET NULL"), info={"label": _l("Owner")}
    )
    team_id: Mapped[int | None] = mapped_column(
        ForeignKey("teams.id", ondelete="SET NULL"), index=True, info={"label": _l("Team")}
    )
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list, info={"label": _l("Tags")})
    marketing_consent: Mapped[bool] = mapped_column(default=False, info={"label": _l("Agreed to marketing")})
    last_activity_at: Mapped[datetime | None]
    converted_at: Mapped[datetime | None]
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customers.id", ondelete="SET NULL"), index=True, info={"label": _l("Customer")}
    )
    contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("contacts.id", ondelete="SET NULL"), index=True, info={"label": _l("Contact")}
    )
    opportunity_id: Mapped[int | None] = mapped_column(
        ForeignKey("opportunities.id", ondelete="SET NULL", use_alter=True),
        index=True,
        info={"label": _l("Opportunity")},
    )

    owner: Mapped[User | None] = relationship(foreign_keys=[owner_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])

    __table_args__ = (
        LEAD_FLOW.check(),
        CheckConstraint("company IS NOT NULL OR person IS NOT NULL", name="named"),
        CheckConstraint("score BETWEEN 0 AND 100", name="score_range"),
        Index(None, "created_at", "id"),
        Index(None, "name_key", "id"),
        Index(None, "owner_id", "id"),
        Index(None, "score", "id"),
        Index(None, "status", "id"),
    )


FACTS = (
    Choice("company", _l("Company")),
    Choice("person", _l("Person")),
    Choice("job_title", _l("Job title")),
    Choice("phone", _l("Phone")),
    Choice("email", _l("E-mail")),
    Choice("website", _l("Website")),
    Choice("industry", _l("Industry")),
    Choice("region", _l("Region")),
    Choice("size", _l("Size")),
    Choice("source", _l("Source")),
    Choice("need", _l("Need")),
    Choice("tags", _l("Tags")),
    Choice("activities", _l("Number of activities")),
    Choice("last_activity_at", _l("Last activity")),
)
TESTS = (
    Choice("filled", _l("is filled")),
    Choice("empty", _l("is empty")),
    Choice("is", _l("is one of")),
    Choice("contains", _l("contains one of")),
    Choice("at_least", _l("is at least")),
    Choice("within_days", _l("was within days")),
    Choice("own_domain", _l("is at a domain of its own")),
)


def _list_of_value(rule: "ScoreRule") -> str | None:
    """The choice list whose values the rule compares with, one a line; None for plain words."""
    column = Lead.__table__.columns.get(rule.fact)
    return column.info.get("options") if column is not None and rule.test == "is" else None


class ScoreRule(Record):
    """So many points for a lead of which this is true."""

    __tablename__ = "score_rules"
    record_name = "score_rule"

    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    fact: Mapped[str] = mapped_column(info={"label": _l("Fact"), "choices": FACTS})
    test: Mapped[str] = mapped_column(info={"label": _l("Test"), "choices": TESTS})
    value: Mapped[str | None] = mapped_column(info={"label": _l("Value"), "options_of_lines": _list_of_value})
    points: Mapped[int] = mapped_column(info={"label": _l("Points")})
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})


class AssignmentRule(Record):
    """Who gets a new lead: the first rule that fits, to one user or in turn to the members of a team."""

    __tablename__ = "assignment_rules"
    record_name = "assignment_rule"

    name: Mapped[str] = mapped_column(info={"label": _l("Name")})
    regions: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Regions"), "options_of_each": "customer.region"}
    )
    industries: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Industries"), "options_of_each": "customer.industry"}
    )
    sources: Mapped[list[Any]] = mapped_column(
        JSON, default=list, info={"label": _l("Sources"), "options_of_each": "customer.source"}
    )
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), info={"label": _l("User")})
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), info={"label": _l("Team")})
    last_user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    """Whose turn it was last, when members of a team take turns."""
    active: Mapped[bool] = mapped_column(default=True, info={"label": _l("In use")})
    position: Mapped[int] = mapped_column(default=0, info={"label": _l("Order")})
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"last_user_id"}

    user: Mapped[User | None] = relationship(foreign_keys=[user_id])
    team: Mapped[Team | None] = relationship(foreign_keys=[team_id])

    __table_args__ = (CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="one_receiver"),)
