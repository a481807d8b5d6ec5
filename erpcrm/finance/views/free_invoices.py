"""Invoices and credit notes that are written by hand: whom for, the lines as they are typed, and saving them."""

from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.fields import add_fields
from erpcrm.core.i18n import _
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE
from erpcrm.sales.editor import Editor
from erpcrm.sales.forms import CustomerForm

from .. import services
from ..forms import FreeCreditForm, InvoiceForm
from ..models import INVOICE_EDIT, Invoice
from .blueprint import bp, need_chart
from .invoices import back, found, name_of

HEADS = {"invoice": InvoiceForm, "credit_note": FreeCreditForm}
NEW = {"invoice": "finance.new_invoice", "credit_note": "finance.new_credit_note"}


def _head_form(kind: str, **given: Any) -> Any:
    form = add_fields(HEADS[kind], record_type("invoice"))(**given)
    if request.method == "GET" and not form.discount.data:
        form.discount.data = None
    return form


def _typed(invoice: Invoice, form: Any) -> Invoice:
    """The invoice as the posted head makes it, for the rules of its lines to read; it is never stored."""
    with session.no_autoflush:
        shown = services.new_invoice(invoice.customer_id, current_user, invoice.kind)
        for name in ("currency", "tax_included", "discount"):
            if form[name].data is not None:
                setattr(shown, name, form[name].data)
        shown.tax_rounding, shown.rate = invoice.tax_rounding, invoice.rate
    if shown in session:
        session.expunge(shown)
    return shown


def _form_page(form: Any, editor: Editor, invoice: Invoice, status: int = 200) -> Response:
    return page(
        "finance/invoice_form.html",
        parts=["lines"],
        form=form,
        editor=editor,
        document=invoice,
        customer=invoice.customer,
        name=name_of(invoice) if invoice.id else None,
        status=status,
    )


def _customer(kind: str) -> Customer | Response:
    """The customer that the address names, or the page that asks for one."""
    wanted = request.args.get("customer", type=whole)
    if wanted is not None:
        return load(Customer, wanted, CUSTOMER_SCOPE)
    form = CustomerForm(request.args if "customer_text" in request.args else None)
    if "customer_text" in request.args and form.validate():
        return redirect_to(url_for(NEW[kind], customer=form.customer.data))
    if kind == "credit_note":
        return page("finance/credit_note_customer.html", form=form)
    return page("sales/document_customer.html", form=form, kind=record_type("invoice"))


def _new(kind: str) -> Response:
    if (instead := need_chart()) is not None:
        return instead
    customer = _customer(kind)
    if isinstance(customer, Response):
        return customer
    invoice = services.new_invoice(customer.id, current_user, kind)
    return _form_page(_head_form(kind, formdata=None, obj=invoice), Editor.of(invoice, []), invoice)


def _create(kind: str) -> Response:
    customer = _customer(kind)
    if isinstance(customer, Response):
        raise NotThere
    return _save(services.new_invoice(customer.id, current_user, kind))


@bp.get("/invoices/new")
@allow(INVOICE_EDIT)
def new_invoice() -> Response:
    return _new("invoice")


@bp.post("/invoices/new")
@allow(INVOICE_EDIT)
def create_invoice() -> Response:
    return _create("invoice")


@bp.get("/credit-notes/new")
@allow(INVOICE_EDIT)
def new_credit_note() -> Response:
    """A credit that no invoice of ours stands behind: goodwill, a bonus, an invoice of the time before the system."""
    return _new("credit_note")


@bp.post("/credit-notes/new")
@allow(INVOICE_EDIT)
def create_credit_note() -> Response:
    return _create("credit_note")


@bp.get("/invoices/<int:id>/edit")
@allow(INVOICE_EDIT)
def edit_invoice(id: int) -> Response:
    invoice = found(id)
    if invoice.status != "draft" or not services.is_free(invoice):
        return back(invoice)
    return _form_page(_head_form(invoice.kind, formdata=None, obj=invoice), Editor.of(invoice, invoice.lines), invoice)


@bp.post("/invoices/<int:id>/edit")
@allow(INVOICE_EDIT)
def update_invoice(id: int) -> Response:
    return _save(found(id))


@bp.post("/invoices/lines")
@allow(INVOICE_EDIT)
def draw_invoice_lines() -> Response:
    """The lines of the form as the rules complete them while they are typed. Stores nothing."""
    customer = load(Customer, request.args.get("customer", 0, type=whole), CUSTOMER_SCOPE)
    kind = "credit_note" if request.args.get("kind") == "credit_note" else "invoice"
    invoice, form = services.new_invoice(customer.id, current_user, kind), _head_form(kind)
    return _form_page(form, Editor.posted(_typed(invoice, form), request.form), invoice)


def _save(invoice: Invoice) -> Response:
    form = _head_form(invoice.kind)
    editor = Editor.posted(_typed(invoice, form), request.form)
    if request.form.get("act"):
        return _form_page(form, editor, invoice)
    valid = form.validate()
    if not editor.validate() or not valid:
        wrong = [row for row in editor.filled if row.error]
        form.form_errors = [_("Line %(line)s: %(why)s", line=row.number + 1, why=row.error) for row in wrong]
        return _form_page(form, editor, invoice, 422)
    values, lines = form.values(), editor.values()
    try:
        if invoice.id is None:
            invoice = services.create_invoice(
                values | {"customer_id": invoice.customer_id, "kind": invoice.kind}, lines, current_user
            )
        else:
            services.update_invoice(invoice, values, lines, form.version.data)
        if request.form.get("then") == "post":
            services.post_invoice(invoice, current_user)
    except Refused as no:
        form.form_errors = [str(no.message)]
        return _form_page(form, editor, invoice, 422)
    return back(invoice)
