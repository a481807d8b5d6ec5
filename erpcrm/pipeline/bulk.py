"""Verbs for many leads or deals of a list at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from erpcrm.access.models import User
from erpcrm.core.db import session
from erpcrm.core.forms import Form, ReferenceField, TagsField
from erpcrm.core.i18n import _l
from erpcrm.core.options import OptionField
from erpcrm.core.records import BulkAction

from .models import Lead
from .models.leads import ASSIGN, EDIT, OPEN_LEAD
from .models.opportunities import ASSIGN as ASSIGN_DEAL
from .services import disqualify, give, rescore, update_opportunity
from .services.assignment import assign
from .services.handing import tell_owner, tell_owner_of_many
from .services.leads import REASONS


class OwnerForm(Form):
    owner_id = ReferenceField(_l("Owner"), [InputRequired(_l("Pick a user."))], to="user")


class TagForm(Form):
    tags = TagsField(_l("Tags"), [InputRequired(_l("Enter a tag."))])


class ReasonForm(Form):
    reason = OptionField(_l("Reason"), [InputRequired(_l("Choose a reason."))], options=REASONS)
    note = TextAreaField(_l("Note"), [Length(max=2000, message=_l("At most %(max)d characters."))])


def give_to(records: Sequence[Any], values: Mapping[str, Any], by: Any) -> int:
    """Make one user the owner of deals; one notice tells them how many."""
    receiver = session.get_one(User, values["owner_id"])
    changed = [record for record in records if record.owner_id != receiver.id]
    for record in changed:
        update_opportunity(record, {"owner_id": receiver.id}, by, tell=False)
    session.flush()
    if len(changed) > 1 and receiver.id != by.id:
        tell_owner_of_many(changed, receiver.id, by)
    elif changed:
        tell_owner(changed[0], None, by)
    return len(changed)


def add_tags(records: Sequence[Any], values: Mapping[str, Any], by: Any) -> int:
    """Returns how many did not have them all."""
    changed = 0
    for record in records:
        together = list(dict.fromkeys([*(record.tags or ()), *values["tags"]]))
        changed += together != record.tags
        record.tags = together
    session.flush()
    return changed


def give_leads(records: Sequence[Lead], values: Mapping[str, Any], by: Any) -> int:
    return give(records, session.get_one(User, values["owner_id"]), by)


def distribute(records: Sequence[Lead], values: Mapping[str, Any], by: Any) -> int:
    """Leads that belong to nobody yet, by the rules."""
    return len(assign([lead for lead in records if lead.status in OPEN_LEAD], by))


def give_up(records: Sequence[Lead], values: Mapping[str, Any], by: Any) -> int:
    open_ones = [lead for lead in records if lead.status in OPEN_LEAD]
    for lead in open_ones:
        disqualify(lead, values["reason"], by, values.get("note"))
    return len(open_ones)


def tag_leads(records: Sequence[Lead], values: Mapping[str, Any], by: Any) -> int:
    changed = add_tags(records, values, by)
    rescore([lead for lead in records if lead.status != "converted"])
    return changed


def score_anew(records: Sequence[Lead], values: Mapping[str, Any], by: Any) -> int:
    return rescore([lead for lead in records if lead.status != "converted"])


LEAD_BULK = (
    BulkAction("assign", _l("Assign"), "user-check", ASSIGN, give_leads, OwnerForm),
    BulkAction("distribute", _l("Assign by the rules"), "users", ASSIGN, distribute),
    BulkAction("tag", _l("Add tags"), "tag", EDIT, tag_leads, TagForm),
    BulkAction("rescore", _l("Score anew"), "refresh", EDIT, score_anew),
    BulkAction("disqualify", _l("Disqualify"), "ban", EDIT, give_up, ReasonForm),
)
OPPORTUNITY_BULK = (
    BulkAction("assign", _l("Change owner"), "user", ASSIGN_DEAL, give_to, OwnerForm),
    BulkAction("tag", _l("Add tags"), "tag", "pipeline.opportunity.edit", add_tags, TagForm),
)
