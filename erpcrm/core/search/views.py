"""The search over everything, the answers of pickers, and the command that writes the index anew."""

import click
from flask import Blueprint, Response, request

from ..access import signed_in
from ..actor import current_actor
from ..errors import NotAllowed, NotThere
from ..i18n import _
from ..lifecycle import transaction
from ..opened import recently_opened
from ..pages import page
from ..registry import is_on, record_types_on, registry
from ..views import bp
from .everywhere import Found, Group, everywhere
from .index import reindex
from .query import newest_hits

LONGEST = 100
PICKED = 10

commands = Blueprint("search", __name__, cli_group=None)
"""Holds the command; the pages are core's own."""


@bp.get("/search")
@signed_in
def search() -> Response:
    """Everything that `q` finds: a part for the palette (Ctrl+K), a page without a script."""
    actor = current_actor()
    text = request.args.get("q", "")[:LONGEST].strip()
    groups = everywhere(text, actor) if actor is not None else []
    if actor is not None and not text and (opened := recently_opened(actor)):
        lines = [Found(one.url, one.title, str(one.label), one.icon) for one in opened]
        groups = [Group("opened", _("Recently opened"), lines), *groups]
    return page("core/search.html", parts=["palette_list", "search_results"], text=text, groups=groups)


@bp.get("/pick/<kind>")
@signed_in
def pick(kind: str) -> Response:
    """What a picker shows for the text typed so far: within the user's scope, the newest records while it is blank."""
    actor = current_actor()
    known = registry().record_types.get(kind)
    if known is None or actor is None or not is_on(registry().area_of_type[kind]):
        raise NotThere
    if not actor.may(known.view):
        raise NotAllowed(known.view)
    text = request.args.get("q", "")[:LONGEST]
    return page("core/pick.html", hits=newest_hits(known, text, actor=actor, limit=PICKED), text=text.strip())


@commands.cli.command("reindex")
@click.argument("kinds", nargs=-1)
def reindex_command(kinds: tuple[str, ...]) -> None:
    """Write the search index anew: for all record types, or for those named."""
    known = {kind.name: kind for kind in record_types_on() if kind.search is not None}
    unknown = sorted(set(kinds) - known.keys())
    if unknown:
        raise click.BadParameter(f"{', '.join(unknown)}; there are: {', '.join(sorted(known))}")
    for name in kinds or known:
        with transaction():
            count = reindex(known[name])
        click.echo(f"{name}: {count}")
