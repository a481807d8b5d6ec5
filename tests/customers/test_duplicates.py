"""Finding records that may be the same, and making one of two."""

from datetime import date

import pytest
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import Record
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.jobs import enqueue, run_pending
from erpcrm.core.mail import MailLink, send_mail
from erpcrm.core.merging import pointers_at
from erpcrm.customers.jobs import SCAN
from erpcrm.customers.models import Activity, Address, Contact, Customer, CustomerContact, DuplicatePair
from erpcrm.customers.services import (
    add_address,
    contact_candidates,
    customer_candidates,
    link_contact,
    merge_records,
    update_customer,
)
from erpcrm.customers.services.scan import customer_pairs
from tests.factories.customers import a_contact, a_customer, a_task


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"name": "深圳市蓝海食品股份有限公司"}, "name"),
        ({"name": "蓝海食品"}, "similar"),
        ({"name": "深圳蓝海食品科技有限公司"}, "similar"),
        ({"name": "蓝海（深圳）集团"}, "similar"),
        ({"name": "深圳市兰海食品有限公司"}, "similar"),
        ({"name": "上海蓝海食品有限公司"}, None),
        ({"name": "深圳市蓝天食品有限公司"}, None),
        ({"name": "BLUE SEA FOODS Co., Ltd."}, "name"),
        ({"name": "深圳市蓝海食品公司加工厂"}, None),
        ({"name": "Whatever", "phone": "+86 (755) 8653-0012"}, "phone"),
        ({"name": "Whatever", "tax_number": "91440300 MA5A12340M"}, "tax_number"),
        ({"name": "Whatever", "email": "someone@lanhai-food.example"}, "domain"),
        ({"name": "Whatever", "website": "https://lanhai-food.example/about"}, "domain"),
        ({"name": "Whatever", "email": "nobody@qq.com"}, None),
        ({"name": "Something else entirely"}, None),
    ],
)
def test_a_customer_is_recognised_by_its_marks(app, session, seller, typed, reason):
    known = a_customer(
        seller, name="深圳市蓝海食品有限公司", english_name="Blue Sea Foods", phone="0755-86530012",
        tax_number="91440300MA5A12340M", email="info@lanhai-food.example", website="www.lanhai-food.example",
    )  # fmt: skip
    found = customer_candidates(typed)
    assert [(one.id, one.reasons) for one in found if reason] == ([(known.id, [reason])] if reason else [])
    if reason is None:
        assert found == []


def test_the_nearest_names_are_compared_however_many_begin_alike(app, session, seller):
    for number in range(60):
        a_customer(seller, name=f"Nordlicht {chr(97 + number % 26)}{number} Works")
    known = a_customer(seller, name="Nordlicht Verpackung GmbH")
    assert [one.id for one in customer_candidates({"name": "Nordlicht Verpackun"})] == [known.id]


def test_the_search_at_night_finds_names_that_differ_in_place_trade_or_sound(app, session, seller):
    first = a_customer(seller, name="深圳市蓝海食品有限公司")
    others = [a_customer(seller, name=name) for name in ("蓝海食品科技", "深圳蓝海食品", "深圳市兰海食品有限公司")]
    a_customer(seller, name="上海蓝海食品厂")
    enqueue(SCAN)
    session.commit()
    run_pending()
    pairs = session.execute(select(DuplicatePair.first_id, DuplicatePair.second_id)).all()
    assert {(first.id, other.id) for other in others} <= set(map(tuple, pairs))


def test_a_name_with_a_slip_is_recognised(app, session, seller):
    a_customer(seller, name="Nordlicht Verpackung GmbH")
    assert customer_candidates({"name": "Nordlich Verpackung"})[0].reasons == ["similar"]
    assert customer_candidates({"name": "Nordsee Fisch"}) == []


def test_a_customer_is_recognised_by_the_phone_of_one_of_its_people(app, session, seller, mine):
    a_contact(mine, seller, mobile="138 2355 0101")
    assert [one.id for one in customer_candidates({"name": "New", "phone": "13823550101"})] == [mine.id]


def test_several_reasons_make_it_likelier(app, session, seller, mine):
    one = customer_candidates({"name": "X", "phone": "0755-86530012"})[0]
    two = customer_candidates({"name": mine.name, "phone": "0755-86530012"})[0]
    assert one.score < two.score <= 100


