"""Segments: the list, one of them, its editor with a live count, and who is on a fixed list."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.records import Choice
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole_or_none
from erpcrm.customers.models import Customer

from .. import rules, services
from ..editor import GROUP_LABELS, fresh, grouped, shown, typed, words
from ..forms import AddForm, SegmentForm
from ..models import SEGMENT_EDIT, SEGMENT_KINDS, SEGMENT_VIEW, Segment
from ..records import segment as kind
from .blueprint import bp

SHOWN = 20


def load_segment(id: int) -> Segment:
    return load(Segment, id, kind.scope)


@bp.get("/segments")
@allow(SEGMENT_VIEW)
def segments() -> Response:
    return list_page(record_type("segment"), template="analytics/segments.html", broken=services.broken_segments())


@bp.get("/segments/<int:id>")
@allow(SEGMENT_VIEW)
def segment(id: int) -> Response:
    """Who is in it, of those that this user sees; its rule in words; who came and left."""
    found = load_segment(id)
    why = services.fault_of(found)
    many: int = 0
    customers: Sequence[Customer] = ()
    if why is None:
        asked = services.segment_condition(found, services.here())
        many, customers = services.count(asked, current_user), services.first(asked, current_user, SHOWN)
    return page(
        "analytics/segment.html",
        segment=found,
        kind=_kind_of(found),
        why=why,
        many=many,
        customers=customers,
        words=_words(found),
        cells=[one for one in services.cell_choices() if one.value in (found.rule.get("cells") or ())],
        moves=services.moves_of(found, current_user),
        may_edit=current_user.may(SEGMENT_EDIT),
        may_list=current_user.may("customers.customer.view"),
    )


def _kind_of(found: Segment) -> Choice:
    return next(one for one in SEGMENT_KINDS if one.value == found.kind)


def _words(found: Segment) -> Any:
    if found.kind != "rule":
        return None
    try:
        return words(rules.read(found.rule), current_user)
    except rules.NotARule:
        return None


# ------------------------------------------------------------------------ editor


def _editor(
    form: Any, kind_name: str, rule: rules.Group, found: Segment | None = None, status: int = 200, parts: Any = ()
) -> Response:
    fields = services.rule_fields(current_user)
    return page(
        "analytics/segment_form.html",
        parts=parts,
        form=form,
        segment=found,
        kind=next(one for one in SEGMENT_KINDS if one.value == kind_name),
        kinds=SEGMENT_KINDS,
        rule=shown(rule, fields, current_user),
        groups=grouped(fields),
        group_labels=GROUP_LABELS,
        status=status,
    )


def _sent(pairs: Any) -> rules.Group:
    """The rule that a form or an address holds, after the button that was pressed."""
    fields = services.rule_fields(current_user)
    rule = typed(rules.from_form(pairs.items(multi=True)), fields)
    if what := pairs.get("do"):
        rule = rules.edited(rule, what, fresh(fields))  # type: ignore[arg-type]
    return rule  # type: ignore[return-value]


def _kind_named(name: str | None) -> str:
    return name if name in {one.value for one in SEGMENT_KINDS} else "rule"


@bp.get("/segments/new")
@allow(SEGMENT_EDIT)
def new_segment() -> Response:
    form: Any = SegmentForm(formdata=None, data={"owner_id": current_user.id, "active": True})
    rule = rules.Group("all", (fresh(services.rule_fields(current_user)),))
    return _editor(form, _kind_named(request.args.get("kind")), rule)


@bp.get("/segments/rule")
@allow(SEGMENT_EDIT)
def rule() -> Response:
    """The editor's rule after a change: nothing is stored, so it is asked by address."""
    form: Any = SegmentForm(formdata=None, data={"active": True})
    return _editor(form, "rule", _sent(request.args), parts=["rule"])


