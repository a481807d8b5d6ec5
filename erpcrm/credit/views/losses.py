"""Expected losses and their posting; bad debts, from the proposal to the money that came after all."""

from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.forms import select_choices
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.customers.scopes import of_seen_customers
from erpcrm.finance.ageing import BANDS
from erpcrm.finance.models import ReceivableItem
from erpcrm.finance.services import has_chart, money_accounts

from .. import services
from ..expected_loss import COLUMNS, UNGRADED, total
from ..forms import DebtForm, PostLossForm, ReasonForm, RecoveryForm
from ..models import DEBT_APPROVE, DEBT_FLOW, DEBT_PROPOSE, LOSS_POST, RISK_VIEW, SETUP, ExpectedLoss
from .blueprint import bp, load_debt


@bp.get("/losses")
@allow(RISK_VIEW)
def losses() -> Response:
    """What is expected not to come of all that is open now, by age and grade."""
    found = services.expected_losses(today())
    return page(
        "credit/losses.html",
        bands=BANDS,
        columns=COLUMNS,
        ungraded=UNGRADED,
        rates=services.loss_rates(),
        cells=services.matrix(found),
        total=total(found),
        open=sum((one.open for one in found), Decimal(0)),
        form=PostLossForm(formdata=None, data={"date": today()}),
        may_post=current_user.may(LOSS_POST) and has_chart(),
        may_edit=current_user.may(SETUP),
        own=setting("currency"),
    )


@bp.get("/expected-losses")
@allow(RISK_VIEW)
def expected_losses() -> Response:
    return list_page(record_type("expected_loss"))


@bp.get("/expected-losses/<int:id>")
@allow(RISK_VIEW)
def expected_loss(id: int) -> Response:
    """What was booked on a day, and how it came about."""
    found = load(ExpectedLoss, id, everyone)
    cells = {
        (one["band"], one["grade"]): {name: Decimal(one[name]) for name in ("open", "rate", "loss")}
        for one in found.lines
    }
    return page(
        "credit/expected_loss.html",
        run=found,
        cells=cells,
        bands=BANDS,
        columns=COLUMNS,
        ungraded=UNGRADED,
        own=setting("currency"),
    )


@bp.post("/losses")
@allow(LOSS_POST)
def post_losses() -> Response:
    form = PostLossForm()
    if not form.validate():
        raise Refused(_("Choose a day."))
    made = services.post_expected(form.date.data, current_user)  # type: ignore[arg-type]
    flash(_("Booked."), "success")
    return redirect_to(url_for("credit.expected_loss", id=made.id))


@bp.route("/losses/rates", methods=["GET", "POST"])
@allow(SETUP)
def loss_rates() -> Response:
    """Percent of what is open, by age band and grade."""
    rates = services.loss_rates()
    problem = None
    if request.method == "POST":
        try:
            services.save_rates(
                {band.name: {grade: _rate(f"{band.name}_{grade}") for grade in COLUMNS} for band in BANDS}
            )
            flash(_("Saved."), "success")
            return redirect_to(url_for("credit.losses"))
        except Refused as no:
            problem = str(no.message)
    return page(
        "credit/loss_rates.html",
        bands=BANDS,
        columns=COLUMNS,
        ungraded=UNGRADED,
        rates=rates,
        problem=problem,
        typed=request.form,
        status=422 if problem else 200,
    )


def _rate(name: str) -> Decimal:
    text = (request.form.get(name) or "0").strip().replace(",", ".")
    if not text.replace(".", "", 1).isdecimal() or len(text) > 8:
        raise Refused(_("A rate is a percentage from 0 to 100."))
    return Decimal(text)


# --------------------------------------------------------------------- bad debts


@bp.get("/bad-debts")
@allow(RISK_VIEW)
def bad_debts() -> Response:
    return list_page(record_type("bad_debt"))


@bp.get("/bad-debts/<int:id>")
@allow(RISK_VIEW)
def bad_debt(id: int) -> Response:
    found = load_debt(id)
    approves = current_user.may(DEBT_APPROVE)
    return page(
        "credit/bad_debt.html",
        debt=found,
        state=DEBT_FLOW.state_of(found),
        may_approve=approves and found.status == "proposed" and found.created_by_id != current_user.id,
        own_proposal=approves and found.status == "proposed" and found.created_by_id == current_user.id,
        may_recover=approves and found.status == "written_off",
        own=setting("currency"),
    )


@bp.route("/bad-debts/new", methods=["GET", "POST"])
@allow(DEBT_PROPOSE)
def new_debt() -> Response:
    """For one open item, which the address names; without one its customer's items are offered on the ageing page."""
    item_id = request.values.get("item", type=whole)
    if item_id is None:
        return redirect_to(url_for("finance.items", view="open"))
    item = load(ReceivableItem, item_id, of_seen_customers(ReceivableItem.customer_id))
    form: Any = DebtForm(formdata=None, data={"amount": item.open}) if request.method == "GET" else DebtForm()
    if request.method == "POST" and form.validate():
        try:
            made = services.propose_debt(item, form.amount.data, form.reason.data, current_user)
            return redirect_to(url_for("credit.bad_debt", id=made.id))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("credit/debt_form.html", parts=["dialog_body"], form=form, item=item, status=status)


@bp.post("/bad-debts/<int:id>/approve")
@allow(DEBT_APPROVE)
def approve_debt(id: int) -> Response:
    found = load_debt(id)
    services.approve_debt(found, current_user, request.form.get("version", type=whole))
    return redirect_to(url_for("credit.bad_debt", id=id))


@bp.route("/bad-debts/<int:id>/refuse", methods=["GET", "POST"])
@allow(DEBT_APPROVE)
def refuse_debt(id: int) -> Response:
    found = load_debt(id)
    form = ReasonForm(formdata=None) if request.method == "GET" else ReasonForm()
    if request.method == "POST" and form.validate():
        services.refuse_debt(found, form.reason.data or "", current_user)
        return redirect_to(url_for("credit.bad_debt", id=id))
    status = 422 if request.method == "POST" else 200
    return page("credit/debt_reason.html", parts=["dialog_body"], debt=found, form=form, status=status)


@bp.route("/bad-debts/<int:id>/recover", methods=["GET", "POST"])
@allow(DEBT_APPROVE)
def recover_debt(id: int) -> Response:
    """Money that came after all."""
    found, accounts = load_debt(id), money_accounts()
    left = found.base_amount - found.recovered
    data = {"amount": left, "date": today()}
    form: Any = RecoveryForm(formdata=None, data=data) if request.method == "GET" else RecoveryForm()
    form.account_id.choices = select_choices((one.id, f"{one.code} {one.label}") for one in accounts)
    if request.method == "POST" and form.validate():
        chosen = next((one for one in accounts if one.id == form.account_id.data), None)
        if chosen is None:
            raise NotThere
        try:
            services.recover(found, form.amount.data, chosen, form.date.data, current_user)
            return redirect_to(url_for("credit.bad_debt", id=id))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    own = setting("currency")
    return page("credit/recover.html", parts=["dialog_body"], debt=found, form=form, own=own, status=status)
