"""Words of a file that nobody knows: the user says once what each means."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select

from erpcrm.core.db import session
from erpcrm.core.i18n import _l
from erpcrm.core.records import Choice
from tests.core.imports import toys
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
    assert wizard.trial() == {"created": 3, "updated": 0, "skipped": 1, "bad": 0}
    assert session.scalar(select(func.count(Maker.id))) == 1
    wizard.start()
    assert wizard.counts() == (3, 0, 1, 0)
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
    assert sent["maker_id-0"] == ""
    assert "Say what this means" in wizard.post("/words", sent | {"maker_id-0": "create"}, 422)


def test_a_kept_answer_does_not_reach_a_record_that_is_gone(wizard: Wizard) -> None:
    session.add_all([Maker(name="Acme Pro")])
    wizard.upload("name,maker\nTrain,AcmePro\n").columns()
    wizard.words()
    session.delete(session.scalars(select(Maker)).one())
    wizard.post("/try")
    assert wizard.trial()["bad"] == 1
    assert "is not there any more" in wizard.get()


def test_what_is_made_on_the_way_in_a_trial_is_made_anew_in_every_batch(wizard: Wizard) -> None:
    wizard.upload("name,maker\n" + "".join(f"Toy {number},Acme\n" for number in range(1100)))
    wizard.columns(mode="create", key="")
    wizard.words()
    assert wizard.trial()["created"] == 1100
    assert session.scalar(select(func.count(Maker.id))) == 0
    wizard.start()
    assert session.scalar(select(func.count(Maker.id))) == 1
    assert session.scalar(select(func.count(Toy.id)).where(Toy.maker_id.is_not(None))) == 1100


def test_a_word_without_a_likely_meaning_must_be_explained(
    person: Callable[..., Any], client: FlaskClient, app: Any, sign_in: Callable[..., Any]
) -> None:
    without = [permission for permission in IMPORT if permission != "toys.maker.create"]
    wizard = Wizard(sign_in(client, person("Bob", *without)), app).upload("name,maker\nTrain,Nobody\n")
    wizard.columns()
    assert "Say what this means" in wizard.words(422)
    wizard.words(Nobody="reject")
    assert wizard.trial()["skipped"] == 1


def test_many_words_may_be_answered_at_once(wizard: Wizard) -> None:
    wizard.upload("name,maker\n" + "".join(f"Toy {number},Maker {number}\n" for number in range(150)))
    wizard.columns(mode="create", key="")
    sent = wizard.form("/words")
    assert "maker_id-99" in sent
    assert "maker_id-100" not in sent, "the rare words are answered together"
    assert sent["maker_id-rest"] == "create"
    wizard.post("/words", sent | {"maker_id-all": "empty"})
    wizard.start()
    assert wizard.counts() == (150, 0, 0, 0)
    assert session.scalar(select(func.count(Maker.id))) == 0


def test_a_slip_is_suggested_whatever_the_language_of_the_reader(wizard: Wizard, ann: Any) -> None:
    ann.language = "zh"
    toys.COLOURS.append(Choice("c7", _l("Notifications")))
    wizard.upload("name,colour\nTrain,notificatons\n").columns()
    sent = wizard.form("/words")
    assert sent["colour-0"] == "use:c7"
    assert "通知" in wizard.page


def test_nobody_refers_to_what_they_can_not_see(
    person: Callable[..., Any], client: FlaskClient, app: Any, sign_in: Callable[..., Any], ann: Any
) -> None:
    hers = Toy(code="007", name="Station", owner_id=ann.id)
    session.add(hers)
    session.flush()
    bob = Wizard(sign_in(client, person("Bob", *IMPORT, scope="own")), app)
    bob.upload("name,part of\nTrain,Station\n").columns(mode="create", key="")
    text = bob.get("/words")
    assert "Station 1 Choose" in text
    assert f"use:{hers.id}" not in bob.page
    assert "not yours to see" in bob.words(422, Station=f"use:{hers.id}")
    bob.upload("name\nStation\n").columns(mode="create", key="")
    assert "Perhaps these exist already" not in bob.get()


def test_a_kept_answer_does_not_reach_another_users_record(
    wizard: Wizard, person: Callable[..., Any], sign_in: Callable[..., Any], ann: Any
) -> None:
    session.add(Toy(code="007", name="Station", owner_id=ann.id))
    session.flush()
    wizard.upload("name,part of\nTrain,Statoin\n").columns(mode="create", key="")
    wizard.words()
    wizard.start()
    assert wizard.counts() == (1, 0, 0, 0)
    bob = Wizard(sign_in(wizard.app.test_client(), person("Bob", *IMPORT, scope="own")), wizard.app)
    bob.upload("name,part of\nWagon,Statoin\n").columns(mode="create", key="")
    bob.post("/try")
    assert bob.trial()["bad"] == 1
