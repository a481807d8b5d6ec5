"""A manager shapes pipelines and their stages."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.core.db import now
from erpcrm.core.errors import Refused
from erpcrm.core.fields.definitions import create_field
from erpcrm.core.registry import record_type
from erpcrm.pipeline import services
from erpcrm.pipeline.models import Opportunity, OpportunityHistory, Pipeline, Stage
from erpcrm.pipeline.services import rules
from erpcrm.pipeline.services.stages import STANDARD, default_pipeline
from tests.factories.opportunities import a_deal, a_pipeline, stage_called
from tests.pipeline.people import *  # noqa: F403


def names(session, pipeline):
    return session.scalars(select(Stage.name).where(Stage.pipeline_id == pipeline.id).order_by(Stage.position)).all()


def form(**values):
    return {"name": "Trial", "name_zh": "试用", "probability": "60", "stale_days": "7"} | values


def test_a_new_company_has_a_pipeline_and_gets_no_second_one(session, pipeline):
    assert services.ensure_standard_pipeline().id == pipeline.id
    assert names(session, pipeline) == [stage[0] for stage in STANDARD]


def test_a_new_pipeline_comes_with_a_stage_and_is_offered_beside_the_first(as_manager, as_seller, session, pipeline):
    data = {"name": "Service", "name_zh": "服务", "active": "1"}
    assert as_manager.post("/pipeline/setup/pipelines/new", data=data).status_code == 303
    service = session.scalars(select(Pipeline).where(Pipeline.name == "Service")).one()
    assert names(session, service) == ["New"]
    text = as_seller.get("/pipeline/board").text
    assert f"/pipeline/board?pipeline={service.id}" in text
    assert "Service · New" in as_seller.get("/pipeline/opportunities/new").text


def test_a_pipeline_out_of_use_is_not_offered_any_more_but_keeps_its_deals(as_manager, as_seller, session, seller):
    old = a_pipeline("Old way", ("Start", 10, []))
    a_deal(seller, old.stages[0], name="Left over")
    session.commit()
    data = {"name": "Old way", "version": old.version}
    assert as_manager.post(f"/pipeline/setup/pipelines/{old.id}", data=data).status_code == 303
    assert "Old way" not in as_seller.get("/pipeline/opportunities/new").text
    assert "Left over" in as_seller.get(f"/pipeline/board?pipeline={old.id}").text
    deal = session.scalars(select(Opportunity)).one()
    assert "Old way · Start" in as_seller.get(f"/pipeline/opportunities/{deal.id}/edit").text


def test_the_last_pipeline_in_use_stays_in_use(as_manager, session, pipeline):
    answer = as_manager.post(
        f"/pipeline/setup/pipelines/{pipeline.id}", data={"name": "Sales", "version": pipeline.version}
    )
    assert answer.status_code == 409
    assert "at least one pipeline" in answer.text
    assert default_pipeline().id == pipeline.id


def test_a_stage_is_added_changed_and_moved(as_manager, session, pipeline):
    url = f"/pipeline/setup/pipelines/{pipeline.id}/stages/new"
    sent = form(required=["contacts", "amount"])
    assert as_manager.post(url, data=sent).status_code == 303
    stage = stage_called("Trial")
    assert (stage.probability, stage.stale_days, set(stage.required)) == (60, 7, {"amount", "contacts"})
    assert names(session, pipeline)[-1] == "Trial"
    as_manager.post(f"/pipeline/setup/stages/{stage.id}/step", data={"by": "-1"})
    assert names(session, pipeline)[-2:] == ["Trial", "Negotiation"]
    as_manager.post(f"/pipeline/setup/stages/{stage.id}/step", data={"by": "1"})
    as_manager.post(f"/pipeline/setup/stages/{stage.id}/step", data={"by": "1"})
    assert names(session, pipeline)[-1] == "Trial"
    changed = form(name="Pilot", probability="65", stale_days="", version=stage.version)
    assert as_manager.post(f"/pipeline/setup/stages/{stage.id}", data=changed).status_code == 303
    session.expire_all()
    assert (stage.name, stage.probability, stage.stale_days, stage.required) == ("Pilot", 65, None, [])


def test_an_own_field_of_deals_can_be_asked_for(as_manager, session, pipeline):
    create_field(record_type("opportunity"), {"label": "Budget code", "kind": "text"})
    session.commit()
    url = f"/pipeline/setup/pipelines/{pipeline.id}/stages/new"
    assert "Budget code" in as_manager.get(url).text
    as_manager.post(url, data=form(required=["custom_budget_code"]))
    assert stage_called("Trial").required == ["custom_budget_code"]
    assert "Budget code" in as_manager.get("/pipeline/setup").text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "Enter a name."),
        ({"probability": "101"}, "Enter 0 to 100."),
        ({"probability": "-1"}, "Enter 0 to 100."),
        ({"probability": ""}, "Enter 0 to 100."),
        ({"stale_days": "0"}, "between 1 and 3650"),
    ],
)
def test_what_is_wrong_with_a_stage_is_said_beside_the_field(as_manager, session, pipeline, change, message):
    answer = as_manager.post(f"/pipeline/setup/pipelines/{pipeline.id}/stages/new", data=form(**change))
    assert answer.status_code == 422
    assert message in answer.text
    assert 'value="试用"' in answer.text
    assert len(names(session, pipeline)) == 4


def test_a_stage_that_another_manager_changed_meanwhile_is_not_overwritten(as_manager, session, pipeline):
    stage = stage_called("Proposal")
    version = stage.version
    rules.save(stage, {"probability": 55})
    session.commit()
    answer = as_manager.post(f"/pipeline/setup/stages/{stage.id}", data=form(version=version))
    assert answer.status_code == 409
    assert session.get(Stage, stage.id).probability == 55


def test_a_stage_in_use_is_not_deleted_before_its_deals_have_another(as_manager, session, seller, pipeline):
    deal, stage = a_deal(seller, "Proposal"), stage_called("Proposal")
    session.commit()
    answer = as_manager.post(f"/pipeline/setup/stages/{stage.id}/remove", data={})
    assert answer.status_code == 409
    assert "Choose the stage" in answer.text
    elsewhere = a_pipeline("Service", ("Asked", 10, [])).stages[0]
    session.commit()
    for wrong in (elsewhere.id, stage.id, 999):
        assert as_manager.post(f"/pipeline/setup/stages/{stage.id}/remove", data={"to": wrong}).status_code == 409
    assert session.get(Opportunity, deal.id).stage_id == stage.id
    to = stage_called("Qualification")
    assert as_manager.post(f"/pipeline/setup/stages/{stage.id}/remove", data={"to": to.id}).status_code == 303
    assert "Proposal" not in names(session, pipeline)
    assert session.get(Opportunity, deal.id).stage_id == to.id
    assert {row.stage_id for row in session.scalars(select(OpportunityHistory))} <= {s.id for s in pipeline.stages}


def test_the_deals_of_a_removed_stage_are_moved_however_many(
    as_manager, session, seller, manager, pipeline, trail, count_queries
):
    stage, to = stage_called("Proposal"), stage_called("Qualification")
    deals = [a_deal(seller, stage, name=f"Deal {n}", amount=Decimal(n)) for n in range(12)]
    lost = a_deal(seller, stage, name="Lost")
    services.lose(lost, "price", seller)
    session.commit()
    versions = [deal.version for deal in deals]
    with count_queries() as seen:
        assert as_manager.post(f"/pipeline/setup/stages/{stage.id}/remove", data={"to": to.id}).status_code == 303
    assert len(seen) < 25
    assert {deal.stage_id for deal in (*deals, lost)} == {to.id}
    assert [deal.version for deal in deals] == [version + 1 for version in versions], "an open form of it is stale"
    for deal in deals:
        last = services.state_at(deal, now())
        assert (last.changed, last.stage_id, last.amount, last.by_id) == (["stage_id"], to.id, deal.amount, manager.id)
        assert deal.stage_since == last.at
    line = trail(deals[0])[0]
    assert (line.who, line.changes[0].new) == (manager.name, "Qualification")


def test_a_pipeline_keeps_at_least_one_stage(session, pipeline):
    only = a_pipeline("Short", ("Start", 10, []))
    with pytest.raises(Refused, match="at least one stage"):
        rules.remove_stage(only.stages[0], None)
    assert names(session, only) == ["Start"]


def test_the_page_counts_the_open_deals_of_each_stage(as_manager, session, seller, pipeline):
    for _number in range(3):
        a_deal(seller, "Proposal")
    services.lose(a_deal(seller, "Proposal"), "price", seller)
    session.commit()
    row = as_manager.get("/pipeline/setup").text.split(">Proposal<")[1].split("</tr>")[0]
    assert '<td class="num">3</td>' in row


@pytest.mark.parametrize(
    "path",
    ["/pipeline/setup", "/pipeline/setup/pipelines/new", "/pipeline/setup/stages/1", "/pipeline/setup/stages/1/remove"],
)
def test_a_seller_does_not_shape_pipelines(as_seller, path):
    send = as_seller.post if path.endswith(("remove", "new")) else as_seller.get
    assert send(path).status_code == 403
