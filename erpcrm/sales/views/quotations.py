"""The pages of quotations."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, load, require
from erpcrm.core.errors import NotThere
from erpcrm.core.fields import custom_facts
from erpcrm.core.i18n import _, in_language, show_date, today
from erpcrm.core.lists import list_page
from erpcrm.core.mail import absolute, send_mail
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.printing import pdf_response
from erpcrm.core.registry import panels_of, record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.pipeline.models import Opportunity
from erpcrm.pipeline.records import OPPORTUNITY_SCOPE

from .. import amounts, printing, services
from ..comparing import compare
from ..editor import Editor
from ..forms import ExtendForm, ReasonForm, RejectForm, SendForm
from ..models import QUOTATION_FLOW, Quotation, QuotationLine
from ..models.documents import MARGIN
from ..models.quotations import BY_VERB, EDIT, VIEW
from ..records import QUOTATION_SCOPE
from .blueprint import bp
from .documents import KINDS, ask_customer, asked_language, form_page, head_form, saved

KIND = KINDS["quotation"]
WHOLE = (
    joinedload(Quotation.customer),
    joinedload(Quotation.contact),
    joinedload(Quotation.owner),
    joinedload(Quotation.opportunity),
    selectinload(Quotation.lines).joinedload(QuotationLine.product),
    selectinload(Quotation.lines).joinedload(QuotationLine.tax),
)


@bp.get("/quotations")
@allow(VIEW)
def quotations() -> Response:
    return list_page(record_type("quotation"))


def found(id: int) -> Quotation:
    return load(Quotation, id, QUOTATION_SCOPE, options=WHOLE)


@bp.get("/quotations/<int:id>")
@allow(VIEW)
def quotation(id: int) -> Response:
    record = found(id)
    counted = [line for line in record.lines if line.counts]
    return page(
        "sales/quotation.html",
        quotation=record,
        state=QUOTATION_FLOW.state_of(record),
        moves=[move for move in QUOTATION_FLOW.moves_for(record, current_user) if move.name not in BY_VERB],
        totals=amounts.document_totals(record, counted),
        margin=amounts.margin(record, counted, setting("currency")) if current_user.may(MARGIN) else None,
        to_approve=services.discount_to_approve(record, current_user) if record.status == "draft" else None,
        largest=amounts.largest_discount(record, record.lines),
        versions=services.versions_of(record),
        order=services.order_of(record) if record.status in ("accepted", "sent") else None,
        over=record.is_open and record.valid_until < today(),
        link=link_of(record),
        link_ends=services.link_ends(record),
        customer_seen=may_see("customer", record.customer_id),
        deal_seen=record.opportunity_id is not None and may_see("opportunity", record.opportunity_id),
        reject_reason=option_label("quotation.reject_reason", record.reject_reason),
        panels=[(panel, panel.load([record.id])) for panel in panels_of("quotation.page", current_user)],
        custom=custom_facts(record),
    )


def link_of(record: Quotation) -> str | None:
    """The address that the customer gets; None before it was sent."""
    if record.link_key is None or record.status in ("draft", "in_approval"):
        return None
    return absolute(url_for("sales.offer", key=record.link_key))


@bp.get("/quotations/new")
@allow(EDIT)
def new_quotation() -> Response:
    """For the customer, or the deal, that the address names."""
    deal_id = request.args.get("opportunity", type=whole)
    deal = load(Opportunity, deal_id, OPPORTUNITY_SCOPE) if deal_id is not None else None
    if deal is not None and deal.customer_id is not None:
        document = services.new_quotation(deal.customer_id, current_user, deal)
        lines = [
            {"product_id": line.product_id, "text": line.text, "quantity": line.quantity, "price": line.price}
            for line in deal.lines
        ]
        return form_page(KIND, head_form(KIND, formdata=None, obj=document), Editor.proposed(document, lines), document)
    customer = ask_customer(KIND)
    if isinstance(customer, Response):
        return customer
    document = services.new_quotation(customer.id, current_user, deal)
    return form_page(KIND, head_form(KIND, formdata=None, obj=document), Editor.of(document, []), document)


@bp.post("/quotations/new")
@allow(EDIT)
def create_quotation() -> Response:
    deal_id = request.args.get("opportunity", type=whole)
    deal = load(Opportunity, deal_id, OPPORTUNITY_SCOPE) if deal_id is not None else None
    customer = ask_customer(KIND)
    if isinstance(customer, Response):
        raise NotThere
    fixed = {"customer_id": customer.id, "opportunity_id": deal.id if deal is not None else None}
    answer = saved(
        KIND,
        services.new_quotation(customer.id, current_user, deal),
        head_form(KIND),
        lambda values, lines: services.create_quotation(values | fixed, lines, current_user),
    )
    return answer if isinstance(answer, Response) else after(answer)


def after(record: Quotation) -> Response:
    """The page of what was saved, or straight on to sending it."""
    if request.form.get("then") == "send" and record.status == "draft":
        return redirect_to(url_for("sales.ask_to_send", id=record.id))
    return back(record)


def back(record: Quotation) -> Response:
    return redirect_to(url_for("sales.quotation", id=record.id))


@bp.get("/quotations/<int:id>/edit")
@allow(EDIT)
def edit_quotation(id: int) -> Response:
    record = found(id)
    if record.status != "draft":
        return back(record)
    return form_page(KIND, head_form(KIND, formdata=None, obj=record), Editor.of(record, record.lines), record)


@bp.post("/quotations/<int:id>/edit")
@allow(EDIT)
def update_quotation(id: int) -> Response:
    record = found(id)
    form = head_form(KIND, obj=record)

    def save(values: dict[str, Any], lines: list[dict[str, Any]]) -> Quotation:
        services.update_quotation(record, values, lines, current_user, version=form.version.data)
        return record

    answer = saved(KIND, record, form, save)
    return answer if isinstance(answer, Response) else after(answer)


@bp.post("/quotations/<int:id>/<move>")
@allow(VIEW)
def move_quotation(id: int, move: str) -> Response:
    """The moves that ask for nothing but perhaps a reason; each has a permission of its own."""
    record = found(id)
    known = QUOTATION_FLOW.move.get(move)
    if known is None or known.page is not None or move in BY_VERB:
        raise NotThere
    reason, version = request.form.get("reason"), request.form.get("version", type=whole)
    make_move(record, move, by=current_user, version=version, reason=reason)
    return back(record)


@bp.get("/quotations/<int:id>/reason/<move>")
@allow(VIEW)
def ask_quotation_reason(id: int, move: str) -> Response:
    """Asks why."""
    record, known = found(id), QUOTATION_FLOW.move.get(move)
    if known is None or known.reason == "none":
        raise NotThere
    require(known.permission)
    url = url_for("sales.move_quotation", id=record.id, move=move)
    return _dialog("sales/reason.html", record, ReasonForm(formdata=None, version=record.version), move=known, url=url)


def _dialog(template: str, record: Quotation, form: Any, status: int = 200, **data: Any) -> Response:
    back_url = url_for("sales.quotation", id=record.id)
    return page(template, parts=["dialog_body"], document=record, form=form, status=status, back_url=back_url, **data)


@bp.get("/quotations/<int:id>/pdf")
@allow(VIEW)
def quotation_pdf(id: int) -> Response:
    """On paper, in its own language; `?language=` asks for the other."""
    record = found(id)
    return pdf_response(printing.quotation_pdf(record, asked_language()), record.number, download=False)


@bp.get("/quotations/<int:id>/send")
@allow(EDIT)
def ask_to_send(id: int) -> Response:
    record = found(id)
    return _send_page(record, SendForm(formdata=None, version=record.version, **mail_of(record)))


def _send_page(record: Quotation, form: SendForm, status: int = 200) -> Response:
    to_approve = services.discount_to_approve(record, current_user) if record.status == "draft" else None
    return _dialog("sales/send.html", record, form, status, to_approve=to_approve)


def mail_of(record: Quotation) -> dict[str, Any]:
    """Whom to write to and what, in the quotation's language. The link stands in for [link] when it is sent."""
    to = (record.contact.email if record.contact is not None else None) or record.customer.email
    with in_language(record.language):
        subject = _("Quotation %(number)s from %(company)s", number=record.number, company=setting("company_name"))
        text = _(
            "Dear %(name)s,\n\nthank you for your interest. Our quotation %(number)s is valid until %(day)s. You can read it, "
            "ask questions and accept it here:\n\n[link]\n\nKind regards\n%(sender)s",
            name=record.contact.name if record.contact is not None else record.customer.name,
            number=record.number,
            day=show_date(record.valid_until),
            sender=current_user.name,
        )
    return {"to": to, "subject": subject, "text": text, "by_mail": bool(to)}


