"""What comes next for a document: the main action of its page, and for those who may not take it, who does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from erpcrm.core.actor import Actor
from erpcrm.core.area import Text
from erpcrm.core.registry import panels_of

from .services import who_may

SHOWN = 2
"""Buttons in the head of a page: the next step, and the one after it."""


@dataclass(frozen=True)
class Step:
    """One thing that is to be done with a document now. Areas above add theirs by panels at "<document>.next".

    `rank` orders the steps of a document: what has the lowest comes first.
    """

    rank: int
    label: Text
    url: str
    icon: str
    permission: str
    how: Literal["post", "link", "dialog"] = "link"
    fields: Mapping[str, Any] = field(default_factory=dict)
    shortcut: str | None = None


@dataclass(frozen=True)
class Next:
    """The steps that this user may take, the main one last as it stands in the head; and those of others, with their names."""

    mine: Sequence[Step]
    others: Sequence[tuple[Step, Sequence[str]]]


def next_steps(place: str, document_id: int, actor: Actor, own: Iterable[Step] = ()) -> Next:
    """What is to be done with a document: its own area's steps and those of the areas above."""
    found = list(own)
    for panel in panels_of(place, actor):
        found += panel.load([document_id]).get(document_id, ())
    found.sort(key=lambda step: step.rank)
    mine = [step for step in found if actor.may(step.permission)]
    theirs = [step for step in found if not actor.may(step.permission)]
    people = who_may([step.permission for step in theirs]) if theirs else {}
    return Next(mine[:SHOWN][::-1], [(step, people[step.permission]) for step in theirs])
