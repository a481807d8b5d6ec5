"""Leads from a file: by the rules that hold for those entered by hand, but for many at once, and taken back in one go."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from erpcrm.core.fields.definitions import create_field
from erpcrm.core.imports.engine import BATCH
from erpcrm.core.mail import Mail
from erpcrm.core.notifications import Notification
from erpcrm.core.registry import record_type
from erpcrm.customers.services import add_activity
from erpcrm.pipeline.models import Lead
from erpcrm.pipeline.services import convert
from erpcrm.pipeline.services.conversion import Conversion
from tests.factories.leads import a_lead, a_score_rule, a_seller, an_assignment_rule
from tests.wizard import Wizard, plain

HEAD = "公司名称,联系人,手机,邮箱,线索来源,区域,行业,标签,同意营销\n"


@pytest.fixture
def wizard(app: Flask, as_marketer: Any) -> Wizard:
    return Wizard(as_marketer, app)


def file_of(rows: int) -> str:
    lines = (
        f"公司{n},人{n},0512-{62860000 + n},p{n}@c{n}.example,Trade fair,Europe,Energy,fair,yes" for n in range(rows)
    )
    return HEAD + "\n".join(lines) + "\n"


def by_company(session: Any) -> dict[str | None, Lead]:
    return {lead.company: lead for lead in session.scalars(select(Lead).order_by(Lead.id))}


def through(wizard: Wizard, content: str, **settings: str) -> Wizard:
    wizard.upload(content, "lead", "leads.csv")
    wizard.columns(**settings)
    wizard.start()
    return wizard


def test_a_file_becomes_leads_that_are_scored_and_assigned(wizard: Wizard, session: Any, teams: Any):
    members = [a_seller(teams.south) for _n in range(2)]
    an_assignment_rule(teams.south)
    a_score_rule("source", "is", "trade_fair\n", points=15)
    a_score_rule("tags", "is", "fair", points=5)
    through(wizard, file_of(5))
    assert wizard.counts() == (5, 0, 0, 0)
    found = by_company(session)
    lead = found["公司3"]
    assert (lead.person, lead.phone, lead.email) == ("人3", "+86 512 6286 0003", "p3@c3.example")
    assert (lead.source, lead.region, lead.industry) == ("trade_fair", "europe", "energy")
    assert (lead.tags, lead.marketing_consent, lead.status, lead.score) == (["fair"], True, "new", 20)
    assert lead.name_key.startswith("gong si")
    owners = Counter(lead.owner_id for lead in found.values())
    assert owners == {members[0].id: 3, members[1].id: 2}
    assert {lead.team_id for lead in found.values()} == {teams.south.id}
    assert a_lead().owner_id == members[1].id, "the turns go on where the file has left them"


def test_trying_it_out_takes_no_turn_and_tells_nobody(wizard: Wizard, session: Any, teams: Any, run_jobs: Any):
    members = [a_seller(teams.south) for _n in range(2)]
    rule = an_assignment_rule(teams.south)
    wizard.upload(file_of(3), "lead", "leads.csv")
    wizard.columns()
    run_jobs()
    assert wizard.trial()["created"] == 3
    assert (rule.last_user_id, session.scalar(select(func.count()).select_from(Notification))) == (None, 0)
    wizard.start()
    assert by_company(session)["公司0"].owner_id == members[0].id


def test_an_owner_that_the_file_names_is_kept_and_told_once(wizard: Wizard, session: Any, seller: Any, colleague: Any):
    an_assignment_rule(colleague)
    through(wizard, "company,owner\n" + "".join(f"C{n},seller@example.com\n" for n in range(BATCH + 5)))
    assert wizard.counts()[0] == BATCH + 5
    assert set(session.execute(select(Lead.owner_id, Lead.team_id)).all()) == {(seller.id, seller.team_id)}
    notice = session.scalars(select(Notification)).one()
    assert (notice.user_id, notice.text) == (seller.id, "Mia Market has imported leads for you")
    assert session.scalars(select(Mail.id)).all() == []


def test_bad_rows_stay_out_with_their_reasons(wizard: Wizard, session: Any):
    through(wizard, "company,person,email\nGood,,a@b.example\n,,only@mail.example\n", mode="create", key="")
    assert wizard.counts() == (1, 0, 0, 1)
    assert list(by_company(session)) == ["Good"]
    assert "A lead needs a company or a person." in wizard.get()


def test_own_fields_are_filled(wizard: Wizard, session: Any):
    field = create_field(record_type("lead"), {"label": "Machines", "label_zh": "设备数", "kind": "number"})
    session.commit()
    through(wizard, "company,设备数\nA,12\nB,\n")
    found = by_company(session)
    assert (found["A"].custom[field.key], field.key in found["B"].custom) == ("12.000000", False)


def test_known_leads_are_updated_by_their_key_and_scored_anew(wizard: Wizard, session: Any, seller: Any):
    a_score_rule("region", "is", "europe\n", points=10)
    a_score_rule("activities", "at_least", "1", points=7)
    lead = a_lead(None, company="Acme", email="A@acme.example", need="kept", region="asia")
    add_activity(lead, "call", "First talk", seller)
    assert lead.score == 7
    through(
        wizard,
        "email,company,region\nA@acme.example,Acme Ltd,Europe\nnew@x.example,X,Europe\n",
        mode="both",
        key="email",
    )
    assert wizard.counts() == (1, 1, 0, 0)
    assert (lead.company, lead.name, lead.region, lead.need) == ("Acme Ltd", "Acme Ltd", "europe", "kept")
    assert lead.score == 17


def test_a_converted_lead_is_not_changed_by_a_file(wizard: Wizard, session: Any, seller: Any, manager: Any):
    lead = a_lead(seller, company="Acme", person="P", email="a@acme.example")
    convert(lead, Conversion(opportunity="none"), seller)
    through(wizard, "email,company\na@acme.example,Other\nb@b.example,B\n", mode="both", key="email")
    assert wizard.counts() == (1, 0, 0, 1)
    assert "This lead is converted." in wizard.get()
    assert lead.company == "Acme"


def test_two_leads_with_the_same_key_are_not_guessed_at(wizard: Wizard, session: Any, seller: Any):
    for company in ("Twin", "Twin", "Only"):
        a_lead(seller, company=company)
    through(wizard, "company,need\nTwin,changed\nOnly,changed\n", mode="update", key="company")
    assert wizard.counts() == (0, 1, 1, 0)
    assert session.scalars(select(Lead.need).order_by(Lead.id)).all() == [None, None, "changed"]


def test_an_import_is_undone_with_all_that_it_made(wizard: Wizard, session: Any, teams: Any, run_jobs: Any):
    a_seller(teams.south)
    an_assignment_rule(teams.south)
    before = a_lead(company="Was there", email="w@was.example")
    content = "email,company\nw@was.example,Changed\na@a.example,A\nb@b.example,B\n"
    through(wizard, content, mode="both", key="email")
    assert wizard.counts() == (2, 1, 0, 0)
    wizard.post("/undo")
    run_jobs()
    assert session.scalars(select(Lead.company)).all() == ["Was there"]
    assert session.get(Lead, before.id).name == "Was there"


def test_an_import_of_which_a_lead_was_worked_on_is_not_undone(wizard: Wizard, session: Any, seller: Any):
    through(wizard, file_of(3))
    add_activity(by_company(session)["公司1"], "call", "First talk", seller)
    session.commit()
    assert "公司1" in plain(wizard.client.post(f"/imports/{wizard.id}/undo").text) or wizard.record.status == "done"
    assert len(by_company(session)) == 3


def questions(wizard: Wizard, count_queries: Any, content: str, **settings: str) -> int:
    wizard.upload(content, "lead", "leads.csv")
    wizard.columns(**settings)
    with count_queries() as seen:
        wizard.start()
    return len([one for one in seen if one.startswith("SELECT")])


def test_a_row_costs_no_query_of_its_own(wizard: Wizard, session: Any, count_queries: Any, teams: Any):
    """Nor does a row that updates: the whole batch is asked for at once, however many rows it has."""
    for _n in range(3):
        a_seller(teams.south)
    an_assignment_rule(teams.south)
    a_score_rule("activities", "empty", points=3)
    questions(wizard, count_queries, file_of(2))
    few = questions(wizard, count_queries, "company,region\n" + "".join(f"F{n},Asia\n" for n in range(20)))
    many = questions(wizard, count_queries, "company,region\n" + "".join(f"M{n},Asia\n" for n in range(420)))
    assert many - few <= 8, (few, many)
    keys = {"mode": "both", "key": "company"}
    few = questions(wizard, count_queries, "company,region\n" + "".join(f"F{n},Europe\n" for n in range(20)), **keys)
    many = questions(wizard, count_queries, "company,region\n" + "".join(f"M{n},Europe\n" for n in range(420)), **keys)
    assert many - few <= 8, (few, many)


def test_a_seller_imports_no_leads(as_seller: Any, app: Flask):
    wizard = Wizard(as_seller, app)
    with pytest.raises(AssertionError):
        wizard.upload(file_of(1), "lead", "leads.csv")
