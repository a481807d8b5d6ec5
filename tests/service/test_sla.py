"""What is promised for tickets: which policy holds, what the ticket remembers, and what time alone does."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from erpcrm.company.calendars import parse_windows
from erpcrm.company.services import add_holidays, set_week
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.jobs import enqueue
from erpcrm.core.notifications import Notification
from erpcrm.core.settings import save_setting
from erpcrm.service import services
from erpcrm.service.jobs import SWEEP
from erpcrm.service.models import Ticket, TicketEvent
from erpcrm.service.services.sla import LATER
from tests.factories.sales import a_contract, a_line

TARGETS = {"urgent": [60, 240], "high": [60, 240], "normal": [60, 240], "low": [60, 240]}


@pytest.fixture
def hours(app, clock):
    """Monday to Friday from 09:00 to 18:00 in Shanghai, as in the worked example; four hours for everything."""
    set_week({day: parse_windows("9:00-18:00") for day in range(5)})
    services.save_policy(services.default_policy(), {"name": "Standard", "targets": TARGETS})


def at(day, hour, minute=0):
    """A moment of November 2026 in Shanghai. The 6th is a Friday."""
    return datetime(2026, 11, day, hour - 8, minute, tzinfo=UTC)


def told(session, user):
    query = select(Notification.text).where(Notification.user_id == user.id, Notification.kind == "due")
    return list(session.scalars(query.order_by(Notification.id)))


def test_the_worked_example_on_a_ticket(hours, ticket, agent, clock):
    clock.move_to(at(6, 16, 30))
    made = ticket(owner_id=agent.id)
    assert (made.response_due_at, made.resolution_due_at) == (at(6, 17, 30), at(9, 11, 30))
    assert (made.due_at, made.queue_at) == (at(6, 17, 30), at(6, 17, 30))
    clock.move_to(at(6, 17))
    services.reply(made, "We look into it", agent)
    assert (made.first_response_at, made.due_at) == (at(6, 17), at(9, 11, 30))
    clock.move_to(at(9, 9, 30))
    services.move_ticket(made, "wait_customer", agent)
    assert (made.due_at, made.paused_at, made.queue_at) == (None, at(9, 9, 30), LATER)
    clock.move_to(at(9, 10, 30))
    services.receive(made, "Here it is", name="Lena")
    assert (made.resolution_due_at, made.paused_at, made.due_at) == (at(9, 12, 30), None, at(9, 12, 30))
    services.update_ticket(made, {"impact": "high"}, None, agent)
    assert (made.priority, made.resolution_due_at) == ("high", at(9, 12, 30))
    clock.move_to(at(9, 12))
    services.move_ticket(made, "resolve", agent, reason="New seal")
    clock.move_to(at(10, 9))
    services.move_ticket(made, "reopen", agent)
    assert made.resolution_due_at == at(10, 9, 30)  # half an hour was left
    assert made.breached_at is None


def test_a_holiday_moves_what_is_due(hours, ticket, clock):
    add_holidays({date(2026, 11, 9): "Founding day"})
    clock.move_to(at(6, 16, 30))
    assert ticket().resolution_due_at == at(10, 11, 30)


def test_the_first_policy_that_fits_holds(hours, ticket, customer, seller, manager, session, clock):
    targets = {name: [30, 120] for name in TARGETS}
    key = services.save_policy(None, {"name": "Key", "customer_groups": ["key"], "targets": targets})
    signed = services.save_policy(None, {"name": "Signed", "with_contract": True, "targets": targets})
    urgent = services.save_policy(
        None, {"name": "Line down", "priorities": ["urgent"], "kinds": ["incident"], "targets": targets}
    )
    plain = ticket()
    assert plain.policy.is_default
    assert ticket(kind="incident", impact="high", urgency="high").policy is urgent
    assert ticket(kind="question", impact="high", urgency="high").policy.is_default
    line = a_line(None, 1, price=Decimal(10), text="Care")
    a_contract(customer, seller, manager, line, starts_on=date(2026, 1, 1))
    assert ticket().policy is signed
    save_setting("modules_off", ["sales"])
    assert ticket().policy.is_default
    save_setting("modules_off", [])
    customer.customer_group = "key"
    session.flush()
    assert ticket().policy is key
    services.move_policy(urgent, up=True)
    services.move_policy(urgent, up=True)
    assert [one.name for one in services.policies()] == ["Line down", "Key", "Signed", "Standard"]
    assert ticket(kind="incident", impact="high", urgency="high").policy is urgent
    services.update_ticket(plain, {"urgency": "high"}, None, None)
    assert plain.policy is key


def test_what_is_no_promise_is_refused(hours, session):
    bad = [
        ({"name": " ", "targets": TARGETS}, "name"),
        ({"name": "Standard", "targets": TARGETS}, "already"),
        ({"name": "A", "targets": TARGETS | {"low": [240, 60]}}, "first response comes first"),
        ({"name": "A", "targets": TARGETS | {"low": [0, 60]}}, "at least one minute"),
        ({"name": "A", "targets": {}}, "at least one target"),
    ]
    for values, message in bad:
        with pytest.raises(Refused, match=message):
            services.save_policy(None, values)
    default = services.default_policy()
    for refused in (lambda: services.remove_policy(default), lambda: services.move_policy(default, up=True)):
        with pytest.raises(Refused, match="default holds for all others"):
            refused()
    services.save_policy(default, {"name": "Standard", "kinds": ["incident"], "active": False, "targets": TARGETS})
    assert (default.kinds, default.active) == ([], True)
    with pytest.raises(Stale):
        services.save_policy(default, {"name": "Standard", "targets": TARGETS}, version=0)


def test_a_warning_comes_before_and_a_breach_stays(hours, ticket, agent, manager, teams, session, clock, run_jobs):
    clock.move_to(at(9, 9))
    made = ticket(owner_id=agent.id, team_id=teams.north.id)
    session.commit()

    def sweep(hour, minute):
        clock.move_to(at(9, hour, minute))
        enqueue(SWEEP)
        session.commit()
        run_jobs()
        session.expire_all()

    sweep(9, 44)
    assert told(session, agent) == []
    sweep(9, 45)  # three quarters of the hour to the first response
    assert told(session, agent) == told(session, manager) == ["Ticket T-00001 is due soon: The pump leaks"]
    sweep(9, 50)
    assert len(told(session, agent)) == 1
    sweep(10, 1)
    assert (made.response_breached_at, made.breached_at) == (at(9, 10), at(9, 10))
    assert told(session, agent)[1:] == ["Ticket T-00001 is late: The pump leaks"]
    assert told(session, manager)[-1] == "Ticket T-00001 is escalated to you: The pump leaks"
    services.reply(made, "Sorry, here we are", agent)
    services.move_ticket(made, "resolve", agent, reason="Done")
    assert (made.breached_at, made.response_breached_at, made.resolution_breached_at) == (at(9, 10), at(9, 10), None)
    session.commit()
    sweep(17, 0)
    assert made.resolution_breached_at is None  # resolved in time
    kinds = session.scalars(select(TicketEvent.kind).where(TicketEvent.kind != "state").order_by(TicketEvent.id)).all()
    assert kinds == ["response_warned", "response_breached", "escalated"]


def test_what_is_answered_too_late_is_a_breach_even_between_two_sweeps(hours, ticket, agent, clock):
    clock.move_to(at(9, 9))
    made = ticket()
    clock.move_to(at(9, 15))
    services.reply(made, "At last", agent)
    services.move_ticket(made, "resolve", agent, reason="Done")
    assert (made.response_breached_at, made.resolution_breached_at) == (at(9, 10), at(9, 13))
    services.move_ticket(made, "reopen", agent)
    assert made.resolution_breached_at == at(9, 13)


def test_an_escalation_gives_it_to_somebody_else_where_the_policy_says_so(hours, ticket, agent, helper, session, clock):
    services.save_policy(
        services.default_policy(),
        {
            "name": "Standard",
            "targets": TARGETS,
            "escalate_minutes": 30,
            "escalate_to_id": helper.id,
            "reassign": True,
        },
    )
    clock.move_to(at(9, 9))
    made = ticket(owner_id=agent.id)
    clock.move_to(at(9, 10, 29))
    assert services.escalate() == 0
    clock.move_to(at(9, 10, 30))
    assert services.escalate() == 1
    session.refresh(made)
    assert (made.owner_id, made.escalated_at) == (helper.id, at(9, 10, 30))
    assert services.escalate() == 0


def test_a_sweep_of_many_tells_a_number_and_looks_at_each_once(hours, ticket, agent, session, clock, count_queries):
    clock.move_to(at(9, 9))
    for n in range(8):
        ticket(f"Ticket {n}", owner_id=agent.id, text=None)
    clock.move_to(at(9, 14))
    with count_queries() as eight:
        assert services.refresh_breaches() == 8
    assert "8 tickets are late." in told(session, agent)
    assert services.refresh_breaches() == 0
    assert session.scalar(select(func.count()).where(Ticket.breached_at == at(9, 10))) == 8
    assert session.scalar(select(func.count()).where(TicketEvent.kind == "resolution_breached")) == 8
    assert len(eight) < 40


def test_the_clock_explains_itself(hours, ticket, agent, client, sign_in, session, clock):
    clock.move_to(at(6, 16, 30))
    made = ticket(owner_id=agent.id)
    clock.move_to(at(9, 9, 30))
    services.move_ticket(made, "wait_customer", agent)
    clock.move_to(at(9, 10, 30))
    services.move_ticket(made, "go_on", agent)
    session.commit()
    sign_in(client, agent)
    page = client.get(f"/service/tickets/{made.id}/clock").text
    assert "1 hour, not counted" in page
    assert "2 hours" in page  # 1.5 hours on Friday and half an hour on Monday before it waited
