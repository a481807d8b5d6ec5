"""What the dialogs of a list ask."""

from collections.abc import Sequence
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length

from ..forms import Form, ReferenceField
from ..i18n import _, _l
from ..records import Column
from .columns import MOMENTS, NUMERIC
from .filters import ME, TEXTUAL, Filter, names_of
from .periods import PERIODS
from .state import ListState

FilterForm = Any
"""A form made for one column: its fields are named like the parameters of the address."""


class ViewForm(Form):
    """The name of a view, and who else has it."""

    name = StringField(_l("Name"), [DataRequired(_l("Give the view a name.")), Length(max=60)])
    shared = RadioField(
        _l("Who has this view"),
        choices=[
            SelectChoice("own", _l("Only me")),
            SelectChoice("team", _l("My team")),
            SelectChoice("all", _l("Everyone")),
        ],
        default="own",
    )
    default = BooleanField(_l("Open the list with this view"))


def filter_form_for(state: ListState, column: Column) -> FilterForm:
    """A form whose fields are what may be asked of `column`, filled with what is asked of it now."""
    now = state.filter_on(column.name) or Filter(column)
    fields = {**_value_field(column, now), **_range_fields(column, now)}
    if column.kind not in ("bool", "state"):
        either = as_choices([("", _("Either")), ("0", _("Yes")), ("1", _("No"))])
        empty = {None: "", True: "1", False: "0"}[now.empty]
        fields[f"{column.name}.empty"] = RadioField(_("Has a value"), choices=either, validate_choice=False), empty
    # A parameter's name holds a dot, which no class attribute can: the form is made of names.
    made = type("ColumnFilterForm", (Form,), {key: field for key, (field, _data) in fields.items()})
    return made(formdata=None, data={key: data for key, (_field, data) in fields.items()})


def _value_field(column: Column, now: Filter) -> dict[str, tuple[Any, Any]]:
    """The field for single values: to tick, to pick, or to type."""
    name, first = column.name, now.values[0] if now.values else ""
    if column.kind == "ref" and column.ref is not None:
        return {name: (ReferenceField(_("Add another") if now.values else column.label, to=column.ref), None)}
    if column.kind == "bool":
        return {name: (_ticks(column.label, [("1", _("Yes")), ("0", _("No"))]), now.values)}
    if column.kind in ("choice", "state"):
        known: list[tuple[str, Any]] = [(choice.value, choice.label) for choice in column.all_choices()]
        gone = [(value, value) for value in now.values if value not in dict(known)]
        return {name: (_ticks(column.label, known + gone), now.values)}
    if column.kind in MOMENTS:
        periods = [("", _("Any time")), *PERIODS.items()]
        gone = [(first, first)] if first and first not in PERIODS else []
        return {name: (SelectField(_("Period"), choices=as_choices([*periods, *gone]), validate_choice=False), first)}
    if column.kind == "tags":
        return {name: (StringField(_("Has one of the tags")), ", ".join(now.values))}
    if column.kind in TEXTUAL:
        return {f"{name}.has": (StringField(_("Contains")), now.has), name: (StringField(_("Is exactly")), first)}
    return {}


def as_choices(pairs: Sequence[tuple[str, Any]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in pairs]


def _ticks(label: Any, choices: list[tuple[str, Any]]) -> SelectMultipleField:
    return SelectMultipleField(label, choices=as_choices(choices), validate_choice=False)


def _range_fields(column: Column, now: Filter) -> dict[str, tuple[Any, Any]]:
    if column.kind not in NUMERIC | MOMENTS:
        return {}
    widget = {"type": "date"} if column.kind in MOMENTS else {"inputmode": "decimal"}
    return {
        f"{column.name}.min": (StringField(_("From"), render_kw=widget), now.min),
        f"{column.name}.max": (StringField(_("To"), render_kw=widget), now.max),
    }


def chosen_references(state: ListState, column: Column) -> list[tuple[str, str, bool]]:
    """What the filter on a reference may keep: (value, name, ticked). A column of users offers oneself."""
    now = state.filter_on(column.name)
    values = now.values if now is not None else []
    known = names_of(column.ref, values, state.actor) if column.ref is not None else {}
    chosen = [(value, known.get(value, f"#{value}"), True) for value in values if value != ME]
    return [(ME, _("Me"), ME in values), *chosen] if column.ref == "user" else chosen


def resolve_reference(column: Column, typed: str) -> str:
    """The id of the one record that is called so, as text; else what was typed, which the filter then calls wrong."""
    if column.ref is None:
        return typed
    made = type("OneReferenceForm", (Form,), {"one": ReferenceField(to=column.ref)})
    found = made(formdata=MultiDict({"one": "", "one_text": typed})).one.data
    return typed if found is None else str(found)
