"""What lists and search know about surveys and their answers."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from erpcrm.access.models import User
from erpcrm.core.access import everyone
from erpcrm.core.i18n import _l
from erpcrm.core.records import Column, Join, RecordType, Searchable
from erpcrm.customers.models import Contact
from erpcrm.customers.records import customer_column
from erpcrm.customers.scopes import of_seen_customers

from .models import Ticket
from .models.surveys import (
    SKIPPED,
    SURVEY_EDIT,
    SURVEY_KINDS,
    SURVEY_VIEW,
    TRIGGERS,
    Survey,
    SurveyInvitation,
)

ANSWER_SCOPE = of_seen_customers(SurveyInvitation.customer_id)
_agent = aliased(User)

survey = RecordType(
    name="survey",
    model=Survey,
    label=_l("Survey"),
    plural=_l("Surveys"),
    icon="message-star",
    endpoint="service.survey_results",
    list_endpoint="service.survey_list",
    view=SURVEY_VIEW,
    edit=SURVEY_EDIT,
    create=SURVEY_EDIT,
    create_endpoint="service.new_survey",
    title=Survey.name,
    scope=everyone,
    sort="-created",
    search=Searchable(title=lambda one: one.name, names=lambda one: [(one.name, None)]),
    columns=(
        Column("name", _l("Name"), Survey.name),
        Column("kind", _l("Kind"), Survey.kind, "choice", choices=SURVEY_KINDS),
        Column("trigger", _l("When it is sent"), Survey.trigger, "choice", choices=TRIGGERS),
        Column("active", _l("Active"), Survey.active, "bool"),
        Column("created", _l("Created"), Survey.created_at, "datetime", sortable=True),
    ),
)

survey_invitation = RecordType(
    name="survey_invitation",
    model=SurveyInvitation,
    label=_l("Answer"),
    plural=_l("Answers to surveys"),
    icon="message-star",
    endpoint="service.survey_answer",
    list_endpoint="service.survey_answers",
    view=SURVEY_VIEW,
    edit=SURVEY_EDIT,
    title=select(Survey.name)
    .where(Survey.id == SurveyInvitation.survey_id)
    .correlate(SurveyInvitation)
    .scalar_subquery(),
    scope=ANSWER_SCOPE,
    sort="-answered",
    columns=(
        Column(
            "survey",
            _l("Survey"),
            Survey.name,
            "ref",
            key=SurveyInvitation.survey_id,
            ref="survey",
            joins=(Join("answer_survey", Survey, Survey.id == SurveyInvitation.survey_id),),
        ),
        Column("score", _l("Score"), SurveyInvitation.score, "number"),
        Column("comment", _l("Comment"), SurveyInvitation.comment),
        customer_column(SurveyInvitation, "answer_customer"),
        Column(
            "contact",
            _l("Contact"),
            Contact.name,
            "ref",
            key=SurveyInvitation.contact_id,
            ref="contact",
            joins=(Join("answer_contact", Contact, Contact.id == SurveyInvitation.contact_id),),
        ),
        Column(
            "ticket",
            _l("Ticket"),
            Ticket.code,
            "ref",
            key=SurveyInvitation.ticket_id,
            ref="ticket",
            joins=(Join("answer_ticket", Ticket, Ticket.id == SurveyInvitation.ticket_id),),
        ),
        Column(
            "agent",
            _l("Agent"),
            _agent.name,
            "ref",
            key=SurveyInvitation.agent_id,
            ref="user",
            joins=(Join("answer_agent", _agent, _agent.id == SurveyInvitation.agent_id),),
        ),
        Column("answered", _l("Answered"), SurveyInvitation.answered_at, "datetime", sortable=True),
        Column("sent", _l("Sent"), SurveyInvitation.sent_at, "datetime", shown=False),
        Column("skipped", _l("Not sent because"), SurveyInvitation.skipped, "choice", choices=SKIPPED, shown=False),
        Column("created", _l("Created"), SurveyInvitation.created_at, "datetime", sortable=True, shown=False),
    ),
    presets={
        "answered": (_l("Answered"), "answered.empty=0"),
        "comments": (_l("With a comment"), "comment.empty=0"),
        "waiting": (_l("Without an answer"), "answered.empty=1&sort=-created"),
    },
)
SURVEY_TYPES = (survey, survey_invitation)
