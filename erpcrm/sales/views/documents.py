"""The form of a document with lines: one page for quotations, orders and contracts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.fields import add_fields
from erpcrm.core.i18n import LANGUAGES, _
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .. import services
from ..editor import Editor
from ..forms import ContractForm, CustomerForm, DocumentForm, OrderForm, QuotationForm
from ..models.contracts import EDIT as CONTRACT_EDIT
from ..models.documents import MARGIN
from ..models.orders import EDIT as ORDER_EDIT
from ..models.quotations import EDIT as QUOTATION_EDIT
from .blueprint import bp


@dataclass(frozen=True)
class Kind:
    """What the form needs to know of one kind of document."""

    name: str
    form: type[DocumentForm]
    permission: str
    new: Callable[..., Any]
    """(customer id, user) -> a document that is not stored yet"""


KINDS: Mapping[str, Kind] = {
    "quotation": Kind("quotation", QuotationForm, QUOTATION_EDIT, services.new_quotation),
    "order": Kind("order", OrderForm, ORDER_EDIT, services.new_order),
    "contract": Kind("contract", ContractForm, CONTRACT_EDIT, services.new_contract),
}


def head_form(kind: Kind, **given: Any) -> Any:
    """The form of a document's head, with the own fields of its kind."""
    form = add_fields(kind.form, record_type(kind.name))(**given)
    if request.method == "GET" and not form.discount.data:
        form.discount.data = None
    return form


def typed_document(kind: Kind, document: Any, form: Any) -> Any:
    """The document as the posted head makes it, for the rules of its lines to read; it is never stored."""
    with session.no_autoflush:
        shown = kind.new(document.customer_id, current_user)
        for name in ("currency", "tax_included", "discount"):
            if form[name].data is not None:
                setattr(shown, name, form[name].data)
        shown.tax_rounding, shown.rate = document.tax_rounding, document.rate
    return shown


def ask_customer(kind: Kind) -> Response | Customer:
    """The customer that the address names, or the page that asks for one."""
    wanted = request.args.get("customer", type=whole)
    if wanted is not None:
        return load(Customer, wanted, CUSTOMER_SCOPE)
    form = CustomerForm(request.args if "customer_text" in request.args else None)
    if "customer_text" in request.args and form.validate():
        return redirect_to(url_for(request.endpoint or "", customer=form.customer.data))
    return page("sales/document_customer.html", form=form, kind=record_type(kind.name))


def form_page(
    kind: Kind, form: Any, editor: Editor, document: Any, *, status: int = 200, way_on: str | None = None
) -> Response:
    """The form with its lines. `way_on`: where what was refused can be asked for."""
    return page(
        "sales/document_form.html",
        parts=["lines"],
        status=status,
        kind=record_type(kind.name),
        form=form,
        editor=editor,
        document=document,
        customer=document.customer,
        way_on=way_on,
        margin=editor.margin(setting("currency")) if current_user.may(MARGIN) else None,
        allowance=services.allowance_of(current_user),
    )


def asked_language() -> str | None:
    """The language in which the address asks for a document; None for its own."""
    asked = request.args.get("language")
    return asked if asked in LANGUAGES else None


def only_redrawn() -> bool:
    """Whether the form was sent to have its lines drawn anew, and not to be saved."""
    return bool(request.form.get("act"))


@bp.post("/lines")
@allow(QUOTATION_EDIT)
def draw_lines() -> Response:
    """The lines of a form as the rules complete them while they are typed. Stores nothing."""
    kind = KINDS.get(request.args.get("kind", ""))
    customer_id = request.args.get("customer", type=whole)
    if kind is None or customer_id is None:
        raise NotThere
    load(Customer, customer_id, CUSTOMER_SCOPE)
    document = kind.new(customer_id, current_user)
    form = head_form(kind)
    editor = Editor.posted(typed_document(kind, document, form), request.form)
    return form_page(kind, form, editor, document)


def saved(
    kind: Kind, document: Any, form: Any, save: Callable[[dict[str, Any], list[dict[str, Any]]], Any]
) -> Response | Any:
    """What `save(values, lines)` returns, or the form again when something in it is wrong or it was only redrawn."""
    editor = Editor.posted(typed_document(kind, document, form), request.form)
    if only_redrawn():
        return form_page(kind, form, editor, document)
    valid = form.validate()
    if not editor.validate() or not valid:
        if not valid or any(row.error for row in editor.filled):
            form.form_errors = [
                *form.form_errors,
                *(
                    _("Line %(line)s: %(why)s", line=row.number + 1, why=row.error)
                    for row in editor.filled
                    if row.error
                ),
            ]
        return form_page(kind, form, editor, document, status=422)
    try:
        with session.begin_nested():
            return save(form.values(), editor.values())
    except Refused as refused:
        # Nothing of it stays, and what was typed is shown again.
        form.form_errors = [*form.form_errors, refused.message]
        return form_page(kind, form, editor, document, status=409, way_on=refused.url)
