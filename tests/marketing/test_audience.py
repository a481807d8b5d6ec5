"""Whom a campaign is for: consent first, everybody once, and what stands from the start on."""

import pytest
from sqlalchemy import func, select

from erpcrm.analytics.services import add_customers, save_segment
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.moves import make_move
from erpcrm.marketing import services
from erpcrm.marketing.models import CampaignMember
from tests.factories.customers import a_customer
from tests.factories.leads import a_lead
from tests.marketing.conftest import a_template, agreed


def whys(campaign, by):
    return {person.name: person.why for person in services.audience(campaign, by)}


def test_everybody_is_told_apart_by_why_they_get_it_or_not(campaign, customer, marketer, session):
    made = campaign(0)
    other = a_customer(name="Left Out Ltd")
    people = [
        agreed(customer, 1, name="Ready"),
        agreed(customer, 2, name="Same", email="PAT1@example.com"),
        agreed(customer, 3, name="Silent", consent="unknown"),
        agreed(customer, 4, name="Gone", consent="withdrawn"),
        agreed(customer, 5, name="Nowhere", email=None),
        agreed(customer, 6, name="Moved", active=False),
        agreed(other, 7, name="Elsewhere"),
    ]
    leads = [
        a_lead(person="Lead", email="lead@example.com", marketing_consent=True),
        a_lead(person="Twin", email="pat1@example.com", marketing_consent=True),
        a_lead(person="Cold", email="cold@example.com"),
    ]
    services.add_target(made, "customer", [customer.id, other.id], excluded=False)
    services.add_target(made, "contact", [person.id for person in people], excluded=False)
    services.add_target(made, "lead", [lead.id for lead in leads], excluded=False)
    services.add_target(made, "customer", [other.id], excluded=True)
    assert whys(made, marketer) == {
        "Ready": "ready",
        "Same": "duplicate",
        "Silent": "no_consent",
        "Gone": "withdrawn",
        "Nowhere": "no_address",
        "Moved": "inactive",
        "Elsewhere": "excluded",
        "Lead": "ready",
        "Twin": "duplicate",
        "Cold": "no_consent",
    }
    # Print goes to whoever has not said no; calls need a phone number.
    services.update_campaign(made, {"channel": "print"})
    assert whys(made, marketer)["Silent"] == "ready"
    assert whys(made, marketer)["Gone"] == "withdrawn"
    services.update_campaign(made, {"channel": "call"})
    assert whys(made, marketer)["Ready"] == "no_address"


def test_a_list_is_taken_as_it_is_now_and_only_what_the_user_sees(campaign, customer, marketer, seller, session):
    made = campaign(0)
    mine = a_customer(seller, name="Mine")
    agreed(customer, 1, name="Theirs")
    agreed(mine, 2, name="Of the seller")
    assert services.add_view(made, "contact", "all", marketer, excluded=False) == 2
    assert services.add_view(made, "contact", "all", marketer, excluded=False) == 0
    agreed(mine, 3, name="Late")
    assert set(whys(made, marketer)) == {"Theirs", "Of the seller"}
    assert set(whys(made, seller)) == {"Of the seller"}
    with pytest.raises(Refused, match="no such view"):
        services.add_view(made, "contact", "999999", marketer, excluded=False)


def test_a_segment_counts_as_it_is_when_the_campaign_starts(campaign, customer, marketer, letters, session):
    made, rest = campaign(0), a_customer(name="Not in it")
    segment = save_segment(None, {"name": "Loyal", "kind": "static"}, marketer)
    add_customers(segment, [customer.id], marketer)
    for number, at in enumerate((customer, rest)):
        agreed(at, number)
    assert services.add_view(made, "segment", str(segment.id), marketer, excluded=False) == 1
    assert whys(made, marketer) == {"Pat Number0": "ready"}
    add_customers(segment, [rest.id], marketer)
    assert whys(made, marketer) == {"Pat Number0": "ready", "Pat Number1": "ready"}
    lapsed = save_segment(None, {"name": "Lapsed", "kind": "static"}, marketer)
    add_customers(lapsed, [rest.id], marketer)
    services.add_view(made, "segment", str(lapsed.id), marketer, excluded=True)
    assert services.start(made, marketer) == 1
    assert session.scalars(select(CampaignMember.name)).all() == ["Pat Number0"]


def test_a_campaign_in_which_nobody_may_be_reached_is_refused_and_stays_planned(
    campaign, customer, marketer, letters, session, client, sign_in
):
    made = campaign(0)
    silent = agreed(customer, 1, consent="unknown")
    services.add_target(made, "contact", [silent.id], excluded=False)
    session.commit()
    answer = sign_in(client, marketer).post(f"/marketing/campaigns/{made.id}/start", data={"version": made.version})
    assert answer.status_code == 409
    assert "none has agreed to marketing" in answer.text
    session.refresh(made)
    assert (made.status, made.fixed_at) == ("planned", None)
    assert session.scalar(select(func.count()).select_from(CampaignMember)) == 0


