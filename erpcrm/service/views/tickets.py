"""The pages of tickets: the list, one ticket, what is written on it, and how it moves."""

from typing import Any

from flask import Response, flash, render_template, request, url_for
from flask_login import current_user

from erpcrm.access.models import User
from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.fields import add_fields
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import is_on, record_type, registry
from erpcrm.core.whole import whole, whole_or_none
from erpcrm.inventory.models import Delivery
from erpcrm.sales.models import SalesOrder

from .. import services
from ..forms import TicketForm
from ..models import KINDS, OPEN, TICKET_FLOW, VIEW, WORK, Ticket
from .blueprint import bp, load_ticket
from .pane import done, pane

OF_UPPER_AREAS = {"order_id": "sales", "delivery_id": "inventory", "lot_id": "inventory"}
PREFILLED = ("customer_id", "contact_id", "product_id", "order_id", "delivery_id", "lot_id")
KIND_NAMES = {choice.value for choice in KINDS}
MOST_FILES = 10


@bp.get("/tickets")
@allow(VIEW)
def tickets() -> Response:
    return list_page(record_type("ticket"))


@bp.get("/tickets/<int:id>")
@allow(VIEW)
def ticket(id: int) -> Response:
    return pane(load_ticket(id))


# ------------------------------------------------------------------ the form


def _form(record: Ticket | None = None, data: dict[str, Any] | None = None) -> Any:
    made = add_fields(TicketForm, record_type("ticket"))
    form = made(formdata=None, data=data) if data is not None else made(obj=record)
    for name, area in OF_UPPER_AREAS.items():
        kind = name.removesuffix("_id")
        if not is_on(registry().by_name[area]) or not current_user.may(record_type(kind).view):
            del form[name]
    if record is not None:
        del form.text
    if not current_user.may(WORK):
        del form.owner_id
    return form


@bp.get("/tickets/new")
@allow(OPEN)
def new_ticket() -> Response:
    """From an order, a delivery or a customer's page what is known is filled in."""
    data: dict[str, Any] = {"kind": "question", "impact": "medium", "urgency": "medium"}
    for name in PREFILLED:
        number = request.args.get(name.removesuffix("_id"), type=whole)
        if number is not None and may_see(name.removesuffix("_id"), number):
            data[name] = number
    if request.args.get("kind") in KIND_NAMES:
        data["kind"] = request.args["kind"]
    _know_more(data)
    return page("service/ticket_form.html", form=_form(data=data), ticket=None)


def _know_more(data: dict[str, Any]) -> None:
    """The order of a delivery, and the customer of either."""
    delivery = session.get(Delivery, data["delivery_id"]) if data.get("delivery_id") else None
    if delivery is not None:
        data.setdefault("order_id", delivery.order_id)
        data.setdefault("customer_id", delivery.customer_id)
    order = session.get(SalesOrder, data["order_id"]) if data.get("order_id") else None
    if order is not None:
        data.setdefault("customer_id", order.customer_id)


@bp.post("/tickets")
@allow(OPEN)
def create_ticket() -> Response:
    form = _form()
    if not form.validate():
        return page("service/ticket_form.html", form=form, ticket=None, status=422)
    values = form.values()
    from_document = values.get("order_id") or values.get("delivery_id")
    values["channel"] = "order" if from_document else "staff"
    made = services.open_ticket(values, current_user, text=values.get("text"))
    flash(_("Ticket %(code)s is open.", code=made.code), "success")
    return redirect_to(url_for("service.ticket", id=made.id))


@bp.get("/tickets/<int:id>/edit")
@allow(WORK)
def edit_ticket(id: int) -> Response:
    found = load_ticket(id)
    return page("service/ticket_form.html", form=_form(found), ticket=found)


@bp.post("/tickets/<int:id>")
@allow(WORK)
def update_ticket(id: int) -> Response:
    found = load_ticket(id)
    form = _form(found)
    if not form.validate():
        return page("service/ticket_form.html", form=form, ticket=found, status=422)
    services.update_ticket(found, form.values(), form.version.data, current_user)
    flash(_("%(name)s is saved.", name=found.code), "success")
    return redirect_to(url_for("service.ticket", id=id))


# ------------------------------------------------------------------ what is written


