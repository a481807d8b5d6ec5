"""The timeline: adding, finishing, changing, filtering, reading on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from erpcrm.catalog.services import create_product, update_product
from erpcrm.core.db import db
from erpcrm.core.mail import send_mail
from erpcrm.core.notifications import Notification
from erpcrm.customers.models import Activity, Contact, Customer, Mention
from erpcrm.customers.services import add_activity, finish_activity, move_history, reopen_activity
from tests.factories.customers import a_contact, a_customer, a_task

HX = {"HX-Request": "true", "HX-Target": "div#timeline_stream"}


def test_a_call_is_logged_without_a_script_and_leads_back_to_the_page(as_seller, session, mine):
    answer = as_seller.post(
        f"/timeline/customer/{mine.id}", data={"kind": "call", "subject": "Spoke to Lin\nHe agrees."}
    )
    assert answer.status_code == 303
    assert answer.location == f"/customers/{mine.id}"
    call = session.scalars(select(Activity)).one()
    assert (call.kind, call.subject, call.body, call.customer_id) == ("call", "Spoke to Lin", "He agrees.", mine.id)
    assert call.done_at is not None
    assert "Spoke to Lin" in as_seller.get(f"/customers/{mine.id}").get_data(as_text=True)


def test_with_htmx_only_the_stream_comes_back(as_seller, mine):
    answer = as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "note", "subject": "A thought"}, headers=HX)
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "A thought" in text
    assert "<html" not in text
    assert 'id="timeline_stream"' in text


def test_any_record_page_has_a_timeline_and_changes_are_told_to_those_who_may_read_them(
    app, as_seller, sign_in, session, manager
):
    product = create_product({"name": "Label roll", "code": "LR-1"}, by=manager)
    update_product(product, {"name": "Label roll 100 m"}, by=manager)
    session.commit()
    card = {"HX-Request": "true", "HX-Target": "section#timeline_card"}
    address = f"/timeline/product/{product.id}"
    assert f'hx-get="{address}"' in as_seller.get(f"/catalog/products/{product.id}").get_data(as_text=True)
    as_seller.post(address, data={"kind": "note", "subject": "Customers ask for longer rolls"})
    read = as_seller.get(address, headers=card).get_data(as_text=True)
    assert "Customers ask for longer rolls" in read
    assert "<html" not in read
    assert "created" not in read
    assert "created" not in as_seller.get(f"{address}?show=changes", headers=HX).get_data(as_text=True)
    managers = sign_in(app.test_client(), manager)
    assert "created" in managers.get(address, headers=card).get_data(as_text=True)


def test_an_empty_entry_is_refused_with_a_reason(as_seller, session, mine):
    answer = as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "note", "subject": "  "}, headers=HX)
    assert answer.status_code == 409
    assert "Say in a few words" in answer.get_data(as_text=True)
    assert session.scalars(select(Activity)).all() == []


def test_a_task_is_open_until_it_is_finished_and_can_be_opened_again(as_seller, session, mine):
    due = (date.today() + timedelta(days=3)).isoformat()  # noqa: DTZ011
    as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "task", "subject": "Send samples", "due_on": due})
    task = session.scalars(select(Activity)).one()
    assert task.done_at is None
    on = {"on_type": "customer", "on_id": mine.id}
    text = as_seller.post(f"/customers/activities/{task.id}/finish", data=on, headers=HX).get_data(as_text=True)
    assert "To do" not in text
    assert session.get(Activity, task.id).done_at is not None
    text = as_seller.post(f"/customers/activities/{task.id}/reopen", data=on, headers=HX).get_data(as_text=True)
    assert "To do" in text
    assert session.get(Activity, task.id).done_at is None


def test_a_task_cannot_be_finished_twice(as_seller, session, mine, seller):
    task = a_task(mine, seller)
    session.commit()
    assert as_seller.post(f"/customers/activities/{task.id}/finish").status_code == 303
    assert as_seller.post(f"/customers/activities/{task.id}/finish").status_code == 409


def test_a_call_planned_for_a_later_day_is_still_to_do(app, session, mine, seller, clock):
    later = add_activity(mine, "call", "Ring again", seller, due_on=date(2026, 3, 9))
    today = add_activity(mine, "call", "Rang", seller, due_on=date(2026, 3, 2))
    assert later.is_open
    assert not today.is_open


def test_an_activity_is_changed_in_a_dialog_and_the_stream_shows_it(as_seller, session, mine, seller):
    task = a_task(mine, seller)
    session.commit()
    data = {
        "kind": "task",
        "subject": "Send two offers",
        "version": task.version,
        "on_type": "customer",
        "on_id": mine.id,
    }
    answer = as_seller.post(
        f"/customers/activities/{task.id}", data=data, headers={"HX-Request": "true", "HX-Target": "div#dialog_body"}
    )
    assert answer.headers["HX-Retarget"] == "#timeline_stream"
    assert answer.headers["HX-Trigger"] == "close-dialog"
    assert "Send two offers" in answer.get_data(as_text=True)


def test_a_seller_cannot_change_what_a_colleague_wrote_on_the_sellers_customer(as_seller, session, mine, colleague):
    note = add_activity(mine, "note", "I was here", colleague)
    session.commit()
    assert as_seller.get(f"/customers/activities/{note.id}").status_code == 200
    assert as_seller.post(f"/customers/activities/{note.id}/delete").status_code == 403


def test_whoever_is_mentioned_is_told_and_sees_it_on_my_day(as_seller, app, sign_in, session, mine, colleague):
    as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "note", "subject": "@Anna Berg please have a look"})
    assert [row.user_id for row in session.scalars(select(Mention))] == [colleague.id]
    told = session.scalars(select(Notification)).one()
    assert (told.user_id, told.kind) == (colleague.id, "mentioned")
    other = sign_in(app.test_client(), colleague)
    assert "please have a look" in other.get("/my-day").get_data(as_text=True)
    activity = session.scalars(select(Activity)).one()
    assert other.get(f"/customers/activities/{activity.id}").status_code == 200
    other.post(f"/my-day/mentions/{activity.id}/seen")
    assert "please have a look" not in other.get("/my-day").get_data(as_text=True)


def test_the_stream_holds_activities_changes_mails_and_files_and_can_be_narrowed(as_seller, session, mine, seller):
    add_activity(mine, "call", "The call", seller)
    send_mail("lin@example.com", "The mail", "Text", record=mine, by=seller)
    session.commit()
    as_seller.post(f"/customers/{mine.id}", data={"name": "Renamed", "code": mine.code, "version": mine.version})
    text = as_seller.get(f"/timeline/customer/{mine.id}").get_data(as_text=True)
    for shown in ("The call", "The mail", "Renamed", "深圳市蓝海食品有限公司"):
        assert shown in text
    only = as_seller.get(f"/timeline/customer/{mine.id}?show=mails", headers=HX).get_data(as_text=True)
    assert "The mail" in only
    assert "The call" not in only


def test_changes_are_told_with_names_and_labels_not_with_ids_and_values(as_manager, session, mine, colleague):
    data = {"name": mine.name, "code": mine.code, "version": mine.version, "industry": "food"}
    data |= {"owner_id": colleague.id, "owner_id_text": colleague.name}
    as_manager.post(f"/customers/{mine.id}", data=data)
    text = as_manager.get(f"/timeline/customer/{mine.id}?show=changes").get_data(as_text=True)
    assert "Anna Berg" in text
    assert "Food and agriculture" in text
    assert "owner_id" not in text


def test_older_entries_follow_without_gap_or_repeat(clock, as_seller, session, mine, seller):
    for number in range(55):
        add_activity(mine, "note", f"Entry {number:02d}!", seller)  # all in the same moment: the ids decide
    session.commit()
    seen, url = [], f"/timeline/customer/{mine.id}?show=activities"
    for _page in range(4):
        text = as_seller.get(url, headers=HX).get_data(as_text=True)
        seen += [f"Entry {n:02d}!" for n in range(54, -1, -1) if f"Entry {n:02d}!</span>" in text]
        if "before=" not in text:
            break
        url = _older(text)
    assert seen == [f"Entry {n:02d}!" for n in range(54, -1, -1)]


def _older(text: str) -> str:
    place = text.index("before=")
    start = text.rindex('href="', 0, place) + len('href="')
    return text[start : text.index('"', place)].replace("&amp;", "&")


def test_a_deals_and_a_contacts_activities_stand_on_the_customers_timeline(app, session, mine, seller):
    contact = a_contact(mine, seller)
    add_activity(contact, "call", "Called the person", seller)
    assert session.scalars(select(Activity)).one().customer_id == mine.id


def test_last_activity_never_goes_back(app, session, mine, seller, clock):
    first = add_activity(mine, "call", "Now", seller).at
    add_activity(mine, "call", "Long ago", seller, at=first - timedelta(days=90))
    session.expire_all()
    assert session.get(Customer, mine.id).last_activity_at == first


def test_history_moves_on_with_the_record_that_something_became(app, session, mine, seller):
    contact = a_contact(None, seller, name="Was a lead")
    add_activity(contact, "call", "First talk", seller)
    task = a_task(contact, seller)
    move_history(contact, mine)
    moved = session.scalars(select(Activity)).all()
    assert {(one.record_type, one.record_id, one.customer_id) for one in moved} == {("customer", mine.id, mine.id)}
    assert mine.last_activity_at is not None
    assert session.get(Activity, task.id).is_open
    assert session.get(Contact, contact.id) is not None


def test_finish_and_reopen_keep_the_place_in_time(app, session, mine, seller, clock):
    task = a_task(mine, seller, due_on=date(2026, 3, 10))
    planned = task.at
    finish_activity(task, seller, "Sent")
    assert (task.at, task.outcome) == (task.done_at, "Sent")
    reopen_activity(task, seller)
    assert task.at == planned


@pytest.mark.parametrize("size", [10, 1000])
def test_the_customer_page_costs_the_same_number_of_queries_however_much_there_is(
    as_seller, session, mine, seller, size
):
    for number in range(size // 10):
        a_contact(mine, seller, name=f"P{number}")
    for number in range(size):
        session.add(
            Activity(kind="note", subject=f"N{number}", record_type="customer", record_id=mine.id, customer_id=mine.id,
                     owner_id=seller.id, at=mine.created_at, done_at=mine.created_at)
        )  # fmt: skip
    session.commit()
    counted = []
    listener = lambda *args: counted.append(args[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        as_seller.get(f"/customers/{mine.id}")
        page = len([one for one in counted if one.lstrip().upper().startswith("SELECT")])
        counted.clear()
        as_seller.get("/my-day")
        day = len([one for one in counted if one.lstrip().upper().startswith("SELECT")])
        counted.clear()
        as_seller.get("/customers/activities")
        listed = len([one for one in counted if one.lstrip().upper().startswith("SELECT")])
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    assert page <= 36, page
    assert day <= 20, day
    assert listed <= 14, listed


def test_a_contact_of_another_customer_is_no_choice_in_the_bar(as_seller, session, mine, seller):
    a_contact(mine, seller, name="Here")
    elsewhere = a_customer(seller)
    a_contact(elsewhere, seller, name="Elsewhere")
    session.commit()
    text = as_seller.get(f"/customers/{mine.id}").get_data(as_text=True)
    assert ">Here</option>" in text
    assert ">Elsewhere</option>" not in text
