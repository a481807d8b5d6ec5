"""A seller's day, from sign-in to sign-out, by what the pages show and what their forms send; then the manager's look at it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from erpcrm import demo
from erpcrm.core.i18n import today
from erpcrm.pipeline.models import Lead, Opportunity
from tests.forms import fields_of
from tests.wizard import plain


class Person:
    """Somebody with a browser without a script, who reads English."""

    def __init__(self, app: Flask, name: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        self.client.post("/language", data={"language": "en"})
        self.send("/login", email=f"{name}@demo.example", password=demo.PASSWORD)

    def see(self, path: str) -> str:
        answer = self.client.get(path, follow_redirects=True)
        assert answer.status_code == 200, (path, plain(answer.text)[:300])
        return unescape(answer.text)

    def send(self, path: str, status: int = 303, **values: Any) -> str:
        """Where it leads, or the page that comes instead."""
        answer = self.client.post(path, data=values)
        assert answer.status_code == status, (path, plain(answer.text)[:300])
        return str(answer.location) if status == 303 else unescape(answer.text)

    def fill(self, path: str, **values: Any) -> str:
        """Open a form, change some of it and send it there."""
        return self.send(path, **fields_of(self.client.get(path).text) | values)


def link_to(page: str, words: str) -> str:
    links = re.findall(r'(?s)<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page)
    found = [url for url, inside in links if plain(inside).startswith(words)]
    assert found, f"no link {words!r}"
    return found[0]


def test_a_seller_works_from_the_first_look_to_a_won_deal(app: Flask, session: Any) -> None:
    demo.fill()
    seller = Person(app, "seller")

    # In the morning: what is to do, and who is calling.
    day = seller.see("/")
    assert "My day" in day
    task = re.search(r"/customers/activities/(\d+)/finish", day)
    assert task, "there is something to do"
    seller.send(task[0], next="/my-day")
    assert task[0] not in seller.see("/my-day")
    customer = link_to(seller.see("/search?q=lhsp"), "深圳市蓝海食品有限公司")
    page = seller.see(customer)
    assert "+86 755 8653 0012" in page
    kind, number = "customer", customer.rpartition("/")[2]
    soon = (today() + timedelta(days=2)).isoformat()
    seller.send(f"/timeline/{kind}/{number}", kind="call", subject="Asked for two more packers")
    seller.send(f"/timeline/{kind}/{number}", kind="task", subject="Send the offer", due_on=soon)
    page = seller.see(customer)
    assert page.index("Send the offer") < page.index("Asked for two more packers"), "what is to do stands above"

    # A lead of the fair turns out to be one.
    lead = seller.send("/pipeline/leads", company="Harbour Cranes Ltd", person="Ann Quay", source="trade_fair")
    seller.send(f"{lead}/contact")
    seller.send(f"{lead}/qualify")
    seller.send(f"{lead}/contact", status=409)
    deal = seller.fill(f"{lead}/convert", customer="new", contact="new", opportunity="new", deal_name="Two gantries")
    record = session.scalars(select(Lead).where(Lead.company == "Harbour Cranes Ltd")).one()
    assert (record.status, deal) == ("converted", f"/pipeline/opportunities/{record.opportunity_id}")

    # The deal along the board: the stages ask for what they need, and nothing typed is lost.
    stages = {
        label: value for value, label in re.findall(r'name="stage" value="(\d+)"[^>]*>([^<]+)<', seller.see(deal))
    }
    seller.send(f"{deal}/stage", stage=stages["Proposal"])
    asked = seller.send(f"{deal}/stage", status=422, stage="won")
    assert "Amount" in asked
    wrong = seller.send(f"{deal}/stage", status=422, stage="won", amount="a lot", expected_close=soon)
    assert 'value="a lot"' in wrong
    assert f'value="{soon}"' in wrong
    seller.send(f"{deal}/stage", stage="won", amount="120,000", expected_close=soon)
    won = seller.see(deal)
    assert "Won" in won
    assert "120,000.00" in won
    assert "Harbour Cranes Ltd" in seller.see("/pipeline/opportunities?status=won")

    # The manager sees it, a seller of another team does not, and the trail tells it all.
    manager, other = Person(app, "manager"), Person(app, "colleague")
    board = manager.see("/pipeline/board")
    assert "Harbour Cranes Ltd" in board.partition(">Won<")[2]
    assert other.client.get(deal).status_code == 404
    assert "Harbour Cranes Ltd" not in other.see("/pipeline/opportunities?status=won")
    told = plain(Person(app, "admin").see(f"/admin/audit/opportunity/{record.opportunity_id}"))
    assert "Won" in told

    # And home.
    seller.send("/logout")
    assert seller.client.get(deal).status_code == 302
    assert session.get(Opportunity, record.opportunity_id).closed_on == today()