@bp.post("/quotations/<int:id>/send")
@allow(EDIT)
def send_quotation(id: int) -> Response:
    """Send it by mail with the customer's link, or note that it was sent in another way."""
    record = found(id)
    form = SendForm()
    if form.by_mail.data and not (form.to.data or "").strip():
        form.validate()
        form.to.errors = [_("Enter an address, or note that it is sent in another way.")]
        return _send_page(record, form, 422)
    if not form.validate():
        return _send_page(record, form, 422)
    if record.status == "draft":
        make_move(record, "send", by=current_user, version=form.version.data)
    if form.by_mail.data:
        text = (form.text.data or "").replace("[link]", link_of(record) or "")
        about = [record, record.customer, *([record.opportunity] if record.opportunity is not None else [])]
        writer = (current_user.name, current_user.email)
        paper = (f"{record.number.replace('/', '-')}.pdf", "application/pdf", printing.quotation_pdf(record))
        send_mail(
            form.to.data or "",
            form.subject.data or "",
            text,
            record=about,
            by=current_user,
            reply_to=writer,
            files=[paper],
        )
        flash(_("%(number)s is on its way.", number=record.number), "success")
    return back(record)


@bp.get("/quotations/<int:id>/reject")
@allow(EDIT)
def ask_to_reject(id: int) -> Response:
    record = found(id)
    return _dialog("sales/reject.html", record, RejectForm(formdata=None, version=record.version))


