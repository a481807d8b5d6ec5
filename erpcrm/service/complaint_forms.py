"""Forms of complaints and feedback."""

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from erpcrm.core.forms import ExactField, Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _l, lazy_pgettext
from erpcrm.core.options import OptionField, options

from .models import COSTS, FEEDBACK_KINDS, MOST_WHYS, SEVERITIES

AT_MOST = _l("At most %(max)d characters.")
SHORT, LONG = Length(max=200, message=AT_MOST), Length(max=4000, message=AT_MOST)
ZERO = Decimal(0)


def _labelled(choices: Any) -> Any:
    return lambda: select_choices((one.value, one.label) for one in choices)


def _harms() -> list[tuple[Any, Any]]:
    return select_choices((one.value, one.label) for one in options("complaint.harm"))


class ComplaintForm(Form):
    """What was found out so far: all of it may stay empty until it is known."""

    severity = SelectField(_l("Severity"), choices=_labelled(SEVERITIES))
    harmed = SelectMultipleField(_l("What was harmed"), choices=_harms)
    harm = TextAreaField(lazy_pgettext("complaint", "What happened"), [LONG])
    containment = TextAreaField(
        _l("Containment"), [LONG], description=_l("What was done at once, so that it gets no worse.")
    )
    product_id = ReferenceField(_l("Product"), to="product")
    order_id = ReferenceField(_l("Sales order"), to="order")
    delivery_id = ReferenceField(lazy_pgettext("document", "Delivery"), to="delivery")
    invoice_id = ReferenceField(_l("Invoice"), to="invoice")
    lot_id = ReferenceField(_l("Lot"), to="lot")
    cause_category = OptionField(_l("Kind of cause"), options="complaint.cause")
    version = VersionField()


WHYS = [f"why_{number}" for number in range(1, MOST_WHYS + 1)]
for _number, _name in enumerate(WHYS, 1):
    setattr(
        ComplaintForm, _name, StringField(_l("Why? (%(number)s)", number=_number), [Length(max=500, message=AT_MOST)])
    )


class RemedyForm(Form):
    """What of the document is made good; the quantities of its lines are read beside it."""

    becomes = SelectField(
        _l("What becomes of it"),
        choices=lambda: select_choices([("stock", _l("Back into stock")), ("scrap", _l("Scrap"))]),
    )
    sure = BooleanField(_l("I have looked at the other complaint, and am sure"))


class NoteForm(Form):
    note = TextAreaField(_l("What the customer gets"), [InputRequired(_l("Say what the customer gets.")), LONG])


class RefundForm(Form):
    item_id = SelectField(_l("Credit note"), coerce=int, choices=[])
    amount = ExactField(_l("Amount"), [InputRequired(_l("Enter an amount above zero."))], places=4, minimum=ZERO)
    account_id = SelectField(_l("Bank account or cash"), coerce=int, choices=[])


class MeasureForm(Form):
    text = TextAreaField(_l("What is done"), [InputRequired(_l("Say what is to be done.")), LONG])
    owner_id = ReferenceField(_l("Owner"), [InputRequired(_l("Say who does it."))], to="user")
    due_on = DateField(_l("Due"), [InputRequired(_l("Choose a day."))])


class CheckForm(Form):
    worked = SelectField(
        _l("Did it work?"),
        coerce=lambda value: str(value) in ("True", "1"),
        choices=lambda: select_choices([("1", _l("Yes, it worked")), ("0", _l("No, it did not"))]),
    )
    finding = TextAreaField(_l("What was found"), [LONG])


class CostForm(Form):
    kind = SelectField(_l("Kind"), choices=_labelled(COSTS))
    text = StringField(lazy_pgettext("cost", "What for"), [InputRequired(_l("Say what it was spent for.")), SHORT])
    amount = ExactField(_l("Amount"), [InputRequired(_l("Enter an amount above zero."))], places=4, minimum=ZERO)


class ReasonForm(Form):
    reason = TextAreaField(_l("Why"), [LONG])
    version = VersionField()


# --------------------------------------------------------------------- feedback


class FeedbackForm(Form):
    title = StringField(_l("Title"), [InputRequired(_l("Give it a title.")), SHORT])
    kind = SelectField(_l("Kind"), choices=_labelled(FEEDBACK_KINDS))
    theme = OptionField(_l("Theme"), options="feedback.theme")
    product_id = ReferenceField(_l("Product"), to="product")
    text = TextAreaField(lazy_pgettext("line", "Text"), [LONG])
    version = VersionField()


class VoiceForm(Form):
    customer_id = ReferenceField(_l("Customer"), to="customer")
    contact_id = ReferenceField(_l("Contact"), to="contact")
    words = TextAreaField(_l("In their words"), [LONG])


class OfTicketForm(Form):
    """Feedback that a ticket brought: more of what is known, or something new."""

    feedback_id = ReferenceField(_l("Feedback that is known"), [Optional()], to="feedback")
    title = StringField(_l("Or a new one: its title"), [SHORT])
    kind = SelectField(_l("Kind"), choices=_labelled(FEEDBACK_KINDS))
    theme = OptionField(_l("Theme"), options="feedback.theme")


class JoinForm(Form):
    winner_id = ReferenceField(_l("Says the same as"), [InputRequired(_l("Choose another one."))], to="feedback")


class AnswerForm(Form):
    text = TextAreaField(_l("What they are told"), [InputRequired(_l("Write what they are to be told.")), LONG])
