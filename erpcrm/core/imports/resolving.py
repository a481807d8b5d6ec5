"""Words of a file that stand for something known: references and choices. Found in bulk; what is unknown is for the user to decide."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import func, or_, select

from erpcrm.core.access import require
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.i18n import _
from erpcrm.core.records import ImportField, RecordType
from erpcrm.core.registry import record_type

from .parsing import BadValue, LeftOut, folded
from .plan import REST, Plan, in_every_language

CHUNK = 500
MOST_TITLES = 20_000
MOST_SHOWN = 100
LIKELY = 80
"""From this likeness on a suggestion is chosen beforehand."""


@dataclass(frozen=True)
class Later:
    """A reference to a row of the same file, to be set when all rows are in."""

    text: str


@dataclass(frozen=True)
class Missing:
    """A word for which the user has ordered a new record or choice."""

    field: ImportField
    text: str


@dataclass
class Candidate:
    """What an unknown word may mean: id of a record or value of a choice."""

    value: int | str
    title: str
    score: int


@dataclass
class Unknown:
    """A word that was not found, or found more than once."""

    text: str
    count: int
    first_row: int
    candidates: list[Candidate] = field(default_factory=list)
    several: bool = False


@dataclass
class Group:
    """The unknown words of one field, most frequent first; `hidden` of them are not listed."""

    field: ImportField
    unknown: list[Unknown]
    hidden: int
    choices: list[tuple[str, str]]
    may_create: bool

    @property
    def count(self) -> int:
        return sum(word.count for word in self.unknown)


def find_records(kind: RecordType, texts: Sequence[str], by: Actor | None) -> dict[str, list[int]]:
    """{text: ids of the records that are called so by code or name}, inside the user's scope."""
    found: dict[str, list[int]] = {}
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        if kind.importer is not None:
            found |= {text: list(ids) for text, ids in kind.importer.lookup(part).items()}
        else:
            found |= _by_title(kind, part)
    return _in_scope(kind, found, by)


def _by_title(kind: RecordType, texts: Sequence[str]) -> dict[str, list[int]]:
    wanted = {text.lower(): text for text in texts}
    names = [kind.title] if kind.code is None else [kind.title, kind.code]
    query = select(kind.model.id, *names).where(or_(*(func.lower(name).in_(wanted) for name in names)))
    found: dict[str, list[int]] = {}
    for record_id, *titles in session.execute(query):
        for title in titles:
            if (text := wanted.get(str(title or "").lower())) is not None:
                found.setdefault(text, []).append(record_id)
    return found


def _in_scope(kind: RecordType, found: Mapping[str, Sequence[int]], by: Actor | None) -> dict[str, list[int]]:
    ids = {record_id for some in found.values() for record_id in some}
    mine = visible(kind, ids, by)
    return {text: kept for text, some in found.items() if (kept := [i for i in dict.fromkeys(some) if i in mine])}


def visible(kind: RecordType, ids: Iterable[int], by: Actor | None) -> set[int]:
    """Those of these records that the user may see."""
    listed, mine = sorted(ids), set()
    for start in range(0, len(listed), CHUNK):
        query = select(kind.model.id).where(kind.model.id.in_(listed[start : start + CHUNK]))
        mine |= set(session.scalars(query if by is None else query.where(kind.scope(by, by.scope(kind.name)))))
    return mine


