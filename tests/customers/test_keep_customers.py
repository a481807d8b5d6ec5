"""Creating, changing, archiving and deleting a customer."""

import pytest
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import Refused
from erpcrm.customers.models import Address, Customer
from erpcrm.customers.services import add_address, update_customer
from tests.factories.customers import a_contact, a_customer, a_task


def only(session):
    return session.scalars(select(Customer)).one()


def test_a_new_customer_gets_a_number_its_owner_and_clean_contact_data(as_seller, session, seller):
    answer = as_seller.post(
        "/customers",
        data={
            "version": "",
            "name": " 华为技术 ",
            "kind": "company",
            "phone": "0755-28780808",
            "website": "www.hw.example",
            "tags": "a，b、a",
        },
    )
    assert answer.status_code == 303
    customer = only(session)
    assert (customer.name, customer.code, customer.owner_id) == ("华为技术", "C-00001", seller.id)
    assert (customer.phone, customer.website, customer.tags) == (
        "+86 755 2878 0808",
        "https://www.hw.example",
        ["a", "b"],
    )
    assert customer.team_id == seller.team_id
    assert customer.status == "prospect"
    assert answer.location == f"/customers/{customer.id}"


def test_a_wrong_field_is_named_and_nothing_typed_is_lost(as_seller, session):
    answer = as_seller.post(
        "/customers",
        data={"name": "Kept Name", "email": "not-an-address", "phone": "12", "tax_number": "91440300MA5A12341M"},
    )
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "This is not an e-mail address." in text
    assert "This tax number is not right" in text
    assert 'value="Kept Name"' in text
    assert 'value="not-an-address"' in text
    assert session.scalars(select(Customer)).all() == []


def test_a_code_can_be_given_once_whatever_its_case(as_seller, session, mine):
    answer = as_seller.post("/customers", data={"name": "Another", "code": mine.code.lower(), "not_a_duplicate": "1"})
    assert answer.status_code == 422
    assert "belongs to another customer" in answer.get_data(as_text=True)
    assert 'value="Another"' in answer.get_data(as_text=True), "nothing typed is lost"


def test_a_change_is_saved_and_stands_in_the_audit_trail(as_seller, session, mine):
    data = {"name": "蓝海集团", "kind": "company", "code": mine.code, "version": mine.version}
    assert as_seller.post(f"/customers/{mine.id}", data=data).status_code == 303
    assert session.get(Customer, mine.id).name == "蓝海集团"
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "customer", AuditEntry.action == "changed")
    ).one()
    assert entry.changes["name"] == ["深圳市蓝海食品有限公司", "蓝海集团"]


def test_an_edit_of_an_outdated_version_shows_both_and_changes_nothing(as_seller, session, mine, admin):
    version = mine.version
    update_customer(mine, {"note": "changed by somebody else"}, None, admin)
    answer = as_seller.post(f"/customers/{mine.id}", data={"name": "Mine", "code": mine.code, "version": version})
    assert answer.status_code == 409
    assert session.get(Customer, mine.id).name == "深圳市蓝海食品有限公司"


def test_logging_a_call_does_not_make_an_open_form_stale(as_seller, session, mine):
    version = mine.version
    as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "call", "subject": "Spoke to Lin"})
    answer = as_seller.post(f"/customers/{mine.id}", data={"name": "New name", "code": mine.code, "version": version})
    assert answer.status_code == 303
    assert session.get(Customer, mine.id).last_activity_at is not None


def test_a_seller_cannot_give_a_customer_away_and_a_manager_can(as_seller, as_manager, session, mine, colleague):
    data = {"name": mine.name, "code": mine.code, "owner_id": colleague.id, "owner_id_text": colleague.name}
    answer = as_seller.post(f"/customers/{mine.id}", data=data | {"version": mine.version})
    assert answer.status_code == 303, "the field is not read, so nothing is refused"
    assert session.get(Customer, mine.id).owner_id == mine.owner_id
    current = session.get(Customer, mine.id)
    as_manager.post(f"/customers/{mine.id}", data=data | {"version": current.version})
    assert session.get(Customer, mine.id).owner_id == colleague.id


def test_a_company_cannot_stand_above_itself(as_seller, session, mine, seller):
    child = a_customer(seller, parent_id=mine.id)
    session.commit()
    answer = as_seller.post(
        f"/customers/{mine.id}",
        data={
            "name": mine.name,
            "code": mine.code,
            "parent_id": child.id,
            "parent_id_text": child.name,
            "version": mine.version,
        },
    )
    assert answer.status_code == 422
    assert "belong to this customer itself" in answer.get_data(as_text=True)
    assert session.get(Customer, mine.id).parent_id is None


def test_a_tax_number_that_came_wrong_by_import_does_not_stop_another_change(as_seller, session, mine):
    update_customer(mine, {"tax_number": "91440300MA5A12341M"}, None, None)
    data = {"name": "Renamed", "code": mine.code, "tax_number": "91440300MA5A12341M", "version": mine.version}
    assert as_seller.post(f"/customers/{mine.id}", data=data).status_code == 303
    data |= {"tax_number": "91440300MA5A12342M", "version": session.get(Customer, mine.id).version}
    assert as_seller.post(f"/customers/{mine.id}", data=data).status_code == 422


