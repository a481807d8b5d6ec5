"""Entering, changing and reading a lead."""

from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import NotAllowed
from erpcrm.core.fields.definitions import create_field
from erpcrm.core.notifications import Notification
from erpcrm.core.registry import record_type
from erpcrm.customers.services import add_activity
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.services import update_lead
from tests.factories.leads import a_lead, an_assignment_rule, told_of

FILLED = {
    "company": " 苏州恒远流体设备有限公司 ",
    "person": "沈志远",
    "job_title": "采购经理",
    "phone": "0512-62861100",
    "email": "Shen.ZY@Hengyuan-Fluid.example",
    "website": "hengyuan-fluid.example",
    "need": "两台卧式加工中心",
    "source": "trade_fair",
    "source_reference": "CIMT 2026",
    "region": "east_china",
    "tags": "急，老客户介绍",
    "marketing_consent": "y",
}


def only(session: Any) -> Lead:
    return session.scalars(select(Lead)).one()


def test_a_seller_enters_a_lead_which_is_theirs_with_clean_contact_data(as_seller: Any, session: Any, seller: Any):
    answer = as_seller.post("/pipeline/leads", data=FILLED)
    assert answer.status_code == 303
    lead = only(session)
    assert answer.location == f"/pipeline/leads/{lead.id}"
    assert (lead.name, lead.person, lead.status) == ("苏州恒远流体设备有限公司", "沈志远", "new")
    assert (lead.phone, lead.email) == ("+86 512 6286 1100", "Shen.ZY@hengyuan-fluid.example")
    assert lead.website == "https://hengyuan-fluid.example"
    assert lead.tags == ["急", "老客户介绍"]
    assert lead.marketing_consent is True
    assert (lead.owner_id, lead.team_id, lead.created_by_id) == (seller.id, seller.team_id, seller.id)
    page = as_seller.get(answer.location).text
    for shown in ("沈志远", "采购经理", "Trade fair", "CIMT 2026", "East China", "Agreed to marketing", "急"):
        assert shown in page, shown


def test_a_person_without_a_company_is_a_lead_too(as_seller: Any, session: Any):
    assert as_seller.post("/pipeline/leads", data={"person": "周晓梅"}).status_code == 303
    assert only(session).name == "周晓梅"


def test_a_lead_without_company_and_person_is_refused_and_nothing_typed_is_lost(as_seller: Any, session: Any):
    data = {"company": "  ", "email": "not-an-address", "phone": "12", "website": "javascript:alert(1)", "need": "Keep"}
    answer = as_seller.post("/pipeline/leads", data=data)
    assert answer.status_code == 422
    for message in (
        "Enter a company or a person.",
        "This is not an e-mail address.",
        "This is not a phone number.",
        "This is not an address of a website.",
    ):
        assert message in answer.text, message
    assert 'value="not-an-address"' in answer.text
    assert ">Keep</textarea>" in answer.text or "Keep</textarea>" in answer.text
    assert session.scalars(select(Lead)).all() == []


def test_a_text_that_is_too_long_is_refused_beside_its_field(as_seller: Any, session: Any):
    answer = as_seller.post("/pipeline/leads", data={"company": "x" * 201})
    assert answer.status_code == 422
    assert 'id="company_error"' in answer.text
    assert session.scalars(select(Lead)).all() == []


def test_a_change_is_saved_and_told_in_words(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller, company="Before", source="website", region="europe")
    data = {"company": "After", "source": "referral", "region": "asia", "version": lead.version}
    assert as_seller.post(f"/pipeline/leads/{lead.id}", data=data).status_code == 303
    assert (lead.company, lead.name, lead.source) == ("After", "After", "referral")
    line = next(one for one in told_of(lead) if one.action == "changed")
    told = {change.label: (change.old, change.new) for change in line.changes}
    assert told["Company"] == ("Before", "After")
    assert told["Source"] == ("Website", "Referral")
    assert told["Region"] == ("Europe", "Rest of Asia")


def test_an_edit_of_an_outdated_version_changes_nothing(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller, company="Shared")
    version = lead.version
    update_lead(lead, {"need": "changed by somebody else"}, None)
    answer = as_seller.post(f"/pipeline/leads/{lead.id}", data={"company": "Mine", "version": version})
    assert answer.status_code == 409
    assert lead.company == "Shared"


