"""Own fields in forms."""

from collections.abc import Mapping
from typing import Any, TypeVar

from wtforms import DateField, SelectField, StringField
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from ..forms import ExactField, Form
from ..i18n import _l
from ..records import RecordType
from .definitions import CustomField, fields_of
from .values import PLACES, PREFIX, loaded, stored

F = TypeVar("F", bound=Form)
LONGEST_TEXT = 500


class YesNoField(SelectField):
    """Yes, no, or not said: a box that is not ticked can't tell the last two apart. `data` is True, False or None."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        choices = [SelectChoice("", ""), SelectChoice("1", _l("Yes")), SelectChoice("0", _l("No"))]
        super().__init__(label, validators, choices=choices, coerce=_yes_no, **kwargs)
        self.type = "SelectField"  # drawn as one

    def iter_choices(self) -> Any:
        for one in self.choices:
            yield Choice(one.value, one.label, self.data is _yes_no(one.value), {})

    def pre_validate(self, form: Any) -> None:
        """The three answers are all there are: `_yes_no` knows no other."""


def _yes_no(value: Any) -> bool | None:
    return {"1": True, True: True, "0": False, False: False}.get(value)


class ChoiceField(SelectField):
    """One of the field's choices. One that is no longer offered stays where it is chosen."""

    def __init__(self, label: Any = None, validators: Any = None, *, definition: CustomField, **kwargs: Any) -> None:
        super().__init__(label, validators, choices=[], coerce=lambda value: value or None, **kwargs)
        self.definition = definition
        self.type = "SelectField"

    def iter_choices(self) -> Any:
        yield Choice("", "", self.data is None, {})
        for one, choice in zip(self.definition.choices, self.definition.all_choices(), strict=True):
            if one.get("active", True) or choice.value == self.data:
                yield Choice(choice.value, choice.label, choice.value == self.data, {})


def _unbound(field: CustomField, *, required: bool) -> Any:
    answer = _l("Choose one.") if field.kind in ("choice", "bool") else _l("Fill this in.")
    validators: list[Any] = [InputRequired(answer) if required else Optional()]
    common: dict[str, Any] = {"label": field.shown_label, "description": field.help or ""}
    match field.kind:
        case "number":
            return ExactField(validators=validators, places=PLACES, **common)
        case "date":
            return DateField(validators=validators, **common)
        case "choice":
            return ChoiceField(validators=validators, definition=field, **common)
        case "bool":
            return YesNoField(validators=validators, **common)
    return StringField(validators=[*validators, Length(max=LONGEST_TEXT)], **common)


def field_for(kind: RecordType | str, name: str, *, required: bool | None = None) -> Any:
    """The form field of one own field, by its name (custom_<key>), for forms that ask for some of them only.

    None when there is no such field any more.
    """
    for field in fields_of(kind):
        if field.name == name:
            return _unbound(field, required=field.required if required is None else required)
    return None


def add_fields(form_class: type[F], kind: RecordType | str) -> type[F]:
    """`form_class` with the own fields of a record type at its end, named custom_<key>, filled from `obj.custom`.

    `values()` of such a form has them as one entry, `custom`, as the model keeps them.
    """
    fields = fields_of(kind)
    kinds = {field.name: field.kind for field in fields}

    def process(self: Any, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any) -> None:
        own: Mapping[str, Any] = getattr(obj, "custom", None) or {}
        known = {name: loaded(of, own.get(name.removeprefix(PREFIX))) for name, of in kinds.items()}
        form_class.process(self, formdata, obj, data=data, **{**known, **kwargs})

    def values(self: Any) -> dict[str, Any]:
        plain = {name: value for name, value in form_class.values(self).items() if name not in kinds}
        return plain | {"custom": custom_values(self)} if kinds else plain

    members: dict[str, Any] = {field.name: _unbound(field, required=field.required) for field in fields}
    return type(form_class.__name__, (form_class,), {**members, "process": process, "values": values})


def custom_values(form: Form) -> dict[str, Any]:
    """What was entered into the own fields, by key, as the model keeps it; None for what was left empty."""
    return {
        name.removeprefix(PREFIX): stored(field.data) for name, field in form._fields.items() if name.startswith(PREFIX)
    }
