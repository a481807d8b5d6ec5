"""One click takes a whole import back, while nothing else has touched its records."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.imports.models import ImportRow
from erpcrm.core.jobs import run_pending
from tests.core.imports.toys import Maker, Review, Toy
from tests.wizard import Wizard

FILE = "name,sku,price,maker,part of\nTrain,007,5,Acme,Wagon\nWagon,008,6,Acme,\n"


def toys() -> dict[str, Decimal | None]:
    return {toy.name: toy.price for toy in session.scalars(select(Toy))}


def run(wizard: Wizard, content: str = FILE, **columns: str) -> Wizard:
    if wizard.upload(content).columns(**columns).endswith("/words"):
        wizard.words()
    return wizard.start()


def test_created_records_go_with_what_was_made_on_the_way(wizard: Wizard) -> None:
    run(wizard)
    assert toys() == {"Train": Decimal(5), "Wagon": Decimal(6)}
    wizard.post("/undo")
    assert toys() == {}
    assert session.scalar(select(func.count(Maker.id))) == 0
    assert "Undone" in wizard.get()
    assert set(session.scalars(select(ImportRow.action))) == {"deleted"}


def test_updated_records_become_what_they_were(wizard: Wizard) -> None:
    old = Toy(code="007", name="Old train", price=Decimal("3.25"), tags=["x"], custom={"note": "kept"})
    session.add(old)
    run(wizard, mode="both", key="code")
    assert wizard.counts() == (1, 1, 0, 0)
    wizard.post("/undo")
    session.expire_all()
    assert (old.name, old.price, old.maker_id, old.parent_id, old.tags) == (
        "Old train",
        Decimal("3.25"),
        None,
        None,
        ["x"],
    )
    assert old.custom == {"note": "kept"}
    assert toys() == {"Old train": Decimal("3.25")}


def test_an_undo_is_in_the_trail(wizard: Wizard, ann: Any) -> None:
    run(wizard)
    wizard.post("/undo")
    actions = list(
        session.scalars(select(AuditEntry.action).where(AuditEntry.record_type == "toy").order_by(AuditEntry.id))
    )
    assert actions[-2:] == ["deleted", "deleted"]
    assert "undo" in set(session.scalars(select(AuditEntry.action).where(AuditEntry.record_type == "import")))


def test_a_record_that_somebody_changed_since_stands_in_the_way(wizard: Wizard) -> None:
    run(wizard)
    session.scalars(select(Toy).where(Toy.code == "008")).one().price = Decimal(7)
    text = wizard.post("/undo", status=409)
    assert "Not undone" in text
    assert "Wagon : changed since" in text
    assert len(toys()) == 2
    assert wizard.record.status == "done"


def test_a_record_that_something_points_at_stands_in_the_way(wizard: Wizard) -> None:
    run(wizard)
    session.add(Review(toy_id=session.scalar(select(Toy.id).where(Toy.code == "007")), text="Nice"))
    assert "Train : used by Reviews" in wizard.post("/undo", status=409)
    assert len(toys()) == 2


def test_a_later_import_is_undone_first(wizard: Wizard) -> None:
    run(wizard)
    first = wizard.id
    run(wizard, "name,sku,part of\nTower,009,Train\n", mode="create")
    second, wizard.id = wizard.id, first
    assert "Train : used by Toys" in wizard.post("/undo", status=409)
    wizard.id = second
    wizard.post("/undo")
    wizard.id = first
    wizard.post("/undo")
    assert toys() == {}


def test_an_import_is_undone_once(wizard: Wizard) -> None:
    run(wizard)
    wizard.post("/undo")
    wizard.post("/undo", status=409)


def test_a_large_import_is_undone_by_the_worker(wizard: Wizard, monkeypatch: pytest.MonkeyPatch) -> None:
    run(wizard, "name,part of\n" + "".join(f"Toy {n},Toy {(n + 7) % 450}\n" for n in range(450)), mode="create", key="")
    assert len(toys()) == 450
    monkeypatch.setattr("erpcrm.core.imports.services.AT_ONCE", 100)
    wizard.post("/undo")
    assert "Being undone" in wizard.get()
    run_pending()
    assert toys() == {}
    assert wizard.record.status == "undone"


def test_an_import_that_was_stopped_half_way_may_be_undone(wizard: Wizard, monkeypatch: pytest.MonkeyPatch) -> None:
    wizard.upload("name\n" + "".join(f"Toy {n}\n" for n in range(30))).columns(mode="create", key="")
    wizard.post("/start")
    wizard.post("/stop")
    run_pending()
    assert toys() == {}
    assert "Done" in wizard.get()
    wizard.post("/undo")
    assert wizard.record.status == "undone"
