"""A lead becomes a customer, a contact and a deal: new, existing or none of each, once, with its history."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.access.models import Role
from erpcrm.company.services import set_rate
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.files import Attachment
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Activity, Contact, Customer, CustomerContact
from erpcrm.customers.services import add_activity, update_contact
from erpcrm.pipeline.models import Lead, Opportunity
from erpcrm.pipeline.services import Conversion, convert, create_opportunity, disqualify, ensure_standard_pipeline
from erpcrm.pipeline.services import lose as lose_deal
from tests.factories.customers import a_contact, a_customer, a_task
from tests.factories.leads import a_lead, told_of

ALL_NEW = {"customer": "new", "contact": "new", "opportunity": "new"}
NOTHING = {"customer": "none", "contact": "none", "opportunity": "none"}


@pytest.fixture
def world(session: Any, seller: Any) -> SimpleNamespace:
    """A lead of the seller, and a customer, a contact and a deal that have nothing to do with it."""
    ensure_standard_pipeline()
    customer = a_customer(seller, name="Ancient Oak Foundry", phone="0512 1111 2222")
    return SimpleNamespace(
        lead=a_lead(
            seller,
            company="苏州恒远流体设备有限公司",
            person="沈志远",
            job_title="采购经理",
            phone="0512 6286 1100",
            email="shen@hengyuan-fluid.example",
            need="两台卧式加工中心\n三季度交货",
            source="trade_fair",
            region="east_china",
            industry="manufacturing",
            tags=["急"],
        ),
        customer=customer,
        contact=a_contact(None, seller, name="Known Person"),
        deal=create_opportunity({"name": "Known deal", "owner_id": seller.id}, seller),
    )


def choices(world: SimpleNamespace, **chosen: str) -> dict[str, Any]:
    """What the page sends."""
    sent: dict[str, Any] = {**chosen, "version": world.lead.version}
    for name, record in (("customer", world.customer), ("contact", world.contact), ("opportunity", world.deal)):
        if chosen[name] == "existing":
            sent |= {f"existing_{name}_id": record.id, f"existing_{name}_id_text": record.name}
    return sent


def count(session: Any, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


EVERY = [one for one in product(("new", "existing", "none"), repeat=3) if set(one) != {"none"}]


@pytest.mark.parametrize(("customer", "contact", "opportunity"), EVERY)
def test_every_choice_makes_what_it_says_and_leads_there(
    as_seller: Any, session: Any, world: SimpleNamespace, customer: str, contact: str, opportunity: str
):
    before = [count(session, model) for model in (Customer, Contact, Opportunity)]
    sent = choices(world, customer=customer, contact=contact, opportunity=opportunity)
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 303, re.findall(r'role="alert".*', answer.text)
    made = [count(session, model) for model in (Customer, Contact, Opportunity)]
    assert [now - then for now, then in zip(made, before, strict=True)] == [
        int(choice == "new") for choice in (customer, contact, opportunity)
    ]
    lead = world.lead
    assert (lead.status, lead.converted_at is not None) == ("converted", True)
    pointers = ((customer, lead.customer_id, world.customer), (contact, lead.contact_id, world.contact))
    for choice, pointer, known in (*pointers, (opportunity, lead.opportunity_id, world.deal)):
        assert {"new": pointer not in (None, known.id), "existing": pointer == known.id, "none": pointer is None}[
            choice
        ]
    if customer != "none" and contact != "none":
        assert session.scalars(select(CustomerContact.customer_id)).all() == [lead.customer_id]
    if opportunity != "none":
        deal = session.get(Opportunity, lead.opportunity_id)
        assert deal.customer_id == lead.customer_id
        assert [person.contact_id for person in deal.people] == ([lead.contact_id] if lead.contact_id else [])
    followed = as_seller.get(answer.location)
    assert followed.status_code == 200
    assert "is converted." in followed.text


def test_nothing_at_all_is_no_conversion(as_seller: Any, session: Any, world: SimpleNamespace):
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **NOTHING))
    assert answer.status_code == 409
    assert "Choose at least one" in answer.text
    assert world.lead.status == "new"


def test_the_new_records_have_what_the_lead_knew(as_seller: Any, session: Any, world: SimpleNamespace, seller: Any):
    deal_of = {"deal_name": "加工中心", "amount": "1,200,000.50", "currency": "EUR", "expected_close": "2026-09-30"}
    save_setting("number_format", "1,234.56")
    set_rate("EUR", date(2020, 1, 1), Decimal("7.8"))
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert 'value="两台卧式加工中心"' in page
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW) | deal_of)
    assert answer.status_code == 303
    lead = world.lead
    customer, contact = session.get(Customer, lead.customer_id), session.get(Contact, lead.contact_id)
    assert (customer.name, customer.kind, customer.region, customer.industry, customer.source) == (
        "苏州恒远流体设备有限公司", "company", "east_china", "manufacturing", "trade_fair",
    )  # fmt: skip
    assert (customer.owner_id, customer.team_id, customer.tags) == (seller.id, seller.team_id, ["急"])
    assert (contact.name, contact.job_title, contact.email) == ("沈志远", "采购经理", "shen@hengyuan-fluid.example")
    (place,) = contact.places
    assert (place.customer_id, place.is_primary, place.is_main) == (customer.id, True, True)
    deal = session.get(Opportunity, lead.opportunity_id)
    assert (deal.name, deal.amount, deal.currency) == ("加工中心", Decimal("1200000.50"), "EUR")
    assert (deal.expected_close, deal.source, deal.owner_id) == (date(2026, 9, 30), "trade_fair", seller.id)
    assert deal.description == "两台卧式加工中心\n三季度交货"


def test_what_a_lower_area_refuses_halfway_leaves_nothing_and_loses_nothing_typed(
    as_seller: Any, session: Any, world: SimpleNamespace
):
    sent = choices(world, **ALL_NEW) | {"deal_name": "Typed by hand", "amount": "5", "currency": "USD"}
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 409
    assert "There is no exchange rate for USD" in answer.text
    assert 'value="Typed by hand"' in answer.text
    assert "May be a customer already" not in answer.text, "the customer that was just made is gone"
    assert (world.lead.status, count(session, Customer), count(session, Contact)) == ("new", 1, 1)


def test_a_lead_without_a_company_becomes_a_person(as_seller: Any, session: Any, world: SimpleNamespace, seller: Any):
    world.lead = a_lead(seller, company=None, person="周晓梅")
    as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    customer = session.get(Customer, world.lead.customer_id)
    assert (customer.name, customer.kind) == ("周晓梅", "person")


def test_a_lead_without_a_person_makes_no_contact(as_seller: Any, session: Any, world: SimpleNamespace, seller: Any):
    world.lead = a_lead(seller)
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert "The lead names no person." in page
    assert not re.search(r'name="contact"[^>]*value="new"', page)
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    assert answer.status_code == 409
    assert "The lead names no person. Enter one first" in answer.text


# -------------------------------------------------------------- duplicate check


def test_a_customer_that_may_exist_is_shown_and_has_to_be_confirmed(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    twin = a_customer(seller, name="苏州恒远流体设备有限责任公司")
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert "May be a customer already" in page
    assert f'href="/customers/{twin.id}"' in page
    assert re.search(rf'name="existing_customer_id"[^>]*value="{twin.id}"', page)
    sent = choices(world, **ALL_NEW) | {"deal_name": "Typed by hand"}
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 409
    assert "This customer may exist already." in answer.text
    assert 'value="Typed by hand"' in answer.text, "nothing typed is lost"
    assert (world.lead.status, count(session, Customer)) == ("new", 2)
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent | {"confirmed": "y"})
    assert answer.status_code == 303
    assert count(session, Customer) == 3


def test_a_colleagues_customer_that_may_be_it_is_named_but_not_opened(
    as_seller: Any, session: Any, world: SimpleNamespace, outsider: Any
):
    theirs = a_customer(outsider, name="苏州恒远流体设备有限公司")
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert "belongs to a colleague" in page
    assert f'href="/customers/{theirs.id}"' not in page
    assert not re.search(rf'name="existing_customer_id"[^>]*value="{theirs.id}"', page)
    sent = choices(world, **ALL_NEW)
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 409
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent | {"confirmed": "y"}).status_code == 303


def test_a_contact_that_may_exist_is_offered_and_has_to_be_confirmed(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    known = a_contact(world.customer, seller, name="沈志远", email="shen@hengyuan-fluid.example")
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert "May be a contact already" in page
    assert re.search(rf'name="existing_contact_id"[^>]*value="{known.id}"', page)
    sent = choices(world, **ALL_NEW) | {"confirmed": "y"}
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 409
    assert "This contact may exist already." in answer.text
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent | {"confirmed_contact": "y"})
    assert answer.status_code == 303


def test_contacts_of_colleagues_are_only_counted(as_seller: Any, session: Any, world: SimpleNamespace, outsider: Any):
    theirs = a_customer(outsider, name="Hidden House")
    a_contact(theirs, outsider, name="Hidden Person", email="shen@hengyuan-fluid.example")
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert "1 contact of colleagues." in page
    assert "Hidden Person" not in page


# ----------------------------------------------- contacts of several customers


def test_a_known_contact_works_for_both_customers_and_keeps_its_primary_one(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    world.contact = a_contact(world.customer, seller, name="Works For Both", email="own@mail.example")
    sent = choices(world, customer="new", contact="existing", opportunity="new")
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 303
    places = {place.customer_id: (place.is_primary, place.is_main) for place in world.contact.places}
    assert places == {world.customer.id: (True, True), world.lead.customer_id: (False, True)}
    assert (world.contact.email, world.contact.job_title) == ("own@mail.example", "采购经理"), "blanks are filled only"
    text = as_seller.get(f"/customers/contacts/{world.contact.id}").text
    assert "苏州恒远流体设备有限公司" in text
    assert "Ancient Oak Foundry" in text


def test_a_contact_who_is_at_the_customer_already_is_not_put_there_twice(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    world.contact = a_contact(world.customer, seller)
    sent = choices(world, customer="existing", contact="existing", opportunity="none")
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 303
    assert count(session, CustomerContact) == 1


def test_a_new_contact_at_a_customer_with_people_is_not_its_main_one(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    main = a_contact(world.customer, seller)
    sent = choices(world, customer="existing", contact="new", opportunity="none")
    as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    found = select(CustomerContact.contact_id, CustomerContact.is_primary, CustomerContact.is_main)
    assert set(session.execute(found.where(CustomerContact.customer_id == world.customer.id)).all()) == {
        (main.id, True, True),
        (world.lead.contact_id, True, False),
    }


def test_consent_comes_along_with_its_day_and_source(as_seller: Any, session: Any, world: SimpleNamespace):
    world.lead.marketing_consent, world.lead.source_reference = True, "CIMT 2026"
    world.lead.created_at = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)  # already the third in Shanghai
    session.flush()
    as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    contact = session.get(Contact, world.lead.contact_id)
    assert (contact.consent, contact.consent_on, contact.consent_source) == (
        "granted", date(2026, 3, 3), "Trade fair, CIMT 2026",
    )  # fmt: skip


@pytest.mark.parametrize(("before", "after"), [("unknown", "granted"), ("withdrawn", "withdrawn")])
def test_consent_of_a_known_contact_is_taken_over_unless_it_was_withdrawn(
    as_seller: Any, session: Any, world: SimpleNamespace, before: str, after: str
):
    world.lead.marketing_consent = True
    update_contact(world.contact, {"consent": before}, None, None)
    as_seller.post(
        f"/pipeline/leads/{world.lead.id}/convert",
        data=choices(world, customer="none", contact="existing", opportunity="none"),
    )
    assert world.contact.consent == after


# ------------------------------------------------------------- existing deals


def test_a_closed_deal_is_refused_with_the_reason_and_nothing_is_done(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    lose_deal(world.deal, "price", seller)
    sent = choices(world, customer="new", contact="new", opportunity="existing")
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 409
    assert f"The deal {world.deal.code} is closed. Reopen it first, or make a new one." in answer.text
    assert (world.lead.status, count(session, Customer), world.deal.customer_id) == ("new", 1, None)


@pytest.mark.parametrize("customer", ["new", "existing"])
def test_a_deal_of_another_customer_is_refused_with_the_reason(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any, customer: str
):
    world.deal.customer_id = a_customer(seller, name="Third Party").id
    sent = choices(world, customer=customer, contact="none", opportunity="existing")
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 409
    assert f"The deal {world.deal.code} belongs to another customer." in answer.text
    assert world.lead.status == "new"


def test_without_a_customer_of_its_own_the_lead_goes_to_that_of_the_deal(
    as_seller: Any, session: Any, world: SimpleNamespace
):
    world.deal.customer_id = world.customer.id
    sent = choices(world, customer="none", contact="new", opportunity="existing")
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 303
    assert world.lead.customer_id == world.customer.id
    contact = session.get(Contact, world.lead.contact_id)
    assert [place.customer_id for place in contact.places] == [world.customer.id]


@pytest.mark.parametrize("name", ["customer", "contact", "opportunity"])
def test_what_this_user_does_not_see_can_not_be_chosen(
    as_seller: Any, session: Any, world: SimpleNamespace, outsider: Any, name: str
):
    world.customer = a_customer(outsider, name="Hidden House")
    world.contact = a_contact(world.customer, outsider, name="Hidden Person")
    world.deal = create_opportunity({"name": "Hidden deal", "owner_id": outsider.id}, outsider)
    answer = as_seller.post(
        f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **NOTHING | {name: "existing"})
    )
    assert answer.status_code == 422
    assert "This is not there any more, or not yours to see." in answer.text
    assert world.lead.status == "new"


@pytest.mark.parametrize("name", ["customer", "contact", "opportunity"])
def test_whoever_picks_nothing_is_told_where(as_seller: Any, session: Any, world: SimpleNamespace, name: str):
    sent = NOTHING | {name: "existing", f"existing_{name}_id": "", f"existing_{name}_id_text": ""}
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    assert answer.status_code == 422
    assert f'id="existing_{name}_id_error"' in answer.text


def test_what_was_typed_under_a_choice_that_was_not_made_is_not_looked_at(
    as_seller: Any, session: Any, world: SimpleNamespace
):
    sent = choices(world, **ALL_NEW) | {"existing_customer_id": "", "existing_customer_id_text": "nobody is called so"}
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 303
    world.lead.status = "new"
    session.flush()
    sent = choices(world, customer="existing", contact="none", opportunity="none") | {"amount": "many"}
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 303


# ------------------------------------------------------------------- history


@pytest.mark.parametrize(
    ("chosen", "holder"),
    [(ALL_NEW, "opportunity"), (ALL_NEW | {"opportunity": "none"}, "customer"),
     (NOTHING | {"contact": "new"}, "contact")],
)  # fmt: skip
def test_activities_files_and_mails_go_along(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any, chosen: dict[str, str], holder: str
):
    lead = world.lead
    add_activity(lead, "call", "First talk", seller, body="He wants two.")
    task = a_task(lead, seller, subject="Send the offer")
    as_seller.post(
        "/files",
        data={"record_type": "lead", "record_id": lead.id, "files": (BytesIO(b"drawing"), "drawing.txt")},
    )
    as_seller.post(f"/pipeline/leads/{lead.id}/convert", data=choices(world, **chosen))
    target = getattr(lead, f"{holder}_id")
    found = session.scalars(select(Activity)).all()
    assert len(found) == 2
    for one in found:
        assert (one.record_type, one.record_id) == (holder, target)
        assert (one.customer_id, one.contact_id) == (lead.customer_id, lead.contact_id)
    assert session.get(Activity, task.id).is_open
    assert session.execute(select(Attachment.record_type, Attachment.record_id)).all() == [(holder, target)]
    page = {"opportunity": "/pipeline/opportunities/", "customer": "/customers/", "contact": "/customers/contacts/"}
    text = as_seller.get(f"{page[holder]}{target}").text
    for shown in ("First talk", "Send the offer", "drawing.txt"):
        assert shown in text, shown


def test_both_records_tell_where_the_history_went(as_seller: Any, session: Any, world: SimpleNamespace, seller: Any):
    add_activity(world.lead, "call", "First talk", seller)
    as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    deal = session.get(Opportunity, world.lead.opportunity_id)
    assert "last activity" not in str(told_of(deal)).lower()
    gone = next(line for line in told_of(world.lead) if line.action == "history handed on")
    came = next(line for line in told_of(deal) if line.action == "history taken over")
    assert [(one.label, one.new) for one in gone.changes] == [("Opportunity", "两台卧式加工中心")]
    assert [(one.label, one.new) for one in came.changes] == [("Lead", "苏州恒远流体设备有限公司")]
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}").text
    assert f'href="/pipeline/opportunities/{deal.id}"' in page
    assert f"opportunity:{deal.id}" not in page


def test_the_last_activity_moves_the_customers_date(as_seller: Any, session: Any, world: SimpleNamespace, seller: Any):
    add_activity(world.lead, "call", "First talk", seller)
    world.customer.last_activity_at = datetime(2020, 1, 1, tzinfo=UTC)
    as_seller.post(
        f"/pipeline/leads/{world.lead.id}/convert",
        data=choices(world, customer="existing", contact="none", opportunity="none"),
    )
    assert world.customer.last_activity_at > datetime.now(UTC) - timedelta(days=1)


# --------------------------------------------------------------------- once


def test_a_second_tap_gets_the_first_answer_and_does_nothing_twice(
    as_seller: Any, session: Any, world: SimpleNamespace
):
    sent = choices(world, **ALL_NEW) | {"_key": "one form"}
    answers = [as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent) for _tap in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert [count(session, model) for model in (Customer, Contact, Opportunity)] == [2, 2, 2]


def test_a_converted_lead_can_not_be_converted_again(as_seller: Any, session: Any, world: SimpleNamespace):
    sent = choices(world, **ALL_NEW)
    as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent)
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent | {"version": world.lead.version})
    assert answer.status_code == 409
    assert "This is Converted now" in answer.text
    assert [count(session, model) for model in (Customer, Contact, Opportunity)] == [2, 2, 2]


def test_a_lead_that_was_given_up_has_to_be_reopened_first(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any
):
    disqualify(world.lead, "no_need", seller)
    assert as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").status_code == 409
    answer = as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    assert answer.status_code == 409
    assert world.lead.status == "disqualified"


def test_an_outdated_page_converts_nothing(as_seller: Any, session: Any, world: SimpleNamespace):
    sent = choices(world, **ALL_NEW)
    world.lead.need = "changed by somebody else"
    session.flush()
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 409
    assert (world.lead.status, count(session, Customer)) == ("new", 1)


# -------------------------------------------------------- permission and scope


def test_nobody_converts_what_they_can_not_see(as_outsider: Any, session: Any, world: SimpleNamespace):
    for call in (as_outsider.get, as_outsider.post):
        assert call(f"/pipeline/leads/{world.lead.id}/convert").status_code == 404
    assert world.lead.status == "new"


def test_a_marketer_does_not_convert(as_marketer: Any, session: Any, world: SimpleNamespace):
    assert "/convert" not in as_marketer.get(f"/pipeline/leads/{world.lead.id}").text
    for call in (as_marketer.get, as_marketer.post):
        assert call(f"/pipeline/leads/{world.lead.id}/convert").status_code == 403


@pytest.mark.parametrize(
    ("lacking", "name", "choice"),
    [
        ("customers.customer.edit", "customer", "new"),
        ("customers.contact.edit", "contact", "new"),
        ("customers.contact.edit", "contact", "existing"),
        ("pipeline.opportunity.edit", "opportunity", "new"),
        ("pipeline.opportunity.edit", "opportunity", "existing"),
    ],
)
def test_whoever_may_not_make_or_change_it_by_hand_can_not_by_a_conversion(
    as_seller: Any, session: Any, world: SimpleNamespace, seller: Any, roles: dict[str, Role],
    lacking: str, name: str, choice: str,
):  # fmt: skip
    role = roles["seller"]
    role.permissions = [one for one in role.permissions if one != lacking]
    session.flush()
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert not re.search(rf'name="{name}"[^>]*value="{choice}"', page)
    sent = choices(world, **NOTHING | {"customer": "existing", name: choice})
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 403
    chosen = Conversion(**NOTHING | {name: choice}, existing_contact=world.contact, existing_opportunity=world.deal)
    with pytest.raises(NotAllowed):
        convert(world.lead, chosen, seller)


def test_what_nobody_owned_belongs_to_whoever_converts_it(as_manager: Any, session: Any, manager: Any, world: Any):
    world.lead = a_lead(company="Nobody's Lead", person="Some One")
    answer = as_manager.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    assert as_manager.get(answer.location).status_code == 200
    for model, key in (
        (Customer, world.lead.customer_id), (Contact, world.lead.contact_id), (Opportunity, world.lead.opportunity_id),
    ):  # fmt: skip
        assert session.get(model, key).owner_id == manager.id


def test_a_managers_conversion_leaves_everything_with_the_leads_owner(
    as_manager: Any, session: Any, seller: Any, world: SimpleNamespace
):
    as_manager.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    assert session.get(Customer, world.lead.customer_id).owner_id == seller.id
    assert session.get(Opportunity, world.lead.opportunity_id).owner_id == seller.id


def test_the_lead_names_what_it_became_only_to_those_who_may_see_it(
    as_seller: Any, as_manager: Any, session: Any, outsider: Any, world: SimpleNamespace
):
    as_manager.post(f"/pipeline/leads/{world.lead.id}/convert", data=choices(world, **ALL_NEW))
    customer = session.get(Customer, world.lead.customer_id)
    customer.name, customer.owner_id, customer.team_id = "Renamed And Moved", outsider.id, outsider.team_id
    session.flush()
    text = as_seller.get(f"/pipeline/leads/{world.lead.id}").text
    assert "Renamed And Moved" not in text
    assert f'href="/pipeline/opportunities/{world.lead.opportunity_id}"' in text


def test_the_service_refuses_what_the_page_would_not_offer(session: Any, seller: Any, world: SimpleNamespace):
    with pytest.raises(Refused, match="Pick the customer"):
        convert(world.lead, Conversion(customer="existing", contact="none", opportunity="none"), seller)
    assert session.get(Lead, world.lead.id).status == "new"


def test_own_rules_do_not_stand_in_the_way_of_a_long_need(as_seller: Any, session: Any, seller: Any, world: Any):
    world.lead = a_lead(seller, need="x" * 4000)
    page = as_seller.get(f"/pipeline/leads/{world.lead.id}/convert").text
    assert f'value="{"x" * 200}"' in page
    sent = choices(world, customer="new", contact="none", opportunity="new") | {"deal_name": ""}
    assert as_seller.post(f"/pipeline/leads/{world.lead.id}/convert", data=sent).status_code == 303
    assert len(session.get(Opportunity, world.lead.opportunity_id).name) == 200


@pytest.mark.parametrize("size", [3, 60])
def test_the_pages_of_a_lead_take_a_bounded_number_of_queries(
    as_seller: Any, session: Any, seller: Any, world: SimpleNamespace, count_queries: Any, size: int
):
    for n in range(size):
        add_activity(world.lead, "call", f"Talk {n}", seller)
        a_customer(seller, name=f"苏州恒远流体设备{n}厂")
        a_contact(None, seller, email=world.lead.email)
    convert_page = f"/pipeline/leads/{world.lead.id}/convert"
    for path, most in ((f"/pipeline/leads/{world.lead.id}", 20), (convert_page, 18), ("/pipeline/leads/new", 9)):
        as_seller.get(path)
        with count_queries() as seen:
            assert as_seller.get(path).status_code == 200
        asked = [one for one in seen if one.startswith("SELECT")]
        assert len(asked) <= most, "\n".join([f"{path}: {len(asked)}", *asked])
