"""How good a lead looks: points by rules, with the terms that add up. Pure arithmetic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from erpcrm.customers.identity import FREE_MAIL


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
    return min(100, max(0, sum(term.points for term in terms))), terms


def fits(rule: Rule, fact: Any, moment: datetime) -> bool:
    """Whether `fact` passes the rule. An unknown test fits nothing."""
    wanted = (rule.value or "").strip().lower()
    match rule.test:
        case "filled":
            return fact not in (None, "", [], 0)
        case "empty":
            return fact in (None, "", [], 0)
        case "is":
            return str(fact or "").strip().lower() in {word.strip() for word in wanted.split(",")} and fact is not None
        case "contains":
            return any(word.strip() in str(fact or "").lower() for word in wanted.split(",") if word.strip())
        case "at_least":
            return wanted.isdigit() and fact is not None and int(fact) >= int(wanted)
        case "within_days":
            return wanted.isdigit() and fact is not None and moment - fact <= timedelta(days=int(wanted))
        case "own_domain":
            domain = str(fact or "").rpartition("@")[2].lower()
            return bool(domain) and domain not in FREE_MAIL
    return False
