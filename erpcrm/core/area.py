"""What an area declares of itself: the manifest, and the five slots through which an upper area adds to a lower one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Literal

from flask import Blueprint, Flask

from .records import Column, RecordType
from .workflow import Workflow

Text = Any
"""A string or a lazy translation."""

Lens = Literal["operations", "relationship", "both"]


@dataclass(frozen=True)
class Permission:
    """`area.noun.verb`, with the words under which the role editor shows it.

    `roles` names the standard roles that hold it in a new company (and after the upgrade that brings it).
    """

    code: str
    label: Text
    roles: Sequence[str] = ()


@dataclass(frozen=True)
class NavItem:
    """An entry of the menu. Shown to users who hold `permission` (None: to everyone who is signed in)."""

    label: Text
    endpoint: str
    icon: str
    permission: str | None
    group: Text = ""
    order: int = 50
    count: Callable[[], int | None] | None = None
    in_menu: bool = True
    """False for a page that is reached otherwise and only to be found by searching."""
    when: Callable[[Any], bool] | None = None
    """Asked of the user beyond the permission: a page that would hold nothing for them is not shown."""

    def open_to(self, actor: Any) -> bool:
        permitted = self.permission is None or actor.may(self.permission)
        return permitted and (self.when is None or self.when(actor))


@dataclass(frozen=True)
class Create:
    """An entry of the quick-create menu on every page."""

    label: Text
    endpoint: str
    icon: str
    permission: str


@dataclass(frozen=True)
class Panel:
    """A piece of a lower area's page.

    `place` names the spot that the lower area opens ("customer.page", "opportunity.card"). `load` gets all records of
    that page or board at once, as a list of ids, and returns {id: data}, so that a hundred cards cost one query.
    A lazy panel comes after the page, through a request of its own.
    """

    name: str
    place: str
    label: Text
    template: str
    load: Callable[[Sequence[int]], Mapping[int, Any]]
    permission: str
    lens: Lens = "both"
    order: int = 50
    lazy: bool = False
    when: Callable[[], bool] | None = None
    """Asked beyond the permission: a panel of something that the company does not use takes no room."""


@dataclass(frozen=True)
class Guard:
    """May stop a move of a lower area's workflow. `move` is "workflow.move".

    `check(record, by)` raises Refused with what to do, or returns True to send the record to the waiting state that the
    workflow names for this move, or None to let it pass.
    """

    move: str
    check: Callable[[Any, Any], bool | None]


@dataclass(frozen=True)
class Effect:
    """Runs inside the same transaction after a move: `run(record, by, details)`."""

    move: str
    run: Callable[[Any, Any, Mapping[str, Any]], None]


@dataclass(frozen=True)
class Schedule:
    """Work that the system does by itself, about every `every`. `job` is the name of a job handler."""

    job: str
    label: Text
    every: timedelta


@dataclass(frozen=True)
class Timeline:
    """Where the timeline of any record is read: an endpoint that takes `record_type` and `id`, and who may read it."""

    endpoint: str
    permission: str


@dataclass(frozen=True)
class OptionList:
    """A list of choices that users may edit. A column keeps a value of it when its `info` has {"options": name}.

    `defaults` are (value, English label, Chinese label): what a new company starts with. In a list of
    units (`counted`) each choice also says how many digits after the point a quantity of it may have, fourth in `defaults`.
    """

    name: str
    label: Text
    defaults: Sequence[tuple[str, str, str] | tuple[str, str, str, int]] = ()
    counted: bool = False


@dataclass(frozen=True, eq=False)
class Area:
    """The manifest of a business area. Areas that `requires` names must be on while this one is."""

    name: str
    label: Text
    about: Text = ""
    requires: Sequence[str] = ()
    always_on: bool = False
    blueprints: Sequence[Blueprint] = ()
    permissions: Sequence[Permission] = ()
    record_types: Sequence[RecordType] = ()
    columns: Mapping[str, Sequence[Column]] = field(default_factory=dict)
    """{record type of a lower area: columns} that this area adds to its lists: to show, to filter by, to export"""
    workflows: Sequence[Workflow] = ()
    nav: Sequence[NavItem] = ()
    create: Sequence[Create] = ()
    panels: Sequence[Panel] = ()
    guards: Sequence[Guard] = ()
    effects: Sequence[Effect] = ()
    schedules: Sequence[Schedule] = ()
    option_lists: Sequence[OptionList] = ()
    timeline: Timeline | None = None
    """Only customers gives it: what was said and done, beside the changes that core keeps itself."""
    load_actor: Callable[[int], Any] | None = None
    """Only access gives it: user id -> Actor, for jobs."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Names of the settings that this area adds, with what holds until the company decides."""
    init_app: Callable[[Flask], None] | None = None
    """Extensions that only this area uses."""
    events: Mapping[str, Text] = field(default_factory=dict)
    """Words for what this area tells the audit trail beyond created, changed, deleted and the moves of its workflows."""
    event_details: Mapping[str, Text] = field(default_factory=dict)
    """What those events say of a record that no column of it is called."""
    after_upgrade: Callable[[], Any] | None = None
    """Called after the migrations of a start, in a transaction: what a new version of the program brings to old data."""
    demo: Callable[[Any], None] | None = None
    """Adds this area's part of the demo company: called bottom to top with the shared demo world."""
    jinja: Mapping[str, Any] = field(default_factory=dict)