@bp.get("/segments/preview")
@allow(SEGMENT_EDIT)
def preview() -> Response:
    """How many customers a rule finds, and the first of them, of those that this user sees."""
    rule, why = _sent(request.args), None
    many: int = 0
    customers: Sequence[Customer] = ()
    try:
        asked = services.rule_condition(rule, actor=current_user)
        many, customers = services.count(asked, current_user), services.first(asked, current_user)
    except services.BrokenRule as broken:
        why = broken.why
    return page(
        "analytics/segment_preview.html",
        parts=["preview"],
        why=why,
        many=many,
        customers=customers,
        rule_given=rule.items,
    )


@bp.post("/segments")
@allow(SEGMENT_EDIT)
def create_segment() -> Response:
    return _save(None, _kind_named(request.form.get("kind")))


@bp.get("/segments/<int:id>/edit")
@allow(SEGMENT_EDIT)
def edit_segment(id: int) -> Response:
    found = load_segment(id)
    data = {name: getattr(found, name) for name in ("name", "description", "owner_id", "active", "version")}
    form: Any = SegmentForm(formdata=None, data=data | {"cells": found.rule.get("cells") or []})
    return _editor(form, found.kind, _stored(found), found)


def _stored(found: Segment) -> rules.Group:
    if found.kind != "rule":
        return rules.Group()
    try:
        return rules.read(found.rule)
    except rules.NotARule:
        return rules.Group()


@bp.post("/segments/<int:id>/edit")
@allow(SEGMENT_EDIT)
def update_segment(id: int) -> Response:
    found = load_segment(id)
    return _save(found, found.kind)


def _save(found: Segment | None, kind_name: str) -> Response:
    form: Any = SegmentForm()
    rule = _sent(request.form)
    if "do" in request.form:  # a button of the editor, without a script
        return _editor(form, kind_name, rule, found)
    if not form.validate():
        return _editor(form, kind_name, rule, found, status=422)
    if found is not None and form.version.data is not None and form.version.data != found.version:
        raise Stale(found)
    values = form.values() | {"kind": kind_name, "rule": rule}
    try:
        with session.begin_nested():
            made = services.save_segment(found, values, current_user)
    except Refused as no:
        form.form_errors = [str(no.message)]
        return _editor(form, kind_name, rule, found, status=422)
    services.note_members(made)
    flash(_("Saved."), "success")
    return redirect_to(url_for("analytics.segment", id=made.id))


@bp.post("/segments/<int:id>/delete")
@allow(SEGMENT_EDIT)
def delete_segment(id: int) -> Response:
    found = load_segment(id)
    services.delete_segment(found)
    flash(_("The segment “%(name)s” is deleted.", name=found.name), "success")
    return redirect_to(url_for("analytics.segments"))


@bp.post("/segments/<int:id>/count")
@allow(SEGMENT_EDIT)
def count_segment(id: int) -> Response:
    """Note now who came and left, instead of tonight."""
    found = load_segment(id)
    if not services.note_members(found):
        raise Refused(_("This segment can't be used. Open it and change its rule."))
    flash(_("Counted."), "success")
    return redirect_to(url_for("analytics.segment", id=found.id))


# ------------------------------------------------------------------- fixed lists


@bp.route("/segments/<int:id>/add", methods=["GET", "POST"])
@allow(SEGMENT_EDIT)
def add_to_segment(id: int) -> Response:
    found = load_segment(id)
    form: Any = AddForm(formdata=None) if request.method == "GET" else AddForm()
    if request.method == "POST" and form.validate():
        many = services.add_customers(found, [form.customer_id.data], current_user) if form.customer_id.data else 0
        if form.segment_id.data:
            many += services.add_from(found, load_segment(form.segment_id.data), current_user)
        flash(_("%(count)s customers were added.", count=many), "success")
        return redirect_to(url_for("analytics.segment", id=found.id))
    status = 422 if request.method == "POST" else 200
    return page("analytics/segment_add.html", parts=["dialog_body"], segment=found, form=form, status=status)


@bp.post("/segments/<int:id>/remove")
@allow(SEGMENT_EDIT)
def remove_from_segment(id: int) -> Response:
    found = load_segment(id)
    customer_id = whole_or_none(request.form.get("customer_id"))
    if customer_id is None:
        raise NotThere
    services.remove_customers(found, [customer_id], current_user)
    return redirect_to(url_for("analytics.segment", id=found.id))
