"""The pages of sales orders."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, load, require
from erpcrm.core.errors import NotThere
from erpcrm.core.fields import custom_facts
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.printing import pdf_response
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from .. import amounts, printing, services
from ..editor import Editor
from ..forms import DeliverForm, ReasonForm
from ..models import (
    DELIVERY_STATES,
    INVOICE_STATES,
    LINE_FLOW,
    ORDER_FLOW,
    Contract,
    OrderLine,
    SalesOrder,
)
from ..models.documents import MARGIN
from ..models.orders import BY_VERB, EDIT, VIEW
from ..records import CONTRACT_SCOPE, ORDER_SCOPE
from .blueprint import bp
from .documents import KINDS, ask_customer, asked_language, form_page, head_form, saved

KIND = KINDS["order"]
WHOLE = (
    joinedload(SalesOrder.customer),
    joinedload(SalesOrder.contact),
    joinedload(SalesOrder.owner),
    joinedload(SalesOrder.quotation),
    selectinload(SalesOrder.lines).joinedload(OrderLine.product),
    selectinload(SalesOrder.lines).joinedload(OrderLine.tax),
)
DELIVERY = {choice.value: choice for choice in DELIVERY_STATES}
INVOICING = {choice.value: choice for choice in INVOICE_STATES}


@bp.get("/orders")
@allow(VIEW)
def orders() -> Response:
    return list_page(record_type("order"))


def found(id: int) -> SalesOrder:
    return load(SalesOrder, id, ORDER_SCOPE, options=WHOLE)


@bp.get("/orders/<int:id>")
@allow(VIEW)
def order(id: int) -> Response:
    """Where the order stands, and what is next."""
    record = found(id)
    contract = load_contract(record.contract_id)
    return page(
        "sales/order.html",
        order=record,
        state=ORDER_FLOW.state_of(record),
        moves=[move for move in ORDER_FLOW.moves_for(record, current_user) if move.name not in BY_VERB],
        may_edit=current_user.may(EDIT) and record.status in ("draft", "waiting", "confirmed"),
        delivery=DELIVERY[record.delivery_state],
        invoicing=INVOICING[record.invoice_state],
        line_states={line.id: LINE_FLOW.state_of(line) for line in record.lines},
        line_moves={line.id: _moves_of(line) for line in record.lines} if record.status == "confirmed" else {},
        totals=amounts.document_totals(record, record.lines),
        margin=amounts.margin(record, record.lines, setting("currency")) if current_user.may(MARGIN) else None,
        customer_seen=may_see("customer", record.customer_id),
        quotation_seen=record.quotation_id is not None and may_see("quotation", record.quotation_id),
        contract=contract,
        panels=[(panel, panel.load([record.id])) for panel in panels_of("order.page", current_user)],
        custom=custom_facts(record),
    )


def load_contract(contract_id: int | None) -> Contract | None:
    """The contract of an order, where this user may see it."""
    if contract_id is None or not may_see("contract", contract_id):
        return None
    return load(Contract, contract_id, CONTRACT_SCOPE)


def _moves_of(line: OrderLine) -> list[Any]:
    """What may be done with a line now: nothing is held or closed that is delivered already."""
    moves = LINE_FLOW.moves_for(line, current_user)
    return [move for move in moves if line.quantity and (line.to_deliver > 0 or move.name == "reopen")]


@bp.get("/orders/new")
@allow(EDIT)
def new_order() -> Response:
    contract = load_contract(request.args.get("contract", type=whole))
    if contract is not None:
        document = services.new_order(contract.customer_id, current_user)
        for name in ("currency", "rate", "tax_included", "payment_terms", "discount", "language"):
            setattr(document, name, getattr(contract, name))
        document.contract_id = contract.id
        editor = Editor.proposed(document, services.lines_to_call_off(contract))
        return form_page(KIND, head_form(KIND, formdata=None, obj=document), editor, document)
    customer = ask_customer(KIND)
    if isinstance(customer, Response):
        return customer
    document = services.new_order(customer.id, current_user)
    return form_page(KIND, head_form(KIND, formdata=None, obj=document), Editor.of(document, []), document)


@bp.post("/orders/new")
@allow(EDIT)
def create_order() -> Response:
    contract = load_contract(request.args.get("contract", type=whole))
    customer = contract.customer if contract is not None else ask_customer(KIND)
    if isinstance(customer, Response):
        raise NotThere
    fixed = {"customer_id": customer.id}
    answer = saved(
        KIND,
        services.new_order(customer.id, current_user),
        head_form(KIND),
        lambda values, lines: confirmed(services.create_order(values | fixed, lines, current_user)),
    )
    return answer if isinstance(answer, Response) else back(answer)


def confirmed(record: SalesOrder) -> SalesOrder:
    """What was saved, confirmed at once where that was asked for. Where it is refused the form stays as it was typed."""
    if request.form.get("then") == "confirm" and record.status == "draft":
        require("sales.order.confirm")
        make_move(record, "confirm", by=current_user)
    return record


def back(record: SalesOrder) -> Response:
    return redirect_to(url_for("sales.order", id=record.id))


@bp.get("/orders/<int:id>/edit")
@allow(EDIT)
def edit_order(id: int) -> Response:
    record = found(id)
    if record.status not in ("draft", "waiting", "confirmed"):
        return back(record)
    return form_page(KIND, head_form(KIND, formdata=None, obj=record), Editor.of(record, record.lines), record)


@bp.post("/orders/<int:id>/edit")
@allow(EDIT)
def update_order(id: int) -> Response:
    record = found(id)
    form = head_form(KIND, obj=record)

    def save(values: dict[str, Any], lines: list[dict[str, Any]]) -> SalesOrder:
        services.update_order(record, values, lines, current_user, version=form.version.data)
        return confirmed(record)

    answer = saved(KIND, record, form, save)
    return answer if isinstance(answer, Response) else back(answer)


@bp.post("/orders/<int:id>/<move>")
@allow(VIEW)
def move_order(id: int, move: str) -> Response:
    """The moves that ask for nothing but perhaps a reason; each has a permission of its own."""
    record, known = found(id), ORDER_FLOW.move.get(move)
    if known is None or known.page is not None:
        raise NotThere
    reason, version = request.form.get("reason"), request.form.get("version", type=whole)
    make_move(record, move, by=current_user, version=version, reason=reason)
    if record.status == "waiting":
        flash(_("%(number)s waits for credit.", number=record.number), "warning")
    return back(record)


@bp.get("/orders/<int:id>/pdf")
@allow(VIEW)
def order_pdf(id: int) -> Response:
    """The order confirmation, in the order's language; `?language=` asks for the other."""
    record = found(id)
    return pdf_response(printing.order_pdf(record, asked_language()), record.number, download=False)


