"""What members do: opening, clicking, answering, leaving; and the public pages of campaigns."""

from datetime import timedelta
from typing import Any

import pytest
from flask import url_for
from sqlalchemy import select

from erpcrm.core.errors import Refused
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.customers.models import Activity
from erpcrm.marketing import links as paths
from erpcrm.marketing import services
from erpcrm.marketing.models import CampaignLead, CampaignLink, CampaignMember, LandingForm, MemberEvent
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.services import Conversion, convert
from tests.factories.customers import a_contact, a_customer
from tests.factories.leads import a_lead
from tests.marketing.conftest import agreed
from tests.pipeline.test_lead_public_form import stamp_of

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}


@pytest.fixture
def sent(campaign, letters, run_jobs, session, clock):
    """The one member of a campaign whose mail went out ten minutes ago."""
    campaign(1, start=True, body="See [a](https://example.com/a) and [b](https://example.com/b).")
    run_jobs()
    clock.shift(timedelta(minutes=10))
    return session.scalars(select(CampaignMember)).one()


def links(session: Any, member: CampaignMember) -> list[str]:
    found = session.scalars(select(CampaignLink.id).order_by(CampaignLink.url))
    return [f"/marketing/c/{member.token}/{id}" for id in found]


def anew(session: Any, member: CampaignMember) -> CampaignMember:
    session.rollback()
    session.refresh(member)
    return member


def test_a_click_leads_on_and_counts_once_with_its_first_time(sent, client, session, clock):
    first, _second = links(session, sent)
    answer = client.get(first, headers=BROWSER)
    assert (answer.status_code, answer.headers["Location"]) == (303, "https://example.com/a")
    at = anew(session, sent).clicked_at
    assert at is not None
    assert sent.opened_at == at  # with pictures or without
    clock.shift(timedelta(hours=1))
    client.get(first, headers=BROWSER)
    assert anew(session, sent).clicked_at == at
    assert session.query(MemberEvent).filter_by(kind="clicked").count() == 2


def test_links_lead_to_stored_addresses_of_their_own_campaign_only(sent, client, session, campaign, run_jobs):
    other = campaign(0, body="[c](https://example.com/c)")
    foreign = services.keep_links(other)["https://example.com/c"]
    session.commit()
    for path in (f"/marketing/c/{sent.token}/{foreign}", f"/marketing/c/{sent.token}/999", "/marketing/c/nobody/1"):
        assert client.get(path, headers=BROWSER).status_code == 404
    assert client.get(f"{links(session, sent)[0]}?url=https://evil.example", headers=BROWSER).headers["Location"] == (
        "https://example.com/a"
    )


def test_scanners_are_led_on_but_do_not_count(sent, client, session, clock):
    first, second = links(session, sent)
    client.head(first, headers=BROWSER)
    client.get(first, headers={"User-Agent": "curl/8.0"})
    client.get(first, headers=BROWSER | {"Sec-Purpose": "prefetch"})
    assert anew(session, sent).clicked_at is None
    # Two different links at once: the first had counted, and is taken back.
    client.get(first, headers=BROWSER)
    clock.shift(timedelta(seconds=1))
    client.get(second, headers=BROWSER)
    assert (anew(session, sent).clicked_at, sent.opened_at) == (None, None)
    clock.shift(timedelta(minutes=5))
    client.get(second, headers=BROWSER)
    assert anew(session, sent).clicked_at is not None
    told = [event.counted for event in services.events_of(sent) if event.kind == "clicked"]
    assert told.count(True) == 1


def test_the_picture_is_an_opening_and_says_nothing_to_those_who_guess(sent, client, session):
    unknown = client.get("/marketing/o/guessed.gif", headers=BROWSER)
    known = client.get(f"/marketing/o/{sent.token}.gif", headers=BROWSER)
    assert (unknown.status_code, unknown.data) == (known.status_code, known.data)
    assert known.headers["Cache-Control"] == "no-store"
    assert anew(session, sent).opened_at is not None
    assert sent.clicked_at is None


