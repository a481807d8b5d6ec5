"""The pages of invoices and credit notes."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.fields import custom_facts
from erpcrm.core.i18n import _, in_language, today
from erpcrm.core.lists import list_page
from erpcrm.core.mail import send_mail
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.printing import pdf_response
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.sales.models import PlannedBill, SalesOrder
from erpcrm.sales.records import CONTRACT_SCOPE, ORDER_SCOPE

from .. import services
from ..forms import AdvanceForm, CreditForm, HeadForm, SendInvoiceForm, quantities_in
from ..models import INVOICE_EDIT, INVOICE_FLOW, INVOICE_KINDS, INVOICE_POST, INVOICE_VIEW, Invoice, InvoiceLine
from ..printing import invoice_pdf
from ..records import INVOICE_SCOPE
from ..services.dunning import addresses_of
from .blueprint import bp

KINDS = {choice.value: choice for choice in INVOICE_KINDS}
WHOLE = (
    joinedload(Invoice.customer),
    joinedload(Invoice.contact),
    joinedload(Invoice.order),
    joinedload(Invoice.credits),
    selectinload(Invoice.lines).joinedload(InvoiceLine.product),
    selectinload(Invoice.lines).joinedload(InvoiceLine.tax),
)


@bp.get("/invoices")
@allow(INVOICE_VIEW)
def invoices() -> Response:
    return list_page(record_type("invoice"))


def found(id: int) -> Invoice:
    return load(Invoice, id, INVOICE_SCOPE, options=WHOLE)


def back(invoice: Invoice) -> Response:
    return redirect_to(url_for("finance.invoice", id=invoice.id))


def name_of(invoice: Invoice) -> str:
    return invoice.number or f"{_('Draft')} {invoice.id}"


@bp.get("/invoices/<int:id>")
@allow(INVOICE_VIEW)
def invoice(id: int) -> Response:
    record = found(id)
    items = services.items_of(record) if record.status == "posted" else []
    return page(
        "finance/invoice.html",
        invoice=record,
        name=name_of(record),
        kind=KINDS[record.kind],
        state=INVOICE_FLOW.state_of(record),
        totals=services.totals_of(record),
        items=items,
        open=sum((item.open for item in items), 0),
        due=services.due_rows_of(record.payment_terms, record.gross, record.date, record.currency) if not items else [],
        notes=services.credit_notes_of(record) if record.kind == "invoice" else [],
        may_credit=record.kind == "invoice" and any(line.to_credit for line in record.lines),
        today_is=today(),
        custom=custom_facts(record),
    )


@bp.post("/invoices/<int:id>/post")
@allow(INVOICE_POST)
def post_invoice(id: int) -> Response:
    record = found(id)
    services.post_invoice(record, current_user, request.form.get("version", type=int))
    flash(_("%(number)s is posted.", number=record.number), "success")
    return back(record)


@bp.post("/invoices/<int:id>/delete")
@allow(INVOICE_EDIT)
def delete_invoice(id: int) -> Response:
    services.delete_draft_invoice(found(id))
    flash(_("The draft is deleted."), "success")
    return redirect_to(url_for("finance.invoices"))


@bp.route("/invoices/<int:id>/head", methods=["GET", "POST"])
@allow(INVOICE_EDIT)
def change_invoice(id: int) -> Response:
    """Date, terms and texts of a draft."""
    record = found(id)
    form = HeadForm(formdata=None, obj=record) if request.method == "GET" else HeadForm()
    if request.method == "GET" or not form.validate():
        return _dialog("finance/invoice_head.html", record, form)
    services.change_head(record, form.values(), form.version.data)
    return back(record)


def _dialog(template: str, record: Invoice, form: Any, **data: Any) -> Response:
    status = 422 if request.method == "POST" else 200
    return page(template, parts=["dialog_body"], invoice=record, name=name_of(record), form=form, status=status, **data)


@bp.route("/invoices/<int:id>/credit", methods=["GET", "POST"])
@allow(INVOICE_EDIT)
def credit_invoice(id: int) -> Response:
    """All of it, or so much of each line."""
    record = found(id)
    form = CreditForm(formdata=None) if request.method == "GET" else CreditForm()
    typed = {line.id: line.to_credit for line in record.lines}
    if request.method == "POST" and form.validate():
        try:
            quantities, wrong = quantities_in(request.form, list(typed))
            if wrong:
                raise Refused(_("This is not a number."))
            made = services.credit(record, current_user, form.reason.data or "", quantities)
            if form.post.data and current_user.may(INVOICE_POST):
                services.post_invoice(made, current_user)
            return back(made)
        except Refused as no:
            form.reason.errors = [str(no.message)]
    return _dialog("finance/credit.html", record, form)


@bp.get("/invoices/<int:id>/pdf")
@allow(INVOICE_VIEW)
def invoice_document(id: int) -> Response:
    record = found(id)
    return pdf_response(invoice_pdf(record), name_of(record), download="download" in request.args)


@bp.route("/invoices/<int:id>/send", methods=["GET", "POST"])
@allow(INVOICE_POST)
def send_invoice(id: int) -> Response:
    """By mail, with the PDF."""
    record = found(id)
    if record.status != "posted":
        raise Refused(_("Post it first: a draft has no number."))
    if request.method == "GET":
        with in_language(record.language):
            what = (
                _("Credit note %(number)s", number=record.number)
                if record.kind == "credit_note"
                else _("Invoice %(number)s", number=record.number)
            )
            text = _("Dear Sir or Madam,\n\nplease find our %(document)s attached.\n\nKind regards", document=what)
        to = addresses_of({record.customer_id: record.customer}).get(record.customer_id, "")
        company = setting("company_name")
        form = SendInvoiceForm(
            formdata=None, data={"to": to, "subject": f"{what} · {company}", "text": f"{text}\n{company}"}
        )
        return _dialog("finance/send.html", record, form)
    form = SendInvoiceForm()
    if not form.validate():
        return _dialog("finance/send.html", record, form)
    try:
        send_mail(
            form.to.data or "",
            form.subject.data or "",
            form.text.data or "",
            record=[record, record.customer],
            by=current_user,
            files=[(f"{record.number}.pdf", "application/pdf", invoice_pdf(record))],
            reply_to=(current_user.name, current_user.email) if current_user.email else None,
        )
    except Refused as no:
        form.to.errors = [str(no.message)]
        return _dialog("finance/send.html", record, form)
    record.sent_on = today()
    session.flush()
    flash(_("It is on its way to %(to)s.", to=form.to.data), "success")
    return back(record)


# ------------------------------------------------------- from orders, contracts


@bp.route("/orders/<int:id>/invoice", methods=["GET", "POST"])
@allow(INVOICE_EDIT)
def invoice_order(id: int) -> Response:
    """What was delivered, all of it, or a share in advance."""
    order = load(SalesOrder, id, ORDER_SCOPE)
    delivered = any(line.to_invoice for line in order.lines)
    proposed = "advance" if order.status == "waiting" else "delivered" if delivered else "all"
    whole = Decimal(100) if order.status == "waiting" else None
    form = (
        AdvanceForm(formdata=None, data={"what": proposed, "percent": whole})
        if request.method == "GET"
        else AdvanceForm()
    )
    if request.method == "POST" and form.validate():
        try:
            if form.what.data == "advance":
                made = services.invoice_advance(order, form.percent.data or Decimal(0), current_user)
            else:
                made = services.invoice_order(order, current_user, all_lines=form.what.data == "all")
            if form.post.data and current_user.may(INVOICE_POST):
                services.post_invoice(made, current_user)
            return back(made)
        except Refused as no:
            form.what.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("finance/invoice_order.html", parts=["dialog_body"], form=form, order=order, status=status)


@bp.post("/bills/<int:id>/invoice")
@allow(INVOICE_EDIT)
def invoice_bill(id: int) -> Response:
    """One step of a contract's billing plan."""
    bill = session.get(PlannedBill, id)
    if bill is None:
        raise NotThere
    load(type(bill.contract), bill.contract_id, CONTRACT_SCOPE)
    return back(services.invoice_bill(bill, current_user))