def test_the_audience_and_the_control_group_stand_from_the_start_on(campaign, customer, marketer, letters, session):
    made = campaign(20, control_percent=20, template_b_id=a_template("Other").id)
    shown = {person.name for person in services.audience(made, marketer) if person.why == "control"}
    with pytest.raises(Stale):
        services.start(made, marketer, made.version - 1)
    assert services.start(made, marketer) == 16
    members = session.scalars(select(CampaignMember)).all()
    assert {member.name for member in members if member.control} == shown
    assert {member.delivery for member in members if member.control} == {"control"}
    assert sorted(member.variant for member in members if not member.control) == ["a"] * 8 + ["b"] * 8
    for change in (
        lambda: services.add_target(made, "customer", [customer.id], excluded=False),
        lambda: services.remove_targets(made, "contact", excluded=False),
        lambda: services.fix_audience(made, marketer),
    ):
        with pytest.raises(Refused):
            change()
    services.update_campaign(made, {"control_percent": 50, "budget": 10})
    assert (made.control_percent, made.budget) == (20, 10)


def test_a_mail_campaign_needs_a_template_and_a_mail_server(campaign, marketer, session, monkeypatch, app):
    monkeypatch.setitem(app.config, "MAIL_URL", None)
    without, with_one = campaign(1, template_id=None), campaign(0)
    session.commit()
    for made, words in ((without, "template first"), (with_one, "MAIL_URL")):
        with pytest.raises(Refused, match=words):
            services.start(made, marketer)
        session.rollback()


def test_only_who_may_start_starts_and_only_who_may_see_sees(
    campaign, marketer, manager, seller, client, sign_in, session
):
    made = campaign(1)
    session.commit()
    with pytest.raises(NotAllowed):
        make_move(made, "start", by=manager)
    sign_in(client, manager)
    assert client.get(f"/marketing/campaigns/{made.id}/audience").status_code == 200
    assert client.post(f"/marketing/campaigns/{made.id}/audience", data={"view": "contact:all"}).status_code == 403
    assert client.post(f"/marketing/campaigns/{made.id}/start").status_code == 403
    sign_in(client, seller)
    assert client.get(f"/marketing/campaigns/{made.id}").status_code == 403


def test_unknown_fields_and_false_links_are_refused_when_a_template_is_saved(
    app, clock, marketer, client, sign_in, session
):
    for subject, body, words in (
        ("Hi {{shoe size}}", "x", "shoe size"),
        ("Hi", "[x](javascript:alert)", "no address"),
    ):
        with pytest.raises(Refused, match=words):
            a_template(subject, body)
    session.rollback()
    typed = {"name": "T", "language": "en", "subject": "S {{nme}}", "body": "what I typed"}
    answer = sign_in(client, marketer).post("/marketing/templates", data=typed)
    assert answer.status_code == 422
    assert "what I typed" in answer.text
    assert client.post("/marketing/templates", data=typed | {"subject": "S {{name}}"}).status_code == 303


def test_the_panel_of_a_customer_tells_who_is_in_which_campaign_but_not_who_is_held_out(
    campaign, marketer, seller, letters, session, client, sign_in
):
    customer = a_customer(seller, name="Mine")
    made = campaign(0, name="Autumn", control_percent=50)
    for number in range(4):
        agreed(customer, number)
    services.add_target(made, "customer", [customer.id], excluded=False)
    services.start(made, marketer)
    session.commit()
    panel = sign_in(client, seller).get(f"/customers/{customer.id}/panels/customer_campaigns").text
    assert panel.count("Autumn") == 2
    members = session.scalars(select(CampaignMember)).all()
    assert all((member.name in panel) is not member.control for member in members)


def test_costs_stand_against_the_budget_and_are_told_in_the_history(campaign, marketer, client, sign_in, session):
    made = campaign(1, budget=100)
    session.commit()
    sign_in(client, marketer)
    costs = f"/marketing/campaigns/{made.id}/costs"
    assert client.post(costs, data={"spent_on": "2026-03-01", "text": "Print", "amount": "-5"}).status_code == 422
    assert client.post(costs, data={"spent_on": "2026-03-01", "text": "Print", "amount": "120.50"}).status_code == 303
    page = client.get(f"/marketing/campaigns/{made.id}").text
    assert "Over budget" in page
    [cost] = services.costs_of(made)
    assert services.cost_total(made) == cost.amount
    assert client.post(f"{costs}/{cost.id}/remove").status_code == 303
    assert services.cost_total(made) is None