def test_a_call_that_is_logged_does_not_make_an_open_form_stale(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    version = lead.version
    as_seller.post(f"/timeline/lead/{lead.id}", data={"kind": "call", "subject": "Spoke to Shen"})
    answer = as_seller.post(f"/pipeline/leads/{lead.id}", data={"company": "New name", "version": version})
    assert answer.status_code == 303
    assert lead.last_activity_at is not None


def test_a_seller_cannot_give_a_lead_away_and_a_manager_can(
    as_seller: Any, as_manager: Any, session: Any, seller: Any, colleague: Any
):
    lead = a_lead(seller, company="Mine")
    data = {"company": "Mine", "owner_id": colleague.id, "owner_id_text": colleague.name}
    assert 'name="owner_id"' not in as_seller.get(f"/pipeline/leads/{lead.id}/edit").text
    assert as_seller.post(f"/pipeline/leads/{lead.id}", data=data | {"version": lead.version}).status_code == 303
    assert lead.owner_id == seller.id, "the field is not read, so nothing is refused"
    assert as_manager.post(f"/pipeline/leads/{lead.id}", data=data | {"version": lead.version}).status_code == 303
    assert (lead.owner_id, lead.team_id) == (colleague.id, colleague.team_id)
    notice = session.scalars(select(Notification).where(Notification.user_id == colleague.id)).one()
    assert notice.text == "Max Manager gave you the lead Mine"
    assert notice.url == f"/pipeline/leads/{lead.id}"


def test_not_even_by_a_file_or_a_job(session: Any, seller: Any, colleague: Any):
    lead = a_lead(seller)
    with pytest.raises(NotAllowed):
        update_lead(lead, {"owner_id": colleague.id}, seller)
    assert lead.owner_id == seller.id


def test_nobody_is_made_owner_who_can_not_sign_in(as_manager: Any, session: Any, seller: Any, colleague: Any):
    lead = a_lead(seller, company="Mine")
    colleague.active = False
    data = {"company": "Mine", "owner_id": colleague.id, "owner_id_text": colleague.name, "version": lead.version}
    answer = as_manager.post(f"/pipeline/leads/{lead.id}", data=data)
    assert answer.status_code == 422
    assert "Anna Berg is not active." in answer.text
    assert lead.owner_id == seller.id


def test_a_marketers_lead_goes_to_whom_the_rules_name(as_marketer: Any, session: Any, colleague: Any):
    an_assignment_rule(colleague)
    answer = as_marketer.post("/pipeline/leads", data={"company": "From the fair"})
    lead = only(session)
    assert answer.location == f"/pipeline/leads/{lead.id}"
    assert lead.owner_id == colleague.id
    entry = session.scalars(select(AuditEntry).where(AuditEntry.record_type == "lead")).one()
    assert entry.action == "created", "owner and all in one entry"


def test_who_gives_a_new_lead_out_of_sight_is_told_whose_it_is(
    as_manager: Any, session: Any, outsider: Any, manager: Any
):
    an_assignment_rule(outsider)
    data = {"company": "For the south", "owner_id": "", "owner_id_text": ""}
    answer = as_manager.post("/pipeline/leads", data=data)
    assert only(session).owner_id == outsider.id
    assert answer.location == "/pipeline/leads"
    assert "For the south is saved and belongs to Otto Outsider now." in as_manager.get(answer.location).text


def test_an_own_field_is_shown_kept_and_found_by(as_seller: Any, session: Any, seller: Any):
    create_field(record_type("lead"), {"label": "Machines", "label_zh": "设备数", "kind": "number"})
    session.flush()
    form = as_seller.get("/pipeline/leads/new").text
    assert "Machines" in form
    name = next(part.split('"')[0] for part in form.split('name="') if part.startswith("custom_"))
    as_seller.post("/pipeline/leads", data={"company": "With own field", name: "12"})
    lead = only(session)
    assert "Machines" in as_seller.get(f"/pipeline/leads/{lead.id}").text
    assert "With own field" in as_seller.get(f"/pipeline/leads?{name}.min=12").text
    assert "With own field" not in as_seller.get(f"/pipeline/leads?{name}.min=13").text


def test_the_page_tells_what_happened_without_raw_values(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller, company="Told", source="trade_fair", region="east_china", size="medium", industry="energy")
    add_activity(lead, "call", "First talk", seller)
    text = as_seller.get(f"/pipeline/leads/{lead.id}").text
    assert "First talk" in text
    for raw in ("trade_fair", "east_china", "medium<", ">energy<"):
        assert raw not in text, raw


def test_a_website_that_is_none_is_shown_but_never_a_link(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller, website="javascript:alert(1)")
    assert lead.website == "javascript:alert(1)"
    assert 'href="javascript' not in as_seller.get(f"/pipeline/leads/{lead.id}").text
