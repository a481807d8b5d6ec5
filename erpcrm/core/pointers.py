"""Pointers of the form (record type, id): what hangs on any kind of record, such as files, mails and notices."""

from flask import url_for
from sqlalchemy import func, select

from .access import load
from .actor import current_actor
from .db import Record, session
from .errors import NotThere
from .i18n import _
from .records import RecordType
from .registry import areas_on, registry, timeline_for
from .whole import whole_or_none


def kind_of(record_type: str) -> RecordType:
    """The declaration of a pointer's type. NotThere when no area that is on declares it."""
    area = registry().area_of_type.get(record_type)
    if area is None or area not in areas_on():
        raise NotThere
    return registry().record_types[record_type]


def record_behind(record_type: str, record_id: int) -> Record:
    """The record that a pointer names, if this user may see it: permission and scope. NotThere otherwise."""
    kind, actor = kind_of(record_type), current_actor()
    if actor is not None and not actor.may(kind.view):
        raise NotThere
    return load(kind.model, record_id, kind.scope)


def may_see(record_type: str, record_id: int) -> bool:
    """Whether this user may see the record that a pointer names."""
    try:
        record_behind(record_type, record_id)
    except NotThere:
        return False
    return True


def may_edit(record_type: str) -> bool:
    actor = current_actor()
    return actor is None or actor.may(kind_of(record_type).edit)


def may_read_changes(record_type: str) -> bool:
    """Whether this user may read what was changed on records of this type: readers of the trail, and who may change them."""
    actor = current_actor()
    return actor is None or actor.may("core.audit.view") or may_edit(record_type)


def may_read_past(record_type: str) -> bool:
    """Whether this user, who may see the record, may read and add to its timeline."""
    return not kind_of(record_type).confidential or may_read_changes(record_type)


def past_of(record: Record) -> tuple[str, str, str] | None:
    """What the page of any record shows of its past: (id of the card, heading, address), or None when this user may read nothing.

    It is the timeline, where an area that is on keeps one, else the changes alone. What is not stored yet has none.
    """
    if record.id is None:
        return None
    actor = current_actor()
    timeline = timeline_for(actor) if actor is not None else None
    if timeline is not None and may_read_past(record.record_name):
        return "timeline_card", _("Timeline"), url_for(timeline.endpoint, record_type=record.record_name, id=record.id)
    if may_read_changes(record.record_name):
        return "history", _("History"), url_for("trail.history", kind=record.record_name, id=record.id)
    return None


def address_of(record_type: str, record_id: int) -> str:
    """The path of the record's page."""
    return url_for(kind_of(record_type).endpoint, id=record_id)


def title_of(record_type: str, record_id: int) -> str:
    """The name of the record; empty when it is gone. The caller knows that it may be seen."""
    kind = kind_of(record_type)
    return session.scalar(select(kind.title).select_from(kind.model).where(kind.model.id == record_id)) or ""


def records_called(kind: RecordType, text: str) -> int | None:
    """The id that a number, a code or a name means, when it is one only. Also of a record that is gone: by number."""
    same = func.lower(kind.title) == text.lower()
    if kind.code is not None:
        same |= func.lower(kind.code) == text.lower()
    found = session.scalars(select(kind.model.id).where(same).limit(2)).all()
    if len(found) == 1:
        return found[0]
    return whole_or_none(text)
