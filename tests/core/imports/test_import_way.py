"""The whole way of a file, over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from erpcrm.core.db import session
from tests.core.imports.conftest import Wizard
from tests.core.imports.toys import Maker, Toy

FILE = """name,sku,price,made on,color,maker,part of,safe
Train,007,"1,250.50",2026-01-31,red,Acme,,yes
Wagon,008,99,2026-02-01,Green,Acme,Station,是
Station,009,1000,2026-02-02,red,Acme,,no
"""


def toys() -> list[Toy]:
    return list(session.scalars(select(Toy).order_by(Toy.id)))


def test_a_file_becomes_records(wizard: Wizard, ann: Any) -> None:
    session.add(Maker(name="Acme"))
    wizard.upload(FILE)
    assert "Train" in wizard.get("/file")
    wizard.post("/file", wizard.form("/file"))
    assert wizard.columns().endswith(f"/imports/{wizard.id}")
    assert wizard.trial() == {"created": 3, "updated": 0, "skipped": 0, "bad": 0}
    assert toys() == []
    wizard.start()
    assert wizard.counts() == (3, 0, 0, 0)
    train, wagon, station = toys()
    assert (train.code, train.price, train.made_on, train.colour) == ("007", Decimal("1250.5"), date(2026, 1, 31), "red")
    assert (train.safe, wagon.safe, station.safe) == (True, True, False)
    assert wagon.colour == "green"
    assert wagon.parent_id == station.id
    assert train.maker_id == session.scalar(select(Maker.id))
    assert train.created_by_id == ann.id
    assert "Done" in wizard.get()
    assert "Train" in wizard.get("/records")
