"""Set-up of finance: payment terms and limits of write-offs."""

from decimal import Decimal

from flask import Response, flash, request, url_for
from sqlalchemy import select

from erpcrm.access.models import Role
from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.options import entries, option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.settings import setting

from .. import services
from ..forms import LimitForm, TermsForm
from ..models import LEDGER_VIEW, SETUP, WRITE_OFF, PaymentTerm
from ..services.write_offs import limits
from ..terms import Part, Terms, due_rows
from .blueprint import bp

TERMS = "customer.payment_terms"
EXAMPLE = Decimal(1000)


@bp.get("/terms")
@allow(LEDGER_VIEW)
def terms() -> Response:
    """What each choice of payment terms means, with an example of today."""
    values = [entry.value for entry in entries(TERMS)]
    known, own = services.all_terms(values), setting("currency")
    rows = [
        (entry, known[entry.value], due_rows(EXAMPLE, today(), known[entry.value], own)) for entry in entries(TERMS)
    ]
    lowers = {value: services.discount_lowers_tax(one) for value, one in known.items() if one.discount}
    return page("finance/terms.html", rows=rows, lowers=lowers, example=EXAMPLE, own=own)


@bp.get("/terms/<int:id>")
@allow(LEDGER_VIEW)
def payment_term(id: int) -> Response:
    load(PaymentTerm, id, everyone)
    return redirect_to(url_for("finance.terms"))


def _checked(value: str) -> str:
    if value not in {entry.value for entry in entries(TERMS)}:
        raise NotThere
    return value


@bp.route("/terms/edit", methods=["GET", "POST"])
@allow(SETUP)
def edit_terms() -> Response:
    """The choice comes with the address: users may call it what they like."""
    value = _checked(request.args.get("value", ""))
    known = services.terms_of(value)
    parts = [{"percent": one.percent, "counted_from": one.counted_from, "days": one.days} for one in known.parts]
    data = {
        "parts": parts,
        "discount": known.discount or None,
        "discount_days": known.discount_days or None,
        "lowers_tax": services.discount_lowers_tax(known),
    }
    form = TermsForm(formdata=None, data=data) if request.method == "GET" else TermsForm()
    if request.method == "POST" and form.validate():
        given = [
            Part(part.form.percent.data, part.form.counted_from.data, part.form.days.data or 0)
            for part in form.parts
            if part.form.percent.data
        ]
        try:
            discount, days = form.discount.data or Decimal(0), form.discount_days.data or 0
            services.save_terms(value, Terms(given, discount, days, bool(form.lowers_tax.data) if discount else None))
            flash(_("Saved. Documents that are posted keep their dates."), "success")
            return redirect_to(url_for("finance.terms"))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    label = option_label(TERMS, value)
    return page("finance/terms_form.html", parts=["dialog_body"], form=form, value=value, label=label, status=status)


@bp.get("/limits")
@allow(SETUP)
def write_off_limits() -> Response:
    """How much each role may write off at once."""
    roles = session.scalars(select(Role).order_by(Role.name)).all()
    may = [role for role in roles if role.holds(WRITE_OFF)]
    rows = [(role, services.limit_of_role(role), str(role.id) in limits()) for role in may]
    return page("finance/limits.html", rows=rows, own=setting("currency"))


@bp.route("/limits/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def write_off_limit(id: int) -> Response:
    role = session.get(Role, id)
    if role is None:
        raise NotThere
    form = (
        LimitForm(formdata=None, data={"amount": services.limit_of_role(role)})
        if request.method == "GET"
        else LimitForm()
    )
    if request.method == "POST" and form.validate():
        services.set_limit(role, form.amount.data or Decimal(0))
        return redirect_to(url_for("finance.write_off_limits"))
    status = 422 if request.method == "POST" else 200
    own = setting("currency")
    return page("finance/limit.html", parts=["dialog_body"], form=form, role=role, own=own, status=status)
