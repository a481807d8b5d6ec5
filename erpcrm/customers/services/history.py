"""Carrying the history of one record over to another."""

from typing import Any

from sqlalchemy import func, update

from erpcrm.core.audit import POINTER, record_event
from erpcrm.core.db import Record, session
from erpcrm.core.merging import lead_pairs

from ..models import Activity
from .activities import customer_of, touch_records


def move_history(from_record: Record, to_record: Record, contact_id: int | None = None) -> None:
    """Activities, mails and files of one record belong to another from now on: a lead's to the deal that it became.

    Activities that name no contact were with the one of `contact_id`, and stand in that contact's timeline too.

    The audit trail stays where it was written; a line in each says where the history went and came from.
    """
    session.flush()
    activities = (Activity.record_type == from_record.record_name, Activity.record_id == from_record.id)
    values: dict[str, Any] = {"customer_id": customer_of(to_record), "updated_at": Activity.updated_at}
    if to_record.record_name == "contact":
        values["contact_id"] = to_record.id
    elif contact_id is not None:
        values["contact_id"] = func.coalesce(Activity.contact_id, contact_id)
    session.execute(update(Activity).where(*activities).values(values).execution_options(synchronize_session=False))
    moved = lead_pairs(from_record, to_record)
    last = getattr(from_record, "last_activity_at", None)
    if last is not None:
        touch_records({(to_record.record_name, to_record.id)}, last)
    if moved:
        record_event(from_record, "history_moved", {POINTER + to_record.record_name: [None, to_record.id]})
        record_event(to_record, "history_received", {POINTER + from_record.record_name: [None, from_record.id]})
    session.flush()
