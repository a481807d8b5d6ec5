"""How good a lead looks: points by rules, with the terms that add up. Pure arithmetic."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from erpcrm.customers.identity import FREE_MAIL

NO_VALUE = ("filled", "empty", "own_domain")
"""Tests that compare with nothing."""
SEPARATORS = re.compile("[,，、]")


@dataclass(frozen=True)
class Rule:
    """`points` for a lead whose `fact` passes `test` against `value`."""

    id: int
    name: str
    fact: str
    test: str
    value: str | None
    points: int


@dataclass(frozen=True)
class Term:
    """One rule that fitted: a line of the score's explanation."""

    rule_id: int
    name: str
    points: int


def score(facts: Mapping[str, Any], rules: Sequence[Rule], moment: datetime) -> tuple[int, list[Term]]:
    """Points of all rules that fit, held within 0 and 100; and the terms, of which the sum may lie outside."""
    terms = [Term(rule.id, rule.name, rule.points) for rule in rules if fits(rule, facts.get(rule.fact), moment)]
    return held(sum(term.points for term in terms)), terms


def held(points: int) -> int:
    """Within 0 and 100."""
    return min(100, max(0, points))


def words(value: str | None) -> list[str]:
    """What a rule compares with, in lower case: one a line, or separated by commas of either language."""
    text = (value or "").lower()
    parts = text.split("\n") if "\n" in text else SEPARATORS.split(text)
    return [part.strip() for part in parts if part.strip()]


def fits(rule: Rule, fact: Any, moment: datetime) -> bool:
    """Whether `fact` passes the rule. A test that this fact can't be asked, or that nobody knows, fits nothing."""
    if rule.test == "filled":
        return not is_blank(fact)
    if rule.test == "empty":
        return is_blank(fact)
    if is_blank(fact):
        return False
    match rule.test, fact:
        case "is", _:
            return any(text in words(rule.value) for text in _texts(fact))
        case "contains", _:
            return any(word in text for text in _texts(fact) for word in words(rule.value))
        case "at_least", int():
            return (least := whole(rule.value)) is not None and fact >= least
        case "within_days", datetime():
            return (days := whole(rule.value)) is not None and moment - fact <= timedelta(days=days)
        case "own_domain", str():
            domain = fact.rpartition("@")[2].strip().lower()
            return bool(domain) and domain not in FREE_MAIL
    return False


def is_blank(fact: Any) -> bool:
    return fact in (None, "", [], 0)


def whole(value: str | None) -> int | None:
    """The whole number that a rule names; None when it names none, or one too large for a calendar."""
    text = (value or "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _texts(fact: Any) -> list[str]:
    return [str(one).strip().lower() for one in (fact if isinstance(fact, list) else [fact])]
