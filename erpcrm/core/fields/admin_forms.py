"""The form in which an own field is made and changed."""

from typing import Any

from flask import request
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from ..forms import Form, VersionField
from ..i18n import _l
from .definitions import KINDS, CustomField

BLANK_CHOICES = 5
MOST_CHOICES = 200


class FieldForm(Form):
    kind = SelectField(_l("Kind"), choices=[SelectChoice(name, label) for name, label in KINDS.items()])
    label = StringField(_l("Label"), [InputRequired(_l("Enter a label.")), Length(max=80)])
    label_zh = StringField(_l("Label in Chinese"), [Optional(), Length(max=80)])
    help = StringField(_l("Hint"), [Optional(), Length(max=200)], description=_l("Shown below the field in forms."))
    required = BooleanField(_l("Must be filled in"))
    version = VersionField()

    def __init__(self, field: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(obj=field, **kwargs)
        if field is not None:
            del self.kind
        else:
            del self.version

    def choices(self) -> list[dict[str, Any]]:
        """The rows of choices as they were sent: value, both labels, and whether the choice is offered."""
        sent = request.form
        rows = zip(
            sent.getlist("choice_value"), sent.getlist("choice_label"), sent.getlist("choice_label_zh"), strict=False
        )
        offered = set(sent.getlist("choice_active"))
        return [
            {"value": value, "label": label, "label_zh": label_zh, "active": not value or value in offered}
            for value, label, label_zh in list(rows)[:MOST_CHOICES]
        ]

    def rows(self, field: CustomField | None) -> list[dict[str, Any]]:
        """The rows to show: what was sent, else what is kept, and some blank ones."""
        known = self.choices() if "choice_value" in request.form else list(field.choices if field else [])
        given = [row for row in known if row["value"] or row["label"] or row.get("label_zh")]
        return given + [{"value": "", "label": "", "label_zh": "", "active": True} for _row in range(BLANK_CHOICES)]
