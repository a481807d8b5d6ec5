"""The smallest parts of a page, drawn in Python: they stand there a thousand times, and a template macro takes ten times as long.

`templates/ui` hands them out under the names of its macros: ui.icon, ui.badge, ui.avatar ...
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from flask_wtf.csrf import generate_csrf
from jinja2.utils import url_quote
from markupsafe import Markup, escape

from .i18n import initials
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


def init_drawing(app: Flask) -> None:
    static_url = app.jinja_env.globals["static_url"]
    app.extensions["sprite"] = lambda: static_url(SPRITE)
    drawn = (icon, badge, avatar, attributes, guards, button_face, button_look)
    app.jinja_env.globals.update({f"draw_{function.__name__}": function for function in drawn})
