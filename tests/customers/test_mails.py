"""Writing an e-mail from the page of a record: it leaves by the outbox and stands in the history."""

from email.utils import parseaddr

import pytest
from sqlalchemy import select

from erpcrm.core.mail import Mail, compose
from erpcrm.customers.models import Contact, Customer
from erpcrm.customers.services import link_contact
from tests.factories.customers import a_contact, a_customer

HX = {"HX-Request": "true", "HX-Target": "div#dialog_body"}


@pytest.fixture
def lin(session, mine, seller):
    contact = a_contact(mine, seller, name="Lin Zhiyuan", email="lin@blue-sea.example")
    session.commit()
    return contact


def written(session):
    return session.scalars(select(Mail)).one()


def test_a_mail_is_sent_in_the_writers_name_and_stands_in_the_history_of_all_it_is_about(as_seller, session, mine, lin):
    data = {"to": "lin@blue-sea.example", "subject": "Our offer", "text": "Dear Mr Lin"}
    answer = as_seller.post(f"/timeline/customer/{mine.id}/mail", data=data, headers=HX)
    assert answer.headers["HX-Trigger"] == "close-dialog"
    assert "Our offer" in answer.text
    mail = written(session)
    assert {(link.record_type, link.record_id) for link in mail.links} == {("customer", mine.id), ("contact", lin.id)}
    message = compose(mail)
    assert parseaddr(message["Reply-To"]) == ("王芳", "seller@example.com")
    assert parseaddr(message["From"])[0] == "王芳 (erpcrm)"
    assert message["Auto-Submitted"] is None
    assert "Our offer" in as_seller.get(f"/timeline/contact/{lin.id}?show=mails").text
    assert session.get(Customer, mine.id).last_activity_at is not None
    assert session.get(Contact, lin.id).last_activity_at is not None


def test_without_a_script_it_is_a_page_that_leads_back(as_seller, mine, lin):
    page = as_seller.get(f"/timeline/customer/{mine.id}/mail").text
    assert 'value="lin@blue-sea.example"' in page
    data = {"to": "lin@blue-sea.example", "subject": "Our offer", "text": "Dear Mr Lin"}
    answer = as_seller.post(f"/timeline/customer/{mine.id}/mail", data=data)
    assert (answer.status_code, answer.location) == (303, f"/customers/{mine.id}")


def test_what_is_missing_or_no_address_is_named_and_nothing_typed_is_lost(as_seller, session, mine):
    data = {"to": "lin@blue-sea.example, nobody", "subject": "", "text": "A long text"}
    answer = as_seller.post(f"/timeline/customer/{mine.id}/mail", data=data, headers=HX)
    assert answer.status_code == 422
    assert "“nobody” is not an e-mail address." in answer.text
    assert "Enter a subject." in answer.text
    assert "A long text" in answer.text
    assert session.scalars(select(Mail)).all() == []


def test_several_get_one_mail_and_more_than_a_handful_none(as_seller, session, mine):
    data = {"subject": "Hello", "text": "Text"}
    url = f"/timeline/customer/{mine.id}/mail"
    assert as_seller.post(url, data=data | {"to": "a@x.example；b@x.example，a@x.example"}).status_code == 303
    assert written(session).to == "a@x.example, b@x.example"
    many = ",".join(f"p{number}@x.example" for number in range(21))
    assert as_seller.post(url, data=data | {"to": many}).status_code == 422


def test_who_has_withdrawn_consent_is_named_before_one_writes(as_seller, session, mine, lin, seller):
    lin.consent = "withdrawn"
    session.commit()
    page = as_seller.get(f"/timeline/customer/{mine.id}/mail?to=lin@blue-sea.example", headers=HX).text
    assert "Lin Zhiyuan: consent to marketing is withdrawn" in page


def test_nobody_writes_about_what_they_do_not_see(as_seller, session, theirs, mine, lin, colleague):
    hidden = a_contact(theirs, colleague, name="Hidden", email="hidden@x.example")
    link_contact(lin, a_customer(colleague))
    session.commit()
    assert as_seller.get(f"/timeline/customer/{theirs.id}/mail").status_code == 404
    data = {"to": "x@x.example", "subject": "Hello", "text": "Text"}
    assert as_seller.post(f"/timeline/contact/{hidden.id}/mail", data=data).status_code == 404
    assert "hidden@x.example" not in as_seller.get(f"/timeline/contact/{lin.id}/mail").text


def test_it_takes_the_permission(app, sign_in, keeper, mine):
    storekeeper = sign_in(app.test_client(), keeper)
    assert storekeeper.get(f"/timeline/customer/{mine.id}/mail").status_code == 403
    assert "/mail" not in storekeeper.get(f"/customers/{mine.id}").text
