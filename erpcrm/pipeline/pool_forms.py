"""Forms of the public pool."""

from typing import Any

from wtforms import BooleanField, IntegerField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from erpcrm.core.forms import Form, VersionField
from erpcrm.core.i18n import _, _l
from erpcrm.core.options import OptionField

from .models.pool import REASONS
from .pooling import Rules

LONG = Length(max=2000, message=_l("At most %(max)d characters."))
MOST_DAYS = 3650
NUMBER = _l("Enter a whole number.")


class ReturnForm(Form):
    reason = OptionField(_l("Reason"), [InputRequired(_l("Choose a reason."))], options=REASONS)
    note = TextAreaField(
        _l("Note"), [LONG], description=_l("Whoever claims it next reads it: what was said, what to try.")
    )
    version = VersionField()


class ProtectForm(Form):
    reason = TextAreaField(_l("Why it should stay with you"), [DataRequired(_l("Say why.")), LONG])


def _number(label: Any, low: int, high: int, hint: Any = None, *, needed: bool = False) -> IntegerField:
    first = InputRequired(NUMBER) if needed else Optional()
    return IntegerField(
        label,
        [first, NumberRange(low, high, message=_l("From %(min)d to %(max)d."))],
        description=hint or ("" if needed else _l("Left empty: no limit.")),
    )


class RulesForm(Form):
    """What holds for one kind of record."""

    on = BooleanField(_l("In use"))
    claims_a_day = _number(_l("Claims a day, each"), 1, 10_000)
    most_held = _number(_l("Held in all, each"), 1, 100_000)
    contact_days = _number(_l("Goes back after days without contact"), 1, MOST_DAYS, _l("Left empty: never."))
    deal_days = _number(_l("Goes back after days without a deal"), 1, MOST_DAYS, _l("Left empty: never."))
    remind_days = _number(
        _l("Reminder days before"),
        0,
        365,
        _l("0: without a reminder. With one nothing goes back unannounced."),
        needed=True,
    )
    cool_hours = _number(
        _l("Former owner waits hours"), 0, 8760, _l("Before claiming the same again; others may at once."), needed=True
    )
    extend_days = _number(_l("An extension lasts days"), 1, 365, needed=True)
    most_extensions = _number(_l("Extensions at most"), 0, 100, _l("0: nobody can extend."), needed=True)

    def validate_remind_days(self, field: IntegerField) -> None:
        shortest = min((days.data for days in (self.contact_days, self.deal_days) if days.data), default=None)
        if shortest is not None and field.data is not None and field.data >= shortest:
            raise ValidationError(_("The reminder must come later than the day on which the time begins."))

    def rules(self) -> Rules:
        return Rules.read(self.values())


class ContactForm(Form):
    shows_contact = BooleanField(
        _l("Show phone and e-mail before a claim"),
        description=_l("Off: they are seen by whoever has claimed it."),
    )
