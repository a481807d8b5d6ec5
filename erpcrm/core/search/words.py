"""What is written into the search index for a record, and what a typed text asks of it. Pure functions of text.

An indexed word is either a run of ASCII letters and digits, found by its beginning, or one single character of any
other script, found as part of a phrase. So two Chinese characters find what stands anywhere in a name, and no word ever
holds anything that means something to the database.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import phonenumbers

from ..pinyin import plain_letters, readings

LONGEST = 24
"""Longer words are cut, in the index and in the question alike."""
MOST = 400
"""Words of one record: a bound for a name that somebody pasted a page into."""
MOST_ASKED = 12
PHONE = 20
SHORTEST_DIGITS = 4

_PARTS = re.compile(r"[a-z0-9]+|[^\x00-\x7f]")
_ASKED = re.compile(r"[a-z0-9]+|[^\x00-\x7f]+")
_COUNTRY = re.compile(r"(?:\b0086|\+(?:86|\d{1,3}(?=[\s().-])))[\s().-]*(?=\d)")
"""An international prefix: numbers are kept with it or without it, so it is not asked for."""
GAP = "\u00a6"
"""A word between two texts that nobody can ask for, so that no phrase reaches from one into the other."""
LEGAL_FORMS = ("股份有限公司", "有限责任公司", "有限公司", "集团公司")


def normal(text: str) -> str:
    """One form for what looks alike: full-width and half-width, capital and small, with accents and without."""
    folded = plain_letters(unicodedata.normalize("NFKC", text))
    if folded.isascii():
        return folded
    return "".join(char if char.isascii() or char.isalnum() else " " for char in folded)


def words_of(text: str) -> Iterator[str]:
    """The words of a text; what is glued by punctuation (C-0012, AT&T) is found with and without it."""
    for chunk in normal(text).split():
        parts = _PARTS.findall(chunk)
        yield from (part[:LONGEST] for part in parts)
        ascii_parts = [part for part in parts if part.isascii()]
        if len(ascii_parts) > 1 and len(ascii_parts) == len(parts):
            yield "".join(parts)[:LONGEST]


def pinyin_words(name: str, reading: str | None = None) -> Iterator[str]:
    """Full pinyin and initials from every character of the name on, so that a prefix of any of them finds it.

    Those that would begin inside the legal form (有限公司) are left out: they would find every company.
    """
    core = name
    for form in LEGAL_FORMS:
        core = core.removesuffix(form)
    starts = len(readings(core)[0]) or None
    for way in readings(name, reading):
        for start in range(len(way[:starts])):
            yield "".join(way[start:])[:LONGEST]
            yield "".join(syllable[:1] for syllable in way[start:])[:LONGEST]


def phone_words(number: str) -> Iterator[str]:
    """Every ending of the number's digits: a prefix of one of them is any run of its digits."""
    plain = unicodedata.normalize("NFKC", number)
    digits = _digits(plain)
    for start in range(max(1, len(digits) - SHORTEST_DIGITS + 1)):
        if digits[start:]:
            yield digits[start:]
    if plain.startswith("+") and (home := _at_home(plain)) and not digits.endswith(home):
        yield home


def _digits(text: str) -> str:
    return "".join(char for char in text if char in "0123456789")[:PHONE]


def _at_home(number: str) -> str:
    """The digits as people of that country dial them: +86 755 8653 0012 is 0755 8653 0012 there."""
    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    read.extension = None
    return _digits(phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.NATIONAL))


def search_words(
    names: Iterable[tuple[str | None, str | None]] = (),
    words: Iterable[str | None] = (),
    phones: Iterable[str | None] = (),
) -> str:
    """All words of a record, separated by blanks.

    The order is kept, because phrases of single characters need it; only pinyin and digits, which form no phrases, lose
    their repeats.
    """
    texts: list[str] = []
    single: dict[str, None] = {}
    for name, reading in names:
        if name:
            texts += [*words_of(name), GAP]
            single.update(dict.fromkeys(pinyin_words(name, reading)))
        if reading:
            single.update(dict.fromkeys(words_of(reading)))
    for text in words:
        if text:
            texts += [*words_of(text), GAP]
    for number in phones:
        if number:
            single.update(dict.fromkeys(phone_words(number)))
    known = set(texts)
    return " ".join([*texts[:MOST], *(word for word in list(single)[:MOST] if word and word not in known)])


@dataclass(frozen=True)
class Asked:
    """What a typed text asks for: all of `phrases` (runs of single characters) and of `beginnings`."""

    phrases: Sequence[str]
    beginnings: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.phrases or self.beginnings)


def asked(text: str) -> Asked:
    """Take a typed text apart. Empty when it holds no letter and no digit."""
    phrases: dict[str, None] = {}
    beginnings: dict[str, None] = {}
    for part in _ASKED.findall(normal(_COUNTRY.sub("", unicodedata.normalize("NFKC", text[:200])))):
        if part.isascii():
            beginnings[part[:LONGEST]] = None
        else:
            phrases[part[:LONGEST]] = None
    return Asked(tuple(phrases)[:MOST_ASKED], tuple(beginnings)[:MOST_ASKED])
