"""A lead is contacted, qualified, given up and taken up again; what is not possible is refused and never silent."""

from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.moves import make_move
from erpcrm.pipeline.models import LEAD_FLOW
from erpcrm.pipeline.services import disqualify
from tests.factories.leads import a_lead, told_of


def test_a_lead_is_contacted_and_qualified(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    for move, state in (("contact", "contacted"), ("qualify", "qualified")):
        answer = as_seller.post(f"/pipeline/leads/{lead.id}/{move}", data={"version": lead.version})
        assert answer.status_code == 303
        assert lead.status == state
    moves = session.scalars(select(AuditEntry.action).where(AuditEntry.action.in_(("contact", "qualify"))))
    assert list(moves) == ["contact", "qualify"]


def test_a_move_that_is_not_possible_any_more_says_why(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    make_move(lead, "qualify", by=seller)
    answer = as_seller.post(f"/pipeline/leads/{lead.id}/contact")
    assert answer.status_code == 409
    assert "This is Qualified now, so “Mark as contacted” is not possible any more." in answer.text.replace(
        "&#34;", '"'
    )
    assert lead.status == "qualified"


def test_a_move_of_an_outdated_version_is_not_made(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    version = lead.version
    lead.need = "changed by somebody else"
    session.flush()
    answer = as_seller.post(f"/pipeline/leads/{lead.id}/contact", data={"version": version})
    assert answer.status_code == 409
    assert lead.status == "new"


@pytest.mark.parametrize(("move", "status"), [("explode", 404), ("convert", 422), ("disqualify", 422)])
def test_moves_with_a_page_of_their_own_have_no_short_cut(
    as_seller: Any, session: Any, seller: Any, move: str, status: int
):
    lead = a_lead(seller)
    assert as_seller.post(f"/pipeline/leads/{lead.id}/{move}", data={"note": "x"}).status_code == status
    assert lead.status == "new"


def test_giving_a_lead_up_asks_for_a_reason_of_the_list(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    assert "No need" in as_seller.get(f"/pipeline/leads/{lead.id}/disqualify").text
    answer = as_seller.post(
        f"/pipeline/leads/{lead.id}/disqualify", data={"version": lead.version, "note": "kept note"}
    )
    assert answer.status_code == 422
    assert "Choose a reason." in answer.text
    assert "kept note" in answer.text
    assert lead.status == "new"


@pytest.mark.parametrize(("note", "told"), [("Buys from its group.", "No need: Buys from its group."), ("", "No need")])
def test_a_lead_is_given_up_with_a_reason_in_words(as_seller: Any, session: Any, seller: Any, note: str, told: str):
    lead = a_lead(seller)
    data = {"reason": "no_need", "note": note, "version": lead.version}
    assert as_seller.post(f"/pipeline/leads/{lead.id}/disqualify", data=data).status_code == 303
    assert (lead.status, lead.disqualify_reason) == ("disqualified", "no_need")
    lines = told_of(lead)
    assert next(line for line in lines if line.action == "Disqualify").reason == told
    text = as_seller.get(f"/pipeline/leads/{lead.id}").text
    assert "No need" in text
    assert "no_need" not in text


def test_a_reason_that_is_not_on_the_list_is_refused(session: Any, seller: Any):
    lead = a_lead(seller)
    with pytest.raises(Refused, match="Choose one of the reasons"):
        disqualify(lead, "because", seller)


def test_a_lead_that_was_given_up_is_taken_up_again(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    disqualify(lead, "no_answer", seller)
    assert as_seller.post(f"/pipeline/leads/{lead.id}/contact").status_code == 409
    answer = as_seller.post(f"/pipeline/leads/{lead.id}/reopen", data={"version": lead.version})
    assert answer.status_code == 303
    assert (lead.status, lead.disqualify_reason) == ("new", None)


def test_a_converted_lead_offers_nothing_any_more(as_seller: Any, session: Any, seller: Any):
    lead = a_lead(seller)
    lead.status = "converted"
    session.flush()
    assert LEAD_FLOW.moves_for(lead, seller) == []
    text = as_seller.get(f"/pipeline/leads/{lead.id}").text
    assert f'href="/pipeline/leads/{lead.id}/edit"' not in text
    for path in ("edit", "convert"):
        assert as_seller.get(f"/pipeline/leads/{lead.id}/{path}").status_code == 409
    assert as_seller.post(f"/pipeline/leads/{lead.id}", data={"company": "Other"}).status_code == 409
    assert as_seller.post(f"/pipeline/leads/{lead.id}/disqualify", data={"reason": "no_need"}).status_code == 409


def test_who_may_only_see_leads_moves_none(session: Any, seller: Any, roles: Any):
    roles["seller"].permissions = ["pipeline.lead.view"]
    session.flush()
    lead = a_lead(seller)
    with pytest.raises(NotAllowed):
        make_move(lead, "contact", by=seller)


def test_the_states_are_called_right_in_chinese(as_seller: Any, session: Any, seller: Any):
    seller.language = "zh"
    lead = a_lead(seller)
    text = as_seller.get(f"/pipeline/leads/{lead.id}").text
    assert "新线索" in text
    presets = as_seller.get("/pipeline/leads").text
    assert "跟进中" in presets
    assert ">打开<" not in presets
