"""Which column fills which field: suggested from headers in both languages, and from what the cells look like."""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from erpcrm.core.records import ImportField

from .parsing import folded

SURE = 88
_SEPARATORS = re.compile(r"[\s_\-./:：()（）*#]+")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def signature(headers: Sequence[str]) -> str:
    """The same for every file with the same header row."""
    return sha256("\x1f".join(folded(header) for header in headers).encode()).hexdigest()[:32]


def key(header: str) -> str:
    """A header without what people vary: case, width, underscores, blanks, brackets."""
    return _SEPARATORS.sub(" ", folded(header)).strip()


def names_of(field: ImportField, labels: Sequence[str]) -> set[str]:
    """All words by which this field may be called."""
    return {key(name) for name in (field.name, field.name.removesuffix("_id"), *labels, *field.aliases) if name}


def likeness(header: str, names: set[str]) -> float:
    """0 to 100: how much a header looks like one of these names."""
    here = key(header)
    if not here:
        return 0
    if here in names or here.replace(" ", "") in {name.replace(" ", "") for name in names}:
        return 100
    best = 0.0
    for name in names:
        if name.isascii():
            # Letters in another order are another word, so both measures must agree.
            alike = min(fuzz.ratio(here, name), JaroWinkler.similarity(here, name) * 100)
            words = 90.0 if len(name) > 3 and set(name.split()) <= set(here.split()) else 0.0
            best = max(best, alike, words - 2 * abs(len(here.split()) - len(name.split())))
        elif len(name) > 1 and (name in here or here in name):
            best = max(best, 100 * min(len(name), len(here)) / max(len(name), len(here)) * 0.5 + 45)
    return best


def suggest(
    headers: Sequence[str], samples: Sequence[Sequence[str]], fields: Mapping[str, tuple[ImportField, Sequence[str]]]
) -> list[str | None]:
    """A field, or None, for each column; each field at most once, the likeliest pairs first.

    `fields` holds each field with its label in every language; `samples` the first cells of each column.
    """
    scores = []
    for index, header in enumerate(headers):
        for name, (field, labels) in fields.items():
            score = likeness(header, names_of(field, labels))
            if score < SURE and field.kind == "email" and _mostly(samples[index], _EMAIL):
                score = SURE
            if score >= SURE:
                scores.append((score, field.required, -index, name))
    found: list[str | None] = [None] * len(headers)
    for _score, _required, minus_index, name in sorted(scores, key=lambda s: (s[0], s[1], s[2]), reverse=True):
        if found[-minus_index] is None and name not in found:
            found[-minus_index] = name
    return found


def _mostly(cells: Sequence[str], pattern: re.Pattern[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(1 for cell in filled if pattern.fullmatch(cell)) * 10 >= len(filled) * 8
