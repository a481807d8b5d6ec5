"""Deals as a list, by close month, in search, on other pages, and many at once."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.access.services import create_user
from erpcrm.core.i18n import today
from erpcrm.core.notifications import Notification
from erpcrm.customers.services import finish_activity, merge_records, update_customer
from erpcrm.pipeline import services
from erpcrm.pipeline.models import Opportunity
from tests.factories.customers import a_customer, a_task
from tests.factories.opportunities import a_deal, a_pipeline
from tests.pipeline.people import *  # noqa: F403

BULK = "/lists/opportunity/bulk/{}?at=/pipeline/opportunities"


def titles(text):
    return re.findall(r'class="cell-title"[^>]*><a[^>]*>([^<]*)<', text)


def test_the_tabs_of_the_list_are_what_sellers_ask_every_day(as_seller, session, seller, colleague):
    won, planned, bare = (a_deal(seller, name=name) for name in ("Won one", "Planned", "Bare"))
    services.update_opportunity(planned, {"next_step": "Call"}, seller)
    known = {"customer_id": a_customer(seller).id, "amount": Decimal(5), "expected_close": date(2026, 3, 1)}
    services.update_opportunity(won, known, seller)
    services.win(won, {}, seller)
    session.commit()
    for query, found in (
        ("status=open", {"Planned", "Bare"}),
        ("status=won", {"Won one"}),
        ("status=lost", set()),
        ("status=open&planned.empty=1", {"Bare"}),
        ("owner=me&status=open", {"Planned", "Bare"}),
    ):
        text = as_seller.get(f"/pipeline/opportunities?{query}").text
        assert set(titles(text)) == found, query
    assert bare.name in as_seller.get("/my-day").text


def test_a_deal_with_an_open_task_is_not_without_a_next_step(as_seller, session, seller):
    deal = a_deal(seller, name="Two lathes")
    later, task = (
        a_task(deal, seller, subject=subject, due_on=today() + timedelta(days=days))
        for subject, days in (("Visit them", 9), ("Send the drawing", 2))
    )
    session.commit()
    assert 'id="panel_my_day_deals"' not in as_seller.get("/my-day").text
    assert titles(as_seller.get("/pipeline/opportunities?status=open&planned.empty=1").text) == []
    board = as_seller.get("/pipeline/board").text
    assert "Send the drawing" in board, "the task that is due first stands on the card"
    assert "No next step" not in board
    for one in (later, task):
        finish_activity(one, seller)
    session.commit()
    assert deal.name in as_seller.get("/my-day").text.partition('id="panel_my_day_deals"')[2]
    assert titles(as_seller.get("/pipeline/opportunities?status=open&planned.empty=1").text) == [deal.name]
    assert "No next step" in as_seller.get("/pipeline/board").text


def test_my_day_has_the_deals_whose_next_step_is_due(as_seller, session, seller, colleague):
    for name, owner, days in (
        ("Today", seller, 0),
        ("Late", seller, -3),
        ("Soon", seller, 1),
        ("Foreign", colleague, 0),
    ):
        deal = a_deal(owner, name=f"{name} deal")
        services.update_opportunity(
            deal, {"next_step": f"{name} step", "next_step_on": today() + timedelta(days=days)}, owner
        )
    services.lose(a_deal(seller, name="Lost deal", next_step="Lost step", next_step_on=today()), "price", seller)
    session.commit()
    text = as_seller.get("/my-day").text
    due = text.partition('id="panel_my_day_steps"')[2].partition("</section>")[0]
    assert re.findall(r">(\w+) step</a>", due) == ["Late", "Today"]
    assert due.count("text-red") == 1
    assert "Nothing to do for today" not in text


def test_in_chinese_an_open_deal_is_in_progress_and_not_being_opened(as_seller, session, seller, deal):
    seller.language = "zh"
    session.commit()
    for path in ("/pipeline/opportunities", f"/pipeline/opportunities/{deal.id}"):
        text = as_seller.get(path).text
        assert "进行中" in text
        assert "打开" not in re.sub(r"<[^>]+>", " ", text.split("<main")[1].split("</main>")[0])


def test_months_add_up_open_deals_in_the_order_of_time(as_seller, session, seller, pipeline):
    for name, close, amount in (
        ("A", date(2026, 12, 1), 100), ("B", date(2026, 12, 31), 50), ("C", date(2027, 1, 1), 7), ("D", None, 3),
    ):  # fmt: skip
        a_deal(seller, name=name, expected_close=close, amount=Decimal(amount))
    services.lose(a_deal(seller, expected_close=date(2026, 12, 5), amount=Decimal(999)), "price", seller)
    session.commit()
    text = as_seller.get("/pipeline/opportunities/months").text
    table = text.split('id="months_table"')[1]
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)[1:]]
    cells = [[part.strip() for part in row.split("|") if part.strip()] for row in rows]
    assert cells == [
        ["December 2026", "2", "CN¥150.00", "CN¥15.00"],
        ["January 2027", "1", "CN¥7.00", "CN¥0.70"],
        ["No date", "1", "CN¥3.00", "CN¥0.30"],
        ["Total", "4", "CN¥160.00", "CN¥16.00"],
    ]
    links = [link.replace("&amp;", "&") for link in re.findall(r'<th scope="row"><a href="([^"]*)"', table)]
    assert [set(titles(as_seller.get(link).text)) for link in links] == [{"A", "B"}, {"C"}, {"D"}]


def test_a_month_leads_to_the_deals_that_it_counts_also_with_several_pipelines(as_seller, session, seller, pipeline):
    other = a_pipeline("Service", ("Asked", 20, []))
    a_deal(seller, name="Sold", expected_close=date(2026, 12, 1))
    a_deal(seller, other.stages[0], name="Served", expected_close=date(2026, 12, 1))
    session.commit()
    for pipeline_id, found in ((pipeline.id, ["Sold"]), (other.id, ["Served"])):
        text = as_seller.get(f"/pipeline/opportunities/months?pipeline={pipeline_id}").text
        link = re.search(r'<th scope="row"><a href="([^"]*)"', text)[1].replace("&amp;", "&")
        assert titles(as_seller.get(link).text) == found


def test_the_search_and_the_filters_go_with_the_user_from_view_to_view(as_seller, session, seller, pipeline):
    a_deal(seller, name="Lathe", source="website", expected_close=date(2026, 12, 1))
    a_deal(seller, name="Mill", source="referral", expected_close=date(2026, 12, 1))
    session.commit()
    text = as_seller.get("/pipeline/opportunities?q=la&source=website&sort=-amount&status=won").text
    for label, found in (("Board", True), ("By close month", True)):
        link = re.search(rf'href="([^"]*)" title="{label}"', text)[1].replace("&amp;", "&")
        assert set(link.split("?")[1].split("&")) == {"q=la", "source=website"}
        there = as_seller.get(link).text
        back = re.search(r'href="([^"]*)" title="List"', there)[1].replace("&amp;", "&")
        assert titles(as_seller.get(back).text) == ["Lathe"]
        assert ("Mill" in there.split("<main")[1]) is not found


def test_a_deal_is_found_under_the_name_that_its_customer_has_now(as_seller, session, seller, manager, pipeline):
    kept, gone = a_customer(seller, name="Kept Ltd"), a_customer(seller, name="Gone Ltd")
    deal = a_deal(seller, name="Two lathes", customer_id=gone.id)
    session.commit()
    assert f"{deal.code} · Gone Ltd" in as_seller.get("/search?q=lathes").text
    update_customer(gone, {"name": "Renamed Ltd"}, None, seller)
    session.commit()
    assert f"{deal.code} · Renamed Ltd" in as_seller.get("/search?q=lathes").text
    merge_records(kept, gone, {}, manager)
    session.commit()
    assert f"{deal.code} · Kept Ltd" in as_seller.get("/search?q=lathes").text


def test_many_deals_get_a_new_owner_at_once_who_is_told_once(as_manager, session, seller, colleague, pipeline):
    deals = [a_deal(seller) for _number in range(3)]
    session.commit()
    ids = [deal.id for deal in deals]
    asked = as_manager.post(BULK.format("assign"), data={"ids": ids})
    assert asked.status_code == 200
    sent = {"ids": ids, "owner_id": colleague.id, "owner_id_text": colleague.name, "confirmed": "1"}
    assert as_manager.post(BULK.format("assign"), data=sent).status_code == 303
    session.expire_all()
    assert {deal.owner_id for deal in deals} == {colleague.id}
    assert [notice.user_id for notice in session.scalars(select(Notification))] == [colleague.id]


def test_whoever_may_only_look_gets_no_bulk_actions(app, sign_in, session, admin, deal, roles, client):
    viewer = create_user("Vera Viewer", "viewer@example.com", roles=["controller"], language="en")
    looking = sign_in(client, viewer)
    assert looking.get("/pipeline/opportunities").status_code == 200
    assert looking.post(BULK.format("tag"), data={"ids": [deal.id], "tags": "x", "confirmed": "1"}).status_code == 403


def test_the_customer_page_shows_its_deals_open_ones_first(as_seller, session, seller, pipeline):
    customer = a_customer(seller)
    for name in ("Old", "New"):
        a_deal(seller, name=name, customer_id=customer.id, amount=Decimal(5))
    services.lose(session.scalars(select(Opportunity).where(Opportunity.name == "New")).one(), "price", seller)
    session.commit()
    text = as_seller.get(f"/customers/{customer.id}?lens=relationship").text
    assert text.index(">Old<") < text.index(">New<")


ROUTES = (
    ("get", "/pipeline/opportunities/{id}"), ("get", "/pipeline/opportunities/{id}/edit"),
    ("post", "/pipeline/opportunities/{id}"), ("post", "/pipeline/opportunities/{id}/stage"),
    ("get", "/pipeline/opportunities/{id}/win"), ("post", "/pipeline/opportunities/{id}/win"),
    ("get", "/pipeline/opportunities/{id}/lose"), ("post", "/pipeline/opportunities/{id}/lose"),
    ("get", "/pipeline/opportunities/{id}/reopen"), ("post", "/pipeline/opportunities/{id}/reopen"),
    ("get", "/pipeline/opportunities/{id}/lines/new"), ("post", "/pipeline/opportunities/{id}/lines"),
    ("get", "/pipeline/opportunities/{id}/lines/{line}/edit"), ("post", "/pipeline/opportunities/{id}/lines/{line}"),
    ("post", "/pipeline/opportunities/{id}/lines/{line}/remove"),
    ("get", "/pipeline/opportunities/{id}/people/new"), ("post", "/pipeline/opportunities/{id}/people"),
    ("get", "/pipeline/opportunities/{id}/competitors/new"), ("post", "/pipeline/opportunities/{id}/competitors"),
    ("post", "/pipeline/opportunities/{id}/competitors/{competitor}/remove"),
    ("get", "/timeline/opportunity/{id}"), ("post", "/timeline/opportunity/{id}"),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_another_seller_s_deal_is_not_there_by_any_way(as_colleague, session, seller, pipeline, method, path):
    deal = a_deal(seller, name="Secret")
    services.save_line(deal, None, {"text": "Bed", "quantity": Decimal(1), "price": Decimal(1)}, seller)
    competitor = services.add_competitor(deal, "Orbit", None)
    session.commit()
    version = deal.version
    url = path.format(id=deal.id, line=deal.lines[0].id, competitor=competitor.id)
    answer = getattr(as_colleague, method)(url, **({"data": {"name": "Mine", "text": "x"}} if method == "post" else {}))
    assert answer.status_code == 404
    assert "Secret" not in answer.text
    assert session.get(Opportunity, deal.id).version == version


def test_a_new_deal_cannot_be_opened_on_a_customer_out_of_sight(as_seller, session, outsider):
    customer = a_customer(outsider)
    session.commit()
    assert as_seller.get(f"/pipeline/opportunities/new?customer={customer.id}").status_code == 404
