"""The pages of contracts."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, load, require
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere
from erpcrm.core.fields import custom_facts
from erpcrm.core.i18n import today
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.whole import whole

from .. import amounts, services
from ..editor import Editor
from ..forms import BillForm, ObligationForm, PlanForm, ReasonForm
from ..models import CONTRACT_FLOW, ORDER_FLOW, Contract, ContractLine, Obligation, PlannedBill, SalesOrder
from ..models.contracts import BY_VERB, EDIT, RENEWALS, VIEW
from ..records import CONTRACT_SCOPE, ORDER_SCOPE
from .blueprint import bp
from .documents import KINDS, ask_customer, form_page, head_form, saved

KIND = KINDS["contract"]
WHOLE = (
    joinedload(Contract.customer),
    joinedload(Contract.contact),
    joinedload(Contract.owner),
    joinedload(Contract.opportunity),
    joinedload(Contract.renewed_by),
    selectinload(Contract.lines).joinedload(ContractLine.product),
    selectinload(Contract.lines).joinedload(ContractLine.tax),
    selectinload(Contract.obligations),
    selectinload(Contract.bills),
)
SHOWN_ORDERS = 50


@bp.get("/contracts")
@allow(VIEW)
def contracts() -> Response:
    return list_page(record_type("contract"))


def found(id: int) -> Contract:
    return load(Contract, id, CONTRACT_SCOPE, options=WHOLE)


@bp.get("/contracts/<int:id>")
@allow(VIEW)
def contract(id: int) -> Response:
    record = found(id)
    return page(
        "sales/contract.html",
        contract=record,
        state=CONTRACT_FLOW.state_of(record),
        moves=[move for move in CONTRACT_FLOW.moves_for(record, current_user) if move.name not in BY_VERB],
        may_edit=current_user.may(EDIT),
        totals=amounts.document_totals(record, record.lines),
        progress=services.progress_of(record),
        called_off=services.quantities_of(record),
        notice_by=services.notice_by(record),
        today=today(),
        renewals={choice.value: choice.label for choice in RENEWALS},
        orders=_orders_of(record),
        order_states=ORDER_FLOW.state,
        customer_seen=may_see("customer", record.customer_id),
        deal_seen=record.opportunity_id is not None and may_see("opportunity", record.opportunity_id),
        panels=[(panel, panel.load([record.id])) for panel in panels_of("contract.page", current_user)],
        custom=custom_facts(record),
    )


def _orders_of(record: Contract) -> list[SalesOrder]:
    """The latest orders that were called off, as far as this user sees them."""
    if not current_user.may("sales.order.view"):
        return []
    query = select(SalesOrder).where(
        SalesOrder.contract_id == record.id, ORDER_SCOPE(current_user, current_user.scope("order"))
    )
    return list(session.scalars(query.order_by(SalesOrder.id.desc()).limit(SHOWN_ORDERS)))


@bp.get("/contracts/new")
@allow(EDIT)
def new_contract() -> Response:
    customer = ask_customer(KIND)
    if isinstance(customer, Response):
        return customer
    document = services.new_contract(customer.id, current_user)
    return form_page(KIND, head_form(KIND, formdata=None, obj=document), Editor.of(document, []), document)


@bp.post("/contracts/new")
@allow(EDIT)
def create_contract() -> Response:
    customer = ask_customer(KIND)
    if isinstance(customer, Response):
        raise NotThere
    answer = saved(
        KIND,
        services.new_contract(customer.id, current_user),
        head_form(KIND),
        lambda values, lines: services.create_contract(values | {"customer_id": customer.id}, lines, current_user),
    )
    return answer if isinstance(answer, Response) else back(answer)


def back(record: Contract) -> Response:
    return redirect_to(url_for("sales.contract", id=record.id))


@bp.get("/contracts/<int:id>/edit")
@allow(EDIT)
def edit_contract(id: int) -> Response:
    record = found(id)
    if record.status != "draft":
        return back(record)
    return form_page(KIND, head_form(KIND, formdata=None, obj=record), Editor.of(record, record.lines), record)


@bp.post("/contracts/<int:id>/edit")
@allow(EDIT)
def update_contract(id: int) -> Response:
    record = found(id)
    form = head_form(KIND, obj=record)

    def save(values: dict[str, Any], lines: list[dict[str, Any]]) -> Contract:
        services.update_contract(record, values, lines, current_user, version=form.version.data)
        return record

    answer = saved(KIND, record, form, save)
    return answer if isinstance(answer, Response) else back(answer)


@bp.post("/contracts/<int:id>/<move>")
@allow(VIEW)
def move_contract(id: int, move: str) -> Response:
    """The moves that ask for nothing but perhaps a reason; each has a permission of its own."""
    record, known = found(id), CONTRACT_FLOW.move.get(move)
    if known is None or move in BY_VERB:
        raise NotThere
    reason, version = request.form.get("reason"), request.form.get("version", type=whole)
    make_move(record, move, by=current_user, version=version, reason=reason)
    return back(record)


@bp.get("/contracts/<int:id>/reason/<move>")
@allow(VIEW)
def ask_contract_reason(id: int, move: str) -> Response:
    """Asks why."""
    record, known = found(id), CONTRACT_FLOW.move.get(move)
    if known is None or known.reason == "none":
        raise NotThere
    require(known.permission)
    url = url_for("sales.move_contract", id=record.id, move=move)
    return _dialog("sales/reason.html", record, ReasonForm(formdata=None, version=record.version), move=known, url=url)


def _dialog(template: str, record: Contract, form: Any, status: int = 200, **data: Any) -> Response:
    back_url = url_for("sales.contract", id=record.id)
    return page(template, parts=["dialog_body"], document=record, form=form, status=status, back_url=back_url, **data)


@bp.post("/contracts/<int:id>/renewal")
@allow(EDIT)
def renew_contract(id: int) -> Response:
    """The next term, as a draft with the same lines."""
    return redirect_to(url_for("sales.edit_contract", id=services.renew(found(id), current_user).id))


# ------------------------------------------------------ obligations, planned invoices


def _obligation(record: Contract, part_id: int) -> Obligation:
    part = next((part for part in record.obligations if part.id == part_id), None)
    if part is None:
        raise NotThere
    return part


def _bill(record: Contract, part_id: int) -> PlannedBill:
    part = next((part for part in record.bills if part.id == part_id), None)
    if part is None:
        raise NotThere
    return part


@bp.get("/contracts/<int:id>/obligations/new")
@bp.get("/contracts/<int:id>/obligations/<int:part_id>")
@allow(EDIT)
def ask_obligation(id: int, part_id: int | None = None) -> Response:
    record = found(id)
    part = _obligation(record, part_id) if part_id is not None else None
    form = ObligationForm(formdata=None, obj=part)
    if part is not None:
        form.ours.data = part.ours
    return _dialog("sales/obligation.html", record, form, part=part)


@bp.post("/contracts/<int:id>/obligations/new")
@bp.post("/contracts/<int:id>/obligations/<int:part_id>")
@allow(EDIT)
def save_obligation(id: int, part_id: int | None = None) -> Response:
    record, form = found(id), ObligationForm()
    part = _obligation(record, part_id) if part_id is not None else None
    if not form.validate():
        return _dialog("sales/obligation.html", record, form, 422, part=part)
    services.save_obligation(record, part_id, form.values(), form.version.data)
    return back(record)


@bp.post("/contracts/<int:id>/obligations/<int:part_id>/done")
@allow(EDIT)
def do_obligation(id: int, part_id: int) -> Response:
    record = found(id)
    part = _obligation(record, part_id)
    services.save_obligation(record, part.id, {"done_on": None if part.done_on else today()})
    return back(record)


@bp.post("/contracts/<int:id>/obligations/<int:part_id>/remove")
@allow(EDIT)
def remove_obligation(id: int, part_id: int) -> Response:
    record = found(id)
    services.remove_part(record, _obligation(record, part_id))
    return back(record)


@bp.get("/contracts/<int:id>/bills/new")
@bp.get("/contracts/<int:id>/bills/<int:part_id>")
@allow(EDIT)
def ask_bill(id: int, part_id: int | None = None) -> Response:
    record = found(id)
    part = _bill(record, part_id) if part_id is not None else None
    return _dialog("sales/bill.html", record, BillForm(formdata=None, obj=part), part=part)


@bp.post("/contracts/<int:id>/bills/new")
@bp.post("/contracts/<int:id>/bills/<int:part_id>")
@allow(EDIT)
def save_bill(id: int, part_id: int | None = None) -> Response:
    record, form = found(id), BillForm()
    part = _bill(record, part_id) if part_id is not None else None
    if not form.validate():
        return _dialog("sales/bill.html", record, form, 422, part=part)
    services.save_bill(record, part_id, form.values(), form.version.data)
    return back(record)


@bp.post("/contracts/<int:id>/bills/<int:part_id>/remove")
@allow(EDIT)
def remove_bill(id: int, part_id: int) -> Response:
    record = found(id)
    services.remove_part(record, _bill(record, part_id))
    return back(record)


@bp.get("/contracts/<int:id>/bills/plan")
@allow(EDIT)
def ask_plan(id: int) -> Response:
    return _dialog("sales/plan.html", found(id), PlanForm(formdata=None))


@bp.post("/contracts/<int:id>/bills/plan")
@allow(EDIT)
def plan_bills(id: int) -> Response:
    record, form = found(id), PlanForm()
    if not form.validate():
        return _dialog("sales/plan.html", record, form, 422)
    services.plan_bills(record, form.count.data or 1, form.months.data or 1)
    return back(record)
