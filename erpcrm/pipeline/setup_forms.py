"""Forms of pipelines, stages and the rules for leads."""

from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from erpcrm.core.forms import Form, ReferenceField, VersionField
from erpcrm.core.i18n import _, _l
from erpcrm.core.options import options

from .services import gates

NAME = Length(max=80)

FACTS = (
    ("company", _l("Company")),
    ("person", _l("Person")),
    ("job_title", _l("Job title")),
    ("phone", _l("Phone")),
    ("email", _l("E-mail")),
    ("website", _l("Website")),
    ("industry", _l("Industry")),
    ("region", _l("Region")),
    ("size", _l("Size")),
    ("source", _l("Source")),
    ("need", _l("Need")),
    ("tags", _l("Tags")),
    ("activities", _l("Number of activities")),
    ("last_activity_at", _l("Last activity")),
)
TESTS = (
    ("filled", _l("is filled")),
    ("empty", _l("is empty")),
    ("is", _l("is one of")),
    ("contains", _l("contains one of")),
    ("at_least", _l("is at least")),
    ("within_days", _l("was within days")),
    ("own_domain", _l("is at a domain of its own")),
)
WITHOUT_VALUE = ("filled", "empty", "own_domain")


class PipelineForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), NAME])
    name_zh = StringField(_l("Chinese name"), [Optional(), NAME])
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()


class StageForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), NAME])
    name_zh = StringField(_l("Chinese name"), [Optional(), NAME])
    probability = IntegerField(
        _l("Probability in percent"), [InputRequired(_l("Enter 0 to 100.")), NumberRange(0, 100, _l("Enter 0 to 100."))]
    )
    stale_days = IntegerField(
        _l("Stale after days"),
        [Optional(), NumberRange(1, 3650)],
        description=_l("Left empty, deals never get stale here."),
    )
    required = SelectMultipleField(_l("Required to leave the stage forwards"), choices=lambda: list(gates().items()))
    version = VersionField()


class ScoreRuleForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), NAME])
    fact = SelectField(_l("If"), choices=[SelectChoice(*fact) for fact in FACTS])
    test = SelectField(_l("Test"), choices=[SelectChoice(*test) for test in TESTS])
    value = StringField(
        _l("Value"), [Optional(), Length(max=200)], description=_l("Several words separated by commas.")
    )
    points = IntegerField(_l("Points"), [InputRequired(_l("Enter the points.")), NumberRange(-100, 100)])
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()

    def validate_value(self, field: Any) -> None:
        test, value = self.test.data, (field.data or "").strip()
        if test not in WITHOUT_VALUE and not value:
            raise ValidationError(_("This test needs a value."))
        if test in ("at_least", "within_days") and not value.isdigit():
            raise ValidationError(_("Enter a whole number."))


class AssignmentRuleForm(Form):
    name = StringField(_l("Name"), [InputRequired(_l("Enter a name.")), NAME])
    regions = SelectMultipleField(_l("Regions"), choices=lambda: pairs("customer.region"))
    industries = SelectMultipleField(_l("Industries"), choices=lambda: pairs("customer.industry"))
    sources = SelectMultipleField(_l("Sources"), choices=lambda: pairs("customer.source"))
    user_id = ReferenceField(_l("To this user"), to="user")
    team_id = ReferenceField(_l("Or in turn to the members of this team"), to="team")
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()

    def validate_user_id(self, field: Any) -> None:
        if (field.data is None) == (self.team_id.data is None):
            raise ValidationError(_("Choose a user or a team, not both."))


def pairs(option_list: str) -> list[tuple[str, str]]:
    return [(choice.value, str(choice.label)) for choice in options(option_list)]