def test_one_click_unsubscribes_everybody_with_the_address_at_once(sent, client, session, customer, app, monkeypatch):
    twin = agreed(customer, 9, email="PAT0@example.com")
    lead = a_lead(person="Pat", email="pat0@example.com", marketing_consent=True)
    session.commit()
    page = f"/marketing/u/{sent.token}"
    assert client.get(page).status_code == 200
    assert anew(session, sent).unsubscribed_at is None  # a scanner that opens the page has unsubscribed nobody
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    assert client.post(f"/marketing/r/{sent.token}").status_code == 400  # only there is no token of ours asked for
    one_click = {"List-Unsubscribe": "One-Click"}
    assert client.post(page, data=one_click).status_code == 200
    assert client.post(page, data=one_click).status_code == 200
    for person in (sent.contact, twin):
        session.refresh(person)
        assert (person.consent, person.consent_on) == ("withdrawn", today())
        assert person.consent_source == f"Unsubscribed from {sent.campaign.number}"
    session.refresh(lead)
    assert lead.marketing_consent is False
    assert anew(session, sent).unsubscribed_at is not None
    assert session.query(MemberEvent).filter_by(kind="unsubscribed").count() == 1


def test_an_answer_takes_a_button_and_not_an_opened_address(sent, client, session):
    page = f"/marketing/r/{sent.token}"
    assert "Yes, please" in client.get(page, headers={"Accept-Language": "en"}).text
    assert anew(session, sent).responded_at is None
    assert client.post(page).status_code == 303
    assert (anew(session, sent).responded_at is not None, sent.outcome) == (True, "answered")


def test_a_call_list_is_worked_off_by_who_sees_the_people(
    campaign, marketer, seller, letters, session, client, sign_in
):
    mine, theirs = a_customer(seller, name="Mine"), a_customer(name="Theirs")
    for owner, phone in ((mine, "138 1234 5678"), (theirs, "139 1234 5678")):
        agreed(owner, 1 if owner is mine else 2, mobile=phone)
    made = campaign(0, channel="call", template_id=None)
    services.add_target(made, "customer", [mine.id, theirs.id], excluded=False)
    services.start(made, marketer)
    session.commit()
    page = f"/marketing/campaigns/{made.id}/calls"
    sign_in(client, seller)
    shown = client.get(page).text
    assert ("Pat Number1" in shown, "Pat Number2" in shown) == (True, False)
    one, other = session.scalars(select(CampaignMember).order_by(CampaignMember.id))
    note = {"outcome": "interested", "note": "Send an offer", "from": "calls"}
    assert client.post(f"/marketing/members/{other.id}/outcome", data=note).status_code == 404
    assert client.post(f"/marketing/members/{one.id}/outcome", data=note | {"outcome": "attended"}).status_code == 422
    assert client.post(f"/marketing/members/{one.id}/outcome", data=note).status_code == 303
    assert anew(session, one).responded_at is not None
    told = session.scalars(select(Activity)).one()
    assert (told.kind, told.contact_id, told.outcome, told.owner_id) == (
        "call",
        one.contact_id,
        "Interested",
        seller.id,
    )
    assert f'id="member_{one.id}"' not in client.get(page).text


def test_the_control_group_is_left_in_peace(campaign, marketer, letters, session, run_jobs):
    campaign(4, start=True, control_percent=50)
    run_jobs()
    held = session.scalars(select(CampaignMember).where(CampaignMember.control)).all()
    assert [member.sent_at for member in held] == [None, None]
    with pytest.raises(Refused, match="control group"):
        services.respond(held[0], "answered", None)
    assert len(letters.messages) == 2


# --------------------------------------------------------------------------- public pages


