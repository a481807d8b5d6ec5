"""Whether an order may go on, from figures alone. No database.

Three answers: it passes, it passes with a warning, or it is stopped. Each rule that is broken is a finding; the company
chooses for each rule what it leads to.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)
PASS, WARN, STOP = "pass", "warn", "stop"
ACTIONS = (PASS, WARN, STOP)
RULES = ("over_limit", "overdue", "hold", "no_assessment")


@dataclass(frozen=True)
class Limit:
    """A limit that holds for a customer, its own or that of a company above: then the exposure is that of the whole group.

    `amount` is the most that may be owed, `exposure` what is owed without the order in question; `overdue` what is overdue
    beyond the days of grace, `overdue_limit` the most that may be (None: no such limit), `overdue_minimum` what is too
    little to hold anybody up. All in the company's currency.
    """

    source: str
    """"customer", "group" or "company" """
    name: str = ""
    customer_id: int | None = None
    amount: Decimal | None = None
    exposure: Decimal = ZERO
    overdue_limit: Decimal | None = None
    overdue: Decimal = ZERO
    overdue_minimum: Decimal = ZERO
    grace_days: int = 0
    temporary: bool = False

    @property
    def headroom(self) -> Decimal | None:
        """What may still be ordered under this limit; None: there is none."""
        return None if self.amount is None else self.amount - self.exposure

    @property
    def is_overdue(self) -> bool:
        """Cents hold nobody up: it counts above the minimum only."""
        return (
            self.overdue_limit is not None and self.overdue > self.overdue_minimum and self.overdue > self.overdue_limit
        )


@dataclass(frozen=True)
class Case:
    """An order for `worth`, of a customer who owes `exposure` without it, under these limits."""

    worth: Decimal
    exposure: Decimal
    limits: Sequence[Limit] = ()
    holds: Sequence[tuple[str, str]] = ()
    """(whose, why) of each hold: on the customer itself, or on a company above it"""
    assessed: bool = True


@dataclass(frozen=True)
class Finding:
    """A rule that is broken, what that leads to, and the figures to say so."""

    rule: str
    action: str
    figures: Mapping[str, str] = field(default_factory=dict)


def headroom(limits: Sequence[Limit]) -> Decimal | None:
    """The least that is left under any of the limits; None when there is no limit."""
    left = [limit.headroom for limit in limits if limit.headroom is not None]
    return min(left, default=None)


def findings(case: Case, actions: Mapping[str, str]) -> list[Finding]:
    """Every rule that the order breaks and that the company cares about.

    Nothing is found where the customer's own money covers all that is owed with the order: whoever pays in advance
    is never stopped.
    """
    if case.exposure + case.worth <= ZERO:
        return []
    found: list[Finding] = []
    for limit in case.limits:
        if limit.amount is not None and limit.exposure + case.worth > limit.amount:
            left = limit.amount - limit.exposure
            found.append(
                Finding(
                    "over_limit",
                    actions["over_limit"],
                    {
                        "limit": _text(limit.amount),
                        "exposure": _text(limit.exposure),
                        "worth": _text(case.worth),
                        "headroom": _text(left),
                        "beyond": _text(case.worth - left),
                        "source": limit.source,
                        "name": limit.name,
                    },
                )
            )
        if limit.is_overdue:
            found.append(
                Finding(
                    "overdue",
                    actions["overdue"],
                    {
                        "overdue": _text(limit.overdue),
                        "days": str(limit.grace_days),
                        "limit": _text(limit.overdue_limit or ZERO),
                        "source": limit.source,
                        "name": limit.name,
                    },
                )
            )
    found += [Finding("hold", actions["hold"], {"name": name, "reason": reason}) for name, reason in case.holds]
    if not case.assessed:
        found.append(Finding("no_assessment", actions["no_assessment"]))
    return [one for one in found if one.action != PASS]


def verdict(found: Sequence[Finding]) -> str:
    """The strictest of what the findings lead to."""
    return max((one.action for one in found), key=ACTIONS.index, default=PASS)


def _text(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"
