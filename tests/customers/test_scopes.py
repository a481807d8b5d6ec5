"""Who sees and changes what: every route against another's records."""

import pytest
from sqlalchemy import select

from erpcrm.access.services import create_role
from erpcrm.customers.models import Customer
from erpcrm.customers.services import add_address, link_contact
from tests.factories.customers import a_contact, a_customer, a_task


@pytest.fixture
def world(session, colleague, theirs):
    """A customer of a colleague with a contact, an address and a task."""
    contact = a_contact(theirs, colleague, name="Foreign Person")
    address = add_address(theirs, {"street": "Secret Street 1", "country": "CN"}, colleague)
    task = a_task(theirs, colleague, subject="Secret task")
    session.commit()
    return {
        "customer": theirs.id,
        "contact": contact.id,
        "place": contact.places[0].id,
        "address": address.id,
        "task": task.id,
    }


READ = (
    "/customers/{customer}",
    "/customers/{customer}/edit",
    "/customers/{customer}/archive",
    "/customers/{customer}/panels/customer_deals",
    "/customers/{customer}/contacts/link",
    "/customers/{customer}/addresses/new",
    "/customers/{customer}/addresses/{address}/edit",
    "/customers/contacts/{contact}",
    "/customers/contacts/{contact}/edit",
    "/customers/contacts/{contact}/card.vcf",
    "/customers/contacts/{contact}/customers/link",
    "/customers/activities/{task}",
    "/customers/activities/{task}/edit",
    "/timeline/customer/{customer}",
    "/timeline/contact/{contact}",
    "/timeline/activity/{task}",
    "/customers/merge/customer/{customer}",
    "/customers/merge/contact/{contact}",
)
WRITE = (
    "/customers/{customer}",
    "/customers/{customer}/archive",
    "/customers/{customer}/contacts/link",
    "/customers/{customer}/contacts/{place}/role",
    "/customers/{customer}/contacts/{place}/main",
    "/customers/{customer}/contacts/{place}/primary",
    "/customers/{customer}/contacts/{place}/unlink",
    "/customers/{customer}/addresses",
    "/customers/{customer}/addresses/{address}",
    "/customers/{customer}/addresses/{address}/delete",
    "/customers/contacts/{contact}",
    "/customers/contacts/{contact}/customers/link",
    "/customers/activities/{task}",
    "/customers/activities/{task}/finish",
    "/customers/activities/{task}/reopen",
    "/customers/activities/{task}/delete",
    "/timeline/customer/{customer}",
)


@pytest.mark.parametrize("path", READ)
def test_a_seller_cannot_read_a_colleagues_record(as_seller, world, path):
    assert as_seller.get(path.format(**world)).status_code == 404


@pytest.mark.parametrize("path", WRITE)
def test_a_seller_cannot_change_a_colleagues_record(as_seller, world, path):
    data = {"name": "x", "code": "x", "kind": "note", "subject": "x", "street": "x", "country": "CN", "use": "both"}
    assert as_seller.post(path.format(**world), data=data).status_code == 404


@pytest.mark.parametrize("path", [path for path in READ if "panels" not in path])
def test_the_manager_of_the_team_can(as_manager, world, path):
    assert as_manager.get(path.format(**world)).status_code == 200


@pytest.mark.parametrize("path", ["/customers", "/customers/contacts", "/customers/activities", "/my-day"])
def test_lists_hold_own_records_only(as_seller, world, path):
    text = as_seller.get(path).get_data(as_text=True)
    for secret in ("上海申达医药包装有限公司", "Foreign Person", "Secret task"):
        assert secret not in text


def test_a_part_under_another_customers_address_is_not_there(as_seller, session, world, mine):
    for path in (
        f"/customers/{mine.id}/addresses/{world['address']}/delete",
        f"/customers/{mine.id}/contacts/{world['place']}/unlink",
    ):
        assert as_seller.post(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/customers/new", "get"),
        ("/customers", "post"),
        ("/customers/contacts", "get"),
        ("/my-day", "get"),
        ("/customers/duplicates", "get"),
    ],
)
def test_a_storekeeper_reads_customers_and_nothing_more(client, sign_in, keeper, path, method):
    reader = sign_in(client, keeper)
    assert reader.get("/customers").status_code == 200
    assert getattr(reader, method)(path).status_code == 403


def test_a_seller_can_neither_delete_nor_see_the_team(as_seller, mine):
    assert as_seller.post(f"/customers/{mine.id}/delete").status_code == 403


def test_a_contact_is_seen_by_whoever_sees_one_of_its_customers(as_seller, session, mine, theirs, colleague):
    shared = a_contact(theirs, colleague, name="Works For Both")
    link_contact(shared, mine)
    session.commit()
    text = as_seller.get(f"/customers/contacts/{shared.id}").get_data(as_text=True)
    assert mine.name in text
    assert theirs.name not in text
    assert "1 customer of colleagues" in text


def test_a_contact_cannot_be_linked_to_a_customer_that_is_not_yours(as_seller, session, mine, theirs, seller):
    contact = a_contact(mine, seller)
    session.commit()
    data = {"customer_id": theirs.id, "customer_id_text": theirs.name}
    assert as_seller.post(f"/customers/contacts/{contact.id}/customers/link", data=data).status_code == 422


