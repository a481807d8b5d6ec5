"""The customer's link: read, ask, accept or decline an offer without an account, and nothing else."""

import re
from base64 import b64decode
from datetime import timedelta
from decimal import Decimal as D
from typing import Any

from sqlalchemy import select

from erpcrm.access.area import limiter
from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import Notification
from erpcrm.customers.models import Activity
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal
from tests.factories.sales import a_line, an_offer

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture of one point"""


def test_a_link_cant_be_guessed_and_opens_what_was_sent_only(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any, clock: Any
) -> None:
    offers = [an_offer(customer, seller, a_line(valve), sent=True, valid_until=today()) for _ in range(2)]
    draft = an_offer(customer, seller, a_line(valve))
    draft.link_key = "known-somehow"
    session.commit()
    keys = [offer.link_key for offer in offers]
    assert len(set(keys)) == 2
    assert all(re.fullmatch(r"[\w-]{32}", key) for key in keys)  # 24 random bytes
    statuses = [client.get(f"/sales/offers/{key}").status_code for key in (*keys, "known-somehow", keys[0][:-1], "%20")]
    assert statuses == [200, 200, 404, 404, 404]
    clock.shift(timedelta(days=31))
    assert client.get(f"/sales/offers/{keys[0]}").status_code == 404
    assert client.post(f"/sales/offers/{keys[0]}/accept", data={"name": "Ann", "agreed": "y"}).status_code == 404


def test_a_link_shows_this_offer_and_nothing_else_of_the_company(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    other = a_customer(seller, name="Somebody Else Ltd")
    hidden = an_offer(other, seller, a_line(valve), sent=True)
    offer = an_offer(customer, seller, a_line(valve), sent=True, note="may go down to 80")
    offer.lines[0].cost = D(41)
    session.commit()
    answer = client.get(f"/sales/offers/{offer.link_key}")
    assert valve.name in answer.text
    for secret in (
        "Somebody Else",
        hidden.number,
        "may go down",
        "41",
        seller.email,
        "/sales/quotations",
        "List price",
    ):
        assert secret not in re.sub(r"static/\S+|<script.*?</script>", "", answer.text), secret
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_offer_counts_as_opened_when_a_browser_has_shown_it(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve), sent=True)
    session.commit()
    client.get(f"/sales/offers/{offer.link_key}")
    session.refresh(offer)
    assert offer.seen_at is None
    for _ in range(2):
        assert client.post(f"/sales/offers/{offer.link_key}/seen").status_code == 204
    session.refresh(offer)
    assert offer.seen_at is not None
    told = session.scalars(select(Notification).where(Notification.user_id == seller.id)).all()
    assert len(told) == 1


def test_accepting_takes_the_ticked_options_and_wins_the_deal(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    deal = a_deal(seller, customer_id=customer.id, amount=D(90), expected_close=today())
    lines = [a_line(valve), a_line(valve, 2, optional=True), a_line(valve, 5, optional=True)]
    offer = an_offer(customer, seller, *lines, opportunity_id=deal.id, sent=True)
    stranger = an_offer(customer, seller, a_line(valve, optional=True))
    session.commit()
    assert offer.net == 100
    form = {"name": "Ann Harbour", "agreed": "y"}
    assert client.post(f"/sales/offers/{offer.link_key}/accept", data=form | {"agreed": ""}).status_code == 422
    ticked = [offer.lines[1].id, stranger.lines[0].id, "99999999999999999999", "x"]
    answer = client.post(f"/sales/offers/{offer.link_key}/accept", data=form | {"chosen": ticked})
    assert answer.status_code == 303
    session.expire_all()
    assert (offer.status, offer.decided_by, offer.net) == ("accepted", "Ann Harbour", 300)
    assert [line.chosen for line in offer.lines] == [False, True, False]
    assert not stranger.lines[0].chosen
    assert (deal.status, deal.amount) == ("won", 300)
    again = client.post(f"/sales/offers/{offer.link_key}/accept", data=form)
    assert (again.status_code, "You have accepted this offer" in again.text) == (409, True)
    assert client.post(f"/sales/offers/{offer.link_key}/decline", data={"name": "Ann"}).status_code == 409


def test_a_closed_gate_does_not_keep_a_customer_from_accepting(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    deal = a_deal(seller, customer_id=customer.id)  # nobody knows when it will close
    deal.amount, deal.expected_close = None, None
    offer = an_offer(customer, seller, a_line(valve), opportunity_id=deal.id, sent=True)
    session.commit()
    form = {"name": "Ann Harbour", "agreed": "y"}
    assert client.post(f"/sales/offers/{offer.link_key}/accept", data=form).status_code == 303
    session.expire_all()
    assert (offer.status, deal.status) == ("accepted", "open")
    texts = [one.text for one in session.scalars(select(Notification).where(Notification.user_id == seller.id))]
    assert any("complete the deal" in str(text) for text in texts)


def test_declining_and_asking_reach_the_seller(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve), sent=True)
    session.commit()
    path = f"/sales/offers/{offer.link_key}"
    assert client.post(f"{path}/comment", data={"name": "Ann", "text": ""}).status_code == 422
    assert client.post(f"{path}/comment", data={"name": "Ann", "text": "Is <b>brass</b> possible?"}).status_code == 303
    note = session.scalars(select(Activity).where(Activity.kind == "note")).one()
    assert "brass" in note.subject
    assert client.post(f"{path}/decline", data={"name": "Ann", "text": "Too late"}).status_code == 303
    session.refresh(offer)
    assert (offer.status, offer.decided_by) == ("rejected", "Ann")
    assert "Accept this offer" not in client.get(path).text


def test_an_expired_offer_is_shown_and_not_accepted(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any, clock: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve), sent=True, valid_until=today())
    session.commit()
    clock.shift(timedelta(days=2))  # before the job has looked
    page = client.get(f"/sales/offers/{offer.link_key}").text
    assert "was valid until" in page
    assert "Accept this offer" not in page
    answer = client.post(f"/sales/offers/{offer.link_key}/accept", data={"name": "Ann", "agreed": "y"})
    session.refresh(offer)
    assert (answer.status_code, offer.status) == (409, "sent")
    # The offer itself says so, and how to go on: a customer has no other page to turn to.
    assert "was valid until" in answer.text
    assert f'action="/sales/offers/{offer.link_key}/comment"' in answer.text
    make_move(offer, "expire", by=None)
    session.commit()
    assert client.get(f"/sales/offers/{offer.link_key}").status_code == 200


def test_nobody_tries_keys_by_the_thousand(app: Any, another_app: Any) -> None:
    limited = another_app({**app.config, "RATELIMIT_ENABLED": True}).test_client()
    try:
        statuses = [limited.get(f"/sales/offers/{number:032d}").status_code for number in range(22)]
    finally:
        limiter.reset()
        limiter.enabled = False
    assert statuses == [404] * 20 + [429] * 2


def test_a_signature_stays_with_the_offer_it_accepts(
    client: Any, seller: Any, customer: Any, valve: Any, session: Any, sign_in: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve), sent=True)
    session.commit()
    form = {"name": "Ann Harbour", "agreed": "y", "chosen": ""}
    url = f"/sales/offers/{offer.link_key}/accept"
    assert client.post(url, data=form | {"signature": "data:image/png;base64,never"}).status_code == 409
    assert offer.status == "sent"
    assert client.post(url, data=form | {"signature": f"data:image/png;base64,{DOT}"}).status_code == 303
    session.refresh(offer)
    assert (offer.status, offer.decided_by) == ("accepted", "Ann Harbour")
    assert offer.signature is not None
    sign_in(client, seller)
    page = client.get(f"/sales/quotations/{offer.id}").text
    assert f"/files/{offer.signature_id}/signature.png" in page
    assert client.get(f"/files/{offer.signature_id}/signature.png").data == b64decode(DOT)