class Resolver:
    """Finds what words stand for, with the user's answers, for the rows of one batch or of a whole file."""

    def __init__(self, plan: Plan, by: Actor | None, made: dict[str, dict[str, Any]] | None = None) -> None:
        self.plan, self.by = plan, by
        self.made = made if made is not None else {}
        """{field: {text: id or value}} of what was made on the way"""
        self._choices: dict[str, dict[str, str]] = {}
        self._found: dict[str, dict[str, list[int]]] = {}
        self._meant: dict[str, set[int]] = {}
        self._names: set[str] | None = None

    def load(self, texts: Mapping[str, Iterable[str]]) -> None:
        """Look up all words of these reference fields at once."""
        for name, words in texts.items():
            kind = record_type(self.plan.fields[name].ref or "")
            self._found[name] = find_records(kind, sorted(set(words)), self.by)
            meant = [answer["to"] for answer in self.plan.answers.get(name, {}).values() if answer["do"] == "use"]
            self._meant[name] = visible(kind, meant, self.by)

    def found(self, name: str, text: str) -> Sequence[int]:
        """Ids of all records that are called so."""
        return self._found.get(name, {}).get(text, ())

    def reference(self, one: ImportField, text: str) -> int | Later | Missing | None:
        """The id that `text` stands for. Raises BadValue for a word that is unknown or stands for several."""
        if (known := self.made.get(one.name, {}).get(text)) is not None:
            return int(known)
        ids = self.found(one.name, text)
        if len(ids) == 1:
            return ids[0]
        answer = self._answer(one, text)
        if answer is None and not ids and one.ref == self.plan.kind.name and folded(text) in self.names_in_file():
            return Later(text)
        if answer is None:
            raise BadValue(
                _("More than one %(kind)s is called “%(text)s”.", kind=_label(one), text=text)
                if ids
                else _("There is no %(kind)s “%(text)s”.", kind=_label(one), text=text)
            )
        return self._answered(one, text, answer)

    def choice(self, one: ImportField, text: str) -> str | Missing | None:
        """The stored value that `text` stands for. Raises BadValue."""
        if (known := self.made.get(one.name, {}).get(text)) is not None:
            return str(known)
        if (value := self.choices(one).get(folded(text))) is not None:
            return value
        if (answer := self._answer(one, text)) is None:
            raise BadValue(_("“%(text)s” is not among the choices of %(field)s.", text=text, field=one.label))
        return self._answered(one, text, answer)

    def choices(self, one: ImportField) -> dict[str, str]:
        """{word: value}: every choice by value and by label in every language."""
        if one.name not in self._choices:
            words: dict[str, str] = {}
            for choice in one.all_choices():
                for word in (*in_every_language(choice.label), choice.value):
                    words.setdefault(folded(str(word)), choice.value)
            self._choices[one.name] = words
        return self._choices[one.name]

    def _answer(self, one: ImportField, text: str) -> dict[str, Any] | None:
        given = self.plan.answers.get(one.name, {})
        return given.get(text) or given.get(REST)

    def _answered(self, one: ImportField, text: str, answer: Mapping[str, Any]) -> Any:
        match answer["do"]:
            case "use" if self._is_there(one, answer["to"]):
                return answer["to"]
            case "create" if one.create_missing is not None:
                return Missing(one, text)
            case "empty":
                return None
            case "reject":
                raise LeftOut(_("“%(text)s” was left out by your choice.", text=text))
        raise BadValue(_("What “%(text)s” was said to mean is not there any more.", text=text))

    def _is_there(self, one: ImportField, value: Any) -> bool:
        """Answers are kept for the next file: what was meant may be gone, or be another user's."""
        return value in (self._meant.get(one.name, ()) if one.kind == "ref" else self.choices(one).values())

    def make(self, missing: Missing) -> Any:
        """Make what the user has ordered, once."""
        one, text = missing.field, missing.text
        known = self.made.setdefault(one.name, {})
        if text not in known:
            if one.create_missing is None:
                raise BadValue(_("There is no %(kind)s “%(text)s”.", kind=_label(one), text=text))
            if one.ref is not None:
                _require_create(record_type(one.ref), self.by)
            known[text] = one.create_missing(text, self.by)
        return known[text]

    def state(self) -> dict[str, dict[str, Any]]:
        return {name: dict(words) for name, words in self.made.items()}

    def reset(self, state: dict[str, dict[str, Any]]) -> None:
        """Forget what was made since `state`: it was rolled back."""
        self.made.clear()
        self.made.update({name: dict(words) for name, words in state.items()})
        self._choices.clear()

    def names_in_file(self) -> set[str]:
        """By what the records of this file will be called."""
        if self._names is None:
            naming = self.plan.naming
            self._names = {folded(source.of(cells)) for _number, cells in self.plan.rows() for source in naming} - {""}
        return self._names


def _require_create(kind: RecordType, by: Actor | None) -> None:
    if by is not None and kind.create is not None:
        require(kind.create, by)


def _label(one: ImportField) -> Any:
    return record_type(one.ref).label if one.ref else one.label