def test_candidates_come_while_typing(as_seller, mine):
    answer = as_seller.get(
        "/customers/candidates?name=深圳市蓝海食品", headers={"HX-Request": "true", "HX-Target": "div#candidates"}
    )
    text = answer.get_data(as_text=True)
    assert mine.name in text
    assert "<html" not in text
    none = as_seller.get(f"/customers/candidates?name=深圳市蓝海食品&but={mine.id}").get_data(as_text=True)
    assert mine.name not in none


def test_before_saving_the_user_is_asked_and_may_save_all_the_same(as_seller, session, mine):
    data = {"name": "深圳市蓝海食品", "phone": "0755-86530012"}
    asked = as_seller.post("/customers", data=data)
    assert asked.status_code == 422
    assert "save it all the same" in asked.get_data(as_text=True)
    assert len(session.scalars(select(Customer)).all()) == 1
    assert as_seller.post("/customers", data=data | {"not_a_duplicate": "1"}).status_code == 303
    assert len(session.scalars(select(Customer)).all()) == 2


def test_the_nightly_search_finds_pairs_once_and_leaves_dismissed_ones_alone(as_seller, app, session, seller):
    first = a_customer(seller, name="Harbour Finch Ltd", phone="+44 161 496 0123")
    second = a_customer(seller, name="Harbour & Finch Limited", phone="+44 161 496 0123")
    a_customer(seller, name="Unrelated GmbH")
    one, two = a_contact(first, seller, email="o@hf.example"), a_contact(second, seller, email="o@hf.example")
    session.commit()
    enqueue(SCAN)
    session.commit()
    run_pending()
    pairs = {(pair.record_type, pair.first_id, pair.second_id) for pair in session.scalars(select(DuplicatePair))}
    assert pairs == {("customer", first.id, second.id), ("contact", one.id, two.id)}
    text = as_seller.get("/customers/duplicates").get_data(as_text=True)
    assert "Harbour &amp; Finch Limited" in text
    assert "same phone" in text
    pair = session.scalars(select(DuplicatePair).where(DuplicatePair.record_type == "customer")).one()
    as_seller.post(f"/customers/duplicates/{pair.id}/dismiss")
    assert customer_pairs([first.id, second.id]) == 0
    session.commit()
    assert "Harbour" not in as_seller.get("/customers/duplicates").get_data(as_text=True)
    assert "Harbour" in as_seller.get("/customers/duplicates?dismissed=1").get_data(as_text=True)


def test_companies_of_a_group_that_share_a_mail_domain_are_no_pair(app, session, seller):
    one = a_customer(seller, name="Jinghua Logistics", email="a@jinghua.example")
    other = a_customer(seller, name="Polar Cold Chain", email="b@jinghua.example")
    assert customer_pairs([one.id, other.id]) == 0


def test_a_switchboard_that_many_share_makes_no_pairs(app, session, seller):
    made = [a_customer(seller, name=f"{word} Works", phone="+44 161 496 0123") for word in ["Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima", "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor"]]  # fmt: skip  # noqa: E501
    assert customer_pairs([one.id for one in made]) == 0


@pytest.fixture
def pair(session, seller, colleague):
    """Two records of one company, with everything that can hang on them."""
    winner = a_customer(seller, name="蓝海食品", phone="0755-86530012", tags=["a"], note="first")
    loser = a_customer(
        seller, name="蓝海食品有限公司", industry="food", tags=["a", "b"], website="lanhai.example", note="second"
    )
    both = a_contact(winner, seller, name="Both")
    link_contact(both, loser)
    only = a_contact(loser, seller, name="Only at the loser")
    child = a_customer(seller, name="Child", parent_id=loser.id)
    address = add_address(loser, {"street": "Street", "country": "CN"}, seller)
    task = a_task(loser, seller)
    mail = send_mail("a@b.example", "Mail", "Text", record=loser, by=seller)
    session.commit()
    return {
        "winner": winner,
        "loser": loser,
        "both": both,
        "only": only,
        "child": child,
        "address": address,
        "task": task,
        "mail": mail,
    }


