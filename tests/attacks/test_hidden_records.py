"""A seller tries to learn of, refer to and change records of another team, by every way but the front door."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from erpcrm.catalog.models import PriceList, PriceListItem
from erpcrm.catalog.services import create_product
from erpcrm.core.files import Attachment
from erpcrm.core.lists.saved_views import SavedView
from erpcrm.core.pointers import title_of
from erpcrm.customers.models import Customer, CustomerContact
from erpcrm.customers.services import add_activity, link_contact, update_customer
from tests.factories.customers import a_contact, a_customer
from tests.wizard import Wizard

SECRETS = ("Hidden", "Secret", "HID-1", "1111 2222")


@pytest.fixture
def as_seller(client: FlaskClient, sign_in: Any, seller: Any) -> FlaskClient:
    return sign_in(client, seller)


def tells(text: str) -> list[str]:
    return [word for word in SECRETS if word in text]


@pytest.mark.parametrize(
    "path",
    [
        "/customers?q=Hidden",
        "/customers?name.has=Hidden&totals=1",
        "/customers?parent={customer}",
        "/customers?sort=name&cols=name,parent,owner",
        "/customers/contacts?customer={customer}",
        "/customers/contacts?q=13911112222",
        "/customers/activities?customer={customer}",
        "/customers/activities?subject.has=Secret",
        "/lists/contact/filter/customer?at=/customers/contacts&customer={customer}",
        "/search?q=Hidden",
        "/search?q=HID-1",
        "/search?q=11112222",
        "/pick/customer?q=Hidden",
        "/pick/customer",
        "/pick/contact?q=Hidden",
        "/pick/contact",
        "/pick/activity?q=Secret",
        "/customers/new?parent_id={customer}",
        "/customers/new?parent_id={customer}&parent_id_text=Hidden+Harbour",
        "/customers/contacts/new?customer={customer}",
        "/customers/merge/customer/{mine}?other={customer}",
        "/customers/merge/customer?winner={mine}&loser={customer}",
        "/customers/duplicates",
        "/files?record_type=customer&record_id={customer}",
        "/admin/audit/customer/{customer}",
        "/timeline/customer/{customer}",
        "/pipeline/opportunities/new?customer={customer}",
        "/my-day",
        "/notifications?all",
        "/jobs?tab=ended",
        "/imports",
    ],
)  # fmt: skip
def test_no_page_tells_of_them(as_seller: FlaskClient, mine: Any, theirs: Any, path: str) -> None:
    answer = as_seller.get(path.format(customer=theirs.customer.id, mine=mine.id), follow_redirects=True)
    # What was typed may stand there again; the rest may not.
    body = answer.text.replace("q=Hidden", "").replace('value="Hidden', "").replace("“Hidden”", "")
    found = [word for word in tells(body) if word not in path]
    assert answer.status_code < 500
    assert "Harbour Holdings" not in body
    assert found == []


def test_a_reference_that_nobody_touched_does_not_stop_an_edit(
    as_seller: FlaskClient, session: Any, mine: Any, theirs: Any
) -> None:
    """Its parent company belongs to somebody else: the seller may still correct the phone number."""
    update_customer(mine, {"parent_id": theirs.customer.id}, None, None)
    session.commit()
    form = as_seller.get(f"/customers/{mine.id}/edit").text
    assert "Harbour Holdings" not in form
    sent = {"name": mine.name, "code": mine.code, "kind": "company", "phone": "021 5555 6666", "version": mine.version}
    sent |= {"parent_id": theirs.customer.id, "parent_id_text": f"#{theirs.customer.id}"}
    assert as_seller.post(f"/customers/{mine.id}", data=sent).status_code == 303
    assert (mine.parent_id, mine.phone) == (theirs.customer.id, "+86 21 5555 6666")


def test_nothing_new_refers_to_them(as_seller: FlaskClient, session: Any, mine: Any, theirs: Any) -> None:
    sent = {"name": mine.name, "code": mine.code, "kind": "company", "version": mine.version}
    answer = as_seller.post(f"/customers/{mine.id}", data=sent | {"parent_id": theirs.customer.id})
    assert answer.status_code == 422
    assert tells(answer.text) == []
    assert mine.parent_id is None


def test_a_code_that_is_taken_names_nobody(as_seller: FlaskClient, mine: Any, theirs: Any) -> None:
    sent = {"name": mine.name, "code": "hid-1", "kind": "company", "version": mine.version}
    answer = as_seller.post(f"/customers/{mine.id}", data=sent)
    assert answer.status_code in (409, 422)
    assert "Harbour" not in answer.text


def test_the_timeline_of_a_shared_contact_tells_nothing_of_the_other_customer(
    as_seller: FlaskClient, session: Any, mine: Any, theirs: Any, outsider: Any, seller: Any
) -> None:
    shared = a_contact(mine, seller, name="Shared Person")
    link_contact(shared, theirs.customer)
    said = add_activity(theirs.customer, "call", "Secret discount", outsider, contact_id=shared.id)
    add_activity(mine, "call", "Our own call", seller, contact_id=shared.id)
    session.commit()
    page = as_seller.get(f"/customers/contacts/{shared.id}").text
    assert "Our own call" in page
    assert tells(page) == []
    assert tells(as_seller.get(f"/timeline/contact/{shared.id}?show=activities").text) == []
    assert as_seller.get(f"/customers/activities/{said.id}").status_code == 404


@pytest.mark.parametrize("verb", ["assign", "add_tag", "remove_tag", "archive"])
def test_no_verb_for_many_reaches_them(
    app: Flask, client: FlaskClient, sign_in: Any, session: Any, mine: Any, theirs: Any, manager: Any, verb: str
) -> None:
    """The manager of the one team names the ids of the other's."""
    sign_in(client, manager)
    sent = {"ids": [mine.id, theirs.customer.id], "confirmed": "1", "tags": "taken", "owner_id": manager.id}
    answer = client.post(f"/lists/customer/bulk/{verb}?at=/customers", data=sent | {"owner_id_text": manager.name})
    assert answer.status_code == 303
    hidden = theirs.customer
    assert (hidden.status, hidden.tags, hidden.owner_id) == ("prospect", [], hidden.created_by_id)
    only_theirs = client.post(f"/lists/customer/bulk/{verb}?at=/customers", data=sent | {"ids": [hidden.id]})
    assert only_theirs.status_code == 409