def may_make(one: ImportField, by: Actor | None) -> bool:
    """Whether this user may have missing words of this field made on the way."""
    if one.create_missing is None:
        return False
    kind = record_type(one.ref) if one.ref else None
    return kind is None or kind.create is None or by is None or by.may(kind.create)


def unknown_words(plan: Plan, by: Actor | None) -> list[Group]:
    """What the file names and nobody knows, by field, with suggestions. One pass over the file, a few queries a field."""
    watched = [source for source in plan.sources if plan.fields[source.field].kind in ("ref", "choice", "state")]
    counts: dict[str, Counter[str]] = {source.field: Counter() for source in watched}
    first: dict[tuple[str, str], int] = {}
    for number, cells in plan.rows():
        for source in watched:
            if text := source.of(cells):
                counts[source.field][text] += 1
                first.setdefault((source.field, text), number)
    bare = Plan(plan.kind, plan.path, plan.reading, plan.headers, plan.columns, plan.more)
    resolver = Resolver(bare, by)
    resolver.load({name: words for name, words in counts.items() if plan.fields[name].kind == "ref"})
    groups = []
    for name, words in counts.items():
        one = plan.fields[name]
        unknown = [
            Unknown(text, count, first[name, text], several=several)
            for text, count in words.most_common()
            if (several := _unknown(resolver, one, text)) is not None
        ]
        if unknown:
            groups.append(_group(resolver, one, unknown))
    return groups


def _unknown(resolver: Resolver, one: ImportField, text: str) -> bool | None:
    """None: known. Else whether it stands for several."""
    try:
        resolver.reference(one, text) if one.kind == "ref" else resolver.choice(one, text)
    except BadValue:
        return len(resolver.found(one.name, text)) > 1
    return None


def _group(resolver: Resolver, one: ImportField, unknown: list[Unknown]) -> Group:
    shown = unknown[:MOST_SHOWN]
    titles: dict[int | str, str]
    if one.kind == "ref":
        titles = _titles(record_type(one.ref or ""), resolver.by)
        choices: list[tuple[str, str]] = []
        names = [(value, title) for value, title in titles.items()]
    else:
        choices = [(choice.value, str(choice.label)) for choice in one.all_choices()]
        titles = {value: label for value, label in choices}
        # A file in English may be imported by somebody who reads Chinese.
        names = [
            (choice.value, word)
            for choice in one.all_choices()
            for word in (choice.value, *in_every_language(choice.label))
        ]
    likely = _Likely(names)
    for word in shown:
        if word.several:
            ids = resolver.found(one.name, word.text)
            word.candidates = [Candidate(i, f"{titles.get(i, word.text)} (#{i})", 0) for i in ids[:10]]
        else:
            word.candidates = [Candidate(value, titles[value], score) for value, score in likely.to(word.text)]
    return Group(one, shown, len(unknown) - len(shown), choices, may_make(one, resolver.by))


def _titles(kind: RecordType, by: Actor | None) -> dict[int | str, str]:
    query = select(kind.model.id, kind.title).limit(MOST_TITLES)
    if by is not None:
        query = query.where(kind.scope(by, by.scope(kind.name)))
    return {record_id: str(title) for record_id, title in session.execute(query)}


class _Likely:
    """Known names by their likeness to a word of the file: blanks, case and width do not count."""

    def __init__(self, names: Sequence[tuple[int | str, str]]) -> None:
        self._values = [value for value, _name in names]
        self._names = [folded(name).replace(" ", "") for _value, name in names]

    def to(self, text: str) -> list[tuple[int | str, int]]:
        """The three likeliest values with their likeness, best first."""
        wanted = folded(text).replace(" ", "")
        hits = process.extract(wanted, self._names, scorer=fuzz.ratio, limit=9, score_cutoff=60)
        if not hits and len(self._names) <= 2000:
            hits = process.extract(wanted, self._names, scorer=fuzz.partial_ratio, limit=9, score_cutoff=90)
            hits = [(name, 60.0, place) for name, _score, place in hits]
        best: dict[int | str, int] = {}
        for _name, score, place in hits:
            best.setdefault(self._values[place], round(score))
        return list(best.items())[:3]
