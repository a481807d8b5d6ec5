"""How Chinese names are read: for search by pinyin and its initials, and for sorting."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin
from pypinyin import pinyin as all_readings

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KEPT = 5_000
"""Names whose reading is kept: those of a few batches of an import, not those of all customers."""
_RUN = re.compile(f"[{HAN}]+")
_LETTERS = re.compile(r"[a-z]+")
_TONES = {ord(mark): None for mark in "\u0304\u0301\u030c\u0300"}

SURNAMES = {
    "单": "shan", "單": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "查": "zha", "区": "ou", "區": "ou",
    "任": "ren", "华": "hua", "朴": "piao", "翟": "zhai", "盖": "ge", "缪": "miao", "乐": "yue", "覃": "qin",
    "员": "yun", "折": "she", "尉": "yu", "长": "zhang", "种": "chong", "秘": "bi", "冼": "xian", "逄": "pang",
    "黑": "he", "句": "gou", "繁": "po", "能": "nai", "晟": "cheng", "祭": "zhai", "洗": "xian", "隗": "wei",
}  # fmt: skip
"""Readings that these characters have as the surname of a person, where the everyday one differs."""


def plain_letters(text: str) -> str:
    """Lower-case letters without accents and tone marks."""
    lower = text.lower()
    if lower.isascii():
        return lower
    return "".join(char for char in unicodedata.normalize("NFD", lower) if not unicodedata.combining(char))


def plain_pinyin(text: str) -> str:
    """The same for pinyin, where ü is a letter of its own and is written v, as it is typed."""
    toneless = unicodedata.normalize("NFD", text.lower()).translate(_TONES)
    return plain_letters(unicodedata.normalize("NFC", toneless).replace("ü", "v").replace("u:", "v"))


@lru_cache(KEPT)
def syllables(name: str, reading: str | None = None) -> tuple[str, ...]:
    """The reading of each Chinese character of `name`, without tones: ("hua", "wei") for 华为.

    An editable `reading` wins: with or without tone marks and blanks ("Shàn Xiǎomíng"), and also when it covers only
    the first characters ("shàn"). Characters beyond it, or all when it fits none of them, are read by the library.
    """
    runs = _RUN.findall(unicodedata.normalize("NFKC", name))
    characters = "".join(runs)
    found = [syllable for run in runs for syllable in lazy_pinyin(run, errors=_unread)]  # type: ignore[arg-type]
    given = _LETTERS.findall(plain_pinyin(reading or ""))
    if not given or not characters:
        return tuple(found)
    if len(given) == len(characters):
        return tuple(given)
    fitted = _fit("".join(given), characters)
    if fitted is None:
        return tuple(given)
    return (*fitted, *found[len(fitted) :])


def _unread(characters: str) -> list[str]:
    """Rare characters that the library can't read stay in step with the others."""
    return [""] * len(characters)


def _fit(letters: str, characters: str) -> list[str] | None:
    """Cut `letters` into one syllable a character, from the first on; None when that is not possible."""
    if not letters:
        return []
    if not characters:
        return None
    known = {plain_pinyin(one) for one in all_readings(characters[0], style=Style.NORMAL, heteronym=True)[0]}
    known |= {SURNAMES.get(characters[0], "")}
    for syllable in sorted(known - {""}, key=len, reverse=True):
        if letters.startswith(syllable):
            rest = _fit(letters[len(syllable) :], characters[1:])
            if rest is not None:
                return [syllable, *rest]
    return None


@lru_cache(KEPT)
def readings(name: str, reading: str | None = None) -> Sequence[tuple[str, ...]]:
    """All ways in which people may type `name`: the given reading, or the library's and, for the short name of a person
    whose surname is read in a way of its own, that one too; each also with u where ü is meant."""
    ways = [syllables(name, reading)]
    surname = SURNAMES.get(unicodedata.normalize("NFKC", name)[:1])
    if not reading and surname and 2 <= len(ways[0]) <= 4:
        ways.append((surname, *ways[0][1:]))
    ways += [tuple(syllable.replace("v", "u") for syllable in way) for way in ways]
    return tuple(dict.fromkeys(ways))


@lru_cache(KEPT)
def pinyin_key(name: str, reading: str | None = None) -> str:
    """What to sort a name by: pinyin for Chinese, plain lower-case letters for the rest. At most 80 characters.

    The name itself follows its pinyin, so that homophones stand together and always in the same order.
    """
    text = unicodedata.normalize("NFKC", name).strip()
    left = list(syllables(text, reading))
    parts, place = [], 0
    for run in _RUN.finditer(text):
        parts.append(plain_letters(text[place : run.start()]))
        count = len(run[0])
        parts.append(" " + " ".join(left[:count]) + " ")
        left, place = left[count:], run.end()
    parts.append(plain_letters(text[place:]))
    key = " ".join("".join(parts).split())
    return f"{key} {text.lower()}"[:80] if _RUN.search(text) else key[:80]
