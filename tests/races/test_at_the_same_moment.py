"""Two people do to the same thing, at the same moment, what only one of them can do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.access.models import User
from erpcrm.access.services import deactivate
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import db
from erpcrm.core.errors import Refused
from erpcrm.core.imports.models import Import
from erpcrm.core.jobs import Job, run_pending
from erpcrm.core.jobs.services import run_again
from erpcrm.core.lifecycle import transaction
from erpcrm.core.mail import send_again, send_mail
from erpcrm.customers.models import Activity, Contact, Customer, CustomerContact
from erpcrm.customers.services import add_activity
from tests.core.smtp_server import mail_server
from tests.factories.customers import a_contact, a_customer
from tests.wizard import Wizard

AtOnce = Callable[..., list[Any]]


@pytest.fixture
def taps(app: Flask, sign_in: Any, at_once: AtOnce, session: Any) -> Callable[..., list[int]]:
    """`taps(user, (path, data), ...)`: forms that one user sends at the same moment from as many windows; the statuses."""

    def send(user: Any, *forms: tuple[str, dict[str, Any]]) -> list[int]:
        session.commit()
        clients = [sign_in(app.test_client(), user) for _form in forms]
        session.rollback()
        calls = [
            lambda client=client, form=form: client.post(form[0], data=form[1]).status_code
            for client, form in zip(clients, forms, strict=True)
        ]
        results = at_once(*calls)
        session.expire_all()
        return results

    return send


@pytest.fixture
def pair(admin: User, session: Any) -> tuple[Customer, Customer]:
    one, other = a_customer(admin, name="One Ltd"), a_customer(admin, name="Other Ltd")
    for customer in (one, other):
        a_contact(customer, admin)
        add_activity(customer, "note", "said", admin)
    session.commit()
    return one, other


def test_two_are_merged_once_although_both_ways_are_tried(
    taps: Callable[..., list[int]], admin: User, pair: tuple[Customer, Customer], session: Any
) -> None:
    one, other = pair[0].id, pair[1].id
    forms = [{"winner": one, "loser": other}, {"winner": other, "loser": one}] * 2
    statuses = taps(admin, *(("/customers/merge/customer", form) for form in forms))
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 404, 409, 503}
    left = session.scalar(select(Customer.id))
    assert session.scalar(select(func.count()).select_from(Customer)) == 1
    assert session.scalar(select(func.count()).select_from(Activity).where(Activity.customer_id == left)) == 2
    assert (
        session.scalar(select(func.count()).select_from(CustomerContact).where(CustomerContact.customer_id == left))
        == 2
    )


def test_what_is_moved_while_somebody_deletes_it_is_not_there(
    taps: Callable[..., list[int]], admin: User, session: Any
) -> None:
    customer = a_customer(admin)
    path = f"/customers/{customer.id}"
    statuses = taps(
        admin, (f"{path}/delete", {}), (f"{path}/archive", {}), (f"{path}/delete", {}), (f"{path}/archive", {})
    )
    assert statuses.count(303) in (1, 2)
    assert set(statuses) <= {303, 404, 409, 503}


def test_two_customers_of_one_code_do_not_come_in_together(
    taps: Callable[..., list[int]], admin: User, session: Any
) -> None:
    form = {"name": "Twin", "kind": "company", "code": "TWIN-1", "not_a_duplicate": "1"}
    statuses = taps(admin, *(("/customers", form | {"name": f"Twin {n}"}) for n in range(4)))
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 409, 422}
    assert session.scalar(select(func.count()).select_from(Customer)) == 1


def test_numbers_go_on_without_a_gap_although_forms_fail(
    taps: Callable[..., list[int]], admin: User, session: Any
) -> None:
    good = {"kind": "company", "not_a_duplicate": "1"}
    forms = [good | {"name": f"Good {n}"} if n % 2 else good | {"name": "", "code": ""} for n in range(8)]
    statuses = taps(admin, *(("/customers", form) for form in forms))
    assert (statuses.count(303), statuses.count(422)) == (4, 4)
    assert sorted(session.scalars(select(Customer.code))) == [f"C-{n:05}" for n in range(1, 5)]


def test_a_form_sent_twice_makes_one_and_one_of_another_form_two(
    taps: Callable[..., list[int]], admin: User, session: Any
) -> None:
    form = {"name": "Once", "kind": "company", "not_a_duplicate": "1", "_key": "the same key"}
    assert taps(admin, *[("/customers", form)] * 3) == [303] * 3
    assert taps(admin, ("/customers/contacts", form)) == [303]  # the key of another form is another key
    assert session.scalar(select(func.count()).select_from(Customer)) == 1
    assert session.scalar(select(func.count()).select_from(Contact)) == 1


def test_the_key_of_somebody_else_hands_out_no_answer_of_theirs(
    taps: Callable[..., list[int]], admin: User, manager: User, session: Any
) -> None:
    form = {"name": "Once", "kind": "company", "not_a_duplicate": "1", "_key": "the same key"}
    assert taps(admin, ("/customers", form)) == taps(manager, ("/customers", form | {"name": "Twice"})) == [303]
    assert sorted(session.scalars(select(Customer.name))) == ["Once", "Twice"]


def test_an_import_is_started_and_undone_once(
    taps: Callable[..., list[int]], app: Flask, client: Any, sign_in: Any, admin: User, session: Any
) -> None:
    wizard = Wizard(sign_in(client, admin), app)
    wizard.upload("Name\nOne\nTwo\nThree\n", "customer", "three.csv").columns()
    path = f"/imports/{wizard.id}"
    statuses = taps(admin, *[(f"{path}/start", {})] * 3)
    assert (statuses.count(303), statuses.count(409)) == (1, 2)
    run_pending()
    assert wizard.counts() == (3, 0, 0, 0)
    statuses = taps(admin, *[(f"{path}/undo", {})] * 3)
    assert (statuses.count(303), statuses.count(409)) == (1, 2)
    assert session.scalar(select(func.count()).select_from(Customer)) == 0
    assert session.get(Import, wizard.id).status == "undone"


def test_two_administrators_do_not_lock_everybody_out(at_once: AtOnce, admin: User, roles: Any, session: Any) -> None:
    from_id = admin.id
    other = User(name="Bea Boss", email="bea@example.com", roles=[roles["admin"]])
    session.add(other)
    session.commit()
    other_id = other.id
    session.rollback()

    def end(user_id: int, by_id: int) -> str:
        with transaction():
            deactivate(db.session.get_one(User, user_id), by=db.session.get_one(User, by_id))
        return "done"

    results = at_once(lambda: end(from_id, other_id), lambda: end(other_id, from_id))
    assert results.count("done") == 1
    assert len([one for one in results if isinstance(one, Refused)]) == 1


def test_a_failed_mail_that_is_tried_again_in_two_places_goes_out_once(
    app: Flask, admin: User, session: Any, monkeypatch: pytest.MonkeyPatch, run_jobs: Any
) -> None:
    with mail_server() as letters:
        monkeypatch.setitem(app.config, "MAIL_URL", letters.url)
        letters.rcpt_answer = "550 nobody of that name"
        mail = send_mail("somebody@example.com", "Once", "Only once.")
        first = mail.job_id
        run_jobs()
        letters.rcpt_answer = "250 ok"
        send_again(mail)
        run_again(session.get_one(Job, first))
        run_jobs()
        assert (len(letters.messages), mail.status) == (1, "sent")


def test_each_merge_stands_in_the_trail_once(
    taps: Callable[..., list[int]], admin: User, pair: tuple[Customer, Customer], session: Any
) -> None:
    form = {"winner": pair[0].id, "loser": pair[1].id, "_key": "one merge"}
    assert taps(admin, *[("/customers/merge/customer", form)] * 3) == [303] * 3
    assert session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "merged")) == 1
