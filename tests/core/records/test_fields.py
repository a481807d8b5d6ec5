"""Fields that users add to records themselves."""

from datetime import date
from decimal import Decimal

import pytest
from flask_babel import force_locale
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.fields import columns_of, custom_facts, field_for, fold_custom, import_fields
from erpcrm.core.fields.definitions import (
    CustomField,
    activate_field,
    create_field,
    delete_field,
    fields_of,
    move_field,
    update_field,
)
from erpcrm.core.fields.values import loaded, stored
from erpcrm.core.registry import record_type
from erpcrm.core.trail import DASH, in_words
from tests.core.records.gadgets import Gadget

EDITOR = ("gadgets.gadget.view", "gadgets.gadget.edit")


def make(label, kind="text", **more):
    return create_field(record_type("gadget"), {"label": label, "kind": kind, **more})


@pytest.fixture
def own(app):
    """One field of each kind."""
    return {
        "text": make("Nickname", label_zh="昵称"),
        "number": make("Weight", "number", label_zh="重量"),
        "date": make("Built on", "date"),
        "choice": make("Grade", "choice", choices=[{"label": "Good", "label_zh": "好"}, {"label": "Bad"}]),
        "bool": make("Tested", "bool"),
    }


@pytest.fixture
def gadget(own):
    record = Gadget(
        name="One",
        custom={
            "nickname": "Spark",
            "weight": stored(Decimal("12.5")),
            "built_on": stored(date(2026, 3, 1)),
            "grade": "good",
            "tested": True,
        },
    )
    session.add(record)
    session.flush()
    return record


def test_a_field_gets_a_key_of_its_label_and_chinese_ones_of_their_pinyin(app):
    assert make("Contract no.").key == "contract_no"
    assert make("合同编号").key == "he_tong_bian_hao"
    assert make("★").key == "field"
    assert make("Contract: no").key == "contract_no_2"


def test_two_fields_of_one_name_on_the_same_records_are_refused(app):
    make("Weight", label_zh="重量")
    with pytest.raises(Refused):
        make("weight")
    with pytest.raises(Refused):
        make("Mass", label_zh="重量")


def test_a_choice_field_needs_choices(app):
    with pytest.raises(Refused):
        make("Grade", "choice", choices=[{"label": " "}])


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=6))
def test_numbers_come_back_exactly_as_they_were_stored(number):
    assert loaded("number", stored(number)) == number


def test_what_a_form_stores_is_shown_on_the_page_in_words(client, sign_in, person, own):
    record = Gadget(name="One")
    session.add(record)
    sign_in(client, person(*EDITOR))
    data = {
        "name": "One",
        "custom_nickname": " Spark ",
        "custom_weight": "1,234.567891",
        "custom_built_on": "2026-03-01",
        "custom_grade": "good",
        "custom_tested": "0",
    }
    assert client.post(f"/gadgets/{record.id}", data=data, headers={"Accept-Language": "en"}).status_code == 303
    record = session.get_one(Gadget, record.id)
    assert record.custom == {
        "nickname": " Spark ",
        "weight": "1234.567891",
        "built_on": "2026-03-01",
        "grade": "good",
        "tested": False,
    }
    page = client.get(f"/gadgets/{record.id}", headers={"Accept-Language": "en"}).text
    for words in ("Nickname", "1,234.567891", "Mar 1, 2026", "Good", 'value="1,234.567891"', 'value="2026-03-01"'):
        assert words in page
    assert "好" in client.get(f"/gadgets/{record.id}", headers={"Accept-Language": "zh-CN"}).text


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("custom_weight", "heavy"),
        ("custom_weight", "0.1234567"),
        ("custom_built_on", "yesterday"),
        ("custom_grade", "worst"),
        ("custom_nickname", "x" * 501),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field_and_nothing_is_stored(client, sign_in, person, gadget, name, typed):
    sign_in(client, person(*EDITOR))
    answer = client.post(f"/gadgets/{gadget.id}", data={"name": "One", name: typed})
    assert answer.status_code == 422
    assert "form-error" in answer.text
    assert session.get_one(Gadget, gadget.id).custom["weight"] == "12.500000"


@pytest.mark.parametrize("kind", ["text", "number", "date", "choice", "bool"])
def test_a_required_field_can_not_be_left_empty(client, sign_in, person, gadget, own, kind):
    own[kind].required = True
    sign_in(client, person(*EDITOR))
    assert client.post(f"/gadgets/{gadget.id}", data={"name": "One", own[kind].name: ""}).status_code == 422


