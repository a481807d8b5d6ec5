"""The verbs of activities."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm.attributes import set_committed_value

from erpcrm.core.actor import Actor
from erpcrm.core.db import Record, now, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _, _l, today, zone
from erpcrm.core.notifications import mentions, notify
from erpcrm.core.registry import effects_of

from .. import identity
from ..links import activity_path
from ..models import KINDS, Activity, Customer, Mention

KIND_NAMES = tuple(kind.value for kind in KINDS)
LONGEST_SUBJECT = 200


def split_text(text: str) -> tuple[str, str | None]:
    """Subject and body of what was typed in one go: the first line names it."""
    first, _newline, rest = (identity.clean(text) or "").partition("\n")
    if len(first) > LONGEST_SUBJECT:
        return first[: LONGEST_SUBJECT - 1].rstrip() + "…", f"{first}\n{rest}".strip()
    return first.strip(), rest.strip() or None


def add_activity(
    record: Record,
    kind: str,
    subject: str,
    by: Actor | None,
    *,
    body: str | None = None,
    due_on: date | None = None,
    starts_at: datetime | None = None,
    contact_id: int | None = None,
    owner_id: int | None = None,
    outcome: str | None = None,
    at: datetime | None = None,
    done: bool | None = None,
) -> Activity:
    """A call, meeting, e-mail, note or task on any record, its customer taken from the record.

    A task is open until it is finished; so is what is planned for a later day or moment; anything else has happened `at`
    (now). `done` says it outright. Whoever is named with @ in the text, and an owner who is not `by`, is told.
    """
    if kind not in KIND_NAMES:
        raise Refused(_("There is no activity “%(kind)s”.", kind=kind))
    title, more = split_text(subject)
    if not title:
        raise Refused(_("Say in a few words what it is about."))
    activity = Activity(
        kind=kind,
        subject=title,
        body="\n".join(part for part in (more, identity.clean(body)) if part) or None,
        record_type=record.record_name,
        record_id=record.id,
        customer_id=customer_of(record),
        contact_id=contact_id or (record.id if record.record_name == "contact" else None),
        owner_id=owner_id or (by.id if by else None),
        due_on=due_on,
        starts_at=starts_at,
        outcome=identity.clean(outcome),
        created_by_id=by.id if by else None,
    )
    if _is_done(activity) if done is None else done:
        activity.done_at = at or now()
    activity.at = at or stands_at(activity)
    session.add(activity)
    session.flush()
    if activity.done_at is not None:
        touch([activity])
    for effect in effects_of("activity.add"):
        effect.run(activity, by, {"record": record})
    _tell_mentioned(activity, by)
    _tell_owner(activity, None, by)
    return activity


def _is_done(activity: Activity) -> bool:
    if activity.kind == "task":
        return False
    later_day = activity.due_on is not None and activity.due_on > today()
    return not later_day and not (activity.starts_at is not None and activity.starts_at > now())


def customer_of(record: Record) -> int | None:
    """The customer whose timeline an activity on `record` belongs to."""
    if isinstance(record, Customer):
        return record.id
    if record.record_name == "contact":
        return next((place.customer_id for place in record.places if place.is_primary), None)  # type: ignore[attr-defined]
    return getattr(record, "customer_id", None)


def stands_at(activity: Activity) -> datetime:
    """Its place in the timeline: when it was done, begins or is due (that morning), else now."""
    if activity.done_at is not None:
        return activity.done_at
    if activity.starts_at is not None:
        return activity.starts_at
    if activity.due_on is not None:
        return datetime.combine(activity.due_on, time(9), zone()).astimezone(UTC)
    return now()


def touch(activities: Sequence[Activity]) -> None:
    """Keep on the customer and on the record when something last happened.

    Not through the record's own version: a call that a colleague logs must not make a form that is being filled in stale.
    """
    for activity in activities:
        pointed = {("customer", activity.customer_id), (activity.record_type, activity.record_id)}
        if activity.contact_id is not None:
            pointed.add(("contact", activity.contact_id))
        touch_records(pointed, activity.done_at or activity.at)


def touch_records(pointed: Iterable[tuple[str, int | None]], moment: datetime) -> None:
    """The same for records given by type and id."""
    for name, record_id in pointed:
        model = _models().get(name)
        if model is not None and record_id is not None:
            _touch(model, record_id, moment)


def _models() -> dict[str, type[Any]]:
    return {
        mapper.class_.record_name: mapper.class_
        for mapper in Record.registry.mappers
        if issubclass(mapper.class_, Record) and "last_activity_at" in mapper.columns
    }


def _touch(model: type[Any], record_id: int, moment: datetime) -> None:
    """Something happened on this record at `moment`: its last activity, unless a later one is known. Makes no edit stale."""
    older = (model.last_activity_at.is_(None)) | (model.last_activity_at < moment)
    session.execute(
        update(model)
        .where(model.id == record_id, older)
        .values(last_activity_at=moment, updated_at=model.updated_at)
        .execution_options(synchronize_session=False)
    )
    loaded = session.identity_map.get(session.identity_key(model, record_id))
    if loaded is not None and (loaded.last_activity_at is None or loaded.last_activity_at < moment):
        set_committed_value(loaded, "last_activity_at", moment)


def finish_activity(activity: Activity, by: Actor | None, outcome: str | None = None) -> None:
    """It is done, now. Refused when it is done already."""
    if activity.done_at is not None:
        raise Refused(_("This is done already."))
    activity.done_at = activity.at = now()
    activity.outcome = identity.clean(outcome) or activity.outcome
    session.flush()
    touch([activity])
    for effect in effects_of("activity.finish"):
        effect.run(activity, by, {})


def reopen_activity(activity: Activity, by: Actor | None) -> None:
    """It is not done after all. Refused when it is open."""
    if activity.done_at is None:
        raise Refused(_("This is open already."))
    activity.done_at = None
    activity.at = stands_at(activity)
    session.flush()


CHANGEABLE = ("kind", "subject", "body", "due_on", "starts_at", "contact_id", "owner_id", "outcome")


def update_activity(activity: Activity, values: Mapping[str, Any], version: int | None, by: Actor | None) -> None:
    """Change what `values` names. Stale when somebody else changed it since `version` (None: not asked)."""
    if version is not None and version != activity.version:
        raise Stale(activity)
    before = activity.owner_id
    for name in CHANGEABLE:
        if name in values:
            value = values[name]
            setattr(activity, name, identity.clean(value) if isinstance(value, str) else value)
    if not activity.subject:
        raise Refused(_("Say in a few words what it is about."))
    if activity.done_at is None:
        activity.at = stands_at(activity)
    session.flush()
    _tell_mentioned(activity, by)
    _tell_owner(activity, before, by)


def delete_activity(activity: Activity, by: Actor | None) -> None:
    session.execute(delete(Mention).where(Mention.activity_id == activity.id))
    session.delete(activity)
    session.flush()


def _named_in(activity: Activity) -> list[Actor]:
    text = f"{activity.subject}\n{activity.body or ''}"
    return mentions(text) if "@" in text or "＠" in text else []


def not_told(activity: Activity) -> list[str]:
    """The names of those who are named with @ and may not see activities: they were not told, and whoever wrote should know."""
    return [user.name for user in _named_in(activity) if not user.may("customers.activity.view")]


def _tell_mentioned(activity: Activity, by: Actor | None) -> None:
    named = _named_in(activity)
    if not named:
        return
    known = set(session.scalars(select(Mention.user_id).where(Mention.activity_id == activity.id)))
    for user in named:
        if user.id in known or (by is not None and user.id == by.id) or not user.may("customers.activity.view"):
            continue
        session.add(Mention(activity_id=activity.id, user_id=user.id))
        told = _l("%(who)s mentioned you: %(text)s", who=by.name if by else "", text=activity.subject)
        notify(user.id, "mentioned", told, activity_path(activity.id), record=activity)
    session.flush()


def _tell_owner(activity: Activity, before: int | None, by: Actor | None) -> None:
    if by is None or activity.done_at is not None or activity.owner_id in (None, before, by.id):
        return
    told = _l("%(who)s gave you a task: %(text)s", who=by.name, text=activity.subject)
    notify(activity.owner_id, "assigned", told, activity_path(activity.id), record=activity)


def mark_seen(user: Actor, activity_id: int) -> None:
    """The user has seen that they were mentioned there."""
    mention = session.get(Mention, (activity_id, user.id))
    if mention is not None and mention.seen_at is None:
        mention.seen_at = now()
        session.flush()
