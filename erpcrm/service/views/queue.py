"""The agent's hour: the queue as a list with the ticket beside it, or as a board."""

from typing import Any

from flask import Response, render_template, request, url_for
from flask_login import current_user

from erpcrm.access.models import User
from erpcrm.core.access import allow
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to, wanted_part
from erpcrm.core.whole import whole, whole_or_none

from .. import services
from ..models import TICKET_FLOW, VIEW, WORK, Ticket
from ..queue_moves import move_towards
from ..services import NOBODY, TABS
from .blueprint import bp, load_ticket
from .pane import LABELS, PANE, pane_data, wanted_tab

LOOKS = ("list", "state", "agent")


def _look() -> str:
    look = request.values.get("look", "")
    return look if look in LOOKS else "list"


def _about_lines() -> dict[str, Any]:
    return {"labels": LABELS, "states": TICKET_FLOW.state, "works": current_user.may(WORK)}


def _tabs(tab: str, look: str) -> list[dict[str, Any]]:
    found = services.counts(current_user)
    return [
        {
            "label": label,
            "url": url_for("service.queue", tab=name, look=look if look != "list" else None),
            "active": name == tab,
            "count": found[name] if found[name] < 1000 else "999+",
            "alarm": name == "breached" and found[name] > 0,
        }
        for name, label in TABS.items()
    ]


@bp.get("/queue")
@allow(VIEW)
def queue() -> Response:
    """The list with the chosen ticket beside it; a request for one of its parts gets that part."""
    tab, look = wanted_tab(), _look()
    chosen = request.args.get("ticket", type=whole)
    if wanted_part() == PANE and chosen is not None:
        return page("service/ticket_pane.html", **pane_data(load_ticket(chosen)))
    if wanted_part() == "queue_tabs":
        return page(
            "service/queue.html", parts=["queue_tabs"], tabs=_tabs(tab, look), tab=tab, look=look, chosen=chosen
        )
    data: dict[str, Any] = {"tab": tab, "look": look, "tabs": _tabs(tab, look), "chosen": chosen, **_about_lines()}
    if look != "list":
        return page("service/queue_board.html", parts=["board_columns"], columns=_columns(tab, look), **data)
    data["lines"] = services.lines(tab, current_user)
    data["after"] = data["lines"][-1].id if len(data["lines"]) == services.PAGE else None
    if wanted_part() != "queue_list" and chosen is not None:
        data |= pane_data(load_ticket(chosen))
    return page("service/queue.html", parts=["queue_list"], **data)


@bp.get("/queue/more")
@allow(VIEW)
def more_tickets() -> Response:
    """The next rows, after the one that `after` names; without a script, all open ones as a list."""
    tab, after = wanted_tab(), request.args.get("after", 0, type=whole)
    if "HX-Request" not in request.headers:
        return redirect_to(url_for("service.tickets"))
    rows = services.lines(tab, current_user, after)
    return Response(
        render_template(
            "service/queue_rows.html",
            lines=rows,
            after=rows[-1].id if len(rows) == services.PAGE else None,
            tab=tab,
            chosen=None,
            **_about_lines(),
        )
    )


@bp.post("/queue/pick")
@allow(WORK)
def pick_next() -> Response:
    """Take the most urgent ticket that nobody has."""
    found = services.pick_next(current_user)
    return redirect_to(url_for("service.queue", tab="mine", ticket=found.id))


# ------------------------------------------------------------------ the board


def _columns(tab: str, look: str) -> Any:
    if look == "agent":
        return services.board_by_agent(tab, current_user, services.agents())
    return services.board_by_state(tab, current_user)


def _heads(look: str) -> list[dict[str, Any]]:
    """Where else a card can go."""
    if look == "agent":
        agents = [{"key": str(agent.id), "label": agent.name} for agent in services.agents()]
        return [{"key": NOBODY, "label": _("Unassigned")}, *agents]
    return [{"key": state.value, "label": state.label} for state in TICKET_FLOW.states if state.value != "closed"]


@bp.post("/queue/board/<int:id>")
@allow(WORK)
def drop_ticket(id: int) -> Response:
    """A card was dropped on a column: a state, or an agent. What needs words is asked for in the dialog."""
    found, tab, look = load_ticket(id), wanted_tab(), _look()
    target, version = request.form.get("stage", ""), request.form.get("version", type=whole)
    if look == "agent":
        services.assign(found, _agent(target), current_user, version)
    elif target != found.status:
        move = move_towards(found.status, target)
        if move.reason == "required":
            return _ask_first(found)
        services.move_ticket(found, move.name, current_user, version=version)
    if "HX-Request" not in request.headers:
        return redirect_to(url_for("service.queue", tab=tab, look=look))
    response = Response(
        render_template(
            "service/board_moved.html",
            line=services.line_of(found.id),
            column=target,
            columns=_heads(look),
            tab=tab,
            look=look,
            **_about_lines(),
        )
    )
    response.headers["HX-Trigger"] = "queue-counts"
    return response


def _agent(key: str) -> User | None:
    if key == NOBODY:
        return None
    number = whole_or_none(key)
    agent = session.get(User, number) if number is not None else None
    if agent is None:
        raise NotThere
    return agent


def _ask_first(found: Ticket) -> Response:
    """The card goes back and the question opens; without a script its own page does."""
    where: dict[str, Any] = {"in": "board", "tab": wanted_tab(), "look": _look()}
    url = url_for("service.resolve_ticket", id=found.id, **where)
    if "HX-Request" not in request.headers:
        return redirect_to(url)
    response = Response(
        render_template("service/ask_first.html", url=url, ticket=found), 422, {"HX-Retarget": "#dialog_body"}
    )
    response.headers["HX-Reswap"] = "innerHTML"
    return response
