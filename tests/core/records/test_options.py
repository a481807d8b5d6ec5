"""Choice lists that users edit."""

import pytest
from flask_babel import force_locale
from sqlalchemy import event, select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import db, session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.options import (
    Option,
    activate_option,
    add_option,
    change_option,
    ensure_option,
    entries,
    find_option,
    merge_options,
    move_option,
    option_label,
    options,
    remove_option,
    seed_options,
)
from tests.core.records.gadgets import Gadget, GadgetForm

COLOURS = "gadget.colour"
ADMIN = "core.option.edit"


def values():
    return [entry.value for entry in entries(COLOURS)]


def test_the_declared_choices_hold_until_somebody_changes_the_list(app):
    assert values() == ["red", "blue"]
    assert session.scalars(select(Option)).all() == []
    add_option(COLOURS, "Green", "绿色")
    assert values() == ["red", "blue", "Green"]
    assert len(session.scalars(select(Option)).all()) == 3


def test_labels_are_in_the_language_of_the_reader(app):
    red = options(COLOURS)[0]
    with app.test_request_context():
        with force_locale("zh"):
            assert str(red.label) == "红色"
            assert str(option_label(COLOURS, "blue")) == "蓝色"
        with force_locale("en"):
            assert str(red.label) == "Red"
    assert option_label(COLOURS, "gone") == "gone"


def test_all_lists_take_one_query_a_request(app):
    seed_options()
    session.flush()
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    for _time in range(3):
        options(COLOURS)
    assert len([statement for statement in statements if "FROM options" in statement]) <= 1


@pytest.mark.parametrize("text", ["red", "RED", " Red ", "红色", "ｒｅｄ"])
def test_a_text_of_a_file_finds_its_choice_whatever_the_case_and_language(app, text):
    assert ensure_option(COLOURS, text) == "red"
    assert values() == ["red", "blue"]


def test_a_text_that_is_no_choice_becomes_one(app):
    assert ensure_option(COLOURS, "  Dark   green ") == "Dark green"
    assert ensure_option(COLOURS, "dark green") == "Dark green"
    assert values() == ["red", "blue", "Dark green"]


def test_two_choices_of_a_name_are_refused(app):
    with pytest.raises(Refused):
        add_option(COLOURS, "RED")
    with pytest.raises(Refused):
        change_option(COLOURS, "blue", "Red", None)
    change_option(COLOURS, "blue", "BLUE", None)
    assert find_option(COLOURS, "blue") == "blue"


def test_a_choice_keeps_its_value_when_it_is_renamed(app):
    change_option(COLOURS, "red", "Crimson", "深红")
    assert values() == ["red", "blue"]
    assert find_option(COLOURS, "深红") == "red"


def test_choices_can_be_put_in_order(app):
    move_option(COLOURS, "blue", -1)
    assert values() == ["blue", "red"]
    move_option(COLOURS, "blue", -1)
    assert values() == ["blue", "red"]
    with pytest.raises(NotThere):
        move_option(COLOURS, "none", 1)


def test_a_choice_that_is_no_longer_offered_stays_with_the_records_that_have_it(app):
    activate_option(COLOURS, "red", active=False)
    with app.test_request_context():
        fresh = GadgetForm(formdata=None)
        assert [choice[0] for choice in fresh.colour.iter_choices()] == ["", "blue"]
        kept = GadgetForm(formdata=None, obj=Gadget(colour="red"))
        assert ("red", True) in [(choice[0], choice[2]) for choice in kept.colour.iter_choices()]
    assert "red" in [choice.value for choice in options(COLOURS)]


def test_merging_moves_the_records_and_takes_the_choice_away(app):
    session.add_all([Gadget(name="One", colour="red"), Gadget(name="Two", colour="red"), Gadget(name="Three")])
    session.flush()
    assert merge_options(COLOURS, "red", "blue") == 2
    assert values() == ["blue"]
    assert session.scalars(select(Gadget.colour).order_by(Gadget.id)).all() == ["blue", "blue", None]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "merged")).one()
    assert entry.changes == {"value": ["red", "blue"], "count": [None, 2]}
    with pytest.raises(Refused):
        merge_options(COLOURS, "blue", "blue")


def test_a_choice_that_records_have_can_not_be_removed(app):
    session.add(Gadget(name="One", colour="red"))
    session.flush()
    with pytest.raises(Refused):
        remove_option(COLOURS, "red")
    remove_option(COLOURS, "blue")
    assert values() == ["red"]


def test_the_last_choice_of_a_list_stays(app):
    remove_option(COLOURS, "blue")
    with pytest.raises(Refused):
        remove_option(COLOURS, "red")


def test_an_administrator_edits_a_list_on_its_page(client, sign_in, person):
    sign_in(client, person(ADMIN))
    assert "Colours" in client.get("/admin/options").text
    assert client.post("/admin/options/gadget.colour", data={"label": "Green", "label_zh": "绿色"}).status_code == 303
    assert "绿色" in client.get("/admin/options/gadget.colour").text
    assert client.post("/admin/options/gadget.colour", data={"label": "green"}).status_code == 422
    assert client.post("/admin/options/gadget.colour", data={"label": ""}).status_code == 422
    base = "/admin/options/gadget.colour"
    assert client.get(f"{base}/edit?value=Green").status_code == 200
    client.post(f"{base}/edit", data={"value": "Green", "label": "Lime", "label_zh": ""})
    assert find_option(COLOURS, "lime") == "Green"
    client.post(f"{base}/move", data={"value": "Green", "by": "-1"})
    assert values() == ["red", "Green", "blue"]
    client.post(f"{base}/activate", data={"value": "red", "active": "0"})
    assert values() == ["Green", "blue", "red"]
    assert client.get(f"{base}/merge?value=red").status_code == 200
    client.post(f"{base}/merge", data={"value": "red", "into": "blue"})
    client.post(f"{base}/remove", data={"value": "Green"})
    assert values() == ["blue"]


def test_nobody_else_edits_lists_and_unknown_ones_are_not_there(client, sign_in, person):
    sign_in(client, person("gadgets.gadget.edit"))
    assert client.get("/admin/options").status_code == 403
    assert client.post("/admin/options/gadget.colour", data={"label": "Green"}).status_code == 403
    sign_in(client, person(ADMIN, name="Admin"))
    assert client.get("/admin/options/none").status_code == 404
    assert client.get("/admin/options/gadget.colour/edit?value=none").status_code == 404
    assert client.post("/admin/options/gadget.colour/move", data={"value": "none"}).status_code == 404


def test_a_value_that_is_no_choice_is_refused_beside_the_field(client, sign_in, person):
    gadget = Gadget(name="One")
    session.add(gadget)
    sign_in(client, person("gadgets.gadget.view", "gadgets.gadget.edit"))
    assert client.post(f"/gadgets/{gadget.id}", data={"name": "One", "colour": "pink"}).status_code == 422
    assert client.post(f"/gadgets/{gadget.id}", data={"name": "One", "colour": "red"}).status_code == 303
    assert session.get_one(Gadget, gadget.id).colour == "red"
    assert client.post(f"/gadgets/{gadget.id}", data={"name": "One", "colour": ""}).status_code == 303
    assert session.get_one(Gadget, gadget.id).colour is None
