"""Pairs that may be the same, and the page on which two become one."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.jobs import enqueue
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.whole import whole

from .. import comparing, services
from ..jobs import SCAN
from ..models import DuplicatePair
from .blueprint import bp, load_contact, load_customer, said

MERGE = "customers.customer.merge"
LOADERS: dict[str, Any] = {"customer": load_customer, "contact": load_contact}
PAGES = {"customer": "customers.customer", "contact": "customers.contact"}


def _kind(name: str) -> str:
    if name not in LOADERS:
        raise NotThere
    return name


@bp.get("/customers/duplicates")
@allow(MERGE)
def duplicates() -> Response:
    kind = _kind(request.args.get("kind", "customer"))
    dismissed = request.args.get("dismissed") == "1"
    after = request.args.get("after", "")
    pairs, more = comparing.pairs_seen(kind, current_user, dismissed=dismissed, after=after)
    return page(
        "customers/duplicates.html", kind=kind, pairs=pairs, more=more, dismissed=dismissed, endpoint=PAGES[kind]
    )


@bp.post("/customers/duplicates/scan")
@allow(MERGE)
def scan_duplicates() -> Response:
    """Look for duplicates now instead of tonight."""
    enqueue(SCAN, label=_("Look for duplicates"), by=current_user._get_current_object())
    said(_("The search for duplicates has begun. New pairs appear here."))
    return redirect_to(url_for("customers.duplicates"))


@bp.post("/customers/duplicates/<int:id>/dismiss")
@allow(MERGE)
def dismiss_duplicate(id: int) -> Response:
    pair = session.get(DuplicatePair, id)
    if pair is None:
        raise NotThere
    for record_id in (pair.first_id, pair.second_id):
        LOADERS[pair.record_type](record_id)
    services.dismiss_pair(pair, current_user)
    said(_("These two are kept apart from now on."))
    return redirect_to(url_for("customers.duplicates", kind=pair.record_type))


def _two(kind: str, source: Any) -> tuple[Any, Any]:
    """The two records, the one that stays first."""
    ids = [source.get(name, type=whole) for name in ("winner", "loser")]
    if None in ids or ids[0] == ids[1]:
        raise Refused(_("Choose two different records."))
    winner, loser = (LOADERS[kind](record_id) for record_id in ids)
    return winner, loser


@bp.get("/customers/merge/<kind>")
@allow(MERGE)
def compare(kind: str) -> Response:
    """Both side by side, to pick field by field what stays."""
    winner, loser = _two(_kind(kind), request.args)
    return page(
        "customers/merge.html",
        kind=kind,
        winner=winner,
        loser=loser,
        rows=comparing.rows_of(winner, loser),
        tags=comparing.tags_of(winner, loser),
        moving=comparing.what_moves(loser),
        endpoint=PAGES[kind],
    )


@bp.post("/customers/merge/<kind>")
@allow(MERGE)
def merge(kind: str) -> Response:
    winner, loser = _two(_kind(kind), request.form)
    versions = (request.form.get("winner_version", type=whole), request.form.get("loser_version", type=whole))
    picks = {name.removeprefix("pick_"): value for name, value in request.form.items() if name.startswith("pick_")}
    title = loser.name
    services.merge_records(winner, loser, picks, current_user, versions)
    said(_("%(loser)s is part of %(winner)s now.", loser=title, winner=winner.name))
    return redirect_to(url_for(PAGES[kind], id=winner.id))


@bp.get("/customers/merge/<kind>/<int:id>")
@allow(MERGE)
def choose_other(kind: str, id: int) -> Response:
    """Which record is the other one: suggested, or picked by typing."""
    record = LOADERS[_kind(kind)](id)
    form = comparing.OtherForm.to(kind)(request.args if request.args else None)
    if request.args and form.validate() and form.other.data:
        return redirect_to(url_for("customers.compare", kind=kind, winner=id, loser=form.other.data))
    return page(
        "customers/choose_other.html",
        parts=["dialog_body"],
        kind=kind,
        record=record,
        form=form,
        candidates=comparing.likely(record, kind, current_user),
    )
