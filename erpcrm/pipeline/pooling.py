"""When a lead or customer goes back to the public pool: pure rules of days, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Literal

Why = Literal["no_contact", "no_deal"]


@dataclass(frozen=True)
class Rules:
    """What the company decided for one kind of record. None: no such limit, or no such return."""

    on: bool = False
    claims_a_day: int | None = 10
    most_held: int | None = 200
    contact_days: int | None = 30
    """Days without contact after which it goes back"""
    deal_days: int | None = None
    """Days without a deal (a lead: without being converted)"""
    remind_days: int = 5
    cool_hours: int = 72
    extend_days: int = 15
    most_extensions: int = 2

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Rules":
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in stored.items() if name in known})

    @property
    def returns(self) -> bool:
        """Whether anything ever goes back by itself."""
        return self.on and (self.contact_days is not None or self.deal_days is not None)


@dataclass(frozen=True)
class Held:
    """What counts of a record that somebody holds; days are those of the company's calendar."""

    since: date
    last_contact: date | None = None
    last_end: date | None = None
    """When the last deal with it ended"""
    protected_until: date | None = None
    told_for: date | None = None


@dataclass(frozen=True)
class Due:
    """The day on which it goes back, and why."""

    on: date
    why: Why


def due_back(held: Held, rules: Rules) -> Due | None:
    """The first day on which `held` goes back if nothing happens; None when it never does.

    The clock starts when it came into these hands, and anew with each contact, or with the end of a deal. Protection
    moves the day back, never forth.
    """
    if not rules.on:
        return None
    days: list[tuple[date, Why]] = []
    if rules.contact_days is not None:
        days.append(
            (max(held.since, held.last_contact or held.since) + timedelta(days=rules.contact_days), "no_contact")
        )
    if rules.deal_days is not None:
        days.append((max(held.since, held.last_end or held.since) + timedelta(days=rules.deal_days), "no_deal"))
    if not days:
        return None
    day, why = min(days)
    return Due(max(day, held.protected_until or day), why)


@dataclass(frozen=True)
class Tonight:
    """What is to be done: remind its holder that it goes back `on` that day, or take it back now."""

    what: Literal["remind", "return"]
    on: date
    why: Why


def tonight(held: Held, rules: Rules, today: date) -> Tonight | None:
    """What the night's job does with it; None: nothing.

    Nobody loses anything without having been told `remind_days` before: also when the rules have just been switched on,
    or the job did not run for a while. The holder is told once of each day.
    """
    due = due_back(held, rules)
    if due is None:
        return None
    if not rules.remind_days:
        return Tonight("return", today, due.why) if today >= due.on else None
    told = held.told_for is not None and held.told_for >= due.on
    if told:
        assert held.told_for is not None  # noqa: S101 - for the type checker
        return Tonight("return", today, due.why) if today >= held.told_for else None
    if today >= due.on - timedelta(days=rules.remind_days):
        return Tonight("remind", max(due.on, today + timedelta(days=rules.remind_days)), due.why)
    return None


def goes_back_on(held: Held, rules: Rules) -> Due | None:
    """The day that its holder should reckon with: as told, where the reminder came late."""
    due = due_back(held, rules)
    if due is None or held.told_for is None or held.told_for < due.on:
        return due
    return Due(held.told_for, due.why)


def extended(held: Held, rules: Rules, today: date) -> date | None:
    """Until when one more extension protects it; None when it does not go back anyway."""
    due = goes_back_on(held, rules)
    return None if due is None else max(due.on, today) + timedelta(days=rules.extend_days)


def free_again_at(returned_at: datetime, rules: Rules) -> datetime:
    """From when on its former holder may claim it again."""
    return returned_at + timedelta(hours=rules.cool_hours)
