"""A made-up area whose records come out of files, for tests of the import wizard."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, mapped_column

from erpcrm.core.access import allow, load, owned
from erpcrm.core.area import Area, Permission
from erpcrm.core.db import Record, session
from erpcrm.core.errors import Refused
from erpcrm.core.fields import HasCustom
from erpcrm.core.i18n import _l
from erpcrm.core.pages import page
from erpcrm.core.records import Choice, Column, Importer, ImportField, RecordType


class Maker(Record):
    __tablename__ = "test_makers"
    record_name = "maker"

    name: Mapped[str]


class Toy(HasCustom, Record):
    __tablename__ = "test_toys"
    record_name = "toy"

    code: Mapped[str] = mapped_column(unique=True, info={"label": "Code"})
    name: Mapped[str] = mapped_column(info={"label": "Name"})
    price: Mapped[Decimal | None]
    made_on: Mapped[date | None]
    seen_at: Mapped[datetime | None]
    safe: Mapped[bool | None]
    colour: Mapped[str | None]
    tags: Mapped[list[Any]] = mapped_column(default=list)
    maker_id: Mapped[int | None] = mapped_column(ForeignKey("test_makers.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("test_toys.id"))
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


class Review(Record):
    """Something that points at a toy."""

    __tablename__ = "test_reviews"
    record_name = "review"

    toy_id: Mapped[int] = mapped_column(ForeignKey("test_toys.id"))
    text: Mapped[str]


TOY_SCOPE = owned(Toy.owner_id, Toy.team_id)
COLOURS = [Choice("red", _l("Red")), Choice("green", _l("Green"))]
misled: set[str] = set()
"""Names of toys that get a maker who is not there: only the database sees that."""
batches: list[int] = []
"""How many rows each call of `prepare` got."""


def everyone(actor: Any, scope: Any) -> Any:
    return Maker.id.is_not(None)


def _called(column: Any, model: Any, texts: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    wanted = {text.lower(): text for text in texts}
    for record_id, value in session.execute(select(model.id, column).where(func.lower(column).in_(wanted))):
        found.setdefault(wanted[value.lower()], []).append(record_id)
    return found


def look_up_toys(texts: Sequence[str]) -> Mapping[str, Sequence[int]]:
    return _called(Toy.name, Toy, texts) | _called(Toy.code, Toy, texts)


def find_toys(field: str, texts: Sequence[str]) -> Mapping[str, int]:
    return {text: ids[0] for text, ids in _called(getattr(Toy, field), Toy, texts).items()}


def prepare(rows: Sequence[dict[str, Any]], by: Any) -> None:
    batches.append(len(rows))
    used = set(session.scalars(select(Toy.code)))
    number = len(used)
    for row in rows:
        while "code" not in row:
            number += 1
            if (code := f"T-{number:04}") not in used:
                used.add(code)
                row["code"] = code


def create_toy(values: dict[str, Any], by: Any) -> Toy:
    if values.get("price") is not None and values["price"] < 0:
        raise Refused("A price is not negative.")
    toy = Toy(**{"owner_id": by.id if by else None, **values})
    if toy.name in misled:
        toy.maker_id = 424242
    session.add(toy)
    return toy


def update_toy(toy: Toy, values: dict[str, Any], by: Any) -> None:
    if values.get("parent_id") == toy.id:
        raise Refused("A toy is not its own parent.")
    if values.get("price") is not None and values["price"] < 0:
        raise Refused("A price is not negative.")
    for name, value in values.items():
        setattr(toy, name, value)


def create_maker(text: str, by: Any) -> int:
    maker = Maker(name=text)
    session.add(maker)
    session.flush()
    return maker.id


def add_colour(text: str, by: Any) -> str:
    COLOURS.append(Choice(text.lower(), text))
    return text.lower()


bp = Blueprint("toys", __name__)


@bp.get("/toys")
@allow("toys.toy.view")
def toys() -> Response:
    return page("plain.html")


@bp.get("/toys/<int:id>")
@allow("toys.toy.view")
def toy(id: int) -> Response:
    load(Toy, id, TOY_SCOPE)
    return page("plain.html")


maker_kind = RecordType(
    name="maker", model=Maker, label="Maker", plural="Makers", icon="building", endpoint="toys.toy", list_endpoint="toys.toys",
    view="toys.toy.view", edit="toys.toy.edit", create="toys.maker.create", title=Maker.name, scope=everyone,
)  # fmt: skip

toy_kind = RecordType(
    name="toy", model=Toy, label="Toy", plural="Toys", icon="package", endpoint="toys.toy", list_endpoint="toys.toys",
    view="toys.toy.view", edit="toys.toy.edit", create="toys.toy.create", title=Toy.name, code=Toy.code, scope=TOY_SCOPE,
    columns=(Column("name", "Name", Toy.name),), custom_fields=True,
    importer=Importer(
        permission="toys.toy.import",
        create=create_toy, update=update_toy, prepare=prepare, lookup=look_up_toys, find=find_toys,
        fields=(
            ImportField("name", _l("Name"), required=True, match=True, aliases=("toy", "名称")),
            ImportField("code", _l("Code"), match=True, aliases=("sku", "编码", "代码")),
            ImportField("price", _l("Price"), "money", aliases=("list price", "价格", "单价")),
            ImportField("made_on", "Made on", "date", aliases=("date", "生产日期")),
            ImportField("seen_at", "Seen at", "datetime"),
            ImportField("safe", "Safe", "bool", aliases=("安全",)),
            ImportField("colour", "Colour", "choice", choices=lambda: list(COLOURS), create_missing=add_colour,
                        aliases=("color", "颜色")),
            ImportField("tags", _l("Tags"), "tags"),
            ImportField("maker_id", "Maker", "ref", ref="maker", create_missing=create_maker, aliases=("brand", "制造商")),
            ImportField("parent_id", "Part of", "ref", ref="toy", aliases=("belongs to",)),
            ImportField("owner_id", _l("Owner"), "ref", ref="user"),
        ),
    ),
)  # fmt: skip

review_kind = RecordType(
    name="review", model=Review, label="Review", plural="Reviews", icon="star", endpoint="toys.toy", list_endpoint="toys.toys",
    view="toys.toy.view", edit="toys.toy.edit", title=Review.text, scope=everyone,
)  # fmt: skip

area = Area(
    name="toys",
    label="Toys",
    blueprints=[bp],
    record_types=[maker_kind, toy_kind, review_kind],
    permissions=[
        Permission("toys.toy.view", "See toys"),
        Permission("toys.toy.edit", "Change toys"),
        Permission("toys.toy.create", "Create toys"),
        Permission("toys.maker.create", "Create makers"),
        Permission("toys.toy.import", "Import toys"),
    ],
)
