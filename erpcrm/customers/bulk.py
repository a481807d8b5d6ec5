"""Verbs for many customers, contacts or activities at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms.validators import InputRequired

from erpcrm.access.models import User
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.forms import Form, ReferenceField, TagsField
from erpcrm.core.i18n import _, _l
from erpcrm.core.moves import make_move
from erpcrm.core.records import BulkAction

from .models import Activity, Contact, Customer
from .services import add_tag, assign_owner, finish_activity, remove_tag, update_contact

EDIT, ASSIGN = "customers.customer.edit", "customers.customer.assign"


class OwnerForm(Form):
    owner_id = ReferenceField(_l("Owner"), [InputRequired(_l("Pick the new owner."))], to="user")


class TagForm(Form):
    tags = TagsField(
        _l("Tags"), [InputRequired(_l("Name at least one tag."))], description=_l("Several are separated by commas.")
    )


def _owner(values: Mapping[str, Any]) -> User:
    owner = session.get(User, values["owner_id"]) if values.get("owner_id") else None
    if owner is None or not owner.active:
        raise Refused(_("Pick the new owner."))
    return owner


def assign(records: Sequence[Customer], values: Mapping[str, Any], by: Actor) -> int:
    return assign_owner(records, _owner(values), by)


def tag(records: Sequence[Customer], values: Mapping[str, Any], by: Actor) -> int:
    return add_tag(records, values["tags"])


def untag(records: Sequence[Customer], values: Mapping[str, Any], by: Actor) -> int:
    return remove_tag(records, values["tags"])


def archive(records: Sequence[Customer], values: Mapping[str, Any], by: Actor) -> int:
    open_ones = [record for record in records if record.status != "archived"]
    for record in open_ones:
        make_move(record, "archive", by=by)
    return len(open_ones)


def restore(records: Sequence[Customer], values: Mapping[str, Any], by: Actor) -> int:
    archived = [record for record in records if record.status == "archived"]
    for record in archived:
        make_move(record, "restore", by=by)
    return len(archived)


def give_contacts(records: Sequence[Contact], values: Mapping[str, Any], by: Actor) -> int:
    owner = _owner(values)
    changed = [record for record in records if record.owner_id != owner.id]
    for record in changed:
        update_contact(record, {"owner_id": owner.id}, None, by)
    return len(changed)


def deactivate(records: Sequence[Contact], values: Mapping[str, Any], by: Actor) -> int:
    active = [record for record in records if record.active]
    for record in active:
        update_contact(record, {"active": False}, None, by)
    return len(active)


def activate(records: Sequence[Contact], values: Mapping[str, Any], by: Actor) -> int:
    inactive = [record for record in records if not record.active]
    for record in inactive:
        update_contact(record, {"active": True}, None, by)
    return len(inactive)


def finish(records: Sequence[Activity], values: Mapping[str, Any], by: Actor) -> int:
    open_ones = [record for record in records if record.is_open]
    for record in open_ones:
        finish_activity(record, by)
    return len(open_ones)


CUSTOMER_BULK = (
    BulkAction("assign", _l("Assign owner"), "user-check", ASSIGN, assign, ask=OwnerForm),
    BulkAction("add_tag", _l("Add tags"), "tag", EDIT, tag, ask=TagForm),
    BulkAction("remove_tag", _l("Remove tags"), "tag", EDIT, untag, ask=TagForm),
    BulkAction("archive", _l("Archive"), "archive", EDIT, archive),
    BulkAction("restore", _l("Restore"), "archive-off", EDIT, restore),
)
CONTACT_BULK = (
    BulkAction("assign", _l("Assign owner"), "user-check", ASSIGN, give_contacts, ask=OwnerForm),
    BulkAction("deactivate", _l("Mark as not active"), "user-x", "customers.contact.edit", deactivate),
    BulkAction("activate", _l("Mark as active"), "user-check", "customers.contact.edit", activate),
)
ACTIVITY_BULK = (BulkAction("finish", _l("Mark as done"), "check", "customers.activity.edit", finish),)
