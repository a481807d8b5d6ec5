"""The card of a timeline as a page shows it: the stream, what may be chosen, and the bar that adds to it."""

from collections.abc import Sequence
from typing import Any

from flask import render_template
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import bindparam, select

from erpcrm.core.db import Record, session
from erpcrm.core.i18n import today
from erpcrm.core.registry import record_type

from .models import KINDS, Contact, Customer, CustomerContact
from .timeline import Stream, filters_for, stream_of

ICONS = {"call": "phone", "meeting": "users", "email": "mail", "note": "note", "task": "checkbox"}
LABELS = {kind.value: kind.label for kind in KINDS}
KEYS = {"note": "n", "call": "c", "meeting": "m", "task": "t"}


def quick_kinds() -> list[dict[str, Any]]:
    """The kinds that the bar offers, each with its key."""
    return [{"value": value, "label": LABELS[value], "icon": ICONS[value], "key": key} for value, key in KEYS.items()]


def has_people(record: Record) -> bool:
    """Whether there may be somebody to write to: what belongs to no customer and has no address itself has nobody."""
    return isinstance(record, Customer) or hasattr(record, "customer_id") or hasattr(record, "email")


ACTIVE_AT = (
    select(Contact.id, Contact.name)
    .join(CustomerContact)
    .where(CustomerContact.customer_id == bindparam("customer"), Contact.active)
    .order_by(CustomerContact.is_main.desc(), Contact.name_key)
    .limit(100)
)


def contacts_for(record: Record) -> Sequence[tuple[int, str]]:
    """The people whom an activity on `record` may be with."""
    customer_id = record.id if isinstance(record, Customer) else getattr(record, "customer_id", None)
    if customer_id is None:
        return ()
    return [(contact_id, name) for contact_id, name in session.execute(ACTIVE_AT, {"customer": customer_id})]


def shown_data(stream: Stream) -> dict[str, Any]:
    """What the template of a timeline needs."""
    record = stream.record
    may_add = current_user.may("customers.activity.edit")
    return {
        "stream": stream,
        "record": record,
        "kind": record_type(record.record_name),
        "filters": filters_for(record),
        "may_add": may_add,
        "may_write": current_user.may("customers.mail.send") and has_people(record),
        "me": current_user.id,
        "may_change_all": current_user.scope("activity") != "own",
        "quick": quick_kinds(),
        "people": contacts_for(record) if may_add and stream.first else (),
        "icons": ICONS,
        "labels": LABELS,
        "today": today(),
    }


def timeline_of(record: Record) -> Markup:
    """For the page of any record: its timeline with the bar that adds to it. Empty for who may not see activities."""
    if not current_user.may("customers.activity.view"):
        return Markup("")
    return Markup(render_template("customers/timeline.html", alone=False, **shown_data(stream_of(record))))  # noqa: S704