def test_no_is_an_answer_to_a_required_yes_or_no(client, sign_in, person, gadget, own):
    own["bool"].required = True
    sign_in(client, person(*EDITOR))
    assert client.post(f"/gadgets/{gadget.id}", data={"name": "One", "custom_tested": "0"}).status_code == 303
    assert session.get_one(Gadget, gadget.id).custom == {"tested": False}


def test_values_of_a_hidden_field_survive_an_edit_and_come_back_with_it(client, sign_in, person, gadget, own):
    activate_field(own["text"], active=False)
    sign_in(client, person(*EDITOR))
    assert "Nickname" not in client.get(f"/gadgets/{gadget.id}").text
    client.post(f"/gadgets/{gadget.id}", data={"name": "One", "custom_weight": "1"})
    assert session.get_one(Gadget, gadget.id).custom == {"nickname": "Spark", "weight": "1.000000"}
    activate_field(session.get_one(CustomField, own["text"].id), active=True)
    assert "Spark" in client.get(f"/gadgets/{gadget.id}").text


def test_values_can_not_be_changed_behind_the_trail(gadget):
    session.expire(gadget)
    with pytest.raises(TypeError):
        gadget.custom["nickname"] = "Other"


def test_the_trail_names_each_field_with_the_old_and_the_new_value(app, gadget):
    gadget.custom = {"weight": stored(Decimal(13)), "tested": None}
    session.flush()
    entry = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "gadget", AuditEntry.action == "changed")
    ).one()
    assert entry.changes == {"custom.tested": [True, None], "custom.weight": ["12.500000", "13.000000"]}
    with app.test_request_context(), force_locale("en"):
        told = {change.label: (change.old, change.new) for change in in_words([entry])[0].changes}
    assert told == {"Weight": ("12.5", "13"), "Tested": ("Yes", DASH)}
    created = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "gadget", AuditEntry.action == "created")
    ).one()
    assert created.changes["custom.nickname"] == [None, "Spark"]
    session.delete(gadget)
    session.flush()
    deleted = session.scalars(
        select(AuditEntry).where(AuditEntry.record_type == "gadget", AuditEntry.action == "deleted")
    ).one()
    assert deleted.changes["custom.nickname"] == ["Spark", None]


def test_a_field_with_values_can_not_be_deleted_and_an_empty_one_can(gadget, own):
    with pytest.raises(Refused):
        delete_field(own["text"])
    gadget.custom = {"nickname": None}
    session.flush()
    delete_field(own["text"])
    assert "nickname" not in [field.key for field in fields_of("gadget", inactive=True)]


def test_a_choice_that_is_left_out_stays_with_the_records_that_have_it(gadget, own):
    field = own["choice"]
    update_field(field, {"label": "Grade", "choices": [{"value": "bad", "label": "Poor"}]}, version=field.version)
    assert [(one["value"], one["label"], one["active"]) for one in field.choices] == [
        ("bad", "Poor", True),
        ("good", "Good", False),
    ]
    assert ("Grade", "Good") in [(str(label), str(value)) for label, value in custom_facts(gadget)]


def test_two_people_editing_one_field_are_told_apart(own):
    with pytest.raises(Stale):
        update_field(own["text"], {"label": "Other"}, version=own["text"].version - 1)


def test_fields_can_be_put_in_order(own):
    move_field(own["bool"], -1)
    assert [field.key for field in fields_of("gadget")] == ["nickname", "weight", "built_on", "tested", "grade"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("custom_weight.min=12.5", {"One"}),
        ("custom_weight.min=12.500001", set()),
        ("custom_weight.max=9", {"Two"}),
        ("custom_weight.min=-3&custom_weight.max=-1", {"Two"}),
        ("custom_built_on.min=2026-03-01", {"One"}),
        ("custom_built_on.max=2026-02-28", {"Two"}),
        ("custom_grade=good", {"One"}),
        ("custom_grade=good&custom_grade=bad", {"One", "Two"}),
        ("custom_tested=1", {"One"}),
        ("custom_tested=0", {"Two", "Three"}),
        ("custom_nickname.has=par", {"One"}),
        ("custom_nickname.empty=1", {"Two", "Three"}),
    ],
)
def test_a_list_is_filtered_by_every_kind_of_own_field(client, sign_in, person, gadget, query, found):
    two = {"weight": stored(Decimal("-2.5")), "built_on": "2026-02-01", "grade": "bad", "tested": False}
    session.add_all([Gadget(name="Two", custom=two), Gadget(name="Three")])
    sign_in(client, person(*EDITOR))
    page = client.get(f"/gadgets?{query}&cols=name,custom_weight,custom_built_on,custom_grade,custom_tested").text
    assert {name for name in ("One", "Two", "Three") if f">{name}</a>" in page} == found


