"""Which business areas are on: the page that switches them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, request, url_for

from .access import allow
from .area import Area
from .errors import NotThere, Refused
from .i18n import _, ngettext
from .pages import page, redirect_to
from .registry import is_on, registry, switch, why_not_switch
from .waiting import let_go, waiting_for

bp = Blueprint("modules", __name__)


@dataclass(frozen=True)
class Module:
    """An area as the page shows it. `why_not` is what stands against switching it."""

    area: Area
    on: bool
    requires: list[Any]
    required_by: list[Any]
    why_not: str | None


def _module(area: Area) -> Module:
    return Module(
        area=area,
        on=is_on(area),
        requires=[registry().by_name[name] for name in area.requires if not registry().by_name[name].always_on],
        required_by=[other for other in registry().areas if area.name in other.requires],
        why_not=why_not_switch(area, on=not is_on(area)),
    )


@bp.get("/admin/modules")
@allow("core.module.edit")
def modules() -> Response:
    found = [_module(area) for area in registry().areas]
    return page(
        "core/modules.html",
        switchable=[module for module in found if not module.area.always_on],
        fixed=[module for module in found if module.area.always_on],
    )


def _area(name: str) -> Area:
    area = registry().by_name.get(name)
    if area is None:
        raise NotThere
    return area


@bp.post("/admin/modules/<name>/on")
@allow("core.module.edit")
def switch_on(name: str) -> Response:
    area = _area(name)
    switch(area, on=True)
    flash(_("%(area)s is on.", area=area.label), "success")
    return redirect_to(url_for("modules.modules"))


@bp.get("/admin/modules/<name>/off")
@allow("core.module.edit")
def ask_off(name: str) -> Response:
    """What waits for this module and would go on without it."""
    area = _area(name)
    if (why := why_not_switch(area, on=False)) is not None:
        raise Refused(why)
    return page("core/modules_off.html", area=area, waiting=waiting_for(area))


@bp.post("/admin/modules/<name>/off")
@allow("core.module.edit")
def switch_off(name: str) -> Response:
    """Switch it off and let go what waits for it, once the user has seen what that is."""
    area = _area(name)
    if request.form.get("seen") != "1" and waiting_for(area):
        return redirect_to(url_for("modules.ask_off", name=name))
    switch(area, on=False)
    if gone := let_go(area):
        flash(
            ngettext("%(num)s record that waited for it went on.", "%(num)s records that waited for it went on.", gone)
        )
    flash(_("%(area)s is off. Its data stay.", area=area.label), "success")
    return redirect_to(url_for("modules.modules"))