@bp.post("/quotations/<int:id>/reject")
@allow(EDIT)
def reject_quotation(id: int) -> Response:
    record, form = found(id), RejectForm()
    if not form.validate():
        return _dialog("sales/reject.html", record, form, 422)
    services.reject(
        record, form.reject_reason.data, current_user, note=form.note.data or None, version=form.version.data
    )
    return back(record)


@bp.post("/quotations/<int:id>/revise")
@allow(EDIT)
def revise_quotation(id: int) -> Response:
    made = services.revise(found(id), current_user)
    return redirect_to(url_for("sales.edit_quotation", id=made.id))


@bp.get("/quotations/<int:id>/extend")
@allow(EDIT)
def ask_to_extend(id: int) -> Response:
    record = found(id)
    return _dialog(
        "sales/extend.html", record, ExtendForm(formdata=None, valid_until=record.valid_until, version=record.version)
    )


@bp.post("/quotations/<int:id>/extend")
@allow(EDIT)
def extend_quotation(id: int) -> Response:
    record, form = found(id), ExtendForm()
    if not form.validate() or form.valid_until.data is None:
        return _dialog("sales/extend.html", record, form, 422)
    services.extend(record, form.valid_until.data, form.version.data)
    return back(record)


@bp.post("/quotations/<int:id>/order")
@allow("sales.order.confirm")
def order_quotation(id: int) -> Response:
    """Take it as accepted, and make the order of it."""
    order = services.order_quotation(found(id), current_user)
    flash(_("%(number)s is made of %(quotation)s.", number=order.number, quotation=found(id).number), "success")
    return redirect_to(url_for("sales.order", id=order.id))


@bp.get("/quotations/<int:id>/compare/<int:other>")
@allow(VIEW)
def compare_quotations(id: int, other: int) -> Response:
    """What differs between two versions under one number."""
    new, old = found(id), found(other)
    if new.series != old.series:
        raise NotThere
    if new.revision < old.revision:
        new, old = old, new
    return page("sales/compare.html", old=old, new=new, changes=compare(old, new))
