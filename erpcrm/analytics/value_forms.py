"""Forms of analytics."""

from decimal import Decimal

from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange

from erpcrm.core.forms import ExactField, Form, ReferenceField
from erpcrm.core.i18n import _, _l

NEEDED = InputRequired(_l("Enter a number."))
ZERO = Decimal(0)


class ValueSetupForm(Form):
    """What the figures of value and behaviour stand on."""

    cost_document = ExactField(
        _l("Cost of a document"),
        [NEEDED],
        places=2,
        minimum=ZERO,
        description=_l("What it costs to take, pack, deliver and bill one, beyond the goods."),
    )
    cost_activity = ExactField(
        _l("Cost of an activity"),
        [NEEDED],
        places=2,
        minimum=ZERO,
        description=_l("A visit, a call, a mail: the time of the person who does it."),
    )
    first_cut = IntegerField(_l("A up to"), [NEEDED, NumberRange(1, 98)])
    second_cut = IntegerField(_l("B up to"), [NEEDED, NumberRange(2, 100)])
    discount = ExactField(
        _l("Discount a year"),
        [NEEDED],
        places=2,
        minimum=ZERO,
        maximum=Decimal(100),
        description=_l("What money of next year is worth less than money of today."),
    )
    years = IntegerField(_l("Years ahead"), [NEEDED, NumberRange(1, 10)])
    least_customers = IntegerField(_l("Customers at least"), [NEEDED, NumberRange(30, 100_000)])
    least_repeaters = IntegerField(_l("Of whom bought again"), [NEEDED, NumberRange(20, 100_000)])
    basket_least = IntegerField(_l("Bought together at least so often"), [NEEDED, NumberRange(2, 10_000)])

    def validate(self, extra_validators: object = None) -> bool:
        sound = super().validate(extra_validators)
        if sound and self.second_cut.data <= self.first_cut.data:
            self.second_cut.errors = [_("More than the cut of class A.")]
            return False
        return sound


class TaskForm(Form):
    """What is to be done about a customer who has fallen silent, by whom, until when."""

    subject = StringField(
        _l("What is to be done"),
        [
            InputRequired(_l("Say in a few words what it is about.")),
            Length(max=200, message=_l("At most %(max)d characters.")),
        ],
    )
    due_on = DateField(_l("Due"), [InputRequired(_l("Enter a date."))])
    owner_id = ReferenceField(_l("Who"), to="user")
