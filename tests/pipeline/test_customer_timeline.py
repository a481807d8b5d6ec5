"""The history of a customer is one stream: what was said, sent, filed and moved, also on its deals and people."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage

from erpcrm.core.actor import acting_as
from erpcrm.core.files import attach
from erpcrm.core.mail import send_mail
from erpcrm.core.moves import make_move
from erpcrm.customers.services import add_activity
from erpcrm.pipeline.services import create_opportunity, ensure_standard_pipeline, update_opportunity
from tests.factories.customers import a_contact, a_customer


def a_file(name: str) -> FileStorage:
    return FileStorage(BytesIO(b"some text"), filename=name)


@pytest.fixture
def stream(session: Any, client: Any, sign_in: Any, seller: Any) -> Any:
    """A customer of the seller with a deal and a contact, and its timeline as the seller sees it."""
    ensure_standard_pipeline()
    customer = a_customer(seller, name="Blue Sea Foods")
    with acting_as(seller):
        values = {
            "name": "Ten pumps",
            "customer_id": customer.id,
            "amount": Decimal(100),
            "expected_close": date(2027, 1, 5),
        }
        deal = create_opportunity(values, seller)
        person = a_contact(customer, seller, name="Lin Zhiyuan")
    session.commit()

    def read(show: str = "all") -> str:
        session.commit()
        return str(sign_in(client, seller).get(f"/timeline/customer/{customer.id}?show={show}").text)

    read.customer, read.deal, read.person = customer, deal, person  # type: ignore[attr-defined]
    return read


def test_what_happened_to_a_deal_stands_in_the_customers_history(stream: Any, seller: Any) -> None:
    with acting_as(seller):
        update_opportunity(stream.deal, {"description": "quietly edited"}, seller)
        make_move(stream.deal, "win", by=seller)
    text = stream()
    assert "Win" in text or "won" in text.lower()
    assert f'href="/pipeline/opportunities/{stream.deal.id}"' in text
    assert "quietly edited" not in text, "edits stand among the changes only"
    assert "quietly edited" in stream("changes")


def test_mails_about_deals_and_people_are_there(stream: Any, seller: Any) -> None:
    send_mail("lin@example.com", "Our offer", "Dear Mr Lin", record=stream.deal, by=seller)
    send_mail("lin@example.com", "Season's greetings", "Dear Mr Lin", record=stream.person, by=seller)
    add_activity(stream.customer, "email", "Sent from the phone", seller)
    add_activity(stream.customer, "call", "Rang Mr Lin", seller)
    for show in ("all", "mails"):
        text = stream(show)
        for subject in ("Our offer", "Season&#39;s greetings", "Sent from the phone"):
            assert subject in text, (show, subject)
    assert "Rang Mr Lin" not in stream("mails")


def test_a_mail_about_the_deal_and_its_customer_stands_there_once(stream: Any, seller: Any) -> None:
    send_mail("lin@example.com", "Our offer", "Text", record=[stream.deal, stream.customer], by=seller)
    assert stream("mails").count("Our offer") == 1


def test_files_of_a_deal_are_there_with_a_link_to_it(stream: Any, seller: Any) -> None:
    with acting_as(seller):
        attach(stream.deal, a_file("drawing.txt"), seller)
    text = stream("files")
    assert "drawing.txt" in text
    assert f'href="/pipeline/opportunities/{stream.deal.id}"' in text


def test_a_colleagues_deal_outside_the_scope_is_not_told_of(
    stream: Any, session: Any, client: Any, sign_in: Any, outsider: Any, seller: Any
) -> None:
    with acting_as(outsider):
        hidden = create_opportunity({"name": "Hidden deal", "customer_id": stream.customer.id}, outsider)
        attach(hidden, a_file("secret-price.txt"), outsider)
    send_mail("lin@example.com", "Secret offer", "Text", record=hidden, by=outsider)
    for show in ("all", "mails", "changes", "files"):
        text = stream(show)
        assert not [word for word in ("Hidden deal", "secret-price", "Secret offer") if word in text], show


def test_the_history_of_a_deal_is_its_own(stream: Any, session: Any, client: Any, sign_in: Any, seller: Any) -> None:
    add_activity(stream.customer, "call", "About something else", seller)
    session.commit()
    text = sign_in(client, seller).get(f"/timeline/opportunity/{stream.deal.id}").text
    assert "About something else" not in text