@pytest.fixture
def landing(campaign, marketer, letters, session):
    made = campaign(0, channel="ads", template_id=None, code="fair26")
    values = {"slug": "fair", "language": "en", "title": "Try it", "consent_text": "News, please."}
    form = services.save_form(LandingForm(campaign_id=made.id), values, marketer)
    session.commit()
    return form


def test_a_public_page_makes_a_lead_with_its_source_and_the_words_of_the_consent(
    landing, marketer, session, client, clock
):
    assert client.get("/marketing/f/fair").status_code == 404  # the campaign does not run yet
    services.start(landing.campaign, marketer)
    earlier = services.add_member(landing.campaign, contact=a_contact(None, name="Amy", email="amy@example.com"))
    session.commit()
    assert client.get("/marketing/r/FAIR26").headers["Location"] == "/marketing/f/fair"
    page = client.get("/marketing/f/fair").text
    assert "News, please." in page
    typed = {
        "person": "Amy",
        "email": "Amy@example.com",
        "marketing_consent": "1",
        "asked_at": stamp_of(page),
        "homepage": "",
    }
    clock.shift(timedelta(seconds=1))
    assert client.post("/marketing/f/fair", data=typed).status_code == 422  # as quick as a robot
    clock.shift(timedelta(seconds=20))
    assert client.post("/marketing/f/fair", data=typed | {"homepage": "x"}).status_code == 303  # and learns nothing
    assert session.scalars(select(Lead)).all() == []
    assert client.post("/marketing/f/fair", data=typed).status_code == 303
    lead = session.scalars(select(Lead)).one()
    assert (lead.source, lead.source_reference) == ("campaign", f"{landing.campaign.number} Spring")
    assert lead.marketing_consent is True
    proof = session.scalars(select(CampaignLead)).one()
    assert (proof.lead_id, proof.form_id, proof.consent_text) == (lead.id, landing.id, "News, please.")
    assert anew(session, earlier).responded_at is not None  # whoever was written to has answered
    member = session.scalars(select(CampaignMember).where(CampaignMember.lead_id == lead.id)).one()
    assert member.responded_at is not None
    landing.consent_text = "Other words"
    session.flush()
    assert proof.consent_text == "News, please."


def test_a_lead_without_consent_has_no_proof_and_its_end_is_told_to_the_campaign(landing, marketer, admin, session):
    services.start(landing.campaign, marketer)
    lead = services.take(landing, {"person": "Bo", "company": "Bo Ltd", "email": "bo@example.com"})
    assert session.scalars(select(CampaignLead.consent_text)).one() is None
    assert lead.marketing_consent is False
    convert(lead, Conversion(customer="new", contact="none", opportunity="none"), admin)
    member = session.scalars(select(CampaignMember)).one()
    assert member.converted_at is not None
    assert member.customer_id == lead.customer_id


def test_what_is_over_takes_nobody_and_addresses_are_taken_once(landing, marketer, session, client):
    other = LandingForm(campaign_id=landing.campaign_id)
    values = {"slug": "Fair", "language": "en", "title": "Again", "consent_text": "x"}
    with pytest.raises(Refused, match="Another page"):
        services.save_form(other, values, marketer)
    services.start(landing.campaign, marketer)
    make_move(landing.campaign, "finish", by=marketer)
    session.commit()
    assert client.get("/marketing/f/fair").status_code == 404
    assert client.get("/marketing/r/fair26").status_code == 404


def test_the_paths_in_mails_are_those_of_the_routes(app):
    with app.test_request_context():
        for path, endpoint, values in (
            (paths.click_path("t", 7), "follow_link", {"token": "t", "link": 7}),
            (paths.pixel_path("t"), "pixel", {"token": "t"}),
            (paths.leave_path("t"), "unsubscribe", {"token": "t"}),
            (paths.answer_path("t"), "answer", {"code": "t"}),
            (f"{paths.FORMS}t", "form", {"slug": "t"}),
        ):
            assert path == url_for(f"marketing.{endpoint}", **values)
