"""Forms of pipelines, stages and the rules for leads."""

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from erpcrm.core.forms import Form, ReferenceField, VersionField
from erpcrm.core.i18n import _, _l
from erpcrm.core.options import find_option, option_label, options
from erpcrm.core.records import Choice

from .models import ScoreRule
from .models.leads import FACTS, TESTS
from .models.stages import FORECAST_CATEGORIES
from .scoring import NO_VALUE, SEPARATORS, whole
from .services import gates

NAME = Length(max=80, message=_l("At most %(max)d characters."))

OPTION_FACTS = {name: f"customer.{name}" for name in ("industry", "region", "size", "source")}
"""Facts that are choices of a list: rules keep their values, one a line, and show their labels."""
MORE_TESTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(OPTION_FACTS, ("is",)),
    "email": ("is", "contains", "own_domain"),
    "activities": ("at_least",),
    "last_activity_at": ("within_days",),
}
"""What may be asked of a fact, beside whether it is there; of the others whether they are or contain words."""


def words_shown(fact: str, value: str | None) -> str:
    """The words of a rule as people read them."""
    if fact in OPTION_FACTS:
        return ", ".join(str(option_label(OPTION_FACTS[fact], one)) for one in (value or "").split("\n") if one)
    return ", ".join(word for part in SEPARATORS.split(value or "") if (word := part.strip()))


def sentence(rule: ScoreRule) -> str:
    """What a rule asks, as people say it."""
    fact, words = dict(select_pairs(FACTS))[rule.fact], words_shown(rule.fact, rule.value)
    match rule.test:
        case "filled":
            return _("%(fact)s is filled", fact=fact)
        case "empty":
            return _("%(fact)s is empty", fact=fact)
        case "is":
            return _("%(fact)s is one of: %(words)s", fact=fact, words=words)
        case "contains":
            return _("%(fact)s contains one of: %(words)s", fact=fact, words=words)
        case "at_least":
            return _("%(fact)s is at least %(number)s", fact=fact, number=words)
        case "within_days":
            return _("%(fact)s was within the last %(days)s days", fact=fact, days=words)
        case _:
            return _("%(fact)s is at a domain of its own", fact=fact)


def choices_named(option_list: str, text: str) -> tuple[list[str], list[str]]:
    """The values of a list that are named in `text`, by value or label of either language, and what names none.

    They are separated by commas; a label may have commas too, so the longest name that fits counts.
    """
    ends = [match.start() for match in SEPARATORS.finditer(text)] + [len(text)]
    found: list[str] = []
    unknown: list[str] = []
    start = 0
    while start < len(text):
        later = [end for end in ends if end >= start]
        named = ((end, find_option(option_list, text[start:end])) for end in reversed(later))
        end, value = next(((end, value) for end, value in named if value is not None), (later[0], None))
        if value is not None:
            found.append(value)
        elif text[start:end].strip():
            unknown.append(text[start:end].strip())
        start = end + 1
    return list(dict.fromkeys(found)), unknown


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
    forecast_category = SelectField(
        _l("Forecast category"), choices=lambda: select_pairs(FORECAST_CATEGORIES), default="pipeline"
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
    fact = SelectField(_l("If"), choices=lambda: select_pairs(FACTS))
    test = SelectField(_l("Test"), choices=lambda: select_pairs(TESTS))
    value = StringField(
        _l("Value"),
        [Length(max=200, message=_l("At most %(max)d characters."))],
        description=_l("Several are separated by commas. Choices are called by their names."),
    )
    points = IntegerField(
        _l("Points"), [InputRequired(_l("Enter the points.")), NumberRange(-100, 100, _l("Enter -100 to 100."))]
    )
    active = BooleanField(_l("In use"), default=True)
    version = VersionField()

    def show(self) -> "ScoreRuleForm":
        """For a rule that is about to be edited: its value in words."""
        self.value.data = words_shown(self.fact.data, self.value.data)
        return self

    def validate_test(self, field: Any) -> None:
        if field.data not in ("filled", "empty", *MORE_TESTS.get(self.fact.data, ("is", "contains"))):
            raise ValidationError(
                _("“%(fact)s” can't be asked this.", fact=dict(select_pairs(FACTS)).get(self.fact.data, ""))
            )

    def validate_value(self, field: Any) -> None:
        test, value = self.test.data, (field.data or "").strip()
        if test in NO_VALUE:
            field.data = None
            return
        if not value:
            raise ValidationError(_("This test needs a value."))
        if test in ("at_least", "within_days") and whole(value) is None:
            raise ValidationError(_("Enter a whole number."))
        if test == "is" and self.fact.data in OPTION_FACTS:
            found, unknown = choices_named(OPTION_FACTS[self.fact.data], value)
            if unknown:
                raise ValidationError(_("Not on the list: %(words)s.", words=", ".join(unknown)))
            field.data = "".join(f"{one}\n" for one in found)


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
    return select_pairs(options(option_list))


def select_pairs(choices: Sequence[Choice]) -> list[tuple[str, str]]:
    return [(choice.value, str(choice.label)) for choice in choices]
