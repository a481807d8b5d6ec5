"""Which areas exist and which are on. Everything an area adds elsewhere is asked for here."""

from collections.abc import Iterator, Sequence

from flask import current_app

from .actor import Actor
from .area import Area, Effect, Guard, Panel, Timeline
from .errors import Refused
from .i18n import _
from .records import RecordType
from .settings import DEFAULTS, lock_setting, save_setting, setting
from .workflow import Workflow


class Registry:
    """All areas of the program, bottom to top."""

    def __init__(self, areas: Sequence[Area]) -> None:
        self.areas = tuple(areas)
        self.by_name = {area.name: area for area in areas}
        self.blueprint_area = {bp.name: area for area in areas for bp in area.blueprints}
        self.record_types = {kind.name: kind for area in areas for kind in area.record_types}
        self.type_of_model = {kind.model: kind for kind in self.record_types.values()}
        self.area_of_type = {kind.name: area for area in areas for kind in area.record_types}
        self.workflows = {flow.name: flow for area in areas for flow in area.workflows}
        self.settings = DEFAULTS | {name: value for area in areas for name, value in area.settings.items()}
        self.permissions = {p.code: p for area in areas for p in area.permissions}


def registry() -> Registry:
    return current_app.extensions["erpcrm"]  # type: ignore[no-any-return]


def is_on(area: Area) -> bool:
    return area.always_on or area.name not in setting("modules_off")


def areas_on() -> Iterator[Area]:
    return (area for area in registry().areas if is_on(area))


def record_type(name: str) -> RecordType:
    """The declaration of a record type by its name. KeyError when no area declares it."""
    return registry().record_types[name]


def record_types_on() -> list[RecordType]:
    return [kind for area in areas_on() for kind in area.record_types]


def types_off() -> list[str]:
    """The names of the record types whose area is off."""
    return [kind.name for area in registry().areas if not is_on(area) for kind in area.record_types]


def require_on(kind: RecordType) -> None:
    """Refused when the area of `kind` is off: for jobs of core that work on records of any type."""
    area = registry().area_of_type[kind.name]
    if not is_on(area):
        raise Refused(_("The module %(area)s is off. Switch it on and try again.", area=area.label))


def load_actor(user_id: int) -> Actor | None:
    """A user as core sees one, from the area that keeps users."""
    return next((area.load_actor(user_id) for area in registry().areas if area.load_actor is not None), None)


def workflow(name: str) -> Workflow:
    return registry().workflows[name]


def guards_of(move: str) -> list[Guard]:
    return [guard for area in areas_on() for guard in area.guards if guard.move == move]


def effects_of(move: str) -> list[Effect]:
    return [effect for area in areas_on() for effect in area.effects if effect.move == move]


def panels_of(place: str, actor: Actor, lens: str | None = None) -> list[Panel]:
    """The panels that this user sees at `place`, under `lens` if the page has lenses."""
    found = [
        panel
        for area in areas_on()
        for panel in area.panels
        if panel.place == place
        and actor.may(panel.permission)
        and (lens is None or panel.lens in (lens, "both"))
        and (panel.when is None or panel.when())
    ]
    return sorted(found, key=lambda panel: panel.order)


def timeline_for(actor: Actor) -> Timeline | None:
    """The timeline that this user may read, if an area that is on keeps one."""
    kept = (area.timeline for area in areas_on() if area.timeline is not None)
    return next((timeline for timeline in kept if actor.may(timeline.permission)), None)


def why_not_switch(area: Area, *, on: bool) -> str | None:
    """What stands against switching an area on or off: another one that is on requires it, or one it requires is off."""
    if area.always_on:
        return _("%(area)s is part of every edition and can't be switched off.", area=area.label)
    if on:
        missing = [registry().by_name[name] for name in area.requires if not is_on(registry().by_name[name])]
        return _("Switch on first: %(areas)s.", areas=_labels(missing)) if missing else None
    users = [other for other in areas_on() if area.name in other.requires]
    return _("Switch off first: %(areas)s.", areas=_labels(users)) if users else None


def _labels(areas: Sequence[Area]) -> str:
    return ", ".join(str(area.label) for area in areas)


def switch(area: Area, *, on: bool) -> None:
    """Switch an area on or off. Refused while something stands against it."""
    lock_setting("modules_off")  # two who switch at once might leave an area on without one that it requires
    if (why := why_not_switch(area, on=on)) is not None:
        raise Refused(why)
    off = set(setting("modules_off"))
    save_setting("modules_off", sorted(off - {area.name} if on else off | {area.name}))
