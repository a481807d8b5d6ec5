"""A rule as its editor and its page show it: which inputs fit each condition, and what it says in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask import url_for

from erpcrm.core.actor import Actor
from erpcrm.core.i18n import _, _l, number_locale, show_date, show_number
from erpcrm.core.lists.filters import names_of
from erpcrm.core.lists.periods import PERIODS

from . import rules
from .services import OPERATORS, WITHOUT_VALUE, RuleField, rule_fields

GROUP_LABELS = (("all", _l("all of these")), ("any", _l("at least one of these")), ("none", _l("none of these")))
NUMBERS = ("number", "money", "percent")
FIRST = "customer.industry"


def fresh(fields: Mapping[str, RuleField]) -> rules.Condition:
    """The condition that a button adds."""
    return rules.Condition(FIRST if FIRST in fields else next(iter(fields)))


def typed(node: rules.Node, fields: Mapping[str, RuleField]) -> rules.Node:
    """A rule as somebody has typed it: an operator that fits, and numbers in plain notation, whatever the reader's separators."""
    if isinstance(node, rules.Group):
        return replace(node, items=tuple(typed(item, fields) for item in node.items))
    known = fields.get(node.field)
    if known is None:
        return node
    operator = node.operator if node.operator in known.operators else known.operators[0]
    values = node.values
    if input_of(known, operator) in ("number", "two"):
        values = tuple(_plain_number(value) for value in values)
    return replace(node, operator=operator, values=() if operator in WITHOUT_VALUE else values)


def _plain_number(text: str) -> str:
    try:
        return f"{parse_decimal(text, locale=number_locale(), strict=False).normalize():f}"
    except (NumberFormatError, ArithmeticError):
        return text


def input_of(known: RuleField, operator: str) -> str:
    """Which input takes the values: none, text, number, two, days, date, choices, period, ref, tags or yes."""
    if operator in WITHOUT_VALUE:
        return "none"
    if operator in ("within", "before"):
        return "days"
    if operator in ("from", "until"):
        return "date"
    if operator == "period":
        return "period"
    if known.kind in NUMBERS:
        return "two" if operator == "between" else "number"
    return {"choice": "choices", "ref": "ref", "bool": "yes", "tags": "tags"}.get(known.kind, "text")


@dataclass
class Shown:
    """A node of a rule for the editor: a group with its items, or a condition with its inputs."""

    path: str
    is_group: bool
    op: str = "all"
    items: list["Shown"] = field(default_factory=list)
    name: str = ""
    field: RuleField | None = None
    label: str = ""
    operator: str = ""
    operators: Sequence[tuple[str, Any]] = ()
    input: str = "none"
    values: Sequence[str] = ()
    days: str = ""
    choices: Sequence[tuple[str, Any, bool]] = ()
    picker: Any = None


def shown(node: rules.Node, fields: Mapping[str, RuleField], actor: Actor | None, path: rules.Path = ()) -> Shown:
    """What the editor draws of a rule."""
    place = rules.name_of(path)
    if isinstance(node, rules.Group):
        items = [shown(item, fields, actor, (*path, at)) for at, item in enumerate(node.items)]
        return Shown(place, True, node.op, items)
    known = fields.get(node.field)
    made = Shown(place, False, name=node.field, field=known, label=node.label, values=node.values, days=node.days)
    if known is None:
        return made
    made.operator = node.operator if node.operator in known.operators else known.operators[0]
    made.operators = [(name, OPERATORS[name]) for name in known.operators]
    made.input = input_of(known, made.operator)
    if made.input in NUMBERS or made.input == "two":
        made.values = [_as_typed(value) for value in node.values]
    made.choices = _choices(known, made.input, node.values, actor)
    if made.input == "ref":
        made.picker = _picker(known, place)
    return made


def _as_typed(text: str) -> str:
    try:
        return show_number(parse_decimal(text, locale="en", strict=False))
    except (NumberFormatError, ArithmeticError):
        return text


def _choices(known: RuleField, kind: str, values: Sequence[str], actor: Actor | None) -> list[tuple[str, Any, bool]]:
    if kind == "yes":
        return [("1", _("Yes"), "1" in values), ("0", _("No"), "0" in values)]
    if kind == "period":
        return [(name, label, name in values) for name, label in PERIODS.items()]
    if kind == "ref" and known.ref is not None:
        names = names_of(known.ref, values, actor)
        return [(value, names.get(value, f"#{value}"), True) for value in values]
    if kind != "choices" or known.choices is None:
        return []
    offered: list[tuple[str, Any, bool]] = [(one.value, one.label, one.value in values) for one in known.choices()]
    gone = [value for value in values if value not in {one for one, _label, _ticked in offered}]
    return offered + [(value, value, True) for value in gone]


def _picker(known: RuleField, place: str) -> Any:
    return SimpleNamespace(
        id=f"v_{place}", name=f"v.{place}", label=SimpleNamespace(text=known.label), data=None, text="", errors=(),
        flags=SimpleNamespace(required=False), pick_url=url_for("core.pick", kind=known.ref),
    )  # fmt: skip


def grouped(fields: Mapping[str, RuleField]) -> list[tuple[str, list[RuleField]]]:
    """Fields under the headings of the select."""
    found: dict[str, list[RuleField]] = {}
    for one in fields.values():
        found.setdefault(str(one.group), []).append(one)
    return list(found.items())


@dataclass(frozen=True)
class Words:
    """A rule in words: a group, or a condition's text and whether it can be asked."""

    text: Any
    good: bool = True
    items: Sequence["Words"] = ()
    is_group: bool = False


def words(node: rules.Node, actor: Actor | None, fields: Mapping[str, RuleField] | None = None) -> Words:
    """What a rule says, for whoever reads it."""
    known = fields if fields is not None else rule_fields()
    if isinstance(node, rules.Group):
        label = dict(GROUP_LABELS)[node.op]
        return Words(label, items=[words(item, actor, known) for item in node.items], is_group=True)
    found = known.get(node.field)
    if found is None:
        return Words(_("“%(field)s” is not there any more", field=node.label or node.field), good=False)
    parts = [str(found.label), str(OPERATORS.get(node.operator, "?"))]
    kind = input_of(found, node.operator)
    if kind == "days" and node.values:
        parts[1:] = [_said_of_days(node.operator, node.values[0])]
    elif kind in ("number", "two"):
        parts.append(f" {_('and')} ".join(_as_typed(value) for value in node.values))
    elif kind == "date":
        parts += [_day(value) for value in node.values[:1]]
    elif kind in ("choices", "ref", "yes", "period"):
        chosen = [str(label) for _value, label, ticked in _choices(found, kind, node.values, actor) if ticked]
        parts.append(f" {_('or')} ".join(chosen))
    elif kind != "none":
        parts.append("“" + f"” {_('or')} “".join(node.values) + "”")
    if node.days:
        parts.append(_("in the last %(days)s days", days=node.days))
    return Words(" ".join(part for part in parts if part))


def _said_of_days(operator: str, days: str) -> str:
    if operator == "within":
        return str(_("was in the last %(days)s days", days=days))
    return str(_("was more than %(days)s days ago, or never", days=days))


def _day(text: str) -> str:
    try:
        return show_date(date.fromisoformat(text))
    except ValueError:
        return text
