"""The smallest parts of a page, drawn in Python: they stand there a thousand times, and a template macro takes ten times as long.

`templates/ui` hands them out under the names of its macros: ui.icon, ui.badge, ui.avatar ...
"""

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from flask_wtf.csrf import generate_csrf
from jinja2.utils import url_quote
from markupsafe import Markup, escape

from .i18n import _, initials
from .idempotency import new_key

SPRITE = "icons.svg"


@lru_cache(maxsize=4096)
def _drawn(name: str, size: str | None, label: str, sprite: str) -> Markup:
    own = f" icon-{size}" if size else ""
    said = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return Markup(f'<svg class="icon{own}" {said}><use href="{sprite}#{escape(name)}"></use></svg>')  # noqa: S704


def icon(name: str, size: str | None = None, label: Any = None) -> Markup:
    """One drawing of the sprite. With a label it is an image that screen readers name; without one it is decoration."""
    return _drawn(name, size, "" if label is None else str(label), current_app.extensions["sprite"]())


def badge(label: Any, tone: str = "gray", icon: str | None = None) -> Markup:
    """A soft mark of a state. Tones: blue green yellow orange red purple gray."""
    drawn = _icon(icon) if icon else ""
    return Markup(f'<span class="badge tone-{escape(tone)}">{drawn}{escape(label)}</span>')  # noqa: S704


_icon = icon


@lru_cache(maxsize=4096)
def _avatar(name: str, size: str | None) -> Markup:
    hue = (len(name) * 7 + len(url_quote(name[:1] or "a")) * 3) % 6
    own = f" avatar-{size}" if size else ""
    said = escape(name)
    return Markup(  # noqa: S704
        f'<span class="avatar hue-{hue}{own}" role="img" aria-label="{said}" title="{said}">{escape(initials(name))}</span>'
    )


def avatar(name: Any, size: str | None = None) -> Markup:
    """The initials of a person or company; the colour follows from the name, so that it is the same everywhere."""
    return _avatar(str(name), size)


def attributes(given: Mapping[str, Any]) -> Markup:
    """Attributes from keyword arguments: hx_get="/x" becomes hx-get="/x"; True stands bare; None and False are left out."""
    if not given:
        return _NOTHING
    parts = []
    for name, value in given.items():
        if value is True:
            parts.append(f" {name.replace('_', '-')}")
        elif value is not None and value is not False:
            parts.append(f' {name.replace("_", "-")}="{escape(value)}"')
    return Markup("".join(parts))  # noqa: S704


_NOTHING = Markup()


def guards(key: str | None = None) -> Markup:
    """The hidden fields that every form which changes something carries."""
    return Markup(  # noqa: S704
        f'<input type="hidden" name="csrf_token" value="{generate_csrf()}">'
        f'<input type="hidden" name="_key" value="{escape(key or new_key())}">'
    )


def button_face(label: Any, icon: str | None, only_icon: bool = False) -> Markup:
    """The inside of a button."""
    drawn = _icon(icon) if icon else ""
    hidden = ' class="visually-hidden"' if only_icon else ""
    return Markup(f"{drawn}<span{hidden}>{escape(label)}</span>")  # noqa: S704


def button_look(kind: str, size: str | None, only_icon: bool, cls: str | None) -> str:
    """The classes of a button."""
    names = f"btn btn-{kind}"
    if size:
        names += f" btn-{size}"
    if only_icon:
        names += " btn-icon"
    return f"{names} {cls}" if cls else names


def board_moves(columns: Iterable[Any], here: str) -> Markup:
    """What the form of a card in the column `here` holds, but for version and key: the same on each, so drawn once."""
    arrow = icon("arrow-right")
    buttons = [
        f'<button class="menu-item" name="stage" value="{escape(column.key)}">{arrow}<span>{escape(column.label)}</span></button>'
        for column in columns
        if column.key != here
    ]
    head = f'<input type="hidden" name="csrf_token" value="{generate_csrf()}"><div class="menu-heading">{escape(_("Move to"))}</div>'
    return Markup(head + "".join(buttons))  # noqa: S704


def board_card(
    id: int,
    title: Any,
    url: str,
    move_url: str,
    version: int,
    *,
    customer: Any = None,
    amount: Any = None,
    close: Any = None,
    owner: Any = None,
    next_step: Any = None,
    stale: Any = None,
    overdue: bool = False,
    moves: Markup = _NOTHING,
    can_move: bool = True,
    caller: Callable[[], Any] | None = None,
) -> Markup:
    """One card. `moves`: the buttons of `board_moves`, for the form that needs no drag. `overdue` marks the close date;
    the call block adds marks."""
    name, form = escape(title), ""
    if moves and can_move:
        move_to, named = escape(_("Move to")), _("Move %(name)s to", name=title)
        form = (
            f'<button type="button" class="btn btn-ghost btn-icon btn-sm" popovertarget="card_menu_{id}" title="{move_to}">'
            f"{icon('dots-vertical', None, named)}</button>"
            f'<div class="menu-panel" popover id="card_menu_{id}"><form method="post" action="{escape(move_url)}"'
            f' data-card-move="card_{id}"><input type="hidden" name="version" value="{version}">'
            f'<input type="hidden" name="_key" value="{new_key()}">{moves}</form></div>'
        )
    lines = []
    if customer or stale:
        mark = badge(stale, "orange", "clock") if stale else ""
        lines.append(f'<div class="board-customer"><span class="truncate">{escape(customer or "")}</span>{mark}</div>')
    if amount or close:
        late, mark = " text-red" if overdue else "", icon("calendar", "sm", _("Expected close"))
        day = f'<span class="board-close{late}">{mark}{escape(close)}</span>' if close else ""
        lines.append(f'<div class="board-line"><strong class="num">{escape(amount or "–")}</strong>{day}</div>')
    muted = "" if next_step else " muted"
    step = icon("player-play", "sm", _("Next step")) + (next_step or _("No next step"))
    marks, person = escape(caller()) if caller else "", avatar(owner, "sm") if owner else ""
    lines.append(
        f'<div class="board-line board-foot"><span class="board-next truncate{muted}">{step}</span>{marks}{person}</div>'
    )
    fixed = "" if can_move else " data-fixed"
    return Markup(  # noqa: S704 - what is not drawn here is escaped
        f'<li class="board-card" id="card_{id}" data-move-url="{escape(move_url)}" data-version="{version}"{fixed}>'
        f'<div class="board-card-top"><a class="board-title" href="{escape(url)}">{name}</a>{form}</div>'
        f"{''.join(lines)}</li>"
    )


def init_drawing(app: Flask) -> None:
    static_url: Callable[[str], str] = app.jinja_env.globals["static_url"]  # type: ignore[assignment]
    app.extensions["sprite"] = lambda: static_url(SPRITE)
    app.jinja_env.globals.update(
        draw_icon=icon,
        draw_badge=badge,
        draw_avatar=avatar,
        draw_attributes=attributes,
        draw_guards=guards,
        draw_button_face=button_face,
        draw_button_look=button_look,
        draw_board_moves=board_moves,
        draw_board_card=board_card,
    )
