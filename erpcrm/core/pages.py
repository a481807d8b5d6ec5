"""A page is a template, a part is a block in it: one function decides which of them goes out."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Flask, Response, current_app, make_response, render_template, request, url_for
from jinja2_fragments.flask import render_block
from markupsafe import Markup

from .i18n import locale_code
from .rendering import make_quick

_ID = 987654321
VARY = "HX-Request, HX-Target, HX-History-Restore-Request, HX-Boosted"


def wanted_part() -> str | None:
    """The id of the element that an HTMX request is going to replace; None when the whole page is wanted."""
    headers = request.headers
    if "HX-Request" not in headers or "HX-History-Restore-Request" in headers or "HX-Boosted" in headers:
        return None
    # htmx 4 sends "tag#id"
    return headers.get("HX-Target", "").rpartition("#")[2] or None


def page(template: str, *, parts: Sequence[str] = (), status: int = 200, **data: Any) -> Response:
    """Render `template`, or only the block of it that this request targets, if it is one of `parts`.

    Block name = element id = target. `Vary` tells caches that one address has several answers.
    """
    part = wanted_part()
    body = (
        render_block(template, part, **data)
        if part is not None and part in parts
        else render_template(template, **data)
    )
    response = make_response(body, status)
    response.headers["Vary"] = VARY
    return response


def refusal(status: int, message: str, *, url: str | None = None) -> Response:
    """Say no: a notice for an HTMX request, a page for the others. The status tells which kind of no."""
    template = "core/refusal_part.html" if "HX-Request" in request.headers else "core/refusal.html"
    body = render_template(template, status=status, message=message, url=url, back=request.referrer)
    response = make_response(body, status)
    response.headers["Vary"] = VARY
    if "HX-Request" in request.headers:
        response.headers["HX-Retarget"] = "#notices"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def own_path(target: str | None) -> str | None:
    """`target` where it is a path of this site; None for what a browser may take for another one.

    Browsers read "\\" as "/", and drop tabs and line breaks before they look: "/<tab>/evil.example" leads away.
    """
    if not target or target[0] != "/" or target[1:2] == "/" or "\\" in target or not target.isprintable():
        return None
    return target


def redirect_to(url: str) -> Response:
    """Go to another page after a change: 303 for a form, HX-Redirect for an HTMX request."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": url})
    return Response(status=303, headers={"Location": url})


def address_maker(endpoint: str) -> Callable[[int], str]:
    """A function id -> address for one endpoint: fifty calls of url_for cost more than the query for fifty rows."""
    before, _id, after = url_for(endpoint, id=_ID).partition(str(_ID))
    return lambda record_id: f"{before}{record_id}{after}"


def init_pages(app: Flask) -> None:
    """Macros are globals, so that a block rendered alone sees them."""
    make_quick(app.jinja_env)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(ui=_Macros(app), still=still, address_maker=address_maker)


def still(template: str) -> Markup:
    """A part of every page that is the same for everybody who reads the same language: rendered once and kept."""
    kept: dict[tuple[str, ...], Markup] = current_app.extensions.setdefault("erpcrm_still", {})
    key = template, locale_code(), request.script_root
    if key not in kept or current_app.debug:
        kept[key] = Markup(render_template(template).strip())  # noqa: S704 - a template, which escapes
    return kept[key]


class _Macros:
    """`ui.button(...)` in any template: the macros of templates/ui, loaded once."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._module: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._module is None or self._app.debug:
            self._module = self._app.jinja_env.get_template("ui/index.html").module
        macro = getattr(self._module, name)
        if not self._app.debug:
            setattr(self, name, macro)  # found without this function from now on
        return macro
