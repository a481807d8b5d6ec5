"""What stages ask for before a deal leaves them: on the board, on the deal's page, in any order of stages."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.core.errors import Stale
from erpcrm.core.fields.definitions import create_field, delete_field
from erpcrm.core.i18n import today
from erpcrm.core.registry import record_type
from erpcrm.pipeline import services
from erpcrm.pipeline.models import Competitor, Opportunity, OpportunityContact, OpportunityLine
from erpcrm.pipeline.services import GATES, GateClosed
from tests.factories.customers import a_contact, a_customer
from tests.factories.opportunities import a_deal, a_pipeline, stage_called
from tests.pipeline.people import *  # noqa: F403

HX = {"HX-Request": "true"}


def move(client, deal, stage, headers=HX, **answers):
    target = stage if isinstance(stage, str) else stage.id
    data = {"stage": target, "version": deal.version} | answers
    return client.post(f"/pipeline/opportunities/{deal.id}/stage", data=data, headers=headers)


def stage_of(session, deal):
    return session.get(Opportunity, deal.id).stage.name


def test_a_stage_that_asks_nothing_is_left_at_once(as_seller, session, deal):
    answer = move(as_seller, deal, stage_called("Qualification"))
    assert answer.status_code == 200
    assert stage_of(session, deal) == "Qualification"


def test_a_gate_asks_in_a_dialog_and_the_deal_stays(as_seller, session, seller, pipeline):
    deal = a_deal(seller, "Proposal")
    session.commit()
    answer = move(as_seller, deal, stage_called("Negotiation"))
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#dialog_body"
    assert "<html" not in answer.text
    assert 'name="amount"' in answer.text
    assert 'name="customer"' not in answer.text, "the stages before are behind it"
    assert "Enter the amount." not in answer.text, "it is a question, not a mistake"
    assert "Enter the amount." in move(as_seller, deal, stage_called("Negotiation"), amount="").text
    assert stage_of(session, deal) == "Proposal"


def test_without_a_script_the_gate_is_a_page_of_its_own(as_seller, session, seller, pipeline):
    deal = a_deal(seller, "Proposal")
    session.commit()
    answer = move(as_seller, deal, stage_called("Negotiation"), headers={})
    assert answer.status_code == 422
    assert "<html" in answer.text
    answered = move(as_seller, deal, stage_called("Negotiation"), headers={}, amount="50")
    assert answered.location == f"/pipeline/opportunities/{deal.id}"
    assert stage_of(session, deal) == "Negotiation"


def test_a_jump_over_several_stages_is_asked_for_all_of_them(as_seller, session, deal, seller):
    customer = a_customer(seller)
    session.commit()
    answer = move(as_seller, deal, stage_called("Negotiation"))
    assert 'name="amount"' in answer.text
    assert 'name="customer"' in answer.text
    assert 'name="expected_close"' not in answer.text, "Negotiation asks for it to be left, not to be reached"
    half = move(as_seller, deal, stage_called("Negotiation"), amount="77")
    assert half.status_code == 422
    assert 'value="77"' in half.text
    assert stage_of(session, deal) == "Prospecting"
    assert session.get(Opportunity, deal.id).amount is None, "an answer counts when all are given"
    whole = {"amount": "77", "customer": customer.id, "customer_text": customer.name}
    assert move(as_seller, deal, stage_called("Negotiation"), **whole).status_code == 200
    assert stage_of(session, deal) == "Negotiation"
    assert session.get(Opportunity, deal.id).amount == Decimal(77)


def test_a_wrong_answer_is_explained_beside_its_field_and_nothing_typed_is_lost(as_seller, session, seller, pipeline):
    deal = a_deal(seller, "Negotiation")
    session.commit()
    answer = move(as_seller, deal, "won", amount="a lot", expected_close="2026-12-24")
    assert answer.status_code == 422
    assert "This is not a number." in answer.text
    assert 'value="a lot"' in answer.text
    assert 'value="2026-12-24"' in answer.text
    assert session.get(Opportunity, deal.id).status == "open"


def test_going_back_and_losing_ask_nothing(as_seller, session, seller, pipeline):
    deal = a_deal(seller, "Negotiation")
    session.commit()
    assert move(as_seller, deal, stage_called("Prospecting")).status_code == 200
    assert stage_of(session, deal) == "Prospecting"
    lost = move(as_seller, session.get(Opportunity, deal.id), "lost", loss_reason="price")
    assert lost.status_code == 200
    assert session.get(Opportunity, deal.id).status == "lost"


def test_losing_on_the_board_asks_for_the_reason_without_calling_it_a_mistake(as_seller, session, deal):
    asked = move(as_seller, deal, "lost")
    assert asked.status_code == 422
    assert 'name="loss_reason"' in asked.text
    assert "Choose why the deal was lost." not in asked.text
    empty = move(as_seller, deal, "lost", loss_reason="", note="They went quiet")
    assert "Choose why the deal was lost." in empty.text
    assert "They went quiet" in empty.text
    assert session.get(Opportunity, deal.id).status == "open"


def test_winning_from_any_stage_asks_for_everything(as_seller, deal):
    answer = move(as_seller, deal, "won")
    assert [name for name in GATES if f'name="{name}"' in answer.text] == ["customer", "amount", "expected_close"]


def test_a_gate_may_ask_for_every_kind_of_thing(as_seller, session, seller):
    create_field(record_type("opportunity"), {"label": "Budget code", "kind": "number"})
    path = a_pipeline("Strict", ("Start", 10, [*GATES, "custom_budget_code"]), ("End", 90, []))
    customer, contact = a_customer(seller), a_contact(owner=seller, name="Lin Tao")
    deal = a_deal(seller, path.stages[0])
    session.commit()
    asked = move(as_seller, deal, path.stages[1])
    assert all(f'name="{name}"' in asked.text for name in (*GATES, "custom_budget_code"))
    answers = {
        "customer": customer.id, "customer_text": customer.name, "amount": "120.50", "expected_close": "2026-12-24",
        "next_step": "Send it", "description": "A cell", "contacts": contact.id, "contacts_text": contact.name,
        "lines": "Milling cell", "competitors": "Orbit Tools", "custom_budget_code": "4711.5",
    }  # fmt: skip
    assert move(as_seller, deal, path.stages[1], **answers).status_code == 200
    found = session.get(Opportunity, deal.id)
    assert (found.stage.name, found.amount, found.next_step, found.customer_id) == (
        "End", Decimal("120.50"), "Send it", customer.id,
    )  # fmt: skip
    line = session.scalars(select(OpportunityLine)).one()
    assert (line.text, line.quantity, line.price) == ("Milling cell", Decimal(1), Decimal("120.50"))
    assert session.scalars(select(OpportunityContact.contact_id)).one() == contact.id
    assert session.scalars(select(Competitor.name)).one() == "Orbit Tools"
    assert Decimal(found.custom["budget_code"]) == Decimal("4711.5")
    assert "4,711.5" in as_seller.get(f"/pipeline/opportunities/{deal.id}").text


def test_an_own_field_that_was_taken_away_is_asked_for_no_more(as_seller, session, seller):
    field = create_field(record_type("opportunity"), {"label": "Budget code", "kind": "text"})
    path = a_pipeline("Strict", ("Start", 10, ["custom_budget_code"]), ("End", 90, []))
    deal = a_deal(seller, path.stages[0])
    session.commit()
    with pytest.raises(GateClosed, match="Budget code"):
        services.move_to_stage(deal, path.stages[1], seller)
    delete_field(field)
    session.commit()
    assert move(as_seller, deal, path.stages[1]).status_code == 200


def test_a_deal_goes_to_another_pipeline_through_its_form(as_seller, session, deal):
    other = a_pipeline("Service", ("Asked", 20, []), ("Offered", 60, ["amount"]))
    session.commit()
    page = as_seller.get(f"/pipeline/opportunities/{deal.id}/edit").text
    assert "Service · Asked" in page
    sent = {"name": deal.name, "stage_id": other.stages[1].id, "currency": "CNY", "version": deal.version}
    assert as_seller.post(f"/pipeline/opportunities/{deal.id}", data=sent).status_code == 303
    found = session.get(Opportunity, deal.id)
    assert (found.stage.name, found.pipeline.name) == ("Offered", "Service")


def test_a_closed_deal_is_not_moved_and_nothing_is_asked_first(as_seller, session, seller, pipeline):
    deal = a_deal(seller)
    services.lose(deal, "price", seller)
    session.commit()
    for target in (stage_called("Negotiation"), "won", "lost"):
        answer = move(as_seller, deal, target)
        assert answer.status_code == 409
        assert "This deal is Lost. Reopen it before you move it." in answer.text
    assert (session.get(Opportunity, deal.id).status, stage_of(session, deal)) == ("lost", "Prospecting")


def test_a_move_of_an_outdated_version_is_refused_whatever_it_asks(as_seller, session, deal, manager):
    version = deal.version
    services.update_opportunity(deal, {"next_step": "Changed meanwhile"}, manager)
    session.commit()
    for target in (stage_called("Qualification"), stage_called("Negotiation"), "lost"):
        answer = move(as_seller, deal, target, version=version)
        assert answer.status_code == 409
    with pytest.raises(Stale):
        services.move_to_stage(deal, stage_called("Qualification"), manager, version)
    assert stage_of(session, deal) == "Prospecting"


@pytest.mark.parametrize("target", ["", "nowhere", "²", "999999"])
def test_a_stage_that_is_not_there_is_refused(as_seller, session, deal, target):
    answer = move(as_seller, deal, target)
    assert answer.status_code == 409
    assert "not there any more" in answer.text
    assert stage_of(session, deal) == "Prospecting"


names = st.lists(st.sampled_from(["customer", "amount", "expected_close", "next_step"]), unique=True, max_size=3)


@given(
    wanted=st.lists(names, min_size=2, max_size=5),
    filled=names,
    start=st.integers(0, 4),
    target=st.integers(0, 4),
)
def test_no_way_gets_round_a_gate(session, seller, wanted, filled, start, target):
    path = a_pipeline("Any", *[(f"S{place}", 10, required) for place, required in enumerate(wanted)])
    start, target = min(start, len(wanted) - 1), min(target, len(wanted) - 1)
    known: dict[str, Any] = {"customer_id": a_customer(seller).id if "customer" in filled else None}
    known |= {"amount": Decimal(1)} if "amount" in filled else {}
    known |= {"expected_close": today()} if "expected_close" in filled else {}
    known |= {"next_step": "Call"} if "next_step" in filled else {}
    deal = a_deal(seller, path.stages[start], **known, stage_id=path.stages[0].id)
    missing = {name for left in wanted[start:target] for name in left} - set(filled)
    if missing:
        with pytest.raises(GateClosed) as closed:
            services.move_to_stage(deal, path.stages[target], seller)
        assert set(closed.value.missing) == missing
        # Step by step it is stopped as well: by the first stage that asks.
        for there in range(start + 1, target + 1):
            if {name for left in wanted[start:there] for name in left} <= set(filled):
                services.move_to_stage(deal, path.stages[there], seller)
            else:
                with pytest.raises(GateClosed):
                    services.move_to_stage(deal, path.stages[there], seller)
                break
    else:
        services.move_to_stage(deal, path.stages[target], seller)
        assert deal.stage_id == path.stages[target].id
