"""What belongs to a customer besides what hangs on the customer itself: its people, and every record that names it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, bindparam, literal_column, or_, select, union_all

from erpcrm.core.access import KEPT
from erpcrm.core.actor import current_actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record, session
from erpcrm.core.files import Attachment
from erpcrm.core.mail import Mail, MailLink
from erpcrm.core.records import RecordType
from erpcrm.core.registry import record_types_on

from .models import Activity, Customer, CustomerContact

MOST = 200
"""So many of a kind, the newest: the history of a customer with more deals tells of these."""


def ids_about(record: Record) -> dict[str, list[int]]:
    """{record type: ids} of `record` and, for a customer, of all that belongs to it, as far as this user may see that."""
    found, actor = {record.record_name: [record.id]}, current_actor()
    if not isinstance(record, Customer) or actor is None:
        return found
    seen: list[tuple[RecordType, ColumnElement[bool]]] = []
    for kind in record_types_on():
        # One that has no customer but by what it hangs on, such as an activity, has its place in the history already.
        key = getattr(kind.model, "customer_id", None)
        if key is None or kind.model is Activity or not actor.may(kind.view):
            continue
        seen.append((kind, kind.scope(actor, actor.scope(kind.name))))
    people = actor.may("customers.contact.view")
    if people or seen:
        for kind_name, record_id in session.execute(_about(tuple(seen), people), {"customer": record.id}):
            found.setdefault(kind_name, []).append(record_id)
    return found


@lru_cache(KEPT)
def _about(seen: Sequence[tuple[RecordType, ColumnElement[bool]]], people: bool) -> CompoundSelect[Any]:
    """The newest ids of each record type, as far as its condition allows, and those of the people."""
    customer: Any = bindparam("customer")
    parts: list[Any] = []
    if people:
        person = CustomerContact.contact_id.label("id")
        at_customer: Any = select(literal_column("'contact'").label("kind"), person)
        parts.append(at_customer.where(CustomerContact.customer_id == customer).order_by(person.desc()))
    for kind, rule in seen:
        model: Any = kind.model
        query = select(literal_column(f"'{kind.name}'").label("kind"), model.id.label("id"))
        parts.append(query.where(model.customer_id == customer, rule).order_by(model.id.desc()))
    limited = [part.limit(MOST).subquery() for part in parts]
    return union_all(*(select(part.c.kind, part.c.id) for part in limited))


@dataclass(frozen=True)
class Statements:
    """What is asked of the database for records of certain kinds, each given by ids. Rows are found by their own ids within,
    so that the database begins with the records and not with the end of a long table."""

    mails: Select[Any]
    changes: Select[Any]
    steps: Select[Any]
    """Of other records than the one of the page no mere edits: beside everything else they would drown the rest."""
    files: Select[Any]


@lru_cache(maxsize=64)
def statements_about(kinds: tuple[str, ...], most: int) -> Statements:
    """Put together once: that takes longer than running them."""

    def on(model: Any) -> ColumnElement[bool]:
        ids: dict[str, Any] = {kind: bindparam(f"{kind}_ids", expanding=True) for kind in kinds}
        return or_(*(and_(model.record_type == kind, model.record_id.in_(ids[kind])) for kind in kinds))

    def trail(*where: ColumnElement[bool]) -> Select[Any]:
        # Files have entries of their own in the stream.
        no_file = AuditEntry.action.not_in(("file_added", "file_removed"))
        # Ids are given in the order of time; the index is on (record_type, record_id, id).
        ids = select(AuditEntry.id).where(on(AuditEntry), no_file, *where)
        return select(AuditEntry).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.id.desc()).limit(most)

    own = and_(AuditEntry.record_type == bindparam("own_kind"), AuditEntry.record_id == bindparam("own_id"))
    mails: Any = select(
        Mail.id, Mail.to, Mail.subject, Mail.text, Mail.secret, Mail.status, Mail.user_id, Mail.created_at
    )
    files = select(Attachment).where(Attachment.id.in_(select(Attachment.id).where(on(Attachment))))
    return Statements(
        mails=mails.where(Mail.id.in_(select(MailLink.mail_id).where(on(MailLink))))
        .order_by(Mail.created_at.desc(), Mail.id.desc())
        .limit(most),
        changes=trail(),
        steps=trail(or_(and_(AuditEntry.action != "changed", AuditEntry.part.is_(None)), own)),
        files=files.where(Attachment.deleted_at.is_(None)).order_by(Attachment.id.desc()).limit(most),
    )