@bp.get("/orders/<int:id>/reason/<move>")
@allow(VIEW)
def ask_order_reason(id: int, move: str) -> Response:
    """Asks why."""
    record, known = found(id), ORDER_FLOW.move.get(move)
    if known is None or known.reason == "none":
        raise NotThere
    require(known.permission)
    url = url_for("sales.move_order", id=record.id, move=move)
    return _dialog("sales/reason.html", record, ReasonForm(formdata=None, version=record.version), move=known, url=url)


def _dialog(template: str, record: SalesOrder, form: Any, status: int = 200, **data: Any) -> Response:
    back_url = url_for("sales.order", id=record.id)
    return page(template, parts=["dialog_body"], document=record, form=form, status=status, back_url=back_url, **data)


@bp.post("/orders/<int:id>/copy")
@allow(EDIT)
def copy_order(id: int) -> Response:
    made = services.copy_order(found(id), current_user)
    return redirect_to(url_for("sales.edit_order", id=made.id))


@bp.post("/orders/<int:id>/hold-lines")
@allow(EDIT)
def hold_order(id: int) -> Response:
    record = found(id)
    services.hold_all(record, current_user, reason=request.form.get("reason"))
    return back(record)


@bp.post("/orders/<int:id>/release-lines")
@allow(EDIT)
def release_order(id: int) -> Response:
    record = found(id)
    services.release_all(record, current_user)
    return back(record)


def line_of(record: SalesOrder, line_id: int) -> OrderLine:
    line = next((line for line in record.lines if line.id == line_id), None)
    if line is None:
        raise NotThere
    return line


@bp.post("/orders/<int:id>/lines/<int:line_id>/<move>")
@allow(EDIT)
def move_line(id: int, line_id: int, move: str) -> Response:
    record = found(id)
    line = line_of(record, line_id)
    if move not in LINE_FLOW.move:
        raise NotThere
    details: dict[str, Any] = {}
    if move == "deliver":
        form = DeliverForm()
        if not form.validate():
            return _dialog("sales/deliver.html", record, form, 422, line=line)
        details["quantity"] = form.quantity.data
    services.move_line(line, move, current_user, reason=request.form.get("reason") or None, **details)
    return back(record)


@bp.get("/orders/<int:id>/lines/<int:line_id>/reason/<move>")
@allow(EDIT)
def ask_line_reason(id: int, line_id: int, move: str) -> Response:
    """Asks why a line ends before all of it has come."""
    record, known = found(id), LINE_FLOW.move.get(move)
    line = line_of(record, line_id)
    if known is None or known.reason == "none":
        raise NotThere
    url = url_for("sales.move_line", id=record.id, line_id=line.id, move=move)
    return _dialog("sales/reason.html", record, ReasonForm(formdata=None), move=known, url=url)


@bp.get("/orders/<int:id>/lines/<int:line_id>/deliver")
@allow(EDIT)
def ask_to_deliver(id: int, line_id: int) -> Response:
    """Asks how much was delivered by hand: services, and goods that no stock is kept of."""
    record = found(id)
    line = line_of(record, line_id)
    return _dialog("sales/deliver.html", record, DeliverForm(formdata=None, quantity=line.to_deliver), line=line)
