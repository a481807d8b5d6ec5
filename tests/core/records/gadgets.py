"""A made-up area whose records have everything that core offers to records, for tests of core."""

from flask import Blueprint, Response, render_template_string, url_for
from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, mapped_column, relationship
from wtforms import StringField
from wtforms.validators import InputRequired

from erpcrm.core.access import allow, load, owned
from erpcrm.core.area import Area, Create, NavItem, OptionList, Permission
from erpcrm.core.db import Record, session
from erpcrm.core.fields import HasCustom, add_fields, custom_facts
from erpcrm.core.forms import Form, VersionField
from erpcrm.core.lists import list_page
from erpcrm.core.options import OptionField, options
from erpcrm.core.pages import redirect_to
from erpcrm.core.records import Column, RecordType, Searchable


class Gadget(HasCustom, Record):
    __tablename__ = "test_gadgets"
    record_name = "gadget"

    name: Mapped[str] = mapped_column(info={"label": "Name"})
    reading: Mapped[str | None]
    code: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    colour: Mapped[str | None] = mapped_column(info={"label": "Colour", "options": "gadget.colour"})
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))


class Knob(Record):
    """A part of a gadget, whose label finds the gadget."""

    __tablename__ = "test_knobs"
    record_name = "knob"
    audit_parent = ("gadget", "gadget_id")

    gadget_id: Mapped[int] = mapped_column(ForeignKey("test_gadgets.id", ondelete="CASCADE"))
    label: Mapped[str]
    gadget: Mapped[Gadget] = relationship()


SCOPE = owned(Gadget.owner_id, Gadget.team_id)
bp = Blueprint("gadgets", __name__)


class GadgetForm(Form):
    name = StringField("Name", [InputRequired()])
    colour = OptionField("Colour", options="gadget.colour")
    version = VersionField()


@bp.get("/gadgets")
@allow("gadgets.gadget.view")
def gadgets() -> Response:
    return list_page(kind)


@bp.get("/gadgets/<int:id>")
@allow("gadgets.gadget.view")
def gadget(id: int) -> Response:
    record = load(Gadget, id, SCOPE)
    form = add_fields(GadgetForm, kind)(formdata=None, obj=record)
    return Response(render_template_string(PAGE, facts=custom_facts(record), form=form))


@bp.post("/gadgets/<int:id>")
@allow("gadgets.gadget.edit")
def update_gadget(id: int) -> Response:
    record = load(Gadget, id, SCOPE)
    form = add_fields(GadgetForm, kind)()
    if not form.validate():
        return Response(render_template_string(PAGE, facts=(), form=form), status=422)
    for name, value in form.values().items():
        setattr(record, name, value)
    return redirect_to(url_for(".gadget", id=id))


PAGE = """{{ ui.facts(facts) }}{% for field in form %}{{ ui.field(field) }}{% endfor %}"""


def knob_labels(record: Gadget) -> list[str]:
    return [knob.label for knob in knobs_of(record)]


def knobs_of(record: Gadget) -> list[Knob]:
    return list(session.scalars(select(Knob).where(Knob.gadget_id == record.id)))


kind = RecordType(
    name="gadget",
    model=Gadget,
    label="Gadget",
    plural="Gadgets",
    icon="package",
    endpoint="gadgets.gadget",
    list_endpoint="gadgets.gadgets",
    view="gadgets.gadget.view",
    edit="gadgets.gadget.edit",
    title=Gadget.name,
    code=Gadget.code,
    scope=SCOPE,
    columns=(
        Column("name", "Name", Gadget.name),
        Column("colour", "Colour", Gadget.colour, "choice", choices=lambda: options("gadget.colour")),
    ),
    custom_fields=True,
    search=Searchable(
        title=lambda gadget: gadget.name,
        names=lambda gadget: [(gadget.name, gadget.reading)],
        words=lambda gadget: [gadget.code, gadget.email, *knob_labels(gadget)],
        phones=lambda gadget: [gadget.phone],
        subtitle=lambda gadget: gadget.code or "",
        watches={Knob: lambda knob: [knob.gadget]},
    ),
)

area = Area(
    name="gadgets",
    label="Gadgets",
    blueprints=[bp],
    record_types=[kind],
    permissions=[Permission("gadgets.gadget.view", "See gadgets"), Permission("gadgets.gadget.edit", "Change gadgets")],
    option_lists=[OptionList("gadget.colour", "Colours", (("red", "Red", "红色"), ("blue", "Blue", "蓝色")))],
    nav=[NavItem("Gadgets", "gadgets.gadgets", "package", "gadgets.gadget.view")],
    create=[Create("New gadget", "gadgets.gadgets", "plus", "gadgets.gadget.edit")],
)
