"""Words of a file that nobody knows: the user says once what each means."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from erpcrm.core.db import session
from tests.core.imports.conftest import IMPORT
from tests.core.imports.toys import Maker, Toy
from tests.wizard import Wizard

FILE = "name,maker,colour\nTrain,AcmePro,Red\nWagon,AcmePro,Rad\nStation,Nobody,Blue\nBridge,,\n"


def made_by() -> dict[str, str | None]:
    return dict(session.execute(select(Toy.name, Maker.name).join(Maker, Toy.maker_id == Maker.id, isouter=True)).all())


def colours() -> dict[str, str | None]:
    return dict(session.execute(select(Toy.name, Toy.colour)).all())


def test_unknown_words_are_shown_with_counts_and_suggestions(wizard: Wizard) -> None:
    session.add_all([Maker(name="Acme Pro"), Maker(name="Other")])
    assert wizard.upload(FILE).columns().endswith("/words")
    text = wizard.get("/words")
    assert "AcmePro 2" in text
    sent = wizard.form("/words")
    pro = session.scalar(select(Maker.id).where(Maker.name == "Acme Pro"))
    assert (sent["maker_id-0-word"], sent["maker_id-0"]) == ("AcmePro", f"use:{pro}")
    assert (sent["maker_id-1-word"], sent["maker_id-1"]) == ("Nobody", "create")
    assert {sent["colour-0-word"], sent["colour-1-word"]} == {"Rad", "Blue"}


def test_each_word_becomes_what_the_user_says(wizard: Wizard) -> None:
    session.add(Maker(name="Acme Pro"))
    wizard.upload(FILE).columns()
    wizard.words(Nobody="create", Rad="use:red", Blue="reject")
    assert wizard.trial() == {"created": 3, "updated": 0, "skipped": 0, "bad": 1}
    assert session.scalar(select(func.count(Maker.id))) == 1
    wizard.start()
    assert wizard.counts() == (3, 0, 0, 1)
    assert made_by() == {"Train": "Acme Pro", "Wagon": "Acme Pro", "Bridge": None}
    assert colours() == {"Train": "red", "Wagon": "red", "Bridge": None}
    assert "Blue” was left out by your choice" in wizard.get()
    # The maker that only the rejected row named was not made.
    assert session.scalar(select(func.count(Maker.id))) == 1


def test_a_missing_record_is_made_once_and_a_field_may_be_left_empty(wizard: Wizard) -> None:
    wizard.upload(FILE).columns()
    wizard.words(AcmePro="create", Nobody="empty", Rad="empty", Blue="create")
    wizard.start()
    assert made_by() == {"Train": "AcmePro", "Wagon": "AcmePro", "Station": None, "Bridge": None}
    assert colours()["Station"] == "blue"
    assert session.scalars(select(Maker.name)).all() == ["AcmePro"]


def test_another_record_may_be_picked_by_its_name(wizard: Wizard) -> None:
    session.add_all([Maker(name="Acme Pro"), Maker(name="Zenith")])
    wizard.upload(FILE).columns()
    sent = wizard.form("/words") | {"maker_id-1": "other", "maker_id-1-other_text": "zenith"}
    wizard.post("/words", sent)
    wizard.start()
    assert made_by()["Station"] == "Zenith"


def test_a_pick_that_is_not_there_is_said_beside_the_word(wizard: Wizard) -> None:
    wizard.upload(FILE).columns()
    sent = wizard.form("/words") | {"maker_id-1": "other", "maker_id-1-other_text": "nowhere"}
    assert "Nothing, or more than one, is called “nowhere”" in wizard.post("/words", sent, 422)
    assert 'value="other" selected' in wizard.page


def test_a_name_that_several_have_is_asked(wizard: Wizard) -> None:
    session.add_all([Maker(name="Acme"), Maker(name="ACME")])
    wizard.upload("name,maker\nTrain,Acme\n").columns()
    assert "several are called so" in wizard.get("/words")
    first = session.scalar(select(func.min(Maker.id)))
    wizard.words(Acme=f"use:{first}")
    wizard.start()
    assert session.scalar(select(Toy.maker_id)) == first


def test_answers_are_remembered_for_the_next_file(wizard: Wizard) -> None:
    session.add(Maker(name="Acme Pro"))
    wizard.upload(FILE).columns()
    wizard.words(Nobody="empty", Rad="use:red", Blue="empty")
    wizard.start()
    wizard.upload("name,maker,colour\nTower,AcmePro,Rad\nGate,Nobody,New\n")
    wizard.columns()
    sent = wizard.form("/words")
    answers = {
        sent[f"{name}-{line}-word"]: sent[f"{name}-{line}"] for name in ("maker_id", "colour") for line in (0, 1)
    }
    assert answers["Nobody"] == "empty"
    assert answers["Rad"] == "use:red"
    assert answers["New"] == "create"


def test_nobody_makes_records_on_the_way_that_they_may_not_make(
    person: Callable[..., Any], client: FlaskClient, app: Any, sign_in: Callable[..., Any]
) -> None:
    without = [permission for permission in IMPORT if permission != "toys.maker.create"]
    wizard = Wizard(sign_in(client, person("Bob", *without)), app)
    wizard.upload(FILE).columns()
    sent = wizard.form("/words")
    assert sent["maker_id-0"] == "reject"
    assert "Say what this means" in wizard.post("/words", sent | {"maker_id-0": "create"}, 422)


def test_a_kept_answer_does_not_reach_a_record_that_is_gone(wizard: Wizard) -> None:
    session.add_all([Maker(name="Acme Pro")])
    wizard.upload("name,maker\nTrain,AcmePro\n").columns()
    wizard.words()
    session.delete(session.scalars(select(Maker)).one())
    wizard.post("/try")
    assert wizard.trial()["bad"] == 1
    assert "is not there any more" in wizard.get()
