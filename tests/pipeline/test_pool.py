"""The public pool: who sees what of it, claims within limits, gives back and keeps; what goes back by itself at night."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from erpcrm.core.actor import acting_as
from erpcrm.core.db import now
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.i18n import today
from erpcrm.core.notifications import Notification
from erpcrm.core.settings import save_setting
from erpcrm.customers.models import Customer
from erpcrm.customers.services import add_activity, create_customer, merge_records
from erpcrm.pipeline.models import POOLED, PoolMove, PoolPlace
from erpcrm.pipeline.services import Conversion, convert, create_opportunity, ensure_standard_pipeline, lose
from erpcrm.pipeline.services.pool import claim, give_back, held_by, kept, protect, room_of, standing
from erpcrm.pipeline.services.pool_nights import look_after
from tests.factories.leads import a_lead, told_of

LEAD, CUSTOMER = POOLED["lead"], POOLED["customer"]


@pytest.fixture
def rules(session: Any) -> Callable[..., None]:
    """`rules(claims_a_day=2)`: both pools are in use, with these rules beside the usual ones."""

    def use(**values: Any) -> None:
        for kind in POOLED.values():
            save_setting(kind.setting, {"on": True} | values)
        session.commit()

    use()
    return use


def a_customer(owner: Any = None, **values: Any) -> Customer:
    given = {"name": values.pop("name", "Quiet Mill"), "owner_id": owner.id if owner is not None else None}
    return create_customer(given | values, None)


def moves(record: Any, session: Any) -> list[tuple[str, int | None, int | None]]:
    query = select(PoolMove.kind, PoolMove.from_id, PoolMove.to_id).where(
        PoolMove.record_type == record.record_name, PoolMove.record_id == record.id
    )
    return [tuple(row) for row in session.execute(query.order_by(PoolMove.id))]


def ago(session: Any, record: Any, days: int, contact: int | None = None) -> None:
    """It was created, and came into these hands, so many days ago."""
    record.created_at = now() - timedelta(days=days)
    record.last_activity_at = None if contact is None else now() - timedelta(days=contact)
    session.flush()
    where = (PoolPlace.record_type == record.record_name, PoolPlace.record_id == record.id)
    session.execute(update(PoolPlace).where(*where).values(since=record.created_at))


def at_night(kind: Any) -> int:
    with acting_as(None):
        return look_after(kind, 0)[1]


# who sees what


def test_who_sees_only_their_own_sees_the_pool_but_no_way_to_reach_anybody(as_seller, session, seller, rules):
    lead = a_lead(company="Harbour Cranes", person="Ida Holm", phone="+4520123456", email="ida@harbour.example")
    mine_now = a_lead(seller, company="Not In The Pool")
    lost = a_lead(company="Given Up Works")
    lost.status = "disqualified"
    a_customer(name="云港机械", phone="+8657188001122")
    session.commit()
    assert as_seller.get(f"/pipeline/leads/{lead.id}").status_code == 404
    page = as_seller.get("/pipeline/pool").text
    assert "Harbour Cranes" in page
    assert "Not In The Pool" not in page
    assert "Given Up Works" not in page
    assert "20123456" not in page
    assert "ida@harbour" not in page
    assert "云港机械" in as_seller.get("/pipeline/pool?of=customer&q=yungang").text
    assert "Harbour" not in as_seller.get("/pipeline/pool?q=2012").text, "numbers are not told by searching for them"
    save_setting("pool_shows_contact", True)
    session.commit()
    assert "ida@harbour" in as_seller.get("/pipeline/pool").text
    assert mine_now.owner_id == seller.id


def test_filters_and_order_narrow_the_pool(as_seller, session, rules):
    a_lead(company="Alpine Bearings", region="europe", source="referral")
    a_lead(company="Bay Castings", region="asia", source="website")
    session.commit()
    page = as_seller.get("/pipeline/pool?region=asia&sort=name").text
    assert "Bay Castings" in page
    assert "Alpine" not in page
    assert "Alpine" in as_seller.get("/pipeline/pool?region=nowhere").text, "what is no choice is passed over"
    assert "Nothing in the pool fits" in as_seller.get("/pipeline/pool?region=asia&source=referral").text
    assert as_seller.get("/pipeline/pool?page=99999999999").status_code in (200, 400)


def test_switched_off_it_shows_nothing_and_nothing_can_be_claimed(as_seller, session, seller):
    lead = a_lead(company="Harbour Cranes")
    session.commit()
    assert "Harbour" not in as_seller.get("/pipeline/pool").text
    assert as_seller.post(f"/pipeline/pool/lead/{lead.id}/claim").status_code == 409
    session.refresh(lead)
    assert lead.owner_id is None


# claiming


def test_a_claim_in_place_makes_it_mine_and_tells_how_to_reach_it(as_seller, session, seller, rules):
    lead = a_lead(company="Harbour Cranes", phone="+4520123456")
    session.commit()
    answer = as_seller.post(f"/pipeline/pool/lead/{lead.id}/claim", headers={"HX-Request": "true"})
    assert "Yours now" in answer.text
    assert "20123456" in answer.text
    assert "Claimed today: 1 of 10" in answer.text
    session.refresh(lead)
    assert (lead.owner_id, lead.team_id) == (seller.id, seller.team_id)
    assert moves(lead, session) == [("claimed", None, seller.id)]
    assert "claimed from the public pool" in [line.action for line in told_of(lead)]
    assert as_seller.get(f"/pipeline/leads/{lead.id}").status_code == 200
    again = as_seller.post(f"/pipeline/pool/lead/{lead.id}/claim", headers={"HX-Request": "true"})
    assert again.status_code == 200, "a second tap does nothing twice"
    assert len(moves(lead, session)) == 1


def test_what_a_colleague_has_taken_is_refused_with_words(as_seller, session, seller, colleague, rules):
    lead = a_lead(colleague)
    other = a_lead(company="Still Free")
    session.commit()
    answer = as_seller.post(f"/pipeline/pool/lead/{lead.id}/claim")
    assert answer.status_code == 409
    assert "quicker" in answer.text
    answer = as_seller.post("/pipeline/pool/lead/claim", data={"ids": [lead.id, other.id]}, follow_redirects=True)
    assert "1 is yours now" in answer.text
    assert "1 was taken meanwhile" in answer.text
    session.refresh(lead)
    session.refresh(other)
    assert (lead.owner_id, other.owner_id) == (colleague.id, seller.id)


def test_limits_a_day_and_in_all_hold_and_say_what_is_left(session, seller, rules):
    rules(claims_a_day=2, most_held=4)
    leads = [a_lead().id for _n in range(6)]
    claim(LEAD, leads[:1], seller)
    with pytest.raises(Refused, match="claimed 1 today: 1 more"):
        claim(LEAD, leads[1:3], seller)
    assert session.scalars(select(PoolMove.to_id)).all() == [seller.id], "all that was asked for, or nothing"
    claim(LEAD, leads[1:2], seller)
    session.execute(update(PoolMove).values(at=now() - timedelta(days=1)))
    a_lead(seller)
    with pytest.raises(Refused, match="You may hold 4 and hold 3: 1 more"):
        claim(LEAD, leads[2:4], seller)
    claim(LEAD, leads[2:3], seller)
    assert room_of(LEAD, seller.id).left == 0
    assert room_of(CUSTOMER, seller.id).held == 0, "each kind has limits of its own"


def test_customers_with_deals_or_orders_count_to_no_limit(session, seller, rules):
    ensure_standard_pipeline()
    plain, dealt, lost = (a_customer(seller, name=f"Mill {n}") for n in range(3))
    for customer in (dealt, lost):
        deal = create_opportunity({"name": "D", "customer_id": customer.id}, seller)
    lose(deal, "price", seller)
    assert held_by(CUSTOMER, seller.id) == 2
    assert set(kept([plain.id, dealt.id, lost.id])) == {dealt.id}


def test_who_had_it_before_waits_and_others_do_not(session, seller, colleague, rules):
    rules(cool_hours=72)
    lead = a_lead(seller)
    give_back(LEAD, lead, seller, "no_time")
    with pytest.raises(Refused, match="was yours before"):
        claim(LEAD, [lead.id], seller)
    ago(session, lead, 4)
    claim(LEAD, [lead.id], seller)
    give_back(LEAD, lead, seller, "no_time")
    claim(LEAD, [lead.id], colleague)
    assert lead.owner_id == colleague.id
    assert [kind for kind, *_who in moves(lead, session)] == ["returned", "claimed", "returned", "claimed"]


def test_without_the_permission_nothing_is_claimed(session, marketer, rules):
    lead = a_lead()
    with pytest.raises(NotAllowed):
        claim(LEAD, [lead.id], marketer)
    assert lead.owner_id is None


# giving back, keeping


def test_giving_back_takes_a_reason_and_leaves_what_was_done(as_seller, session, seller, manager, rules):
    lead = a_lead(seller, company="Harbour Cranes")
    add_activity(lead, "call", "Rang twice", seller)
    session.commit()
    path = f"/pipeline/pool/lead/{lead.id}/return"
    assert as_seller.post(path, data={"reason": ""}).status_code == 422
    as_seller.post(path, data={"reason": "no_answer", "note": "Try WeChat", "version": lead.version})
    session.refresh(lead)
    assert (lead.owner_id, lead.team_id) == (None, None)
    page = as_seller.get("/pipeline/pool").text
    assert "Try WeChat" in page
    assert "Can&#39;t be reached" in page
    assert seller.name in page
    assert ("put back into the public pool", "Can't be reached: Try WeChat") in [
        (line.action, line.reason) for line in told_of(lead)
    ]
    with pytest.raises(Refused, match="Only its owner"):
        give_back(LEAD, a_lead(manager), seller, "other")


def test_a_customer_with_an_open_deal_is_not_given_back(session, seller, rules):
    ensure_standard_pipeline()
    customer = a_customer(seller)
    create_opportunity({"name": "D", "customer_id": customer.id}, seller)
    with pytest.raises(Refused, match="Deals are open"):
        give_back(CUSTOMER, customer, seller, "no_time")
    assert customer.owner_id == seller.id


def test_protection_is_extended_with_a_reason_up_to_the_cap(as_seller, session, seller, rules):
    rules(contact_days=30, extend_days=10, most_extensions=2, remind_days=3)
    lead = a_lead(seller)
    ago(session, lead, 25)
    session.commit()
    due = standing(LEAD, lead).due.on
    assert as_seller.post(f"/pipeline/pool/lead/{lead.id}/protect", data={"reason": " "}).status_code == 422
    as_seller.post(f"/pipeline/pool/lead/{lead.id}/protect", data={"reason": "Budget in spring"})
    session.expire_all()
    assert standing(LEAD, lead).due.on == due + timedelta(days=10)
    assert protect(LEAD, lead, seller, "Still") == due + timedelta(days=20)
    with pytest.raises(Refused, match="extended 2 times"):
        protect(LEAD, lead, seller, "And again")
    assert [kind for kind, *_who in moves(lead, session)] == ["protected", "protected"]
    give_back(LEAD, lead, seller, "other")
    assert standing(LEAD, lead).extensions_left == 2, "the next holder begins anew"


# by itself


def test_at_night_the_holder_is_told_once_and_later_it_goes_back(session, seller, rules):
    rules(contact_days=30, remind_days=5)
    quiet, called = a_lead(seller, company="Quiet"), a_lead(seller, company="Called")
    ago(session, quiet, 40)
    ago(session, called, 40, contact=2)
    assert at_night(LEAD) == 1
    assert at_night(LEAD) == 0, "told once"
    told = session.scalars(select(Notification.text).where(Notification.kind == "due")).all()
    assert [text.partition(" on ")[0] for text in told] == ["Quiet goes back to the public pool"]
    assert quiet.owner_id == seller.id, "nobody loses anything unannounced"
    session.execute(update(PoolPlace).values(told_for=today()))
    assert at_night(LEAD) == 1
    assert (quiet.owner_id, called.owner_id) == (None, seller.id)
    assert moves(quiet, session) == [("auto_returned", seller.id, None)]
    assert "went back to the public pool" in [line.action for line in told_of(quiet)]
    assert len(session.scalars(select(Notification).where(Notification.text.contains("went back"))).all()) == 1


def test_customers_with_deals_stay_and_lost_ones_go(session, seller, rules):
    rules(contact_days=None, deal_days=60, remind_days=0)
    ensure_standard_pipeline()
    plain, dealt, lost = (a_customer(seller, name=f"Mill {n}") for n in range(3))
    create_opportunity({"name": "Open", "customer_id": dealt.id}, seller)
    lose(create_opportunity({"name": "Lost", "customer_id": lost.id}, seller), "price", seller)
    for customer in (plain, dealt, lost):
        ago(session, customer, 100)
    assert at_night(CUSTOMER) == 1
    assert [one.owner_id for one in (plain, dealt, lost)] == [None, seller.id, seller.id], "the lost deal ended today"


def test_every_change_of_hands_is_noted_whoever_makes_it(as_manager, session, seller, colleague, rules):
    lead = a_lead(seller)
    session.commit()
    as_manager.post(
        f"/pipeline/leads/{lead.id}", data={"company": "Moved", "owner_id": colleague.id, "version": lead.version}
    )
    assert moves(lead, session) == [("assigned", seller.id, colleague.id)]
    assert "→" in as_manager.get(f"/pipeline/pool/lead/{lead.id}/moves").text
    customer = a_customer(seller)
    customer.owner_id = None
    session.flush()
    assert moves(customer, session) == [("returned", seller.id, None)]


def test_merging_and_converting_leave_no_place_behind(session, seller, rules, manager):
    ensure_standard_pipeline()
    one, other = a_customer(name="Mill North"), a_customer(name="Mill South")
    claim(CUSTOMER, [one.id, other.id], seller)
    gone = other.id
    merge_records(one, other, {}, manager)
    assert session.get(PoolPlace, ("customer", gone)) is None
    lead = a_lead(person="Ida Holm")
    claim(LEAD, [lead.id], seller)
    convert(lead, Conversion(), seller)
    assert room_of(LEAD, seller.id).claimed == 1, "converting gives no new claims"
    assert room_of(LEAD, seller.id).held == 0


# the rules


def test_the_manager_sets_the_rules_and_a_reminder_before_the_beginning_is_refused(as_manager, as_seller, session):
    usual = {"claims_a_day": 3, "most_held": "", "contact_days": 20, "deal_days": "", "remind_days": 4}
    usual |= {"cool_hours": 24, "extend_days": 7, "most_extensions": 1, "on": "y"}
    sent = {f"{kind}-{name}": value for kind in POOLED for name, value in usual.items()}
    wrong = as_manager.post("/pipeline/setup/pool", data=sent | {"lead-remind_days": 20})
    assert wrong.status_code == 422
    assert "must come later" in wrong.text
    assert as_manager.post("/pipeline/setup/pool", data=sent).status_code == 303
    page = as_manager.get("/pipeline/setup/pool").text
    assert 'value="20"' in page
    assert "Claimed today: 0 of 3" in as_seller.get("/pipeline/pool").text
    assert as_seller.get("/pipeline/setup/pool").status_code == 403