def test_the_team_follows_the_owner_unless_it_is_named(as_manager, session, mine, colleague, outsider, manager):
    south, north = outsider.team_id, mine.team_id
    data = {"name": mine.name, "code": mine.code}

    def save(owner, team):
        version = session.get(Customer, mine.id).version
        more = {
            "owner_id": owner.id,
            "owner_id_text": owner.name,
            "team_id": team or "",
            "team_id_text": "x" if team else "",
        }
        assert as_manager.post(f"/customers/{mine.id}", data=data | more | {"version": version}).status_code == 303
        return session.get(Customer, mine.id).team_id

    assert save(colleague, north) == north
    assert save(outsider, north) == south, "the old team was not chosen, it was only there"
    manager.roles[0].scopes = {"customer": "all"}
    assert save(outsider, north) == north
    assert save(outsider, None) == south


def test_no_currency_is_made_up(as_seller, session, mine):
    data = {"name": "Another", "currency": "XYZ", "not_a_duplicate": "1"}
    assert as_seller.post("/customers", data=data).status_code == 422
    with pytest.raises(Refused):
        update_customer(mine, {"currency": "Renminbi"}, None, None)
    update_customer(mine, {"currency": "eur"}, None, None)
    assert mine.currency == "EUR"


def test_an_archived_customer_leaves_the_list_and_comes_back(as_seller, session, mine):
    data = {"version": mine.version, "reason": "closed down"}
    line = f'href="/customers/{mine.id}"'
    assert as_seller.post(f"/customers/{mine.id}/archive", data=data).status_code == 303
    assert line not in as_seller.get("/customers").get_data(as_text=True)
    assert line in as_seller.get("/customers?status=archived").get_data(as_text=True)
    assert as_seller.post(f"/customers/{mine.id}/restore").status_code == 303
    assert line in as_seller.get("/customers").get_data(as_text=True)
    moves = session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(("archive", "restore"))))
    assert list(moves) == ["archive", "restore"]


def test_an_archived_prospect_comes_back_as_a_prospect(as_seller, session, mine):
    assert mine.status == "prospect"
    assert as_seller.post(f"/customers/{mine.id}/archive").status_code == 303
    assert "Restore as prospect" in as_seller.get(f"/customers/{mine.id}").text
    assert as_seller.post(f"/customers/{mine.id}/restore_prospect").status_code == 303
    session.refresh(mine)
    assert mine.status == "prospect"


def test_a_move_that_is_not_possible_any_more_is_refused(as_seller, mine):
    assert as_seller.post(f"/customers/{mine.id}/restore").status_code == 409
    assert as_seller.post(f"/customers/{mine.id}/explode").status_code == 404


def test_a_customer_is_deleted_with_its_addresses_when_nothing_else_points_at_it(as_manager, session, mine):
    add_address(mine, {"street": "Nanshan 1", "country": "CN"}, None)
    mine_id = mine.id
    assert as_manager.post(f"/customers/{mine_id}/delete").status_code == 303
    assert session.scalar(select(Customer.id).where(Customer.id == mine_id)) is None
    assert session.scalars(select(Address)).all() == []


def test_deleting_says_what_stands_in_the_way(as_manager, session, mine, seller):
    a_task(mine, seller)
    a_customer(seller, parent_id=mine.id)
    answer = as_manager.post(f"/customers/{mine.id}/delete")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "1 × Activities" in text
    assert "1 × Customers" in text
    assert session.get(Customer, mine.id) is not None


def test_the_page_opens_under_the_lens_of_the_role_and_keeps_the_one_asked_for(
    as_seller, app, sign_in, controller, mine
):
    relationship = as_seller.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert relationship.index("Contacts") < relationship.index("Billing and addresses")
    operations = sign_in(app.test_client(), controller).get(f"/customers/{mine.id}").get_data(as_text=True)
    assert operations.index("Billing and addresses") < operations.index('id="people"')
    asked = as_seller.get(f"/customers/{mine.id}?lens=operations").get_data(as_text=True)
    assert asked.index("Billing and addresses") < asked.index('id="people"')


def test_the_group_shows_companies_above_and_below_and_only_counts_those_of_others(
    as_seller, session, mine, seller, outsider
):
    a_customer(seller, name="Visible Child", parent_id=mine.id)
    a_customer(outsider, name="Hidden Child", parent_id=mine.id)
    text = as_seller.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "Visible Child" in text
    assert "Hidden Child" not in text
    assert "1 company of colleagues" in text


def test_a_person_may_be_a_customer_with_a_reading_of_the_name(as_seller, session):
    data = {"name": "单晓明", "kind": "person", "reading": "shàn xiǎo míng"}
    assert as_seller.post("/customers", data=data).status_code == 303
    assert only(session).name_key.startswith("shan xiao ming")
    assert "单晓明" in as_seller.get("/customers?q=sxm").get_data(as_text=True)


def test_customers_are_found_by_pinyin_initials_phone_and_english_name(as_seller, mine):
    for typed in ("lanhai", "lhsp", "8653", "blue sea", mine.code):
        assert mine.name in as_seller.get("/customers", query_string={"q": typed}).get_data(as_text=True), typed


def test_the_contact_is_shown_with_its_customer(as_seller, session, mine, seller):
    a_contact(mine, seller, name="林志远", mobile="138 2355 0101")
    text = as_seller.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "林志远" in text
    assert "tel:+8613823550101" in text


def test_an_archived_prospect_can_come_back_as_one(as_seller, session, mine):
    for move, state in (("archive", "archived"), ("restore_prospect", "prospect")):
        version = session.get(Customer, mine.id).version
        assert as_seller.post(f"/customers/{mine.id}/{move}", data={"version": version}).status_code == 303
        assert session.get(Customer, mine.id).status == state