def test_everything_that_points_at_the_loser_points_at_the_winner(app, session, pair, manager):
    winner, loser_id = pair["winner"], pair["loser"].id
    merge_records(winner, pair["loser"], {}, manager)
    session.expire_all()
    assert session.scalar(select(Customer.id).where(Customer.id == loser_id)) is None
    assert session.get(Customer, pair["child"].id).parent_id == winner.id
    assert session.get(Address, pair["address"].id).customer_id == winner.id
    task = session.get(Activity, pair["task"].id)
    assert (task.record_type, task.record_id, task.customer_id) == ("customer", winner.id, winner.id)
    places = session.scalars(select(CustomerContact).where(CustomerContact.customer_id == winner.id)).all()
    assert {place.contact_id for place in places} == {pair["both"].id, pair["only"].id}
    assert len([place for place in places if place.is_main]) == 1
    assert all(place.is_primary for place in places)
    assert session.scalars(select(MailLink.record_id).where(MailLink.record_type == "customer")).all() == [winner.id]


def test_nothing_of_any_table_points_at_the_loser_afterwards(app, session, pair, manager):
    gone = Customer(id=pair["loser"].id)
    merge_records(pair["winner"], pair["loser"], {}, manager)
    session.flush()
    for table, columns, values in pointers_at(gone):
        rows = session.execute(
            select(table).where(*(column == value for column, value in zip(columns, values, strict=True)))
        ).all()
        assert rows == [], table.name


def test_the_picked_values_stay_and_empty_ones_are_filled(app, session, pair, manager):
    winner = merge_records(pair["winner"], pair["loser"], {"note": "loser", "name": "winner"}, manager)
    assert (winner.name, winner.note, winner.industry) == ("蓝海食品", "second", "food")
    assert winner.phone == "+86 755 8653 0012"
    assert winner.mail_domain == "lanhai.example"
    assert winner.tags == ["a", "b"]


def test_the_losers_code_can_stay(app, session, pair, manager):
    code = pair["loser"].code
    assert merge_records(pair["winner"], pair["loser"], {"code": "loser"}, manager).code == code


def test_the_trail_of_both_tells_of_the_merge(app, session, pair, manager):
    loser_id = pair["loser"].id
    merge_records(pair["winner"], pair["loser"], {}, manager)
    entries = {(entry.record_id, entry.action): entry for entry in session.scalars(select(AuditEntry))}
    assert (loser_id, "merged_into") in entries
    merged = entries[pair["winner"].id, "merged"]
    assert merged.changes["moved"][1]["activities"] == 1
    assert merged.changes["loser"][0]["note"] == "second"


def test_on_the_screen_the_old_address_leads_to_the_winner(as_seller, session, pair):
    winner, loser = pair["winner"], pair["loser"]
    loser_id = loser.id
    page = as_seller.get(f"/customers/merge/customer?winner={winner.id}&loser={loser.id}").get_data(as_text=True)
    assert "Food and agriculture" in page
    assert 'name="pick_note"' in page
    data = {"winner": winner.id, "loser": loser.id, "winner_version": winner.version, "loser_version": loser.version}
    answer = as_seller.post("/customers/merge/customer", data=data | {"pick_note": "loser"})
    assert answer.status_code == 303
    moved = as_seller.get(f"/customers/{loser_id}")
    assert (moved.status_code, moved.location) == (301, f"/customers/{winner.id}")
    assert "second" in as_seller.get(f"/customers/{winner.id}").get_data(as_text=True)


def test_a_chain_of_merges_leads_to_the_last_winner(as_seller, session, pair, seller, manager):
    first, second = pair["winner"], pair["loser"]
    third = a_customer(seller, name="Third")
    second_id = second.id
    merge_records(first, second, {}, manager)
    merge_records(third, first, {}, manager)
    session.commit()
    assert as_seller.get(f"/customers/{second_id}").location == f"/customers/{third.id}"


def test_a_merge_of_what_somebody_changed_meanwhile_is_stopped(app, session, pair, manager):
    version = pair["loser"].version
    update_customer(pair["loser"], {"note": "changed"}, None, None)
    session.commit()
    with pytest.raises(Stale):
        merge_records(pair["winner"], pair["loser"], {}, manager, (None, version))


def test_a_record_is_not_merged_with_itself(app, session, pair, manager):
    with pytest.raises(Refused):
        merge_records(pair["winner"], pair["winner"], {}, manager)


def test_a_child_merged_into_its_parent_leaves_no_circle(app, session, mine, seller, manager):
    child = a_customer(seller, name="Child", parent_id=mine.id)
    winner = merge_records(child, mine, {}, manager)
    session.expire_all()
    assert session.get(Customer, winner.id).parent_id is None


