"""Forms of the page where choice lists are edited."""

from typing import Any

from wtforms import IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from .forms import Form
from .i18n import _, _l
from .options import LONGEST, entries, find_option, option_lists


class OptionForm(Form):
    """A choice. `list_name` and `value` say which one is edited, if it exists already."""

    label = StringField(_l("Label"), [InputRequired(_l("Enter a label.")), Length(max=LONGEST)])
    label_zh = StringField(_l("Label in Chinese"), [Optional(), Length(max=LONGEST)])
    digits = IntegerField(_l("Digits after the point"), [Optional(), NumberRange(0, 6)], default=0)

    def __init__(self, list_name: str, value: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.list_name, self.value = list_name, value
        if not option_lists()[list_name].counted:
            del self.digits

    def _check(self, text: str) -> None:
        if find_option(self.list_name, text) not in (None, self.value):
            raise ValidationError(_("“%(label)s” is in this list already.", label=text))

    def validate_label(self, field: Any) -> None:
        self._check(field.data)

    def validate_label_zh(self, field: Any) -> None:
        self._check(field.data)


class MergeForm(Form):
    into = SelectField(_l("Merge into"), choices=[])

    def __init__(self, list_name: str, value: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        others = [entry for entry in entries(list_name) if entry.value != value]
        self.into.choices = [SelectChoice(entry.value, entry.choice.label) for entry in others]
