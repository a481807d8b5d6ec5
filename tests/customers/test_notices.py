"""Who is told of what happens at customers: once, by mail and in the app, and only of what they may see."""

import json
from datetime import timedelta

from sqlalchemy import select

from erpcrm.core.actor import acting_as
from erpcrm.core.i18n import today
from erpcrm.core.jobs import enqueue
from erpcrm.core.mail import Mail
from erpcrm.core.notifications import Notification
from erpcrm.customers.jobs import REMIND
from erpcrm.customers.models import Activity
from erpcrm.customers.services import add_activity, finish_activity, update_customer
from tests.factories.customers import a_task


def notices(session, user):
    return session.scalars(select(Notification).where(Notification.user_id == user.id).order_by(Notification.id)).all()


def mails(session, user):
    return session.scalars(select(Mail).where(Mail.to == user.email).order_by(Mail.id)).all()


def test_a_colleague_who_is_mentioned_may_read_it_and_nothing_else(as_seller, app, sign_in, session, mine, outsider):
    as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "note", "subject": "@Otto Outsider please look"})
    [notice] = notices(session, outsider)
    assert (notice.kind, notice.text) == ("mentioned", "王芳 mentioned you: @Otto Outsider please look")
    assert len(mails(session, outsider)) == 1
    theirs = sign_in(app.test_client(), outsider)
    assert theirs.get(notice.url).status_code == 200
    assert theirs.get(f"/customers/{mine.id}").status_code == 404


def test_a_text_that_is_edited_tells_nobody_twice(as_seller, session, mine, colleague):
    as_seller.post(f"/timeline/customer/{mine.id}", data={"kind": "note", "subject": "@Anna Berg look"})
    activity = session.scalars(select(Activity)).one()
    data = {"kind": "note", "subject": "@Anna Berg please look", "version": activity.version}
    assert as_seller.post(f"/customers/activities/{activity.id}", data=data).status_code == 303
    assert len(notices(session, colleague)) == len(mails(session, colleague)) == 1


def test_whoever_may_not_see_activities_is_not_told_and_the_writer_learns_it(as_seller, session, mine, keeper):
    data = {"kind": "note", "subject": "@Stella Store is it in stock?"}
    part = {"HX-Request": "true", "HX-Target": "div#timeline_stream"}
    answer = as_seller.post(f"/timeline/customer/{mine.id}", data=data, headers=part)
    assert "Stella Store may not see activities" in json.loads(answer.headers["HX-Trigger"])["notice"]["text"]
    assert notices(session, keeper) == mails(session, keeper) == []
    whole = as_seller.post(f"/timeline/customer/{mine.id}", data=data, follow_redirects=True).text
    assert "Stella Store may not see activities" in whole


def test_the_new_owner_of_a_customer_is_told_and_not_of_what_was_theirs(session, mine, seller, colleague, manager):
    with acting_as(manager):
        update_customer(mine, {"owner_id": colleague.id}, None, manager)
        update_customer(mine, {"owner_id": colleague.id, "note": "again"}, None, manager)
    [notice] = notices(session, colleague)
    assert notice.words == f"Max Manager made you the owner of {mine.name}"
    assert notices(session, seller) == []


def test_what_is_due_is_told_once_and_in_one_mail(session, mine, seller, run_jobs):
    a_task(mine, seller, subject="Call back", due_on=today())
    a_task(mine, seller, subject="Send samples", due_on=today() - timedelta(days=2))
    a_task(mine, seller, subject="Next week", due_on=today() + timedelta(days=7))
    done = a_task(mine, seller, subject="Done", due_on=today())
    finish_activity(done, seller)
    for _again in range(2):
        enqueue(REMIND)
        run_jobs()
    assert [notice.words for notice in notices(session, seller)] == ["Overdue: Send samples", "Due today: Call back"]
    [mail] = mails(session, seller)
    assert mail.subject == "2 tasks are due"
    assert "Call back" in mail.text
    assert "Send samples" in mail.text


def test_a_task_that_is_moved_to_another_day_is_told_again(session, mine, seller, run_jobs, clock):
    task = a_task(mine, seller, subject="Call back", due_on=today())
    enqueue(REMIND)
    run_jobs()
    task.due_on = today() + timedelta(days=1)
    session.commit()
    clock.shift(timedelta(days=1))
    enqueue(REMIND)
    run_jobs()
    assert len(notices(session, seller)) == 2


def test_a_task_for_a_colleague_is_told_with_who_gave_it(session, mine, seller, colleague):
    with acting_as(seller):
        add_activity(mine, "task", "Send the offer", seller, owner_id=colleague.id)
    [notice] = notices(session, colleague)
    assert (notice.kind, notice.words) == ("assigned", "王芳 gave you a task: Send the offer")
