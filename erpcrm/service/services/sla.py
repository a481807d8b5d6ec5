"""What is promised for a ticket, and what of it is kept: the policy that fits, and the clock written down on the ticket."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from erpcrm.company.calendars import Calendar, NeverWorks
from erpcrm.company.services import calendar as business_hours
from erpcrm.core.db import now, once, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _, today, zone
from erpcrm.core.registry import is_on, registry
from erpcrm.customers.models import Customer
from erpcrm.sales.models import Contract

from .. import sla_clock
from ..models import SOLVED, SlaPolicy, Ticket, TicketEvent
from ..priorities import PRIORITIES
from ..sla_clock import Clock, Targets

LATER = datetime(9999, 1, 1, tzinfo=UTC)
"""Where in the queue stands what owes nothing now"""
ROUND_THE_CLOCK = dict.fromkeys(range(7), ((time.min, time.max),))
MOST_MINUTES = 366 * 24 * 60
STANDARD = {"urgent": [60, 480], "high": [120, 960], "normal": [240, 1920], "low": [480, 3840]}
"""Minutes of working time that a new company promises, until it decides otherwise"""


def policies() -> Sequence[SlaPolicy]:
    """All policies, in the order in which they are tried: the default last."""
    return session.scalars(select(SlaPolicy).order_by(SlaPolicy.is_default, SlaPolicy.position, SlaPolicy.id)).all()


def default_policy() -> SlaPolicy:
    """The policy that holds where no other does; made when there is none yet."""
    found = session.scalars(select(SlaPolicy).where(SlaPolicy.is_default)).one_or_none()
    if found is None:
        found = SlaPolicy(name=_("Standard"), is_default=True, position=1000, targets=dict(STANDARD))
        session.add(found)
        session.flush()
    return found


def policy_for(ticket: Ticket) -> SlaPolicy:
    """The first active policy whose conditions the ticket meets."""
    known = once(("service.policies",), policies, SlaPolicy)
    group = _group_of(ticket)
    contract: bool | None = None
    for policy in known:
        if policy.is_default or not policy.active:
            continue
        if policy.priorities and ticket.priority not in policy.priorities:
            continue
        if policy.kinds and ticket.kind not in policy.kinds:
            continue
        if policy.customer_groups and group not in policy.customer_groups:
            continue
        if policy.with_contract:
            contract = _has_contract(ticket.customer_id) if contract is None else contract
            if not contract:
                continue
        return policy
    return next((policy for policy in known if policy.is_default), None) or default_policy()


def _group_of(ticket: Ticket) -> str | None:
    if ticket.customer_id is None:
        return None
    return session.scalar(select(Customer.customer_group).where(Customer.id == ticket.customer_id))


def _has_contract(customer_id: int | None) -> bool:
    """Whether a contract with the customer runs today; never while sales is off."""
    if customer_id is None or not is_on(registry().by_name["sales"]):
        return False
    runs = (Contract.status == "active", Contract.starts_on <= today(), Contract.ends_on >= today())
    return session.scalar(select(Contract.id).where(Contract.customer_id == customer_id, *runs).limit(1)) is not None


def calendar_of(policy: SlaPolicy) -> Calendar:
    """When time counts under a policy."""
    if policy.around_the_clock:
        return Calendar(zone=zone(), week=ROUND_THE_CLOCK)
    return once(("service.hours",), business_hours)


def targets_of(policy: SlaPolicy, priority: str) -> Targets:
    response, resolution = policy.targets.get(priority) or (None, None)
    return Targets(_minutes(response), _minutes(resolution))


def _minutes(given: int | None) -> timedelta | None:
    return timedelta(minutes=given) if given is not None else None


def events_of(ticket: Ticket) -> Sequence[TicketEvent]:
    """What happened to a ticket, the oldest first."""
    return session.scalars(select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)).all()


def tell(ticket: Ticket, kind: str, before: str | None, after: str | None, at: datetime | None = None) -> None:
    """Add to what happened to a ticket."""
    session.add(TicketEvent(ticket_id=ticket.id, kind=kind, before=before, after=after, at=at or now()))
    session.flush()


def read_clock(ticket: Ticket, events: Sequence[TicketEvent] | None = None, at: datetime | None = None) -> Clock | None:
    """The clock of a ticket as it stands; None where no working time would ever pass."""
    if ticket.policy is None:
        return None
    happened = events_of(ticket) if events is None else events
    states = [(event.at, event.after or "") for event in happened if event.kind == "state"]
    try:
        return sla_clock.clock(
            states, calendar_of(ticket.policy), targets_of(ticket.policy, ticket.priority), at or now()
        )
    except NeverWorks:
        return None


def stretches_of(
    ticket: Ticket, events: Sequence[TicketEvent], at: datetime | None = None
) -> list[tuple[datetime, datetime, str, bool, timedelta]]:
    """(from, to, state, whether time ran, working time) of all that the clock has counted."""
    states = [(event.at, event.after or "") for event in events if event.kind == "state"]
    days = calendar_of(ticket.policy) if ticket.policy is not None else business_hours()
    parts = sla_clock.stretches(states, at or now())
    return [
        (start, end, state, runs, days.between(start, end))
        for (start, end, runs), (_at, state) in zip(parts, states, strict=True)
    ]


def stamp(ticket: Ticket, at: datetime | None = None) -> None:
    """Write down on the ticket what its clock says: called after all that moves it."""
    moment = at or now()
    policy = policy_for(ticket)
    if ticket.policy_id != policy.id:
        ticket.policy_id, ticket.policy = policy.id, policy
    events = events_of(ticket)
    told = {event.kind for event in events}
    read = read_clock(ticket, events, moment)
    ticket.response_due_at = read.response_due if read is not None else None
    ticket.resolution_due_at = read.resolution_due if read is not None else None
    last = next(event for event in reversed(events) if event.kind == "state")
    ticket.paused_at = last.at if ticket.status == "waiting_customer" else None
    _keep_breaches(ticket)
    solved = ticket.status in SOLVED
    response = ticket.response_due_at if ticket.first_response_at is None and not solved else None
    resolution = ticket.resolution_due_at if not solved and ticket.paused_at is None else None
    owed = [due for due in (response, resolution) if due is not None]
    ticket.due_at = min(owed, default=None)
    ticket.queue_at = ticket.due_at or LATER
    days, targets = calendar_of(policy), targets_of(policy, ticket.priority)
    ticket.response_warn_at = (
        _warning(days, response, targets.response, policy) if "response_warned" not in told else None
    )
    ticket.resolution_warn_at = (
        _warning(days, resolution, targets.resolution, policy) if "resolution_warned" not in told else None
    )
    first = ticket.due_at if ticket.escalated_at is None else None
    later = timedelta(minutes=policy.escalate_minutes)
    ticket.escalate_at = days.add(first, later) if first is not None else None
    session.flush()


def _keep_breaches(ticket: Ticket) -> None:
    """A promise that was broken before it was kept is noted, even when no sweep came in between."""
    answered, due = ticket.first_response_at, ticket.response_due_at
    if answered is not None and due is not None and answered > due and ticket.response_breached_at is None:
        ticket.response_breached_at = due
    solved, due = ticket.resolved_at, ticket.resolution_due_at
    if solved is not None and due is not None and solved > due and ticket.resolution_breached_at is None:
        ticket.resolution_breached_at = due
    if ticket.breached_at is None:
        broken = [at for at in (ticket.response_breached_at, ticket.resolution_breached_at) if at is not None]
        ticket.breached_at = min(broken, default=None)


def _warning(days: Calendar, due: datetime | None, target: timedelta | None, policy: SlaPolicy) -> datetime | None:
    """The moment before `due` from which the last part of the target is left, in working time."""
    if due is None or target is None:
        return None
    return days.before(due, target * (100 - policy.warn_percent) / 100)


def save_policy(policy: SlaPolicy | None, values: Mapping[str, Any], version: int | None = None) -> SlaPolicy:
    """Make or change a policy. Tickets that are open take the change when something next happens to them.

    Refused without name, with a resolution before the response, without any target, and where the default would be narrowed.
    """
    name = (values.get("name") or "").strip()
    if not name:
        raise Refused(_("Give the policy a name."))
    same = select(SlaPolicy.id).where(
        func.lower(SlaPolicy.name) == name.lower(), SlaPolicy.id != (policy.id if policy is not None else 0)
    )
    if session.scalar(same) is not None:
        raise Refused(_("There is a policy “%(name)s” already.", name=name))
    targets = _checked_targets(values["targets"])
    if policy is None:
        last = session.scalar(select(func.max(SlaPolicy.position)).where(~SlaPolicy.is_default)) or 0
        policy = SlaPolicy(position=last + 1, is_default=False)
        session.add(policy)
    elif version is not None and version != policy.version:
        raise Stale(policy)
    with session.no_autoflush:
        policy.name, policy.targets = name, targets
        policy.around_the_clock = bool(values.get("around_the_clock"))
        policy.warn_percent = values.get("warn_percent") or 75
        policy.escalate_minutes = values.get("escalate_minutes") or 0
        policy.escalate_to_id = values.get("escalate_to_id")
        policy.reassign = bool(values.get("reassign")) and policy.escalate_to_id is not None
        if not policy.is_default:
            policy.active = bool(values.get("active", True))
            policy.priorities = list(values.get("priorities") or ())
            policy.kinds = list(values.get("kinds") or ())
            policy.customer_groups = list(values.get("customer_groups") or ())
            policy.with_contract = bool(values.get("with_contract"))
    session.flush()
    return policy


def _checked_targets(given: Mapping[str, Sequence[int | None]]) -> dict[str, list[int | None]]:
    found: dict[str, list[int | None]] = {}
    for priority in PRIORITIES:
        response, resolution = given.get(priority) or (None, None)
        for minutes in (response, resolution):
            if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
                raise Refused(_("A target is at least one minute and at most a year."))
        if response is not None and resolution is not None and response > resolution:
            raise Refused(_("Nothing is resolved before it is answered: the first response comes first."))
        found[priority] = [response, resolution]
    if not any(minutes is not None for pair in found.values() for minutes in pair):
        raise Refused(_("Promise something: enter at least one target."))
    return found


def move_policy(policy: SlaPolicy, up: bool) -> None:
    """Try a policy before or after its neighbour. The default stays last."""
    order = [one for one in policies() if not one.is_default]
    if policy not in order:
        raise Refused(_("The default holds for all others and stays last."))
    place = order.index(policy)
    other = place - 1 if up else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    for position, one in enumerate(order, 1):
        one.position = position
    session.flush()


def remove_policy(policy: SlaPolicy) -> None:
    """Delete a policy. The tickets that it held for are held to the next that fits, as soon as something happens to them.

    Refused for the default.
    """
    if policy.is_default:
        raise Refused(_("The default holds for all others and can't be removed."))
    session.delete(policy)
    session.flush()
