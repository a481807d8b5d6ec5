"""What a rule says: conditions on customers, nested in groups of which all, any or none must hold. Plain values, no database."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Union

GROUPS = ("all", "any", "none")
MOST_CONDITIONS = 40
DEEPEST = 5
LONGEST_VALUE = 200
Path = tuple[int, ...]
Node = Union["Condition", "Group"]


class NotARule(ValueError):
    """What is stored or sent has not the form of a rule."""


@dataclass(frozen=True)
class Condition:
    """One question: a field, how it is compared, with what. `days` bounds what happened to so many days until today."""

    field: str
    operator: str = ""
    values: tuple[str, ...] = ()
    days: str = ""
    label: str = ""
    """What the field was called when the rule was kept: to name it when it is not there any more"""


@dataclass(frozen=True)
class Group:
    """all, any or none of the items hold."""

    op: str = "all"
    items: tuple[Node, ...] = ()


def read(tree: Any, depth: int = 1) -> Group:
    """A rule from its stored form. NotARule for anything else."""
    if not isinstance(tree, Mapping) or tree.get("op") not in GROUPS or not isinstance(tree.get("items"), Sequence):
        raise NotARule("a group needs its kind and its items")
    if depth > DEEPEST:
        raise NotARule("too deep")
    return Group(tree["op"], tuple(_node(item, depth) for item in tree["items"]))


def _node(item: Any, depth: int) -> Node:
    if isinstance(item, Mapping) and "op" in item:
        return read(item, depth + 1)
    if not isinstance(item, Mapping) or not isinstance(item.get("field"), str):
        raise NotARule("a condition needs its field")
    values = item.get("values") or ()
    if isinstance(values, str) or not all(isinstance(value, str) for value in values):
        raise NotARule("values are a list of texts")
    return Condition(
        item["field"],
        str(item.get("operator") or ""),
        tuple(values),
        str(item.get("days") or ""),
        str(item.get("label") or ""),
    )


def plain(node: Node) -> dict[str, Any]:
    """The form in which a rule is stored; `read` takes it back."""
    if isinstance(node, Group):
        return {"op": node.op, "items": [plain(item) for item in node.items]}
    kept: dict[str, Any] = {"field": node.field, "operator": node.operator, "values": list(node.values)}
    return kept | {name: value for name, value in (("days", node.days), ("label", node.label)) if value}


def conditions(node: Node) -> Iterator[Condition]:
    """All conditions of a rule, in order."""
    if isinstance(node, Condition):
        yield node
    else:
        for item in node.items:
            yield from conditions(item)


def faults(group: Group, depth: int = 1) -> set[str]:
    """empty, many, deep: what of the form stands against using the rule. A group without conditions would hold for everybody."""
    found = set()
    if not group.items:
        found.add("empty")
    if depth > DEEPEST:
        found.add("deep")
    if depth == 1 and sum(1 for _one in conditions(group)) > MOST_CONDITIONS:
        found.add("many")
    for item in group.items:
        if isinstance(item, Group):
            found |= faults(item, depth + 1)
    return found


def holds(node: Node, is_true: Callable[[Condition], bool]) -> bool:
    """Whether a rule holds, asked condition by condition."""
    if isinstance(node, Condition):
        return is_true(node)
    found = (holds(item, is_true) for item in node.items)
    if node.op == "all":
        return all(found)
    return any(found) if node.op == "any" else not any(found)


# As a form sends it: the group at a place has g.<path>, a condition f.<path> (field), o. (operator), v. (values), d. (days), and
# k. the field that its values were meant for.


def from_form(pairs: Iterable[tuple[str, str]]) -> Group:
    """The rule that the fields of a form describe. Names that are none of a rule are passed over."""
    found: dict[Path, dict[str, list[str]]] = {}
    for name, value in pairs:
        letter, _dot, place = name.partition(".")
        if letter not in ("g", "f", "o", "v", "d", "k") or len(letter) + len(_dot) != 2:
            continue
        path = _path(place)
        if path is not None:
            found.setdefault(path, {}).setdefault(letter, []).append(value.strip()[:LONGEST_VALUE])
    return _group_at((), found)


def _path(place: str) -> Path | None:
    if place == "":
        return ()
    parts = place.split(".")
    if len(parts) >= DEEPEST + 1 or not all(part.isdecimal() and len(part) < 4 for part in parts):
        return None
    return tuple(int(part) for part in parts)


def _group_at(path: Path, found: dict[Path, dict[str, list[str]]]) -> Group:
    op = found.get(path, {}).get("g", ["all"])[0]
    below = sorted({one[: len(path) + 1] for one in found if len(one) > len(path) and one[: len(path)] == path})
    return Group(op if op in GROUPS else "all", tuple(_node_at(one, found) for one in below))


def _node_at(path: Path, found: dict[Path, dict[str, list[str]]]) -> Node:
    sent = found.get(path, {})
    if "f" not in sent:
        return _group_at(path, found)
    field = sent["f"][0]
    if sent.get("k", [field])[0] != field:
        return Condition(field)  # another field was chosen: what was typed belongs to the one before
    values = tuple(dict.fromkeys(value for value in sent.get("v", ()) if value))
    return Condition(field, sent.get("o", [""])[0], values, sent.get("d", [""])[0])


def name_of(path: Path) -> str:
    """The place of a node, as names of a form end with it."""
    return ".".join(str(one) for one in path)


def edited(group: Group, what: str, fresh: Condition) -> Group:
    """The rule after a button: "add:0.1" a condition into that group, "group:0.1" a group into it, "remove:0.1" that node."""
    verb, _colon, place = what.partition(":")
    path = _path(place)
    if path is None or verb not in ("add", "group", "remove"):
        return group
    if verb == "remove":
        return _without(group, path)
    new: Node = fresh if verb == "add" else Group("any", (fresh,))
    return _with(group, path, new)


def _with(group: Group, path: Path, new: Node) -> Group:
    if not path:
        return replace(group, items=(*group.items, new))
    if path[0] >= len(group.items) or not isinstance(inner := group.items[path[0]], Group):
        return group
    return _put(group, path[0], _with(inner, path[1:], new))


def _without(group: Group, path: Path) -> Group:
    if not path or path[0] >= len(group.items):
        return group
    inner = group.items[path[0]]
    if len(path) == 1:
        return replace(group, items=group.items[: path[0]] + group.items[path[0] + 1 :])
    return _put(group, path[0], _without(inner, path[1:])) if isinstance(inner, Group) else group


def _put(group: Group, place: int, node: Node) -> Group:
    return replace(group, items=(*group.items[:place], node, *group.items[place + 1 :]))
