"""What a deal is about, who has a say in it, and who else offers."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from erpcrm.catalog.services import create_product, save_price, save_price_list
from erpcrm.company.services import set_rate
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session as database
from erpcrm.core.exact import round_money
from erpcrm.pipeline import services
from erpcrm.pipeline.models import Competitor, Opportunity, OpportunityContact, OpportunityLine
from tests.factories.customers import a_contact
from tests.factories.opportunities import a_deal
from tests.pipeline.people import *  # noqa: F403


def lines_of(deal):
    return database.scalars(
        select(OpportunityLine).where(OpportunityLine.opportunity_id == deal.id).order_by(OpportunityLine.position)
    ).all()


def test_the_amount_is_the_sum_of_product_and_text_lines(as_seller, session, deal, seller):
    lathe = create_product(
        {"name": "Lathe", "price": Decimal("19999.995"), "currency": "CNY", "unit": "pcs"}, by=seller
    )
    session.commit()
    url = f"/pipeline/opportunities/{deal.id}/lines"
    picked = {"product_id": lathe.id, "product_id_text": lathe.name, "quantity": "3"}
    assert as_seller.post(url, data=picked).status_code == 303
    assert as_seller.post(url, data={"text": "Setting up", "quantity": "1.5", "price": "800.33"}).status_code == 303
    first, second = lines_of(deal)
    assert (first.price, first.amount) == (Decimal("19999.995"), Decimal("59999.99")), "half up, per line"
    assert (second.text, second.amount) == ("Setting up", Decimal("1200.50"))
    assert session.get(Opportunity, deal.id).amount == Decimal("61200.49")
    text = as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "61,200.49" in text
    assert "Setting up" in text


def test_a_line_takes_the_price_that_the_lists_for_everybody_have_for_so_many(session, deal, seller):
    bolt = create_product({"name": "Bolt", "price": Decimal(2), "currency": "CNY", "unit": "pcs"}, by=seller)
    everybodys = save_price_list(None, {"name": "Spring", "currency": "CNY", "for_everybody": True})
    save_price(everybodys, None, {"product": bolt, "price": Decimal("1.5"), "min_quantity": Decimal(100)})
    for quantity in (99, 100):
        services.save_line(deal, None, {"product_id": bolt.id, "quantity": Decimal(quantity)}, seller)
    assert [line.price for line in lines_of(deal)] == [Decimal(2), Decimal("1.5")]


def test_a_price_in_another_currency_is_not_taken_from_the_product(as_seller, session, deal, seller):
    abroad = create_product({"name": "Probe", "price": Decimal(500), "currency": "EUR", "unit": "pcs"}, by=seller)
    session.commit()
    picked = {"product_id": abroad.id, "product_id_text": abroad.name, "quantity": "3"}
    as_seller.post(f"/pipeline/opportunities/{deal.id}/lines", data=picked)
    assert [line.price for line in lines_of(deal)] == [None]
    assert session.get(Opportunity, deal.id).amount is None, "a sum of what is not known is no amount"


def test_a_changed_and_a_removed_line_change_the_amount_and_leave_the_others_alone(
    as_seller, session, seller, pipeline
):
    deal = a_deal(seller)
    for text, price in (("Bed", "100"), ("Frame", "40"), ("Cover", "5")):
        services.save_line(deal, None, {"text": text, "quantity": Decimal(1), "price": Decimal(price)}, seller)
    session.commit()
    bed, frame, cover = lines_of(deal)
    url = f"/pipeline/opportunities/{deal.id}/lines"
    changed = {"text": "Frame, welded", "quantity": "2", "price": "40"}
    assert as_seller.post(f"{url}/{frame.id}", data=changed).status_code == 303
    assert session.get(Opportunity, deal.id).amount == Decimal(185)
    assert [line.id for line in lines_of(deal)] == [bed.id, frame.id, cover.id]
    assert as_seller.post(f"{url}/{bed.id}/remove").status_code == 303
    assert session.get(Opportunity, deal.id).amount == Decimal(85)
    told = session.scalars(select(AuditEntry).where(AuditEntry.part == "opportunity_line").order_by(AuditEntry.id))
    assert [entry.action for entry in told] == ["created", "created", "created", "changed", "deleted"]


def test_a_line_says_what_it_is_about_and_how_many(as_seller, session, deal):
    url = f"/pipeline/opportunities/{deal.id}/lines"
    answer = as_seller.post(url, data={"quantity": "0", "price": "7"})
    assert answer.status_code == 422
    assert "Pick a product, or describe it." in answer.text
    assert "At least 0.000001." in answer.text
    assert 'value="7"' in answer.text
    assert lines_of(deal) == []


def test_the_amount_of_a_deal_with_lines_is_changed_in_its_lines_only(as_seller, session, deal, seller):
    services.save_line(deal, None, {"text": "Bed", "quantity": Decimal(1), "price": Decimal(100)}, seller)
    session.commit()
    sent = {"name": "Two lathes", "stage_id": deal.stage_id, "currency": "CNY", "version": deal.version}
    refused = as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent | {"amount": "7"})
    assert refused.status_code == 409
    assert "adds up from its lines" in refused.text
    assert session.get(Opportunity, deal.id).amount == Decimal(100)
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent | {"amount": ""}).status_code == 303
    assert session.get(Opportunity, deal.id).amount == Decimal(100)


def test_lines_are_rounded_anew_in_another_currency(session, seller, pipeline):
    set_rate("JPY", date(2020, 1, 1), Decimal("0.05"))
    deal = a_deal(seller)
    services.save_line(deal, None, {"text": "Bolt", "quantity": Decimal(3), "price": Decimal("0.35")}, seller)
    assert deal.amount == Decimal("1.05")
    services.update_opportunity(deal, {"currency": "JPY"}, seller)
    assert ([line.amount for line in deal.lines], deal.amount) == ([Decimal(1)], Decimal(1))


def test_a_closed_deal_keeps_its_lines(as_seller, session, deal, seller):
    services.save_line(deal, None, {"text": "Bed", "quantity": Decimal(1), "price": Decimal(100)}, seller)
    services.lose(deal, "price", seller)
    session.commit()
    line = lines_of(deal)[0]
    url = f"/pipeline/opportunities/{deal.id}/lines"
    for path, data in ((url, {"text": "More", "quantity": "1"}), (f"{url}/{line.id}/remove", {})):
        answer = as_seller.post(path, data=data)
        assert answer.status_code == 409
        assert "This deal is closed." in answer.text
    assert [one.text for one in lines_of(deal)] == ["Bed"]


def test_a_line_of_another_deal_is_not_there(as_seller, session, deal, seller):
    other = a_deal(seller)
    services.save_line(other, None, {"text": "Bed", "quantity": Decimal(1), "price": Decimal(100)}, seller)
    session.commit()
    url = f"/pipeline/opportunities/{deal.id}/lines/{lines_of(other)[0].id}"
    assert as_seller.get(f"{url}/edit").status_code == 404
    assert as_seller.post(url, data={"text": "Mine", "quantity": "1"}).status_code == 404
    assert as_seller.post(f"{url}/remove").status_code == 404
    assert [line.text for line in lines_of(other)] == ["Bed"]


money = st.decimals(min_value=0, max_value=10**7, places=4)
quantities = st.decimals(min_value=Decimal("0.0001"), max_value=1000, places=4)


@given(lines=st.lists(st.tuples(quantities, st.none() | money), min_size=1, max_size=5))
def test_the_amount_is_exactly_what_its_lines_add_up_to_once_all_have_a_price(session, seller, pipeline, lines):
    deal = a_deal(seller, amount=Decimal("12.34"))
    services.set_lines(
        deal, [{"text": "Part", "quantity": quantity, "price": price} for quantity, price in lines], seller
    )
    session.expire_all()
    total = session.scalar(select(func.sum(OpportunityLine.amount)).where(OpportunityLine.opportunity_id == deal.id))
    priced = all(price is not None for _quantity, price in lines)
    expected = sum(round_money(quantity * (price or 0), "CNY") for quantity, price in lines)
    assert total == expected
    assert deal.amount == deal.base_amount == (expected if priced else Decimal("12.34"))


def test_a_person_has_a_role_and_is_named_once(as_seller, session, deal, seller):
    contact = a_contact(owner=seller, name="Lin Tao")
    session.commit()
    url = f"/pipeline/opportunities/{deal.id}/people"
    for role in ("user", "decider"):
        sent = {"contact_id": contact.id, "contact_id_text": contact.name, "role": role}
        assert as_seller.post(url, data=sent).status_code == 303
    person = session.scalars(select(OpportunityContact)).one()
    assert (person.contact_id, person.role) == (contact.id, "decider")
    page = as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    assert "Lin Tao" in page
    assert "Decides" in page
    assert as_seller.post(f"{url}/{person.id}/remove").status_code == 303
    assert session.scalars(select(OpportunityContact)).all() == []


def test_a_contact_out_of_sight_cannot_be_named(as_seller, session, deal, outsider):
    stranger = a_contact(owner=outsider, name="Secret Person")
    session.commit()
    sent = {"contact_id": stranger.id, "contact_id_text": stranger.name}
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}/people", data=sent).status_code in (404, 422)
    assert session.scalars(select(OpportunityContact)).all() == []


def test_a_competitor_is_noted_and_taken_away(as_seller, session, deal):
    url = f"/pipeline/opportunities/{deal.id}/competitors"
    assert "Name a competitor." in as_seller.post(url, data={"note": "cheap"}).text
    as_seller.post(url, data={"name": "Orbit Tools", "note": "cheap, slow"})
    assert "Orbit Tools" in as_seller.get(f"/pipeline/opportunities/{deal.id}").text
    competitor = session.scalars(select(Competitor)).one()
    as_seller.post(f"{url}/{competitor.id}/remove")
    assert session.scalars(select(Competitor)).all() == []


def test_the_trail_names_parts_in_words_and_not_the_deal_they_belong_to(as_seller, session, deal, seller, trail):
    services.save_line(deal, None, {"text": "Bed", "quantity": Decimal(1), "price": Decimal(100)}, seller)
    services.add_person(deal, a_contact(owner=seller, name="Lin Tao").id, "decider")
    services.add_competitor(deal, "Orbit Tools", None)
    session.commit()
    lines = {line.part: line for line in trail(deal) if line.part}
    assert set(lines) == {"Line", "Person in this deal", "Competitor"}
    assert [(change.label, change.new) for change in lines["Person in this deal"].changes] == [
        ("Contact", "Lin Tao"),
        ("Role", "Decides"),
    ]
    assert {change.label for change in lines["Line"].changes} == {"Order", "Text", "Quantity", "Price", "Amount"}
    text = as_seller.get(f"/timeline/opportunity/{deal.id}").text
    assert "Person in this deal: created" in text
    assert "opportunity line" not in text
