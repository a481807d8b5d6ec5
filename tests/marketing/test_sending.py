"""Sending: everybody once, at the pace that was set, and honest about what is not known."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import now
from erpcrm.core.db import session as database
from erpcrm.core.errors import Refused
from erpcrm.core.jobs import Job
from erpcrm.core.lifecycle import transaction
from erpcrm.core.mail_server import MailServer
from erpcrm.core.moves import make_move
from erpcrm.customers.services import update_contact
from erpcrm.marketing import services
from erpcrm.marketing.models import Campaign, CampaignMember, MemberEvent
from erpcrm.marketing.services import sending
from tests.factories.leads import a_lead
from tests.marketing.conftest import a_template


def members(session: Any) -> list[CampaignMember]:
    session.expire_all()
    return list(session.scalars(select(CampaignMember).order_by(CampaignMember.id)))


def states(session: Any) -> list[str]:
    return [member.delivery for member in members(session)]


def test_everybody_gets_their_own_mail_once_and_can_leave_in_one_click(campaign, marketer, letters, run_jobs, session):
    made = campaign(
        2, template_b_id=a_template("Dear {{name}}", "Read [that](https://example.com/b)\n\n{{response link}}").id
    )
    lead = a_lead(person="李雷", company="Silk", email="li@example.com", marketing_consent=True)
    services.add_target(made, "lead", [lead.id], excluded=False)
    services.start(made, marketer)
    run_jobs()
    assert sorted(letters.recipients) == ["li@example.com", "pat0@example.com", "pat1@example.com"]
    assert states(session) == ["sent"] * 3
    found = members(session)
    assert all(member.sent_at == member.delivered_at is not None for member in found)
    for member in found:
        [mail] = [mail for mail in letters.messages if member.address in mail["To"]]
        name = member.name if member.variant == "b" or member.lead_id else "Pat"
        assert mail["Subject"] == f"{'Dear' if member.variant == 'b' else 'Hello'} {name}"
        assert mail["List-Unsubscribe"] == f"<http://localhost:8000/marketing/u/{member.token}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert mail["Reply-To"].addresses[0].addr_spec == "marketer@example.com"
        html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
        assert f"/marketing/c/{member.token}/" in html
        assert f"/marketing/o/{member.token}.gif" in html
        assert "https://example.com/" not in html
        assert f"/marketing/u/{member.token}" in text
        assert (f"/marketing/r/{member.token}" in text) is (member.variant == "b")
        assert "~member~" not in html + text
    told = session.execute(
        select(AuditEntry.record_type, AuditEntry.changes).where(AuditEntry.action == "campaign_mailed")
    ).all()
    assert sorted(kind for kind, _changes in told) == ["contact", "contact", "lead"]
    assert all(changes == {"record.campaign": [None, made.id]} for _kind, changes in told)
    run_jobs()
    assert len(letters.messages) == 3


def test_consent_is_asked_to_the_last(campaign, marketer, letters, run_jobs, session):
    campaign(3, start=True)
    first = members(session)[0]
    update_contact(first.contact, {"consent": "withdrawn"}, None, None)
    run_jobs()
    assert letters.recipients == ["pat1@example.com", "pat2@example.com"]
    assert states(session) == ["withdrawn", "sent", "sent"]


def test_pausing_stops_within_a_step_and_going_on_leaves_out_nobody(
    campaign, marketer, letters, run_jobs, session, monkeypatch, app
):
    monkeypatch.setattr(sending, "BATCH", 2)
    made = campaign(5, start=True)
    made_id, hand_over = made.id, MailServer.send_many

    def then_pause(server, batch, seconds):
        told = hand_over(server, batch, seconds)
        monkeypatch.setattr(MailServer, "send_many", hand_over)
        with app.app_context(), transaction():
            make_move(database.get_one(Campaign, made_id), "pause", by=None)
        return told

    monkeypatch.setattr(MailServer, "send_many", then_pause)
    run_jobs()
    session.refresh(made)
    assert (made.status, states(session)) == ("paused", ["sent", "sent", "waiting", "waiting", "waiting"])
    services.resume(made, marketer)
    run_jobs()
    assert sorted(letters.recipients) == [f"pat{number}@example.com" for number in range(5)]


def test_what_was_under_way_when_the_program_ended_is_uncertain_and_never_sent_again_by_itself(
    campaign, marketer, letters, run_jobs, session
):
    made = campaign(3, start=True)
    lost, other, _last = members(session)
    lost.delivery = "sending"  # as a killed worker leaves it: marked and committed, no answer noted
    run_jobs()
    assert letters.recipients == ["pat1@example.com", "pat2@example.com"]
    assert states(session) == ["uncertain", "sent", "sent"]
    with pytest.raises(Refused, match="no longer uncertain"):
        services.send_uncertain(other, marketer)
    services.send_uncertain(lost, marketer)
    run_jobs()
    assert letters.recipients[-1] == "pat0@example.com"
    assert states(session) == ["sent"] * 3
    assert made.status == "running"


def test_an_hour_takes_so_many_and_the_rest_comes_later(campaign, clock, letters, run_jobs, session):
    campaign(5, start=True, per_hour=2)
    sent = []
    for _hour in range(3):
        run_jobs()
        sent.append(len(letters.messages))
        clock.shift(timedelta(minutes=61))
    assert sent == [2, 4, 5]


def test_sending_begins_when_it_is_due(campaign, clock, letters, run_jobs, session):
    campaign(1, start=True, send_at=now() + timedelta(hours=3))
    run_jobs()
    assert letters.messages == []
    clock.shift(timedelta(hours=3, minutes=1))
    run_jobs()
    assert len(letters.messages) == 1


@pytest.mark.parametrize(
    ("answer", "states_then"),
    [("550 no such user", ["bounced"] * 3), ("450 try later", ["waiting"] * 3)],
)
def test_a_receiver_who_is_refused_has_bounced_and_one_who_is_put_off_is_tried_again(
    campaign, clock, letters, run_jobs, session, answer, states_then
):
    campaign(3, start=True)
    letters.rcpt_answer = answer
    run_jobs()
    assert states(session) == states_then
    assert all(answer in (member.error or "") for member in members(session))
    letters.rcpt_answer = "250 ok"
    clock.shift(timedelta(minutes=16))
    run_jobs()
    assert states(session) == (states_then if answer[0] == "5" else ["sent"] * 3)


def test_a_server_that_takes_nothing_stops_the_sending_and_marks_nobody(
    campaign, clock, letters, run_jobs, session, marketer, app, monkeypatch, client, sign_in
):
    made = campaign(6, start=True)
    letters.data_answer = "554 you are on a list"
    run_jobs()
    assert states(session) == ["waiting"] * 6
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://127.0.0.1:1")  # nobody listens there
    for _try in range(8):
        clock.shift(timedelta(hours=7))
        run_jobs()
    assert states(session) == ["waiting"] * 6
    session.refresh(made)
    assert session.get(Job, made.job_id).status == "failed"
    sign_in(client, marketer)
    assert "Sending has stopped" in client.get(f"/marketing/campaigns/{made.id}").text
    letters.data_answer = "250 ok"
    monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
    assert client.post(f"/marketing/campaigns/{made.id}/sending").status_code == 303
    run_jobs()
    assert states(session) == ["sent"] * 6
    assert len(letters.recipients) == 12  # six that were not taken, six that were


def test_a_broken_connection_leaves_one_uncertain_and_goes_on_with_the_next(campaign, letters, run_jobs, session):
    """The server hangs up in the middle of the second mail."""
    made = campaign(4, start=True)
    letters.hang_up_at = 2
    run_jobs()
    assert states(session) == ["sent", "uncertain", "sent", "sent"]
    kinds = session.scalars(select(MemberEvent.kind).where(MemberEvent.campaign_id == made.id)).all()
    assert sorted(kinds) == ["sent", "sent", "sent", "uncertain"]


def test_a_test_goes_to_oneself_and_counts_nowhere(campaign, marketer, letters, run_jobs, session, client, sign_in):
    made = campaign(2)
    session.commit()
    sign_in(client, marketer)
    preview = client.get(f"/marketing/campaigns/{made.id}/preview").text
    assert "Hello Pat" in preview
    assert "https://example.com/a" in preview
    assert client.post(f"/marketing/campaigns/{made.id}/test", data={"variant": "a"}).status_code == 303
    run_jobs()
    assert letters.recipients == ["marketer@example.com"]
    [mail] = letters.messages
    assert mail["Subject"] == "Test: Hello Pat"
    assert "/marketing/o/" not in mail.get_body(("html",)).get_content()
    assert members(session) == []