def test_own_fields_are_columns_of_the_list(client, sign_in, person, gadget):
    sign_in(client, person(*EDITOR))
    page = client.get(
        "/gadgets?cols=name,custom_weight,custom_built_on,custom_grade", headers={"Accept-Language": "en"}
    ).text
    assert "12.5" in page
    assert "Mar 1, 2026" in page
    assert "Good" in page
    assert [column.sortable for column in columns_of("gadget")] == [False] * 5


def test_a_file_may_fill_them(own):
    fields = {field.name: field for field in import_fields("gadget")}
    assert fields["custom_weight"].aliases == ("Weight", "重量", "weight")
    assert [choice.value for choice in fields["custom_grade"].all_choices()] == ["good", "bad"]
    values = {
        "name": "One",
        "custom_weight": Decimal("1.5"),
        "custom_built_on": date(2026, 3, 1),
        "custom_tested": False,
    }
    assert fold_custom(values) == {
        "name": "One",
        "custom": {"weight": "1.500000", "built_on": "2026-03-01", "tested": False},
    }
    assert fold_custom({"name": "One"}) == {"name": "One"}


def test_a_form_may_ask_for_one_of_them(app, own):
    assert field_for("gadget", "custom_weight", required=True) is not None
    assert field_for("gadget", "custom_gone") is None


def test_an_administrator_makes_a_field_on_the_page(client, sign_in, person):
    sign_in(client, person("core.field.edit"))
    assert "Gadgets" in client.get("/admin/fields").text
    blank = client.get("/admin/fields/new/gadget")
    assert blank.status_code == 200
    assert 'name="version"' not in blank.text
    data = {
        "label": "Grade",
        "label_zh": "等级",
        "kind": "choice",
        "required": "y",
        "choice_value": ["", "", ""],
        "choice_label": ["Good", "", "Bad"],
        "choice_label_zh": ["好", "", ""],
    }
    assert client.post("/admin/fields/new/gadget", data=data).status_code == 303
    field = fields_of("gadget")[0]
    assert [(one["value"], one["label_zh"]) for one in field.choices] == [("good", "好"), ("bad", None)]
    assert field.required
    edit = client.get(f"/admin/fields/{field.id}/edit").text
    assert 'value="好"' in edit
    change = {"label": "Mark", "version": field.version, "choice_value": ["good"], "choice_label": ["Very good"]}
    change |= {"choice_label_zh": [""], "choice_active": ["good"]}
    assert client.post(f"/admin/fields/{field.id}", data=change).status_code == 303
    field = session.get_one(CustomField, field.id)
    assert (field.label, field.choices[0]["label"], field.choices[1]["active"]) == ("Mark", "Very good", False)
    assert client.post(f"/admin/fields/{field.id}", data={"label": "", "version": field.version}).status_code == 422
    client.post(f"/admin/fields/{field.id}/activate", data={"active": "0"})
    assert fields_of("gadget") == []
    assert client.post(f"/admin/fields/{field.id}/move", data={"by": "-1"}).status_code == 303
    client.post(f"/admin/fields/{field.id}/delete")
    assert fields_of("gadget", inactive=True) == []


def test_nobody_else_makes_fields_and_unknown_ones_are_not_there(client, sign_in, person, own):
    sign_in(client, person(*EDITOR))
    assert client.get("/admin/fields").status_code == 403
    assert client.post(f"/admin/fields/{own['text'].id}/delete").status_code == 403
    sign_in(client, person("core.field.edit", name="Admin"))
    assert client.get("/admin/fields/new/user").status_code == 404
    assert client.get("/admin/fields/99/edit").status_code == 404


def test_labels_are_in_the_language_of_the_reader(app, own):
    with app.test_request_context(), force_locale("zh"):
        assert str(own["number"].shown_label) == "重量"
        assert str(own["date"].shown_label) == "Built on"
