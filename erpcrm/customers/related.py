"""What belongs to a customer besides what hangs on the customer itself: its people, and every record that names it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, literal_column, or_, select, union_all

from erpcrm.core.actor import current_actor
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record, session
from erpcrm.core.files import Attachment
from erpcrm.core.mail import Mail, MailLink
from erpcrm.core.registry import record_types_on

from .models import Activity, Customer, CustomerContact

MOST = 200
"""So many of a kind, the newest: the history of a customer with more deals tells of these."""


def ids_about(record: Record) -> dict[str, list[int]]:
    """{record type: ids} of `record` and, for a customer, of all that belongs to it, as far as this user may see that."""
    found, actor = {record.record_name: [record.id]}, current_actor()
    if not isinstance(record, Customer) or actor is None:
        return found
    parts: list[Any] = []
    if actor.may("customers.contact.view"):
        people = CustomerContact.contact_id.label("id")
        at_customer = CustomerContact.customer_id == record.id
        parts.append(
            select(literal_column("'contact'").label("kind"), people).where(at_customer).order_by(people.desc())
        )
    for kind in record_types_on():
        # One that has no customer but by what it hangs on, such as an activity, has its place in the history already.
        key = getattr(kind.model, "customer_id", None)
        if key is None or kind.model is Activity or not actor.may(kind.view):
            continue
        name: Any = literal_column(f"'{kind.name}'").label("kind")
        rule = kind.scope(actor, actor.scope(kind.name))
        parts.append(
            select(name, kind.model.id.label("id")).where(key == record.id, rule).order_by(kind.model.id.desc())
        )
    if not parts:
        return found
    limited = [part.limit(MOST).subquery() for part in parts]
    for kind_name, record_id in session.execute(union_all(*(select(part.c.kind, part.c.id) for part in limited))):
        found.setdefault(kind_name, []).append(record_id)
    return found


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
