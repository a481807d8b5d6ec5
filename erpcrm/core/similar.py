"""How alike two names are: for finding duplicates. Pure functions of text."""

import re
from functools import lru_cache

from rapidfuzz import fuzz

from .search.words import normal

CHINESE_FORMS = (
    "股份有限公司",
    "有限责任公司",
    "集团有限公司",
    "有限公司",
    "股份公司",
    "集团公司",
    "总公司",
    "集团",
    "公司",
)
LATIN_FORMS = frozenset(
    {
        *("co", "company", "corp", "corporation", "inc", "incorporated", "ltd", "limited", "llc", "llp", "plc", "lp"),
        *("pte", "pty", "pvt", "gmbh", "mbh", "ag", "kg", "kgaa", "ohg", "se", "sa", "sas", "sarl", "srl", "spa"),
        *("bv", "nv", "oy", "oyj", "ab", "as", "aps", "kft", "zrt", "doo", "sro", "the", "and", "und", "et", "y"),
    }
)
_DOTTED = re.compile(r"\b(?:[a-z]\.\s?){2,}")
_LATIN_OR_NOT = re.compile(r"[a-z0-9]+|[^\W\d_a-z]+", re.IGNORECASE)


@lru_cache(maxsize=50_000)
def normalise(name: str) -> str:
    """What is left of a name without its legal form, blanks, punctuation, width and case.

    Forms are taken off at the end only (and "the" at the start): AG Insurance keeps its AG. A name that is nothing but
    a form stays as it is.
    """
    spelled = _DOTTED.sub(lambda match: match[0].replace(".", "").replace(" ", "") + " ", name.lower())
    words = _LATIN_OR_NOT.findall(normal(spelled))
    kept = list(words)
    if len(kept) > 1 and kept[0] == "the":
        kept.pop(0)
    while len(kept) > 1 and kept[-1] in LATIN_FORMS:
        kept.pop()
    whole = "".join(kept)
    bare = whole
    while (form := next((form for form in CHINESE_FORMS if bare.endswith(form)), None)) is not None:
        bare = bare.removesuffix(form)
    return bare or whole


def similarity(one: str, other: str) -> int:
    """0 to 100, of two normalised names; 100 means the same. By edits, as rapidfuzz's ratio counts them."""
    if not one or not other:
        return 0
    return int(fuzz.ratio(one, other))