def test_an_activity_with_a_foreign_contact_is_refused(as_seller, world, mine):
    data = {"kind": "call", "subject": "x", "contact_id": world["contact"]}
    assert as_seller.post(f"/timeline/customer/{mine.id}", data=data).status_code == 404


def test_a_colleagues_duplicate_is_named_but_not_opened(as_seller, theirs):
    answer = as_seller.post("/customers", data={"name": "上海申达医药包装有限公司"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "belongs to Anna Berg" in text
    assert f'href="/customers/{theirs.id}"' not in text


def test_bulk_actions_reach_own_customers_only(as_seller, session, mine, theirs):
    answer = as_seller.post(
        "/lists/customer/bulk/add_tag?at=/customers",
        data={"ids": [mine.id, theirs.id], "tags": "vip", "confirmed": "1"},
    )
    assert answer.status_code == 303
    assert "vip" in session.get(Customer, mine.id).tags
    assert "vip" not in session.get(Customer, theirs.id).tags


def test_merging_needs_both_records_in_scope(as_seller, mine, theirs):
    assert as_seller.get(f"/customers/merge/customer?winner={mine.id}&loser={theirs.id}").status_code == 404
    assert as_seller.post("/customers/merge/customer", data={"winner": mine.id, "loser": theirs.id}).status_code == 404


def test_whoever_is_not_signed_in_is_sent_to_the_door(client, mine):
    answer = client.get(f"/customers/{mine.id}")
    assert answer.status_code == 302
    assert "/login" in answer.location


def test_the_other_team_sees_nothing_of_it(app, sign_in, outsider, mine):
    theirs = sign_in(app.test_client(), outsider)
    assert theirs.get(f"/customers/{mine.id}").status_code == 404


def test_a_customer_without_owner_is_seen_with_the_scope_all_only(as_seller, app, sign_in, session, admin):
    orphan = a_customer(None, name="Nobody's Ltd")
    session.commit()
    assert as_seller.get(f"/customers/{orphan.id}").status_code == 404
    assert sign_in(app.test_client(), admin).get(f"/customers/{orphan.id}").status_code == 200


@pytest.fixture
def shared(session, seller, colleague, theirs):
    """A contact of a colleague's customer who works for a customer of the seller, too; that one belongs to the colleague's."""
    theirs.name = "Hidden Holding"
    mine = a_customer(seller, name="Open Daughter", parent_id=theirs.id)
    contact = a_contact(theirs, colleague, name="Shared Person", job_title="Buyer")
    link_contact(contact, mine)
    session.commit()
    return contact


def test_pages_do_not_name_a_customer_that_the_reader_does_not_see(shared, session, as_seller, as_manager):
    contacts = as_seller.get("/customers/contacts").text
    assert "Shared Person" in contacts
    assert "Open Daughter" in contacts
    assert "Hidden Holding" not in contacts
    customers = as_seller.get("/customers?cols=name,parent").text
    assert "Open Daughter" in customers
    assert "Hidden Holding" not in customers
    own = session.scalar(select(Customer.id).where(Customer.name == "Open Daughter"))
    page = as_seller.get(f"/customers/{own}").text
    assert "A company of colleagues" in page
    assert "Hidden Holding" not in page
    # The manager of the team sees both, and so the primary one.
    assert "Hidden Holding" in as_manager.get("/customers/contacts").text
    assert "Hidden Holding" in as_manager.get("/customers?cols=name,parent").text


def test_search_and_export_do_not_name_it_either(shared, seller, app, session, as_manager, as_seller, sign_in):
    found = as_seller.get("/search?q=Shared").text
    assert "Buyer · Open Daughter" in found
    assert "Hidden Holding" not in found
    assert "Buyer · Hidden Holding" in as_manager.get("/search?q=Shared").text
    address = "/lists/customer/export/csv?at=/customers&cols=name,parent"
    assert "Hidden Holding" in as_manager.post(address).text
    exporters = create_role({"name": "Exporters", "permissions": ["core.export.run"], "scope": "own"})
    seller.roles = [*seller.roles, exporters]
    session.commit()
    own = sign_in(app.test_client(), seller).post(address).text
    assert "Open Daughter" in own
    assert "Hidden Holding" not in own


def test_the_menu_marks_one_entry(as_seller):
    menu = as_seller.get("/customers/contacts").text.partition("<nav")[2].partition("</nav>")[0]
    assert menu.count('aria-current="page"') == 1
    assert 'href="/customers/contacts" aria-current="page"' in menu


def test_the_next_request_after_a_change_of_role_or_team_shows_no_more_and_no_less(
    client, sign_in, session, theirs, manager, outsider
):
    """Statements are kept under the conditions of a scope: of another scope, team or user there must be others."""

    def sees(who) -> bool:
        web = sign_in(client, who)
        page, shown = web.get(f"/customers/{theirs.id}").status_code == 200, theirs.name in web.get("/customers").text
        assert page == shown
        return page

    assert sees(manager)
    assert not sees(outsider)
    role = manager.roles[0]
    before, team = (role.scope, role.scopes), manager.team
    role.scope, role.scopes = "own", {}
    session.commit()
    assert not sees(manager)
    role.scope, role.scopes = "team", {}
    session.commit()
    assert sees(manager)
    manager.team, team.manager_id = outsider.team, None
    session.commit()
    assert not sees(manager)
    role.scope, role.scopes = before
    manager.team = team
    session.commit()
    assert sees(manager)
    assert not sees(outsider)
