"""What lists, search and export know about complaints and feedback."""

from functools import lru_cache

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import joinedload

from erpcrm.catalog.models import Product
from erpcrm.core.access import KEPT, everyone
from erpcrm.core.actor import Actor, ScopeName
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import options
from erpcrm.core.records import Column, Join, RecordType, Searchable, states_of
from erpcrm.customers.records import customer_column

from .models import (
    COMPLAINT_FLOW,
    COMPLAINT_VIEW,
    COMPLAINT_WORK,
    FEEDBACK_EDIT,
    FEEDBACK_FLOW,
    FEEDBACK_KINDS,
    FEEDBACK_VIEW,
    SEVERITIES,
    Complaint,
    Feedback,
    Ticket,
)
from .scopes import TICKET_SCOPE


@lru_cache(KEPT)
def _of_tickets(seen: ColumnElement[bool]) -> ColumnElement[bool]:
    return Complaint.ticket_id.in_(select(Ticket.id).where(seen))


def COMPLAINT_SCOPE(actor: Actor, scope: ScopeName) -> ColumnElement[bool]:
    """Those of the tickets that the user may see."""
    seen = actor.scope("ticket")
    return true() if seen == "all" else _of_tickets(TICKET_SCOPE(actor, seen))


def _product(model: type[Complaint | Feedback], key: str) -> Column:
    return Column(
        "product",
        _l("Product"),
        Product.name,
        "ref",
        key=model.product_id,
        ref="product",
        joins=(Join(key, Product, Product.id == model.product_id),),
    )


complaint = RecordType(
    name="complaint",
    model=Complaint,
    label=_l("Complaint"),
    plural=_l("Complaints"),
    icon="alert-triangle",
    endpoint="service.complaint",
    list_endpoint="service.list_complaints",
    view=COMPLAINT_VIEW,
    edit=COMPLAINT_WORK,
    title=Complaint.number,
    code=Complaint.number,
    scope=COMPLAINT_SCOPE,
    sort="-created",
    search=Searchable(
        title=lambda one: f"{one.number} {one.ticket.subject}",
        subtitle=lambda one: one.customer.name if one.customer is not None else one.ticket.requester,
        names=lambda one: [(one.ticket.subject, None)],
        words=lambda one: [one.number, one.ticket.code],
        loads=(joinedload(Complaint.ticket).joinedload(Ticket.contact), joinedload(Complaint.customer)),
    ),
    columns=(
        Column("number", _l("Number"), Complaint.number),
        Column(
            "ticket",
            _l("Ticket"),
            Ticket.subject,
            "ref",
            key=Complaint.ticket_id,
            ref="ticket",
            joins=(Join("complaint_ticket", Ticket, Ticket.id == Complaint.ticket_id),),
        ),
        customer_column(Complaint, "complaint_customer"),
        _product(Complaint, "complaint_product"),
        Column("severity", _l("Severity"), Complaint.severity, "choice", choices=SEVERITIES),
        Column(
            "cause",
            _l("Kind of cause"),
            Complaint.cause_category,
            "choice",
            choices=lambda: options("complaint.cause"),
        ),
        Column("status", _l("Status"), Complaint.status, "state", choices=states_of(COMPLAINT_FLOW)),
        Column("created", _l("Created"), Complaint.created_at, "datetime", sortable=True),
    ),
    presets={
        "open": (_l("To be examined"), "status=open"),
        "justified": (_l("Justified"), "status=justified"),
    },
)

feedback = RecordType(
    name="feedback",
    model=Feedback,
    label=_l("Feedback"),
    plural=_l("Feedback"),
    icon="bulb",
    endpoint="service.feedback",
    list_endpoint="service.feedback_list",
    view=FEEDBACK_VIEW,
    edit=FEEDBACK_EDIT,
    create=FEEDBACK_EDIT,
    create_endpoint="service.new_feedback",
    title=Feedback.title,
    scope=everyone,
    sort="-votes",
    search=Searchable(
        title=lambda one: one.title,
        names=lambda one: [(one.title, None)],
    ),
    columns=(
        Column("title", _l("Title"), Feedback.title),
        Column("kind", _l("Kind"), Feedback.kind, "choice", choices=FEEDBACK_KINDS),
        Column("votes", _l("Votes"), Feedback.votes, "number", sortable=True),
        Column("theme", _l("Theme"), Feedback.theme, "choice", choices=lambda: options("feedback.theme")),
        _product(Feedback, "feedback_product"),
        Column("status", _l("Status"), Feedback.status, "state", choices=states_of(FEEDBACK_FLOW)),
        Column("answered", _l("Answered"), Feedback.answered_at, "datetime", shown=False),
        Column("created", _l("Created"), Feedback.created_at, "datetime", sortable=True),
    ),
    presets={
        "undecided": (_l("Not decided"), "status=new"),
        "planned": (lazy_pgettext("feedback", "Planned"), "status=planned"),
    },
)

RECORD_TYPES = [complaint, feedback]