@bp.post("/tickets/<int:id>/write")
@allow(OPEN)
def write(id: int) -> Response:
    """A reply or a note; a reply may wait or resolve at once. What can't be sent is shown again with what was typed."""
    found = load_ticket(id)
    kind = "reply" if request.form.get("kind") == "reply" else "note"
    text, then = request.form.get("text", "")[:50_000], request.form.get("then", "")
    draft = {"kind": kind, "text": text, "solution": request.form.get("solution", "")}
    files = [file for file in request.files.getlist("files") if file.filename][:MOST_FILES]
    try:
        with session.begin_nested():
            if kind == "note":
                services.note(found, text, current_user, files=files)
            else:
                if not current_user.may(WORK):
                    raise NotThere
                version = whole_or_none(request.form.get("version"))
                services.reply(found, text, current_user, files=files, version=version)
            _then(found, then, draft["solution"].strip() or text)
    except Stale:
        session.refresh(found)
        return pane(found, status=409, draft=draft, stale=True)
    except Refused as no:
        session.refresh(found)
        response = pane(found, status=422, draft=draft | {"error": str(no.message)})
        return response
    return done(found)


def _then(found: Ticket, move: str, solution: str) -> None:
    """What a message does besides."""
    if move in ("wait_customer", "wait_third") and found.status != TICKET_FLOW.move[move].target:
        services.move_ticket(found, move, current_user)
    elif move == "resolve" and found.resolved_at is None:
        services.move_ticket(found, "resolve", current_user, reason=solution[:2000])


@bp.get("/tickets/<int:id>/canned")
@allow(WORK)
def canned(id: int) -> Response:
    """The canned replies, filled in for this ticket."""
    found = load_ticket(id)
    replies = [(one, services.filled(one.text, found, current_user)) for one in services.canned_replies()]
    return page("service/canned_menu.html", parts=["canned_list"], ticket=found, replies=replies)


@bp.post("/tickets/<int:id>/presence")
@allow(VIEW)
def presence(id: int) -> Response:
    """This user has the ticket open: says who else has, and whether it has changed since it was shown."""
    found = load_ticket(id)
    services.be_here(found, current_user, bool(request.form.get("text", "").strip()))
    shown = whole_or_none(request.form.get("version"))
    return Response(
        render_template(
            "service/presence.html",
            ticket=found,
            others=services.others_here(found, current_user),
            changed=shown is not None and shown != found.version,
        )
    )


# ------------------------------------------------------------------ who, and how it moves


@bp.post("/tickets/<int:id>/assign")
@allow(WORK)
def assign(id: int) -> Response:
    found = load_ticket(id)
    number = whole_or_none(request.form.get("owner"))
    owner = session.get(User, number) if number is not None else None
    if number is not None and owner is None:
        raise NotThere
    services.assign(found, owner, current_user)
    return done(found)


@bp.post("/tickets/<int:id>/watch")
@allow(VIEW)
def watch(id: int) -> Response:
    found = load_ticket(id)
    if any(user.id == current_user.id for user in services.watchers_of(found)):
        services.unwatch(found, current_user)
    else:
        services.watch(found, current_user)
    return done(found)


@bp.post("/tickets/<int:id>/<move>")
@allow(WORK)
def move_ticket(id: int, move: str) -> Response:
    found = load_ticket(id)
    if move not in TICKET_FLOW.move or TICKET_FLOW.move[move].page:
        raise NotThere
    reason = request.form.get("reason", "").strip()[:2000] or None
    version = whole_or_none(request.form.get("version"))
    children = request.form.get("children") or None
    services.move_ticket(found, move, current_user, version=version, reason=reason, children=children)
    return done(found)


@bp.get("/tickets/<int:id>/clock")
@allow(VIEW)
def clock(id: int) -> Response:
    """What adds up to the times that are promised."""
    found = load_ticket(id)
    events = services.events_of(found)
    return page(
        "service/clock.html",
        parts=["dialog_body"],
        ticket=found,
        clock=services.read_clock(found, events),
        targets=services.targets_of(found.policy, found.priority) if found.policy is not None else None,
        stretches=services.stretches_of(found, events),
        states=TICKET_FLOW.state,
    )
