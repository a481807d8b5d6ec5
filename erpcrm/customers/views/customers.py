"""The list of customers, and the page of one under its two lenses."""

from typing import Any

from flask import Response, redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload

from erpcrm.access.models import User
from erpcrm.core.access import allow, load
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.whole import whole

from .. import identity, reading, services
from ..forms import CustomerForm, NewCustomerForm, ReasonForm
from ..models import CUSTOMER_FLOW, Customer
from ..scopes import CUSTOMER_SCOPE
from ..services.merging import merged_into
from .blueprint import bp, customer_url, load_customer, said, without_foreign_owner

VIEW, EDIT = "customers.customer.view", "customers.customer.edit"
SHOWN_WITH = (
    joinedload(Customer.owner).lazyload(User.roles),
    joinedload(Customer.team),
    joinedload(Customer.parent),
)
LENSES = ("operations", "relationship")


@bp.get("/customers")
@allow(VIEW)
def customers() -> Response:
    return list_page(record_type("customer"))


@bp.get("/customers/<int:id>")
@allow(VIEW)
def customer(id: int) -> Response:
    try:
        record = load(Customer, id, CUSTOMER_SCOPE, options=SHOWN_WITH)
    except NotThere:
        winner = merged_into("customer", id)
        if winner is None:
            raise
        return redirect(customer_url(winner), 301)  # type: ignore[return-value]
    lens = request.args.get("lens")
    if lens not in LENSES:
        lens = current_user.lens
    panels = panels_of("customer.page", current_user, lens)
    ready = [(panel, panel.load([record.id]).get(record.id)) for panel in panels if not panel.lazy]
    return page(
        "customers/customer.html",
        customer=record,
        state=CUSTOMER_FLOW.state_of(record),
        moves=CUSTOMER_FLOW.moves_for(record, current_user),
        lens=lens,
        panels=ready,
        lazy=[panel for panel in panels if panel.lazy],
        people=reading.people_at(record) if current_user.may("customers.contact.view") else None,
        addresses=reading.addresses_of(record),
        group=reading.group_of(record, current_user),
        own_fields=custom_facts(record),
        labels=reading.labels_of(record),
        tax_state=identity.tax_number_state(record.tax_number),
        dial=identity.dial,
    )


@bp.get("/customers/<int:id>/panels/<name>")
@allow(VIEW)
def customer_panel(id: int, name: str) -> Response:
    """A panel that comes after its page."""
    record = load_customer(id)
    panel = next((panel for panel in panels_of("customer.page", current_user) if panel.name == name), None)
    if panel is None:
        raise NotThere
    data = panel.load([record.id]).get(record.id)
    return page("customers/customer_panel.html", parts=["panel"], customer=record, panel=panel, data=data)


def _form(record: Customer | None = None) -> Any:
    form = add_fields(NewCustomerForm if record is None else CustomerForm, record_type("customer"))(obj=record)
    form.but = record.id if record is not None else None
    return form


def _values(form: Any) -> dict[str, Any]:
    return without_foreign_owner(form.values())


@bp.get("/customers/new")
@allow(EDIT)
def new_customer() -> Response:
    form = _form()
    form.owner_id.data = current_user.id
    for name in ("name", "kind", "parent_id", "phone", "email", "website"):
        if request.args.get(name):
            form[name].process(request.args)
    return page("customers/customer_form.html", form=form, customer=None, candidates=[])


@bp.post("/customers")
@allow(EDIT)
def create_customer() -> Response:
    form = _form()
    if not form.validate():
        return page("customers/customer_form.html", status=422, form=form, customer=None, candidates=_candidates(form))
    values = _values(form)
    if "owner_id" not in values:
        values["owner_id"] = current_user.id
    if not request.form.get("not_a_duplicate"):
        found = services.customer_candidates(values, actor=current_user)
        if found:
            # Nothing is wrong with the form: the user is asked, and one press saves it all the same.
            return page(
                "customers/customer_form.html", status=422, form=form, customer=None, candidates=found, ask=True
            )
    record = services.create_customer(values, current_user)
    said(_("%(name)s is saved.", name=record.name))
    return redirect_to(customer_url(record.id))


def _candidates(form: Any) -> list[Any]:
    return services.customer_candidates(form.values(), actor=current_user)


@bp.get("/customers/candidates")
@allow(EDIT)
def customer_candidates() -> Response:
    """Who may be meant by what was typed so far: shown beside the form while it is filled in."""
    names = ("name", "english_name", "tax_number", "phone", "email", "website")
    values = {name: request.args.get(name, "")[:200] for name in names}
    found = services.customer_candidates(values, but=request.args.get("but", type=whole), actor=current_user)
    return page("customers/candidates.html", parts=["candidates"], candidates=found)


@bp.get("/customers/<int:id>/edit")
@allow(EDIT)
def edit_customer(id: int) -> Response:
    record = load_customer(id)
    return page("customers/customer_form.html", form=_form(record), customer=record, candidates=[])


@bp.post("/customers/<int:id>")
@allow(EDIT)
def update_customer(id: int) -> Response:
    record = load_customer(id)
    form = _form(record)
    if not form.validate():
        return page("customers/customer_form.html", status=422, form=form, customer=record, candidates=[])
    services.update_customer(record, _values(form), form.version.data, current_user)
    said(_("%(name)s is saved.", name=record.name))
    return redirect_to(customer_url(id))


@bp.get("/customers/<int:id>/<move>")
@allow(EDIT)
def ask_move(id: int, move: str) -> Response:
    """Where a move asks for a reason: a dialog, or a page of its own."""
    record = load_customer(id)
    step = CUSTOMER_FLOW.move.get(move)
    if step is None or step.reason == "none":
        raise NotThere
    return page("customers/move.html", parts=["dialog_body"], customer=record, move=step, form=ReasonForm(obj=record))


@bp.post("/customers/<int:id>/<move>")
@allow(EDIT)
def move_customer(id: int, move: str) -> Response:
    record = load_customer(id)
    if move not in CUSTOMER_FLOW.move:
        raise NotThere
    form = ReasonForm()
    if not form.validate():
        raise Refused(_("That reason is too long."))
    make_move(record, move, by=current_user, version=form.version.data, reason=form.reason.data or None)
    said(_("%(name)s: %(state)s", name=record.name, state=CUSTOMER_FLOW.state_of(record).label))
    return redirect_to(customer_url(id))


@bp.post("/customers/<int:id>/delete")
@allow("customers.customer.delete")
def delete_customer(id: int) -> Response:
    record = load_customer(id)
    name = record.name
    services.delete_customer(record, current_user)
    said(_("%(name)s is deleted.", name=name))
    return redirect_to(url_for("customers.customers"))
