"""Verbs for many leads or deals of a list at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms.validators import InputRequired

from erpcrm.access.models import User
from erpcrm.core.db import session
from erpcrm.core.forms import Form, ReferenceField, TagsField
from erpcrm.core.i18n import _l
from erpcrm.core.records import BulkAction

from .services import rescore, update_opportunity
from .services.handing import tell_owner, tell_owner_of_many
from .services.leads import rules


class OwnerForm(Form):
    owner_id = ReferenceField(_l("Owner"), [InputRequired(_l("Pick a user."))], to="user")


class TagForm(Form):
    tags = TagsField(_l("Tags"), [InputRequired(_l("Enter a tag."))])


def give_to(records: Sequence[Any], values: Mapping[str, Any], by: Any) -> int:
    """Make one user the owner of all; one notice tells them how many."""
    receiver = session.get_one(User, values["owner_id"])
    changed = [record for record in records if record.owner_id != receiver.id]
    for record in changed:
        if record.record_name == "opportunity":
            update_opportunity(record, {"owner_id": receiver.id}, by, tell=False)
        else:
            record.owner_id, record.team_id = receiver.id, receiver.team_id
    session.flush()
    if len(changed) > 1 and receiver.id != by.id:
        tell_owner_of_many(changed, receiver.id, by)
    elif changed:
        tell_owner(changed[0], None, by)
    return len(changed)


def add_tags(records: Sequence[Any], values: Mapping[str, Any], by: Any) -> int:
    for record in records:
        record.tags = list(dict.fromkeys([*(record.tags or ()), *values["tags"]]))
    session.flush()
    return len(records)


def score_anew(records: Sequence[Any], values: Mapping[str, Any], by: Any) -> int:
    in_force = rules()
    for record in records:
        rescore(record, in_force)
    return len(records)


LEAD_BULK = (
    BulkAction("assign", _l("Assign"), "user", "pipeline.lead.assign", give_to, OwnerForm),
    BulkAction("tag", _l("Add tags"), "tag", "pipeline.lead.edit", add_tags, TagForm),
    BulkAction("rescore", _l("Score anew"), "refresh", "pipeline.lead.edit", score_anew),
)
OPPORTUNITY_BULK = (
    BulkAction("assign", _l("Change owner"), "user", "pipeline.opportunity.edit", give_to, OwnerForm),
    BulkAction("tag", _l("Add tags"), "tag", "pipeline.opportunity.edit", add_tags, TagForm),
)