def test_no_export_holds_them(client: FlaskClient, sign_in: Any, mine: Any, theirs: Any, manager: Any) -> None:
    sign_in(client, manager)
    for kind, at in (
        ("customer", "/customers"),
        ("contact", "/customers/contacts"),
        ("activity", "/customers/activities"),
    ):
        answer = client.post(f"/lists/{kind}/export/csv?at={at}&q=&sort=-created")
        assert answer.status_code == 200
        assert tells(answer.text) == []
        answer.close()


def test_a_shared_view_shows_each_reader_their_own(
    app: Flask,
    client: FlaskClient,
    sign_in: Any,
    session: Any,
    mine: Any,
    theirs: Any,
    seller: Any,
    manager: Any,
    teams: Any,
) -> None:
    """A colleague of the other team shares a view that filters by a customer that the seller doesn't see."""
    view = SavedView(
        user_id=manager.id, record_type="contact", name="Theirs", shared="all", query=f"customer={theirs.customer.id}"
    )
    session.add(view)
    session.commit()
    page = sign_in(client, seller).get(f"/customers/contacts?view={view.id}", follow_redirects=True)
    assert page.status_code == 200
    assert tells(page.text) == []


def test_no_file_is_put_on_or_taken_from_them(as_seller: FlaskClient, session: Any, theirs: Any) -> None:
    file = Attachment(
        record_type="customer", record_id=theirs.customer.id, name="secret.txt", media_type="text/plain", size=1, sha256="0" * 64
    )  # fmt: skip
    session.add(file)
    session.commit()
    assert as_seller.get(f"/files/{file.id}/secret.txt").status_code == 404
    for verb in ("remove", "restore"):
        assert as_seller.post(f"/files/{file.id}/{verb}").status_code == 404
    sent = {"record_type": "customer", "record_id": theirs.customer.id}
    assert as_seller.post("/files", data=sent).status_code == 404


