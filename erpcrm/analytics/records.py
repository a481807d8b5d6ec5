"""What lists and filters know of segments, and what analytics adds to the list of customers."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from erpcrm.access.models import User
from erpcrm.core.access import everyone
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, _l
from erpcrm.core.lists.filters import NotUnderstood
from erpcrm.core.records import Choice, Column, Join, RecordType, Searchable
from erpcrm.core.whole import whole_or_none
from erpcrm.customers.models import Customer

from .models import SEGMENT_EDIT, SEGMENT_KINDS, SEGMENT_VIEW, CustomerRfm, Segment, SegmentMember
from .services import cell_choices, customers_in

OWNER = Join("segment_owner", User, User.id == Segment.owner_id)
RFM = Join("customer_rfm", CustomerRfm, CustomerRfm.customer_id == Customer.id)

segment = RecordType(
    name="segment",
    model=Segment,
    label=_l("Segment"),
    plural=_l("Segments"),
    icon="target",
    endpoint="analytics.segment",
    list_endpoint="analytics.segments",
    view=SEGMENT_VIEW,
    edit=SEGMENT_EDIT,
    create=SEGMENT_EDIT,
    create_endpoint="analytics.new_segment",
    title=Segment.name,
    scope=everyone,
    sort="-created",
    search=Searchable(
        title=lambda one: one.name,
        subtitle=lambda one: one.description or "",
        names=lambda one: [(one.name, None)],
    ),
    columns=(
        Column("name", _l("Name"), Segment.name),
        Column("kind", _l("Kind"), Segment.kind, "choice", choices=SEGMENT_KINDS),
        # How many there are in all is for those who keep segments: others see how many of theirs, on its page.
        Column("customers", _l("Customers"), Segment.customers, "number", permission=SEGMENT_EDIT),
        Column("counted", _l("Counted"), Segment.counted_at, "datetime"),
        Column("description", _l("Description"), Segment.description),
        Column("owner", _l("Owner"), User.name, "ref", key=Segment.owner_id, ref="user", joins=(OWNER,)),
        Column("active", _l("In use"), Segment.active, "bool", shown=False),
        Column("created", _l("Created"), Segment.created_at, "datetime", sort=Segment.id, sortable=True, shown=False),
    ),
    presets={"mine": (_l("My segments"), "owner=me"), "in_use": (_l("In use"), "active=1")},
)
RECORD_TYPES = [segment]


def _in_one_of(values: Sequence[str], actor: Actor | None) -> ColumnElement[bool]:
    found = []
    for value in values:
        number = whole_or_none(value)
        one = session.get(Segment, number) if number is not None else None
        if one is None:
            raise NotUnderstood(_("This segment is not there any more."))
        try:
            found.append(Customer.id.in_(customers_in(one, actor)))
        except Refused as no:
            raise NotUnderstood(str(no.message)) from no
    return or_(*found)


def _segments() -> Sequence[Choice]:
    query = select(Segment.id, Segment.name).where(Segment.active.is_(True)).order_by(Segment.name)
    return [Choice(str(id), name) for id, name in session.execute(query)]


def _names() -> Any:
    """The segments of a customer as they were counted last, in one text."""
    return (
        select(func.aggregate_strings(Segment.name, ", "))
        .join(SegmentMember, SegmentMember.segment_id == Segment.id)
        .where(SegmentMember.customer_id == Customer.id, Segment.active.is_(True))
        .correlate(Customer)
        .scalar_subquery()
    )


CUSTOMER_COLUMNS = (
    Column(
        "segment",
        _l("Segment"),
        _names(),
        "choice",
        choices=_segments,
        asked=_in_one_of,
        shown=False,
        permission=SEGMENT_VIEW,
    ),
    Column(
        "rfm_cell",
        _l("RFM cell"),
        CustomerRfm.cell,
        "choice",
        choices=cell_choices,
        joins=(RFM,),
        shown=False,
        permission=SEGMENT_VIEW,
    ),
    *(
        Column(f"rfm_{name}", label, column, "number", joins=(RFM,), shown=False, permission=SEGMENT_VIEW)
        for name, label, column in (
            ("r", _l("Recency score"), CustomerRfm.r),
            ("f", _l("Frequency score"), CustomerRfm.f),
            ("m", _l("Monetary score"), CustomerRfm.m),
        )
    ),
)
