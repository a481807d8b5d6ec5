"""My day, reminders, lists, bulk verbs and imports."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from erpcrm.core.i18n import today
from erpcrm.core.jobs import enqueue, run_pending
from erpcrm.core.notifications import Notification
from erpcrm.core.registry import record_type
from erpcrm.customers.importers import prepare_customers
from erpcrm.customers.jobs import REMIND
from erpcrm.customers.models import Activity, Contact, Customer
from erpcrm.customers.services import add_activity, update_customer
from tests.factories.customers import a_contact, a_customer, a_task


def test_the_start_page_is_my_day(as_seller):
    assert as_seller.get("/").location == "/my-day"


def test_tasks_stand_by_when_they_are_due(as_seller, session, mine, seller, colleague):
    day = today()
    for subject, due in (("Late", -2), ("Now", 0), ("Soon", 3), ("Far", 30)):
        a_task(mine, seller, subject=f"{subject} task", due_on=day + timedelta(days=due))
    a_task(mine, seller, subject="Whenever task")
    a_task(mine, colleague, subject="Foreign task", due_on=day)
    session.commit()
    text = as_seller.get("/my-day").get_data(as_text=True)
    places = [text.index(words) for words in ("Late task", "Now task", "Soon task", "Whenever task")]
    assert places == sorted(places)
    assert "Far task" not in text
    assert "Foreign task" not in text


def test_nothing_to_do_says_so(as_seller, mine):
    assert "Nothing to do for today" in as_seller.get("/my-day").get_data(as_text=True)


def test_whoever_has_no_customer_yet_is_shown_what_to_begin_with(app, sign_in, as_seller, admin):
    page = as_seller.get("/my-day").text
    assert 'href="/customers/new"' in page.partition('id="begin"')[2].partition("</section>")[0]
    assert "Ask your colleagues in" not in page, "a seller may not"
    page = sign_in(app.test_client(), admin).get("/my-day").text
    begin = page.partition('id="begin"')[2].partition("</section>")[0]
    for address in ("/imports/new?kind=customer", "/customers/new", "/admin/users/new", "/company/profile"):
        assert f'href="{address}"' in begin


def test_a_task_is_ticked_off_in_place_and_taken_back(as_seller, session, mine, seller):
    task = a_task(mine, seller, due_on=today())
    session.commit()
    headers = {"HX-Request": "true", "HX-Target": f"li#task_{task.id}"}
    done = as_seller.post(f"/customers/activities/{task.id}/finish", headers=headers).get_data(as_text=True)
    assert "Undo" in done
    back = as_seller.post(f"/customers/activities/{task.id}/reopen", headers=headers).get_data(as_text=True)
    assert f"/customers/activities/{task.id}/finish" in back
    assert session.get(Activity, task.id).is_open


def test_without_a_script_ticking_off_leads_back_to_my_day(as_seller, session, mine, seller):
    task = a_task(mine, seller, due_on=today())
    session.commit()
    answer = as_seller.post(f"/customers/activities/{task.id}/finish", data={"next": "/my-day"})
    assert answer.location == "/my-day"
    other = as_seller.post(f"/customers/activities/{task.id}/reopen", data={"next": "https://evil.example/"})
    assert other.location == f"/customers/{mine.id}"


def test_a_due_task_is_told_once_for_each_due_date(app, session, mine, seller):
    task = a_task(mine, seller, due_on=today())
    a_task(mine, seller, due_on=today() + timedelta(days=1))
    for _run in range(2):
        enqueue(REMIND)
        session.commit()
        run_pending()
        session.expire_all()
    assert len(session.scalars(select(Notification)).all()) == 1
    task = session.get(Activity, task.id)
    task.due_on = today() - timedelta(days=1)
    session.commit()
    enqueue(REMIND)
    session.commit()
    run_pending()
    texts = [notice.text for notice in session.scalars(select(Notification).order_by(Notification.id))]
    assert texts == ["Due today: Send the offer", "Overdue: Send the offer"]


def test_a_task_given_to_a_colleague_is_told(app, session, mine, seller, colleague):
    a_task(mine, seller, owner_id=colleague.id)
    notice = session.scalars(select(Notification)).one()
    assert (notice.user_id, notice.kind) == (colleague.id, "assigned")


@pytest.mark.parametrize("path", ["/customers", "/customers/contacts", "/customers/activities"])
def test_every_column_of_the_lists_can_be_shown(as_seller, session, mine, seller, path):
    a_contact(mine, seller)
    a_task(mine, seller)
    session.commit()
    kind = {"/customers": "customer", "/customers/contacts": "contact", "/customers/activities": "activity"}[path]
    names = [column.name for column in record_type(kind).columns]
    for name in names:
        assert (
            as_seller.get(path, query_string={"cols": ",".join(dict.fromkeys([names[0], name]))}).status_code == 200
        ), name


@pytest.mark.parametrize("kind", ["customer", "contact", "activity"])
def test_every_view_that_comes_with_a_list_opens(as_seller, kind):
    of = record_type(kind)
    path = {"customer": "/customers", "contact": "/customers/contacts", "activity": "/customers/activities"}[kind]
    for name, (_label, query) in of.presets.items():
        answer = as_seller.get(f"{path}?{query}")
        assert answer.status_code == 200, name
        assert "chip tone-red" not in answer.get_data(as_text=True), name


def test_customers_without_activity_for_a_month_are_found(as_seller, session, mine, seller):
    spoken = a_customer(seller, name="Spoken To")
    a_task(spoken, seller)
    as_seller.post(f"/timeline/customer/{spoken.id}", data={"kind": "call", "subject": "Hello"})
    query = record_type("customer").presets["quiet"][1]
    text = as_seller.get(f"/customers?{query}").get_data(as_text=True)
    assert mine.name in text
    assert "Spoken To" not in text


def values_of(kind):
    return {field.name for field in record_type(kind).importer.fields}


def test_an_import_numbers_customers_without_a_code_and_keeps_given_ones(app, session, seller, admin):
    importer = record_type("customer").importer
    rows = [
        {"name": "华为"},
        {"name": "平安银行", "code": "000001"},
        {"name": "Acme", "parent_id": None, "tags": ["x"]},
    ]
    prepare_customers(rows, admin)
    made = [importer.create(row, admin) for row in rows]
    session.flush()
    assert [one.code for one in made] == ["C-00001", "000001", "C-00002"]
    assert made[0].match_key == "华为"
    assert importer.lookup(["000001", "acme", "ACME", "nobody"]) == {
        "000001": [made[1].id], "acme": [made[2].id], "ACME": [made[2].id],
    }  # fmt: skip
    assert importer.find("name", ["华为"]) == {"华为": made[0].id}


def test_an_import_refuses_a_code_that_is_taken(app, session, mine, admin):
    importer = record_type("customer").importer
    rows = [{"name": "Other", "code": mine.code}]
    prepare_customers(rows, admin)
    with pytest.raises(Exception, match="belongs to another customer"):
        importer.create(rows[0], admin)


def test_an_import_says_which_rows_may_exist_already(app, session, mine, admin):
    alike = record_type("customer").importer.alike
    found = alike([{"name": "深圳市蓝海食品股份有限公司"}, {"name": "Nobody"}])
    assert {place: one[0] for place, one in found.items()} == {0: mine.id}


def test_an_imported_contact_is_put_at_its_customer(app, session, mine, admin):
    importer = record_type("contact").importer
    contact = importer.create({"name": "Lin", "customer_id": mine.id, "role": "buyer"}, admin)
    session.flush()
    assert [place.customer_id for place in session.get(Contact, contact.id).places] == [mine.id]
    assert {"name", "customer_id", "consent", "consent_on", "mobile"} <= values_of("contact")
    assert {"name", "parent_id", "owner_id", "industry", "tax_number"} <= values_of("customer")


def test_a_mention_names_the_record_that_it_is_on_if_one_may_see_it(
    as_seller, app, sign_in, session, mine, colleague, seller
):
    add_activity(mine, "note", "@Anna Berg whose is this?", seller)
    session.commit()
    other = sign_in(app.test_client(), colleague)
    assert mine.name not in other.get("/my-day").text
    update_customer(mine, {"owner_id": colleague.id}, None, None)
    session.commit()
    assert f'href="/customers/{mine.id}">{mine.name}</a>' in other.get("/my-day").text


def test_archived_customers_and_contacts_out_of_use_come_back_many_at_once(as_seller, session, mine, seller):
    other = a_customer(seller)
    contact = a_contact(mine, seller, active=False)
    session.commit()
    ids = {"ids": [mine.id, other.id]}
    for action, state, at in (("archive", "archived", ""), ("restore", "active", "&status=archived")):
        as_seller.post(f"/lists/customer/bulk/{action}?at=/customers{at}", data=ids | {"confirmed": "1"})
        assert {session.get(Customer, id).status for id in ids["ids"]} == {state}
    as_seller.post("/lists/contact/bulk/activate?at=/customers/contacts", data={"ids": [contact.id], "confirmed": "1"})
    assert session.get(Contact, contact.id).active
