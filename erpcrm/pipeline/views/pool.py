"""The pages of the public pool."""

from dataclasses import asdict
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.actor import Actor
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _, ngettext
from erpcrm.core.options import options
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import lock_setting, save_setting, setting

from ..models import POOLED, Pooled
from ..models.pool import CLAIM, SETUP, VIEW
from ..pool_forms import ContactForm, ProtectForm, ReturnForm, RulesForm
from ..services import pool as pools
from ..services.pool_list import COUNTED, FILTERS, SORTS, Look, pool_counts, pool_of
from ..services.pool_past import moves_of
from .blueprint import bp

MOST_AT_ONCE = 200


def pools_of(user: Any) -> list[Pooled]:
    """The kinds whose pool is in use and that this user may see at all."""
    return [kind for kind in POOLED.values() if pools.rules_of(kind).on and user.may(kind.view)]


def _kind(name: str) -> Pooled:
    kind = POOLED.get(name)
    if kind is None or not current_user.may(kind.view):
        raise NotThere
    return kind


def _look() -> Look:
    known = {name: {choice.value for choice in options(f"customer.{name}")} for name in FILTERS}
    args = request.args
    return Look(
        args.get("q", "").strip()[:200],
        args.get("sort", SORTS[0]) if args.get("sort") in SORTS else SORTS[0],
        args.get("page", 1, type=int) or 1,
        {name: args[name] for name in FILTERS if args.get(name) in known[name]},
    )


@bp.get("/pool")
@allow(VIEW)
def pool() -> Response:
    """Leads or customers without an owner."""
    kinds = pools_of(current_user)
    kind = next((one for one in kinds if one.name == request.args.get("of")), kinds[0] if kinds else None)
    if kind is None:
        return page("pipeline/pool_off.html")
    look = _look()

    def url_of(**changes: Any) -> str:
        asked = {"of": kind.name, "q": look.text or None, "sort": None if look.sort == SORTS[0] else look.sort}
        return url_for(".pool", **{**asked, **look.chosen, **changes})

    return page(
        "pipeline/pool.html",
        parts=["pool_results"],
        kinds=kinds,
        kind=kind,
        counts=pool_counts(kinds),
        counted=COUNTED,
        look=look,
        found=pool_of(kind, look),
        url_of=url_of,
        filters=[(name, record_type("lead").column(name), options(f"customer.{name}")) for name in FILTERS],
        labels={name: {choice.value: choice.label for choice in options(f"customer.{name}")} for name in FILTERS},
        reason_label=pools.reason_label,
        room=pools.room_of(kind, current_user.id),
        may_claim=current_user.may(CLAIM),
        shows_contact=setting("pool_shows_contact"),
    )


@bp.post("/pool/<kind>/claim")
@allow(CLAIM)
def claim_many(kind: str) -> Response:
    """All that is selected, as far as nobody was quicker."""
    wanted = _kind(kind)
    ids = request.form.getlist("ids", type=int)[:MOST_AT_ONCE]
    back = url_for(".pool", of=kind)
    if not ids:
        flash(_("Nothing is selected."), "warning")
        return redirect_to(back)
    done = pools.claim(wanted, ids, current_user)
    flash(ngettext("%(num)s is yours now.", "%(num)s are yours now.", len(done.records)), "success")
    if done.gone:
        flash(ngettext("%(num)s was taken meanwhile.", "%(num)s were taken meanwhile.", done.gone), "warning")
    return redirect_to(back)


@bp.post("/pool/<kind>/<int:id>/claim")
@allow(CLAIM)
def claim_one(kind: str, id: int) -> Response:
    wanted = _kind(kind)
    done = pools.claim(wanted, [id], current_user)
    if "HX-Request" not in request.headers:
        flash(_("%(name)s is yours now.", name=done.records[0].name), "success")
        return redirect_to(url_for(wanted.endpoint, id=id))
    room = pools.room_of(wanted, current_user.id)
    return page("pipeline/pool_claimed.html", kind=wanted, record=done.records[0], room=room)


def _own(kind: str, id: int) -> tuple[Pooled, Any]:
    found = _kind(kind)
    return found, load(found.model, id, record_type(kind).scope)


@bp.route("/pool/<kind>/<int:id>/return", methods=["GET", "POST"])
@allow(CLAIM)
def give_back(kind: str, id: int) -> Response:
    """Put it back into the pool, with the reason."""
    found, record = _own(kind, id)
    form = ReturnForm(formdata=None, version=record.version) if request.method == "GET" else ReturnForm()
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return page(
            "pipeline/pool_return.html", parts=["dialog_body"], kind=found, record=record, form=form, status=status
        )
    pools.give_back(found, record, current_user, form.reason.data, form.note.data or None, form.version.data)
    flash(_("%(name)s is in the public pool again.", name=record.name), "success")
    return redirect_to(url_for(".pool", of=kind))


@bp.route("/pool/<kind>/<int:id>/protect", methods=["GET", "POST"])
@allow(CLAIM)
def protect(kind: str, id: int) -> Response:
    """Keep it some days longer."""
    found, record = _own(kind, id)
    form = ProtectForm(formdata=None) if request.method == "GET" else ProtectForm()
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        stands = pools.standing(found, record)
        return page(
            "pipeline/pool_protect.html",
            parts=["dialog_body"],
            kind=found,
            record=record,
            form=form,
            stands=stands,
            status=status,
        )
    pools.protect(found, record, current_user, form.reason.data)
    return redirect_to(url_for(found.endpoint, id=id))


@bp.get("/pool/<kind>/<int:id>/moves")
@allow(VIEW)
def pool_moves(kind: str, id: int) -> Response:
    """Through whose hands it went."""
    found, record = _own(kind, id)
    return page(
        "pipeline/pool_moves.html",
        parts=["dialog_body"],
        kind=found,
        record=record,
        moves=moves_of(record),
        reason_label=pools.reason_label,
    )


def _rules_forms() -> dict[str, Any]:
    sent = request.method == "POST"
    return {
        kind.name: RulesForm(prefix=f"{kind.name}-")
        if sent
        else RulesForm(formdata=None, prefix=f"{kind.name}-", data=asdict(pools.rules_of(kind)))
        for kind in POOLED.values()
    }


@bp.route("/setup/pool", methods=["GET", "POST"])
@allow(SETUP)
def pool_setup() -> Response:
    """Limits, automatic return, reminders, cooling down, protection."""
    forms = _rules_forms()
    contact: Any = (
        ContactForm()
        if request.method == "POST"
        else ContactForm(formdata=None, data={"shows_contact": setting("pool_shows_contact")})
    )
    good = [form.validate() for form in forms.values()] if request.method == "POST" else []
    if request.method == "POST" and all(good):
        for name, form in forms.items():
            lock_setting(POOLED[name].setting)
            save_setting(POOLED[name].setting, asdict(form.rules()))
        save_setting("pool_shows_contact", bool(contact.shows_contact.data))
        flash(_("Saved."), "success")
        return redirect_to(url_for(".pool_setup"))
    status = 422 if request.method == "POST" else 200
    return page("pipeline/pool_setup.html", forms=forms, contact=contact, status=status)


def in_use(user: Actor) -> bool:
    return bool(pools_of(user))
