"""Where a customer stands: exposure with its terms down to the documents, limits, holds."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import select

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.customers.models import Customer
from erpcrm.finance.models import RECEIVABLE_VIEW

from .. import services
from ..forms import AccountForm, ReasonForm
from ..models import (
    ACCOUNT_EDIT,
    ACCOUNT_HOLD,
    ACCOUNT_VIEW,
    APPLICATION_FLOW,
    APPLY,
    ASSESS,
    ASSESSMENT_VIEW,
    DEBT_PROPOSE,
    KINDS,
    VIEW,
    CreditAccount,
    CreditApplication,
)
from ..records import ACCOUNT_SCOPE, SHEET_SCOPE
from .blueprint import bp, load_customer

LATEST = 8


@bp.get("/accounts")
@allow(ACCOUNT_VIEW)
def accounts() -> Response:
    return list_page(record_type("credit_account"))


@bp.get("/accounts/<int:id>")
@allow(ACCOUNT_VIEW)
def account(id: int) -> Response:
    found = load(CreditAccount, id, ACCOUNT_SCOPE)
    return redirect_to(url_for("credit.customer", id=found.customer_id))


@bp.get("/customers/<int:id>")
@allow(ACCOUNT_VIEW)
def customer(id: int) -> Response:
    """The credit sheet of a customer."""
    found = load_customer(id)
    where = services.standing(found.id)
    query = select(CreditApplication).where(CreditApplication.customer_id == found.id)
    latest = session.scalars(query.order_by(CreditApplication.id.desc()).limit(LATEST)).all()
    return page(
        "credit/customer.html",
        customer=found,
        standing=where,
        account=where.account,
        limits=[(limit, services.source_label(limit)) for limit in where.limits],
        findings=[(one.action, services.told_of_customer(one)) for one in where.check(services.LEAST)],
        assessments=services.assessments_of(found.id)[:LATEST] if current_user.may(ASSESSMENT_VIEW) else [],
        applications=latest if current_user.may(VIEW) else [],
        states=APPLICATION_FLOW.state,
        kind_of={choice.value: choice for choice in KINDS},
        may_edit=current_user.may(ACCOUNT_EDIT),
        may_hold=current_user.may(ACCOUNT_HOLD),
        may_assess=current_user.may(ASSESS),
        may_apply=current_user.may(APPLY),
        may_propose=current_user.may(DEBT_PROPOSE),
        items=services.open_debts(found) if current_user.may(RECEIVABLE_VIEW) else [],
        day=today(),
        own=setting("currency"),
    )


@bp.get("/customers/<int:id>/terms/<term>")
@allow(ACCOUNT_VIEW)
def term(id: int, term: str) -> Response:
    """The documents behind one term of the exposure; with `group`, of the whole group under a company."""
    found = load_customer(id)
    if term not in services.TERMS:
        raise NotThere
    where = services.standing(found.id)
    group = request.args.get("group", type=whole)
    ids = set(where.members.get(group or 0, ())) or {found.id}
    seen = _seen(ids - {found.id}) | {found.id}
    documents = services.documents_behind(seen, term)
    total = sum((getattr(one, term) for one in services.terms_of(ids).values()), start=services.NOTHING.exposure)
    return page(
        "credit/term.html",
        parts=["dialog_body"],
        customer=found,
        term=term,
        rows=[(one, _address(one)) for one in documents],
        total=total,
        others=total - sum((one.amount for one in documents), start=services.NOTHING.exposure),
        names=_names(seen) if len(ids) > 1 else {},
        own=setting("currency"),
    )


def _seen(ids: set[int]) -> set[int]:
    """Of the companies of a group those whose documents this user may look at: of the others only the sum is told."""
    if not ids:
        return set()
    rule = SHEET_SCOPE(current_user, current_user.scope("customer"))
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(ids), rule)))


def _address(document: services.Document) -> str | None:
    """Where a document is, for who may see its kind."""
    kind = record_type(document.kind)
    return url_for(kind.endpoint, id=document.id) if current_user.may(kind.view) else None


def _names(ids: set[int]) -> dict[int, str]:
    rows = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return {id: name for id, name in rows}


@bp.route("/customers/<int:id>/edit", methods=["GET", "POST"])
@allow(ACCOUNT_EDIT)
def edit_account(id: int) -> Response:
    found = load_customer(id)
    known = services.account_of(found.id)
    # Who sets the first limits of a customer has seen the account as it is made: two who do so at once are told.
    first = {} if known is not None else {"version": 1}
    form: Any = AccountForm(formdata=None, obj=known, data=first) if request.method == "GET" else AccountForm(obj=known)
    if request.method == "POST" and form.validate():
        try:
            services.update_account(found, form.values(), form.version.data, by=current_user)
            flash(_("Saved."), "success")
            return redirect_to(url_for("credit.customer", id=found.id))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    own = setting("currency")
    return page("credit/account_form.html", parts=["dialog_body"], customer=found, form=form, own=own, status=status)


@bp.route("/customers/<int:id>/hold", methods=["GET", "POST"])
@allow(ACCOUNT_HOLD)
def hold(id: int) -> Response:
    found = load_customer(id)
    form = ReasonForm(formdata=None) if request.method == "GET" else ReasonForm()
    if request.method == "POST" and form.validate():
        services.hold(found, form.reason.data or "")
        return redirect_to(url_for("credit.customer", id=found.id))
    status = 422 if request.method == "POST" else 200
    return page("credit/hold.html", parts=["dialog_body"], customer=found, form=form, status=status)


@bp.post("/customers/<int:id>/lift")
@allow(ACCOUNT_HOLD)
def lift(id: int) -> Response:
    found = load_customer(id)
    services.lift(found)
    flash(_("The hold is lifted. Orders that wait can be confirmed again."), "success")
    return redirect_to(url_for("credit.customer", id=found.id))
