"""A ticket as it is worked on: the same part stands beside the queue and on a page of its own."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.fields import custom_facts
from erpcrm.core.files import files_of
from erpcrm.core.options import option_label
from erpcrm.core.pages import own_path, page, redirect_to, wanted_part
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import is_on, registry
from erpcrm.core.whole import whole

from .. import services
from ..models import CHANNELS, KINDS, LEVEL_CHOICES, OPEN, PRIORITY_CHOICES, TICKET_FLOW, WORK, CannedReply, Ticket
from ..services import TABS

PANE = "ticket_pane"
LABELS = {
    name: {choice.value: choice for choice in choices}
    for name, choices in (
        ("kind", KINDS),
        ("channel", CHANNELS),
        ("priority", PRIORITY_CHOICES),
        ("level", LEVEL_CHOICES),
    )
}
ABOUT = (
    ("order", "sales", "sales.order", "number"),
    ("delivery", "inventory", "inventory.delivery", "number"),
    ("lot", "inventory", "inventory.lot", "number"),
    ("product", "catalog", "catalog.product", "name"),
)
"""What a ticket may be about: record type, area, page, by what it is called"""


def wanted_tab() -> str:
    """Which tab of the queue is looked at."""
    tab = request.values.get("tab", "")
    return tab if tab in TABS else "mine"


def beside_queue() -> bool:
    """Whether the ticket stands beside the queue, and not on a page of its own."""
    return request.endpoint == "service.queue" or request.values.get("in") == "queue"


def home_of(ticket: Ticket) -> str:
    """Where this ticket is being looked at."""
    if request.values.get("in") == "board":
        return url_for("service.queue", tab=wanted_tab(), look=request.values.get("look"))
    if beside_queue():
        return url_for("service.queue", tab=wanted_tab(), ticket=ticket.id)
    return url_for("service.ticket", id=ticket.id)


def about(ticket: Ticket) -> list[tuple[str, str, str | None]]:
    """(record type, name, address where this user may see it) of what the ticket is about, as far as its area is on."""
    found = []
    for kind, area, endpoint, attribute in ABOUT:
        key = getattr(ticket, f"{kind}_id")
        if key is None or not is_on(registry().by_name[area]):
            continue
        seen = may_see(kind, key)
        name = getattr(getattr(ticket, kind), attribute) if seen else f"#{key}"
        found.append((kind, name, url_for(endpoint, id=key) if seen else None))
    return found


def pane_data(ticket: Ticket, draft: dict[str, Any] | None = None, stale: bool = False) -> dict[str, Any]:
    """All that the part shows. `draft` is what was typed and not sent."""
    typed = {"text": "", "kind": "reply" if ticket.address else "note", "solution": ""} | (draft or {})
    canned = request.args.get("canned", type=whole) if draft is None else None
    if canned is not None and (chosen := session.get(CannedReply, canned)) is not None:
        typed["text"] = services.filled(chosen.text, ticket, current_user)
    works = current_user.may(WORK)
    children = session.execute(
        select(Ticket.id, Ticket.code, Ticket.subject, Ticket.status).where(Ticket.parent_id == ticket.id).limit(50)
    ).all()
    moves = [move for move in TICKET_FLOW.moves_for(ticket, current_user) if ticket.merged_into_id is None]
    return {
        "ticket": ticket,
        "state": TICKET_FLOW.state_of(ticket),
        "states": TICKET_FLOW.state,
        "labels": LABELS,
        "category": option_label("ticket.category", ticket.category),
        "messages": services.messages_of(ticket),
        "files": {file.id: file for file in files_of("ticket", ticket.id)},
        "moves": {move.name: move for move in moves},
        "works": works,
        "may_note": (works or current_user.may(OPEN)) and ticket.merged_into_id is None,
        "agents": services.agents() if works else (),
        "watchers": services.watchers_of(ticket),
        "children": children,
        "about": about(ticket),
        "customer_seen": ticket.customer_id is not None and may_see("customer", ticket.customer_id),
        "custom": custom_facts(ticket),
        "draft": typed,
        "stale": stale,
        "in_queue": beside_queue(),
        "tab": wanted_tab(),
        "home": home_of(ticket),
        "place": {"in": "queue", "tab": wanted_tab()} if beside_queue() else {},
    }


def pane(
    ticket: Ticket,
    *,
    status: int = 200,
    draft: dict[str, Any] | None = None,
    stale: bool = False,
    changed: bool = False,
) -> Response:
    """The part alone where it is what is replaced, else the page of the ticket. `changed` tells the queue beside it."""
    data = pane_data(ticket, draft, stale)
    if wanted_part() == PANE:
        response = page("service/ticket_pane.html", status=status, **data)
        if status == 409:
            response.headers["HX-Retarget"], response.headers["HX-Reswap"] = f"#{PANE}", "innerHTML"
        if changed:
            response.headers["HX-Trigger"] = "queue-changed"
        return response
    return page("service/ticket.html", status=status, **data)


def done(ticket: Ticket) -> Response:
    """After a change: the part anew, or back to where it was looked at."""
    if wanted_part() == PANE:
        session.refresh(ticket)
        return pane(ticket, changed=True)
    return redirect_to(own_path(request.form.get("back")) or home_of(ticket))
