"""Forms of surveys: the survey itself, and what is answered."""

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from erpcrm.core.forms import Form, ReferenceField, VersionField, select_choices
from erpcrm.core.i18n import _l
from erpcrm.core.options import OptionField

from .models.surveys import SURVEY_KINDS, TRIGGERS

AT_MOST = _l("At most %(max)d characters.")
SHORT = Length(max=200, message=AT_MOST)
BETWEEN = _l("Between %(min)d and %(max)d.")


def _number(label: object, low: int, high: int, hint: object = "") -> IntegerField:
    return IntegerField(
        label,
        [InputRequired(_l("Please enter a number.")), NumberRange(low, high, message=BETWEEN)],
        description=hint,
    )


class SurveyForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Please enter a name.")), Length(max=100, message=AT_MOST)])
    kind = SelectField(_l("Kind"), choices=lambda: select_choices((one.value, one.label) for one in SURVEY_KINDS))
    trigger = SelectField(
        _l("When it is sent"), choices=lambda: select_choices((one.value, one.label) for one in TRIGGERS)
    )
    active = BooleanField(_l("Active"), default=True)
    question = StringField(_l("Question in English"), [Optional(), SHORT], description=_l("Left empty: the usual one."))
    question_zh = StringField(
        _l("Question in Chinese"), [Optional(), SHORT], description=_l("Left empty: the usual one.")
    )
    delay_hours = _number(_l("Hours after the ticket is resolved"), 0, 720)
    sample_percent = _number(_l("Share that is asked (%)"), 1, 100, _l("Of the resolved tickets."))
    every_days = _number(_l("Days between two runs"), 1, 730)
    customer_group = OptionField(
        _l("Customer group"), options="customer.group", description=_l("Left empty: all active customers.")
    )
    segment_id = ReferenceField(
        _l("Segment"), to="segment", description=_l("Left empty: all of them, in whatever segment.")
    )
    rest_days = _number(
        _l("Days of rest for a person"),
        0,
        730,
        _l("Nobody is asked again by any survey before so many days have passed."),
    )
    valid_days = _number(_l("Days that the link is valid"), 1, 90)
    low_at = IntegerField(
        _l("Follow up on scores up to"),
        [Optional(), NumberRange(0, 10, message=BETWEEN)],
        description=_l(
            "Such an answer makes a task for whoever looks after the customer. Left empty: 2 of 5, 6 of 10, 3 of 7."
        ),
    )
    version = VersionField()


class AnswerForm(Form):
    """What somebody answers. The steps are those of the survey."""

    score = RadioField(
        _l("Your answer"), [InputRequired(_l("Choose one of the steps."))], coerce=int, validate_choice=False
    )
    comment = TextAreaField(_l("What should we know? (optional)"), [Length(max=4000, message=AT_MOST)])