def test_contacts_are_merged_with_their_customers_and_activities(as_seller, session, mine, seller):
    other = a_customer(seller)
    stays, goes = a_contact(mine, seller, name="Lin"), a_contact(other, seller, name="Lin Z.", email="lin@example.com")
    a_task(mine, seller, contact_id=goes.id)
    session.commit()
    goes_id = goes.id
    assert as_seller.post("/customers/merge/contact", data={"winner": stays.id, "loser": goes_id}).status_code == 303
    contact = session.get(Contact, stays.id)
    assert contact.email == "lin@example.com"
    assert {place.customer_id for place in contact.places} == {mine.id, other.id}
    assert len([place for place in contact.places if place.is_primary]) == 1
    assert session.scalars(select(Activity.contact_id)).all() == [stays.id]
    assert as_seller.get(f"/customers/contacts/{goes_id}").location == f"/customers/contacts/{stays.id}"


def test_the_consent_of_the_loser_comes_with_its_date(app, session, mine, seller, manager):
    stays = a_contact(mine, seller, name="Lin")
    goes = a_contact(mine, seller, name="Lin", consent="granted", consent_on=date(2026, 1, 5), consent_source="Fair")
    winner = merge_records(stays, goes, {"consent": "loser"}, manager)
    assert (winner.consent, winner.consent_on, winner.consent_source) == ("granted", date(2026, 1, 5), "Fair")


def test_a_contact_is_recognised_at_the_same_customer_by_name_only(app, session, mine, seller):
    known = a_contact(mine, seller, name="Lin")
    assert [one.id for one in contact_candidates({"name": "Lin"}, customer_id=mine.id)] == [known.id]
    assert contact_candidates({"name": "Lin"}) == []


def test_every_record_that_can_be_merged_is_known_to_the_pointers(app):
    assert issubclass(Customer, Record)
    tables = {table.name for table, _columns, _values in pointers_at(Customer(id=1))}
    assert {"addresses", "customer_contacts", "activities", "attachments", "mail_links", "notifications"} <= tables
    assert "audit_entries" not in tables


def test_of_two_consents_the_later_word_stays_with_its_proof(as_seller, session, mine, seller, manager):
    stays = a_contact(mine, seller, name="Lin", consent="granted", consent_on=date(2026, 1, 5), consent_source="Fair")
    goes = a_contact(
        mine, seller, name="Lin", consent="withdrawn", consent_on=date(2026, 2, 1), consent_source="Phone call"
    )
    session.commit()
    page = as_seller.get(f"/customers/merge/contact?winner={stays.id}&loser={goes.id}").text
    row = page[page.index('name="pick_consent"') :]
    assert 'value="loser" checked' in row[: row.index("</tr>")]
    assert "Phone call" in row[: row.index("</tr>")]
    winner = merge_records(stays, goes, {}, manager)
    assert (winner.consent, winner.consent_on, winner.consent_source) == ("withdrawn", date(2026, 2, 1), "Phone call")


def test_a_consent_that_is_kept_keeps_its_own_proof(app, session, mine, seller, manager):
    stays = a_contact(mine, seller, name="Lin", consent="granted", consent_on=date(2026, 1, 5), consent_source="Fair")
    goes = a_contact(mine, seller, name="Lin", consent="withdrawn", consent_on=date(2026, 2, 1), consent_source="Call")
    winner = merge_records(stays, goes, {"consent": "winner"}, manager)
    assert (winner.consent, winner.consent_on, winner.consent_source) == ("granted", date(2026, 1, 5), "Fair")


def test_a_colleague_whose_customer_it_is_is_named(as_seller, theirs):
    text = as_seller.get("/customers/candidates?name=上海申达医药").text
    assert "belongs to Anna Berg" in text
    assert f'href="/customers/{theirs.id}"' not in text


def test_contacts_that_may_be_meant_are_shown_while_the_form_is_filled_in(
    as_seller, session, mine, theirs, seller, colleague
):
    known = a_contact(mine, seller, name="Lin", mobile="138 2355 0101")
    a_contact(theirs, colleague, name="Hidden Person", mobile="138 2355 0101")
    session.commit()
    text = as_seller.get("/customers/contacts/candidates?mobile=13823550101").text
    assert f'href="/customers/contacts/{known.id}"' in text
    assert "Hidden Person" not in text
    assert "And 1 contact of colleagues." in text
    assert "This may exist already" not in as_seller.get("/customers/contacts/candidates?name=Lin").text
    assert "This may exist" in as_seller.get(f"/customers/contacts/candidates?name=Lin&customer_id={mine.id}").text
