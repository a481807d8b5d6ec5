"""A made-up area whose list has a column of every kind, for tests of lists."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, aliased, mapped_column
from wtforms import StringField
from wtforms.validators import InputRequired

from erpcrm.access.models import User
from erpcrm.core.access import allow, load, owned
from erpcrm.core.area import Area, NavItem, Permission
from erpcrm.core.db import Record, session
from erpcrm.core.forms import Form
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page
from erpcrm.core.records import BulkAction, Choice, Column, Join, RecordType, Searchable
from erpcrm.core.workflow import Move, State, Workflow

FLOW = Workflow(
    "gizmo",
    states=(State("open", "Open", "blue"), State("closed", "Closed", "gray"), State("archived", "Archived", "gray")),
    moves=(
        Move("close", "Close", ("open",), "closed", "gizmos.gizmo.edit"),
        Move("archive", "Archive", ("open", "closed"), "archived", "gizmos.gizmo.edit"),
        Move("reopen", "Reopen", ("closed", "archived"), "open", "gizmos.gizmo.edit"),
    ),
)


class Gizmo(Record):
    __tablename__ = "test_gizmos"
    record_name = "gizmo"

    name: Mapped[str]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    pieces: Mapped[int | None]
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None]
    due_on: Mapped[date | None]
    seen_at: Mapped[datetime | None]
    ready: Mapped[bool | None]
    colour: Mapped[str | None]
    tags: Mapped[list[Any]] = mapped_column(JSON, default=list)
    secret: Mapped[str | None]
    status: Mapped[str] = mapped_column(default="open")
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))

    __table_args__ = (FLOW.check(), Index(None, "name", "id"), Index(None, "amount", "id"), Index(None, "due_on", "id"))


SCOPE = owned(Gizmo.owner_id, Gizmo.team_id)
Owner = aliased(User)
OWNER = Join("owner", Owner, Owner.id == Gizmo.owner_id)
bp = Blueprint("gizmos", __name__)


@bp.get("/gizmos")
@allow("gizmos.gizmo.view")
def gizmos() -> Response:
    return list_page(kind)


@bp.get("/gizmos/red")
@allow("gizmos.gizmo.view")
def red_gizmos() -> Response:
    return list_page(kind, where=[Gizmo.colour == "red"])


@bp.get("/gizmos/<int:id>")
@allow("gizmos.gizmo.view")
def gizmo(id: int) -> Response:
    load(Gizmo, id, SCOPE)
    return page("core/home.html")


class ColourForm(Form):
    colour = StringField("Colour", [InputRequired("Name a colour.")])


def paint(gizmos: Any, values: Any, by: Any) -> int:
    different = [gizmo for gizmo in gizmos if gizmo.colour != values["colour"]]
    for gizmo in different:
        gizmo.colour = values["colour"]
    session.flush()
    return len(different)


kind = RecordType(
    name="gizmo",
    model=Gizmo,
    label="Gizmo",
    plural="Gizmos",
    icon="package",
    endpoint="gizmos.gizmo",
    list_endpoint="gizmos.gizmos",
    view="gizmos.gizmo.view",
    edit="gizmos.gizmo.edit",
    title=Gizmo.name,
    scope=SCOPE,
    base=lambda state: Gizmo.status != "archived",
    search=Searchable(title=lambda gizmo: gizmo.name, names=lambda gizmo: [(gizmo.name, None)]),
    columns=(
        Column("name", "Name", Gizmo.name, sortable=True),
        Column("email", "E-mail", Gizmo.email, "email"),
        Column("phone", "Phone", Gizmo.phone, "phone", shown=False),
        Column("pieces", "Pieces", Gizmo.pieces, "number", total=True),
        Column("amount", "Amount", Gizmo.amount, "money", currency=Gizmo.currency, sortable=True, total=True),
        Column("due", "Due", Gizmo.due_on, "date", sortable=True),
        Column("seen", "Seen", Gizmo.seen_at, "datetime", shown=False),
        Column("ready", "Ready", Gizmo.ready, "bool"),
        Column(
            "colour", "Colour", Gizmo.colour, "choice", choices=[Choice("red", "Red"), Choice("blue", "Blue", "blue")]
        ),
        Column("tags", "Tags", Gizmo.tags, "tags"),
        Column("secret", "Secret", Gizmo.secret, permission="gizmos.gizmo.secret"),
        Column("status", "Status", Gizmo.status, "state"),
        Column("kind", "Currency", Gizmo.currency, shown=False),
        Column("owner", "Owner", Owner.name, "ref", key=Gizmo.owner_id, ref="user", joins=(OWNER,)),
        Column("owner_email", "Owner's e-mail", Owner.email, "email", joins=(OWNER,), shown=False),
    ),
    presets={"mine": ("Mine", "owner=me"), "red": ("Red ones", "colour=red&sort=-amount")},
    bulk=(BulkAction("paint", "Paint", "tag", "gizmos.gizmo.edit", paint, ask=ColourForm),),
)

area = Area(
    name="gizmos",
    label="Gizmos",
    blueprints=[bp],
    record_types=[kind],
    workflows=[FLOW],
    permissions=[
        Permission("gizmos.gizmo.view", "See gizmos"),
        Permission("gizmos.gizmo.edit", "Change gizmos"),
        Permission("gizmos.gizmo.secret", "See their secret"),
    ],
    nav=[NavItem("Gizmos", "gizmos.gizmos", "package", "gizmos.gizmo.view")],
)
