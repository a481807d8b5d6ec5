"""What asks before it is done: resolve, merge, split, make it part of another."""

from typing import Any

from flask import Response, flash, request
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to

from .. import services
from ..forms import MergeForm, ParentForm, SolveForm, SplitForm
from ..models import WORK, Ticket
from .blueprint import bp, load_ticket
from .pane import home_of


def _ask(template: str, found: Ticket, form: Any, status: int = 200, **data: Any) -> Response:
    here = request.full_path.rstrip("?")
    return page(
        f"service/{template}.html",
        parts=["dialog_body"],
        ticket=found,
        form=form,
        here=here,
        back=home_of(found),
        status=status,
        **data,
    )


@bp.route("/tickets/<int:id>/resolve", methods=["GET", "POST"])
@allow(WORK)
def resolve_ticket(id: int) -> Response:
    """Asks what solved it, and what becomes of open parts."""
    found = load_ticket(id)
    parts = services.open_children(found)
    form: Any = SolveForm(formdata=None, version=found.version) if request.method == "GET" else SolveForm()
    if not parts:
        del form.children
    if request.method == "GET" or not form.validate():
        return _ask("resolve", found, form, 200 if request.method == "GET" else 422, open_parts=parts)
    children = form.children.data if parts else None
    services.move_ticket(
        found, "resolve", current_user, version=form.version.data, reason=form.reason.data, children=children
    )
    flash(_("%(code)s is resolved.", code=found.code), "success")
    return redirect_to(home_of(found))


@bp.route("/tickets/<int:id>/merge", methods=["GET", "POST"])
@allow(WORK)
def merge_ticket(id: int) -> Response:
    found = load_ticket(id)
    form: Any = MergeForm(formdata=None, version=found.version) if request.method == "GET" else MergeForm()
    if request.method == "GET" or not form.validate():
        return _ask("merge", found, form, 200 if request.method == "GET" else 422)
    winner = load_ticket(form.into.data)
    try:
        with session.begin_nested():
            services.merge_tickets(found, winner, current_user, form.version.data)
    except Refused as no:
        session.refresh(found)
        form.into.errors = [str(no.message)]
        return _ask("merge", found, form, 422)
    flash(_("%(code)s is part of %(winner)s now.", code=found.code, winner=winner.code), "success")
    return redirect_to(home_of(winner))


@bp.route("/tickets/<int:id>/split", methods=["GET", "POST"])
@allow(WORK)
def split_ticket(id: int) -> Response:
    """Some of its messages become a ticket of their own."""
    found = load_ticket(id)
    form: Any = SplitForm(formdata=None) if request.method == "GET" else SplitForm()
    chosen = [number for number in request.form.getlist("messages", type=int) if number]
    messages = services.messages_of(found)
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        return _ask("split", found, form, status, messages=messages, chosen=chosen)
    try:
        with session.begin_nested():
            made = services.split_ticket(found, chosen, form.subject.data, current_user)
    except Refused as no:
        session.refresh(found)
        form.form_errors = [str(no.message)]
        return _ask("split", found, form, 422, messages=messages, chosen=chosen)
    flash(_("Ticket %(code)s is open.", code=made.code), "success")
    return redirect_to(home_of(made))


@bp.route("/tickets/<int:id>/parent", methods=["GET", "POST"])
@allow(WORK)
def parent_ticket(id: int) -> Response:
    """Make it part of another, or of none."""
    found = load_ticket(id)
    form: Any = ParentForm(formdata=None, parent_id=found.parent_id) if request.method == "GET" else ParentForm()
    if request.method == "GET" or not form.validate():
        return _ask("parent", found, form, 200 if request.method == "GET" else 422)
    parent = load_ticket(form.parent_id.data) if form.parent_id.data is not None else None
    if parent is not None and parent.merged_into_id is not None:
        raise NotThere
    try:
        services.set_parent(found, parent, current_user)
    except Refused as no:
        form.parent_id.errors = [str(no.message)]
        return _ask("parent", found, form, 422)
    return redirect_to(home_of(found))
