"""State machines as data. One declaration gives the badge, the buttons, the route's check, guards, effects, audit and docs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import CheckConstraint

from .db import Record

Tone = Literal["gray", "blue", "green", "yellow", "orange", "red", "purple"]
Reason = Literal["none", "optional", "required"]
Consequence = Callable[[Any, Any, dict[str, Any]], None]


@dataclass(frozen=True)
class State:
    """A state of a record: stored `value`, shown `label`, and the tone of its badge."""

    value: str
    label: Any
    tone: Tone = "gray"


@dataclass(frozen=True)
class Move:
    """A way from some states to another. `waits_in` names the state to which a guard may send the record instead.

    A move with `page` (an endpoint taking `id`) is made on a page of its own; its button only leads there.
    """

    name: str
    label: Any
    sources: Sequence[str]
    target: str
    permission: str
    reason: Reason = "none"
    icon: str = "check"
    kind: Literal["primary", "secondary", "danger"] = "secondary"
    waits_in: str | None = None
    page: str | None = None


@dataclass(eq=False)
class Workflow:
    """The states and moves of one record type, kept in the column `column`."""

    name: str
    states: Sequence[State]
    moves: Sequence[Move]
    column: str = "status"
    consequences: dict[str, list[Consequence]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.state = {state.value: state for state in self.states}
        self.move = {move.name: move for move in self.moves}
        self.initial = self.states[0].value

    def on(self, move: str) -> Callable[[Consequence], Consequence]:
        """Declare what the own area does in this move, after the state has changed: `f(record, by, details)`."""

        def remember(consequence: Consequence) -> Consequence:
            self.consequences.setdefault(self.move[move].name, []).append(consequence)
            return consequence

        return remember

    def state_of(self, record: Record) -> State:
        return self.state[getattr(record, self.column)]

    def moves_for(self, record: Record, actor: Any) -> list[Move]:
        """The moves that this user may make now: the buttons of the record's page."""
        here = getattr(record, self.column)
        return [move for move in self.moves if here in move.sources and actor.may(move.permission)]

    def check(self) -> CheckConstraint:
        """For `__table_args__`: the database takes no other state."""
        values = ", ".join(f"'{state.value}'" for state in self.states)
        return CheckConstraint(f"{self.column} IN ({values})", name=f"{self.column}_known")

    def diagram(self) -> str:
        """The workflow as a Mermaid state diagram, for the docs."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        lines += [f"    {source} --> {move.target}: {move.name}" for move in self.moves for source in move.sources]
        lines += [
            f"    {source} --> {move.waits_in}: {move.name}, waits"
            for move in self.moves
            for source in move.sources
            if move.waits_in not in (None, source)
        ]
        return "\n".join(lines)