def test_no_activity_is_logged_through_another_records_page(
    as_seller: FlaskClient, session: Any, mine: Any, theirs: Any
) -> None:
    """The part that comes back shows the timeline that the form names: only one that the user sees."""
    own = add_activity(mine, "task", "Mine", mine.owner, done=False)
    session.commit()
    answer = as_seller.post(
        f"/customers/activities/{own.id}/finish",
        data={"on_type": "customer", "on_id": theirs.customer.id},
        headers={"HX-Request": "true", "HX-Target": "div#timeline_stream"},
    )
    assert answer.status_code == 404
    assert tells(answer.text) == []


def test_the_manager_imports_nothing_over_them(
    app: Flask, client: FlaskClient, sign_in: Any, session: Any, mine: Any, theirs: Any, manager: Any
) -> None:
    wizard = Wizard(sign_in(client, manager), app)
    wizard.upload("Code,Name,Note\nHID-1,Taken over,mine now\n", "customer", "customers.csv")
    wizard.columns(mode="both", key="code")
    wizard.get()
    assert wizard.trial()["bad"] == 1
    assert "Harbour" not in wizard.page
    assert theirs.customer.name == "Hidden Harbour Holdings"


def test_a_kept_answer_of_a_colleague_does_not_name_what_it_meant(
    app: Flask, client: FlaskClient, sign_in: Any, session: Any, mine: Any, theirs: Any, manager: Any, admin: Any
) -> None:
    """Choices of an import are kept for the next file with the same headers, whoever imports it."""
    content = "Name,Customer\nSome One,The hidden one\n"
    first = Wizard(sign_in(app.test_client(), admin), app)
    first.upload(content, "contact", "people.csv").columns()
    place = "customer_id-0"
    sent = first.form("/words") | {
        place: "other",
        f"{place}-other": str(theirs.customer.id),
        f"{place}-other_text": "x",
    }
    first.post("/words", sent)
    first.start()
    assert session.query(CustomerContact).filter_by(customer_id=theirs.customer.id).count() == 2
    second = Wizard(sign_in(client, manager), app)
    second.upload(content, "contact", "people.csv")
    second.get("/words")
    assert "Harbour" not in second.page


def test_a_merge_needs_both(as_seller: FlaskClient, session: Any, mine: Any, theirs: Any) -> None:
    for winner, loser in ((mine.id, theirs.customer.id), (theirs.customer.id, mine.id)):
        answer = as_seller.post("/customers/merge/customer", data={"winner": winner, "loser": loser})
        assert answer.status_code == 404
    assert session.query(Customer).count() == 2


def test_an_id_tells_nothing_of_whether_there_is_a_record(as_seller: FlaskClient, theirs: Any) -> None:
    def said(path: str, record_id: int) -> tuple[int, str]:
        answer = as_seller.get(path.format(record_id))
        return answer.status_code, re.sub(r"(?:Token&#34;|Token\"): [^}]*|value=\"[^\"]*\"|[0-9]+", "", answer.text)

    for path in (
        "/customers/{}",
        "/customers/{}/edit",
        "/timeline/customer/{}",
        "/files?record_type=customer&record_id={}",
    ):
        assert said(path, theirs.customer.id) == said(path, 999_999)


def test_customers_of_a_team_are_seen_by_its_manager_only_through_that_team(
    client: FlaskClient, sign_in: Any, session: Any, manager: Any, outsider: Any
) -> None:
    """A customer of no team, whose owner left the team, is nobody's but its owner's."""
    stray = a_customer(outsider, name="Hidden Stray", team_id=None)
    session.commit()
    assert sign_in(client, manager).get(f"/customers/{stray.id}").status_code == 404


def test_what_a_price_is_called_is_its_own_product(app: Flask, session: Any, admin: Any) -> None:
    """The name of a price stands in another table: asked for without a join it would be that of any product."""
    products = [create_product({"name": name, "code": name}, by=admin) for name in ("Alpha", "Beta", "Gamma")]
    prices = PriceList(name="List", currency="CNY")
    session.add(prices)
    session.flush()
    items = [
        PriceListItem(price_list_id=prices.id, product_id=one.id, unit="pcs", price=1, min_quantity=1)
        for one in products
    ]
    session.add_all(items)
    session.flush()
    assert [title_of("price_list_item", item.id) for item in items] == ["Alpha", "Beta", "Gamma"]
