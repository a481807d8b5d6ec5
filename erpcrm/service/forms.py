"""Forms of tickets, promises and canned replies."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, EmailField, IntegerField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from erpcrm.core.forms import Form, ReferenceField, TagsField, VersionField, select_choices
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import OptionField, options
from erpcrm.core.records import Choice
from erpcrm.customers.forms import email_address

from .models import KINDS, LEVEL_CHOICES, PRIORITY_CHOICES
from .priorities import PRIORITIES

AT_MOST = _l("At most %(max)d characters.")
NAME = Length(max=200, message=AT_MOST)
LONG = Length(max=50_000, message=AT_MOST)
MINUTES = [Optional(), NumberRange(1, 527_040)]


def _of(choices: Sequence[Choice]) -> Any:
    return lambda: select_choices((choice.value, choice.label) for choice in choices)


class TicketForm(Form):
    """What a ticket says of itself."""

    subject = StringField(_l("Subject"), [InputRequired(_l("Say in a few words what it is about.")), NAME])
    text = TextAreaField(_l("What they say"), [Optional(), LONG])
    customer_id = ReferenceField(_l("Customer"), to="customer", create=True)
    contact_id = ReferenceField(_l("Contact"), to="contact", create=True)
    requester_name = StringField(_l("Name of who asks"), [Optional(), NAME])
    requester_mail = EmailField(_l("E-mail of who asks"), [Optional(), NAME, email_address])
    kind = SelectField(_l("Kind"), choices=_of(KINDS))
    category = OptionField(_l("Category"), options="ticket.category")
    impact = SelectField(_l("Impact"), choices=_of(LEVEL_CHOICES), description=_l("How much of their work it stops"))
    urgency = SelectField(_l("Urgency"), choices=_of(LEVEL_CHOICES), description=_l("How long it can wait"))
    owner_id = ReferenceField(_l("Agent"), to="user")
    product_id = ReferenceField(_l("Product"), to="product")
    order_id = ReferenceField(_l("Sales order"), to="order")
    delivery_id = ReferenceField(_l("Delivery"), to="delivery")
    lot_id = ReferenceField(_l("Lot"), to="lot")
    tags = TagsField(_l("Tags"))
    version = VersionField()


class SolveForm(Form):
    """What solved it, and what becomes of open parts."""

    reason = TextAreaField(
        _l("What solved it"), [InputRequired(_l("Say what solved it: the next one will ask.")), LONG]
    )
    children = SelectField(
        _l("Open parts"),
        choices=lambda: select_choices((("too", _l("Resolve them too")), ("leave", _l("Leave them open")))),
    )
    version = VersionField()


class MergeForm(Form):
    into = ReferenceField(_l("The ticket that goes on"), [InputRequired(_l("Pick a ticket."))], to="ticket")
    version = VersionField()


class ParentForm(Form):
    parent_id = ReferenceField(_l("Belongs to"), to="ticket")


class SplitForm(Form):
    subject = StringField(
        _l("Subject of the new ticket"), [InputRequired(_l("Say in a few words what it is about.")), NAME]
    )


class PolicyForm(Form):
    """The conditions of a policy and its two targets for each priority, in minutes."""

    name = StringField(_l("Name"), [InputRequired(_l("Give the policy a name.")), NAME])
    active = BooleanField(_l("In use"))
    priorities = SelectMultipleField(_l("Priorities"), choices=_of(PRIORITY_CHOICES))
    kinds = SelectMultipleField(_l("Kinds"), choices=_of(KINDS))
    customer_groups = SelectMultipleField(
        _l("Customer groups"),
        choices=lambda: select_choices((one.value, one.label) for one in options("customer.group")),
    )
    with_contract = BooleanField(_l("Only customers with a contract"))
    around_the_clock = BooleanField(_l("Around the clock"))
    urgent_response = IntegerField(_l("First response"), MINUTES)
    urgent_resolution = IntegerField(_l("Resolution"), MINUTES)
    high_response = IntegerField(_l("First response"), MINUTES)
    high_resolution = IntegerField(_l("Resolution"), MINUTES)
    normal_response = IntegerField(_l("First response"), MINUTES)
    normal_resolution = IntegerField(_l("Resolution"), MINUTES)
    low_response = IntegerField(_l("First response"), MINUTES)
    low_resolution = IntegerField(_l("Resolution"), MINUTES)
    warn_percent = IntegerField(_l("Warn after percent of the time"), [Optional(), NumberRange(1, 100)])
    escalate_minutes = IntegerField(_l("Escalate so many minutes after"), [Optional(), NumberRange(0, 10_000)])
    escalate_to_id = ReferenceField(_l("Escalate to"), to="user")
    reassign = BooleanField(_l("Reassign when escalated"))
    version = VersionField()

    def targets(self) -> dict[str, list[int | None]]:
        return {name: [self[f"{name}_response"].data, self[f"{name}_resolution"].data] for name in PRIORITIES}


class CannedForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("A canned reply needs a name and a text.")), NAME])
    category = OptionField(_l("Category"), options="ticket.category")
    text = TextAreaField(_l("Text"), [InputRequired(_l("A canned reply needs a name and a text.")), LONG])
    active = BooleanField(_l("In use"))
    version = VersionField()


class SetupForm(Form):
    service_mail = EmailField(
        _l("Service address"),
        [Optional(), NAME, email_address],
        description=_l("Customers write to it, and their answers go there. Left empty: the sender of all mails."),
    )
    service_team = SelectField(lazy_pgettext("service", "Team of new tickets"), coerce=lambda text: int(text or 0))
    service_close_days = IntegerField(
        _l("Close what is resolved after days"),
        [Optional(), NumberRange(1, 365)],
        description=_l("Left empty: it stays resolved until somebody closes it."),
    )
