"""Two made-up areas for tests of core: papers with a workflow, and above them checks with a guard and an effect."""

from decimal import Decimal
from typing import Any, ClassVar

from flask import Blueprint, Response, request, url_for
from flask_login import current_user
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import StringField

from erpcrm.core.access import allow, everyone, load, owned, public, signed_in, through
from erpcrm.core.area import Area, Effect, Guard, Permission
from erpcrm.core.db import Base, Record, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.exact import AMOUNT, PRICE
from erpcrm.core.forms import Form, VersionField
from erpcrm.core.lifecycle import after_commit, afterwards
from erpcrm.core.moves import make_move
from erpcrm.core.pages import redirect_to
from erpcrm.core.records import RecordType
from erpcrm.core.workflow import Move, State, Workflow

FLOW = Workflow(
    name="paper",
    states=(
        State("draft", "Draft"),
        State("checking", "Being checked", "yellow"),
        State("valid", "Valid", "green"),
        State("void", "Void", "red"),
    ),
    moves=(
        Move("sign", "Sign", ("draft", "checking"), "valid", "papers.paper.sign", waits_in="checking"),
        Move("void", "Void", ("draft", "checking", "valid"), "void", "papers.paper.sign", reason="required"),
        Move("revive", "Revive", ("void",), "draft", "papers.paper.sign"),
    ),
)
told: list[Any] = []
"""What after_commit, consequences and effects were told."""


class Paper(Record):
    __tablename__ = "test_papers"
    __table_args__ = (FLOW.check(),)
    record_name = "paper"
    unaudited: ClassVar[frozenset[str]] = Record.unaudited | {"status"}

    name: Mapped[str] = mapped_column(info={"label": "Name"})
    status: Mapped[str] = mapped_column(default="draft")
    amount: Mapped[Decimal] = mapped_column(AMOUNT, default=Decimal(0), info={"label": "Amount"})
    price: Mapped[Decimal | None] = mapped_column(PRICE)
    percent: Mapped[int] = mapped_column(default=100)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


class Page(Record):
    """A part of a paper."""

    __tablename__ = "test_pages"
    record_name = "page"
    audit_parent = ("paper", "paper_id")

    paper_id: Mapped[int] = mapped_column(ForeignKey("test_papers.id", ondelete="CASCADE"))
    text: Mapped[str]


class Trace(Base):
    """What is written however a request ends."""

    __tablename__ = "test_traces"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@FLOW.on("sign")
def signed(paper: Paper, by: Any, details: dict[str, Any]) -> None:
    if paper.name == "stuck":
        raise Refused("Unstick it first.")
    told.append(("consequence", paper.status, details["before"], details.get("place")))


def check(paper: Paper, by: Any) -> bool | None:
    """Nothing forbidden; large sums wait until they were checked."""
    if paper.name == "forbidden":
        raise Refused("This paper must not be signed. Write another one.")
    return (paper.amount > 1000 and paper.status == "draft") or None


def effect(paper: Paper, by: Any, details: Any) -> None:
    told.append(("effect", paper.status))
    session.add(Trace(text=f"{paper.name} is valid"))


SCOPE = owned(Paper.owner_id, Paper.team_id)
PAGE_SCOPE = through(Page.paper_id, Paper.id, "paper", SCOPE)
bp = Blueprint("papers", __name__)


class PaperForm(Form):
    name = StringField("Name")
    version = VersionField()


@bp.get("/papers/<int:id>")
@allow("papers.paper.view")
def paper(id: int) -> Response:
    return Response(load(Paper, id, SCOPE).name)


@bp.post("/papers")
@allow("papers.paper.edit")
def create_paper() -> Response:
    made = Paper(name=request.form["name"], owner_id=current_user.id)
    session.add(made)
    session.flush()
    after_commit(lambda: told.append(("committed", made.name)))
    afterwards(lambda: session.add(Trace(text=f"somebody wrote {request.form['name']}")))
    match request.form.get("then"):
        case "refuse":
            raise Refused("Not today. Come back tomorrow.")
        case "crash":
            raise ZeroDivisionError
        case "invalid":
            return Response("the form, with its errors", status=422)
        case "careless":
            after_commit(lambda: 1 // 0)
    return redirect_to(url_for("papers.paper", id=made.id))


@bp.post("/papers/<int:id>")
@allow("papers.paper.edit")
def update_paper(id: int) -> Response:
    found = load(Paper, id, SCOPE)
    form = PaperForm()
    if form.version.data != found.version:
        raise Stale(found)
    found.name = form.name.data
    return redirect_to(url_for("papers.paper", id=id))


@bp.post("/papers/<int:id>/<move>")
@allow("papers.paper.view")
def move_paper(id: int, move: str) -> Response:
    make_move(load(Paper, id, SCOPE), move, by=current_user, reason=request.form.get("reason"))
    return redirect_to(url_for("papers.paper", id=id))


@bp.get("/papers/sneaky")
@signed_in
def sneaky() -> Response:
    """A GET that tries to write."""
    session.add(Trace(text="sneaky"))
    session.flush()
    return Response("written")


@bp.get("/papers/open")
@public
def open_page() -> Response:
    return Response("for everybody")


@bp.get("/papers/unmarked")
def unmarked() -> Response:
    return Response("nobody said who may see this")


papers = Area(
    name="papers",
    label="Papers",
    blueprints=[bp],
    workflows=[FLOW],
    permissions=[
        Permission("papers.paper.view", "See papers"),
        Permission("papers.paper.edit", "Write papers"),
        Permission("papers.paper.sign", "Sign papers"),
    ],
    record_types=[
        RecordType(
            name="paper",
            model=Paper,
            label="Paper",
            plural="Papers",
            icon="file",
            endpoint="papers.paper",
            list_endpoint="papers.open_page",
            view="papers.paper.view",
            edit="papers.paper.edit",
            title=Paper.name,
            scope=SCOPE,
        ),
        RecordType(
            name="page",
            model=Page,
            label="Page",
            plural="Pages",
            icon="file",
            endpoint="papers.paper",
            list_endpoint="papers.open_page",
            view="papers.paper.view",
            edit="papers.paper.edit",
            title=Page.text,
            scope=everyone,
        ),
    ],
)
checks = Area(
    name="checks",
    label="Checks",
    requires=("papers",),
    guards=[Guard("paper.sign", check)],
    effects=[Effect("paper.sign", effect)],
)
