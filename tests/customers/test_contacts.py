"""People: creating, linking, consent, addresses of their companies."""

from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.i18n import today
from erpcrm.customers.models import Address, Contact, CustomerContact
from erpcrm.customers.services import add_address, link_contact, make_main, make_primary, unlink_contact
from tests.factories.customers import a_contact, a_customer, a_task


def place(session, contact, customer):
    return session.scalars(
        select(CustomerContact).where(
            CustomerContact.contact_id == contact.id, CustomerContact.customer_id == customer.id
        )
    ).one()


def test_a_new_contact_at_a_customer_is_its_main_one_and_the_customer_is_primary(as_seller, session, mine, seller):
    data = {
        "name": "林志远",
        "mobile": "13823550101",
        "customer_id": mine.id,
        "customer_id_text": mine.name,
        "role": "buyer",
    }
    answer = as_seller.post("/customers/contacts", data=data)
    assert answer.location == f"/customers/{mine.id}"
    contact = session.scalars(select(Contact)).one()
    assert (contact.mobile, contact.owner_id) == ("+86 138 2355 0101", seller.id)
    there = place(session, contact, mine)
    assert (there.is_primary, there.is_main, there.role) == (True, True, "buyer")


def test_a_contact_of_several_customers_has_one_primary(app, session, mine, seller):
    other = a_customer(seller)
    contact = a_contact(mine, seller)
    second = link_contact(contact, other)
    assert not second.is_primary
    make_primary(second)
    assert [p.customer_id for p in session.scalars(select(CustomerContact).where(CustomerContact.is_primary))] == [
        other.id
    ]
    unlink_contact(second)
    assert place(session, contact, mine).is_primary


def test_a_customer_has_one_main_contact_and_an_heir(app, session, mine, seller):
    first, second = a_contact(mine, seller), a_contact(mine, seller)
    make_main(place(session, second, mine))
    mains = session.scalars(select(CustomerContact.contact_id).where(CustomerContact.is_main)).all()
    assert mains == [second.id]
    unlink_contact(place(session, second, mine))
    assert place(session, first, mine).is_main


def test_linking_twice_keeps_one_link(app, session, mine, seller):
    contact = a_contact(mine, seller)
    link_contact(contact, mine, "finance")
    assert place(session, contact, mine).role == "finance"


def test_consent_without_its_source_is_not_taken(as_seller, session):
    answer = as_seller.post("/customers/contacts", data={"name": "Lin", "consent": "granted"})
    assert answer.status_code == 422
    assert "Say where the consent was given" in answer.get_data(as_text=True)
    assert session.scalars(select(Contact)).all() == []


def test_consent_gets_its_day_and_its_history_stands_in_the_trail(as_seller, session, mine, seller):
    contact = a_contact(mine, seller)
    session.commit()
    data = {"name": contact.name, "active": "y", "version": contact.version}
    as_seller.post(f"/customers/contacts/{contact.id}", data=data | {"consent": "granted", "consent_source": "Fair"})
    contact = session.get(Contact, contact.id)
    assert (contact.consent, contact.consent_on) == ("granted", today())
    as_seller.post(
        f"/customers/contacts/{contact.id}", data=data | {"consent": "withdrawn", "version": contact.version}
    )
    changes = [
        entry.changes["consent"]
        for entry in session.scalars(
            select(AuditEntry).where(AuditEntry.record_type == "contact").order_by(AuditEntry.id)
        )
        if entry.action == "changed" and "consent" in entry.changes
    ]
    assert changes == [["unknown", "granted"], ["granted", "withdrawn"]]


def test_a_second_contact_with_the_same_mobile_is_asked_about_first(as_seller, session, mine, seller):
    a_contact(mine, seller, name="林志远", mobile="138 2355 0101")
    session.commit()
    data = {"name": "Lin Zhiyuan", "mobile": "+86 13823550101"}
    answer = as_seller.post("/customers/contacts", data=data)
    assert answer.status_code == 422
    assert "This may exist already" in answer.get_data(as_text=True)
    assert as_seller.post("/customers/contacts", data=data | {"not_a_duplicate": "1"}).status_code == 303


def test_a_vcard_holds_the_person_and_nothing_can_break_out_of_it(as_seller, session, mine, seller):
    contact = a_contact(mine, seller, name="Lin; Zhi\nyuan", email="lin@example.com", mobile="13823550101")
    session.commit()
    answer = as_seller.get(f"/customers/contacts/{contact.id}/card.vcf")
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/vcard"
    assert "FN:Lin\\; Zhi\\nyuan\r\n" in text
    assert "TEL;TYPE=CELL:+86 138 2355 0101" in text
    assert f"ORG:{mine.name}" in text


def test_a_contact_with_history_is_not_deleted(as_manager, session, mine, seller):
    contact = a_contact(mine, seller)
    a_task(mine, seller, contact_id=contact.id)
    session.commit()
    assert as_manager.post(f"/customers/contacts/{contact.id}/delete").status_code == 409
    empty = a_contact(mine, seller)
    session.commit()
    assert as_manager.post(f"/customers/contacts/{empty.id}/delete").status_code == 303
    assert session.scalars(select(Contact.id)).all() == [contact.id]


def test_linking_in_the_dialog_answers_with_the_page_to_go_to(as_seller, session, mine, seller):
    contact = a_contact(None, seller)
    session.commit()
    data = {"contact_id": contact.id, "contact_id_text": contact.name, "role": "user"}
    answer = as_seller.post(f"/customers/{mine.id}/contacts/link", data=data, headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"] == f"/customers/{mine.id}"
    assert place(session, contact, mine).role == "user"


def test_the_first_address_is_the_default_and_a_new_default_replaces_it(as_seller, session, mine):
    form = {
        "version": "",
        "street": "科技南路18号",
        "city": "深圳市",
        "state": "广东省",
        "country": "CN",
        "use": "both",
    }
    assert as_seller.post(f"/customers/{mine.id}/addresses", data=form).status_code == 303
    as_seller.post(
        f"/customers/{mine.id}/addresses", data=form | {"street": "二厂", "use": "delivery", "is_default": "y"}
    )
    defaults = session.scalars(select(Address.street).where(Address.is_default)).all()
    assert defaults == ["二厂"]
    text = as_seller.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert "广东省深圳市科技南路18号" in text


def test_an_address_is_changed_and_removed(as_seller, session, mine):
    address = add_address(mine, {"street": "Old street", "country": "DE", "city": "Bonn", "postcode": "53111"}, None)
    session.commit()
    data = {"street": "New street 5", "country": "DE", "city": "Bonn", "use": "billing", "version": address.version}
    assert as_seller.post(f"/customers/{mine.id}/addresses/{address.id}", data=data).status_code == 303
    assert session.get(Address, address.id).street == "New street 5"
    stale = as_seller.post(f"/customers/{mine.id}/addresses/{address.id}", data=data)
    assert stale.status_code == 409
    as_seller.post(f"/customers/{mine.id}/addresses/{address.id}/delete")
    assert session.scalars(select(Address)).all() == []


def test_an_address_without_street_is_named(as_seller, mine):
    answer = as_seller.post(f"/customers/{mine.id}/addresses", data={"street": "", "country": "CN", "use": "both"})
    assert answer.status_code == 422
    assert "Enter the street" in answer.get_data(as_text=True)
