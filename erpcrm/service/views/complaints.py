"""The pages of complaints: what was wrong and why, what the customer gets, what keeps it from coming again, and what it cost."""

from datetime import timedelta
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.access.models import User
from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.forms import select_choices
from erpcrm.core.i18n import _, show_money, today
from erpcrm.core.lists import list_page
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.pointers import may_see
from erpcrm.core.registry import is_on, record_type, registry
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole
from erpcrm.finance.forms import quantities_in
from erpcrm.finance.models import PAYMENT_REFUND
from erpcrm.finance.services import money_accounts
from erpcrm.finance.views.blueprint import asked_day
from erpcrm.sales.models.orders import EDIT as ORDER_EDIT

from ..complaint_forms import (
    WHYS,
    CheckForm,
    ComplaintForm,
    CostForm,
    MeasureForm,
    NoteForm,
    ReasonForm,
    RefundForm,
    RemedyForm,
)
from ..complaint_records import COMPLAINT_SCOPE
from ..models import (
    COMPLAINT_DECIDE,
    COMPLAINT_FLOW,
    COMPLAINT_VIEW,
    COMPLAINT_WORK,
    COSTS,
    REMEDIES,
    SEVERITIES,
    Complaint,
    Measure,
)
from ..services import complaint_figures, complaints, remedies
from .blueprint import bp, load_ticket

OF_UPPER_AREAS = {"order_id": "sales", "delivery_id": "inventory", "lot_id": "inventory", "invoice_id": "finance"}
GIVES = {
    "credit_note": ("finance", remedies.lines_to_credit),
    "return": ("inventory", remedies.lines_to_take_back),
    "replacement": ("sales", remedies.lines_to_replace),
}
"""What is made of lines: the area that must be on, and the lines that are offered"""
QUARTER = 90


WHOLE = (
    *(joinedload(part) for part in (Complaint.customer, Complaint.product, Complaint.lot, Complaint.order)),
    *(joinedload(part) for part in (Complaint.delivery, Complaint.invoice, Complaint.ticket)),
    selectinload(Complaint.remedies),
    selectinload(Complaint.costs),
    selectinload(Complaint.measures).joinedload(Measure.owner),
)


def found(id: int) -> Complaint:
    return load(Complaint, id, COMPLAINT_SCOPE, options=WHOLE)


def back(complaint: Complaint) -> Response:
    return redirect_to(url_for("service.complaint", id=complaint.id))


def _dialog(template: str, complaint: Complaint, form: Any, **data: Any) -> Response:
    status = 422 if request.method == "POST" else 200
    return page(template, parts=["dialog_body"], complaint=complaint, form=form, status=status, **data)


def _may_make(kind: str) -> bool:
    """Whether this area is on and, for what is posted at once, whether the user may."""
    if kind == "other":
        return True
    if kind == "refund":
        return is_on(registry().by_name["finance"]) and current_user.may(PAYMENT_REFUND)
    if kind == "replacement" and not current_user.may(ORDER_EDIT):
        return False
    return is_on(registry().by_name[GIVES[kind][0]])


@bp.get("/complaints")
@allow(COMPLAINT_VIEW)
def list_complaints() -> Response:
    return list_page(record_type("complaint"))


@bp.get("/complaints/<int:id>")
@allow(COMPLAINT_VIEW)
def complaint(id: int) -> Response:
    record = found(id)
    live = record.status in ("open", "justified")
    costs = complaints.costs_of([record.id])[record.id]
    return page(
        "service/complaint.html",
        complaint=record,
        state=COMPLAINT_FLOW.state_of(record),
        moves=COMPLAINT_FLOW.moves_for(record, current_user),
        severity=next(one for one in SEVERITIES if one.value == record.severity),
        harmed=[option_label("complaint.harm", one) for one in record.harmed],
        kinds={one.value: one for one in REMEDIES},
        cost_kinds={one.value: one.label for one in COSTS},
        similar=complaints.similar(record),
        costs=costs,
        cost=sum(one.amount for one in costs),
        own=setting("currency"),
        seen={name: may_see(name, getattr(record, f"{name}_id")) for name in ("order", "delivery", "invoice", "lot")}
        | {name: may_see(name, getattr(record, f"{name}_id")) for name in ("customer", "product")},
        documents={one.id: _document(one) for one in record.remedies},
        gives=[kind for kind in REMEDIES if _may_make(kind.value)] if record.status == "justified" else [],
        may_work=live and current_user.may(COMPLAINT_WORK),
        may_decide=current_user.may(COMPLAINT_DECIDE),
        today=today(),
    )


@bp.get("/tickets/<int:id>/complaint")
@allow(COMPLAINT_VIEW)
def complaint_of_ticket(id: int) -> Response:
    """From a ticket to what is found out about it."""
    record = complaints.complaint_of(load_ticket(id))
    if record is None:
        raise NotThere
    return back(record)


def _document(remedy: Any) -> tuple[str, str | None] | None:
    """What a remedy made: its number, and where it is when this user may see it."""
    kind = registry().record_types.get(remedy.document_type or "")
    if kind is None:
        return None
    made = session.get(kind.model, remedy.document_id)
    number = getattr(made, "number", None) or _("Draft")
    return number, url_for(kind.endpoint, id=remedy.document_id) if may_see(kind.name, remedy.document_id) else None


@bp.route("/complaints/<int:id>/edit", methods=["GET", "POST"])
@allow(COMPLAINT_WORK)
def edit_complaint(id: int) -> Response:
    record = found(id)
    whys = dict(zip(WHYS, record.whys, strict=False))
    form = (
        ComplaintForm(obj=record) if request.method == "POST" else ComplaintForm(formdata=None, obj=record, data=whys)
    )
    for name, area in OF_UPPER_AREAS.items():
        kind = name.removesuffix("_id")
        if not is_on(registry().by_name[area]) or not current_user.may(record_type(kind).view):
            del form[name]
    if request.method == "POST" and form.validate():
        values = form.values()
        values["whys"] = [values.pop(name) for name in WHYS]
        try:
            complaints.update_complaint(record, values, form.version.data)
            return back(record)
        except Refused as no:
            form.form_errors = [*form.form_errors, no.message]
    status = 422 if request.method == "POST" else 200
    return page("service/complaint_form.html", complaint=record, form=form, whys=WHYS, status=status)


@bp.route("/complaints/<int:id>/ask/<move>", methods=["GET"])
@allow(COMPLAINT_DECIDE)
def ask_complaint_reason(id: int, move: str) -> Response:
    """The words that go with a decision."""
    record = found(id)
    asked = COMPLAINT_FLOW.move.get(move)
    if asked is None:
        raise NotThere
    return _dialog("service/complaint_reason.html", record, ReasonForm(formdata=None, obj=record), move=asked)


@bp.post("/complaints/<int:id>/<move>")
@allow(COMPLAINT_DECIDE)
def move_complaint(id: int, move: str) -> Response:
    record = found(id)
    if move not in COMPLAINT_FLOW.move:
        raise NotThere
    version, reason = request.form.get("version", type=whole), request.form.get("reason")
    complaints.move_complaint(record, move, current_user, version=version, reason=reason)
    return back(record)


# --------------------------------------------------------------------- remedies


@bp.route("/complaints/<int:id>/remedies/<kind>", methods=["GET", "POST"])
@allow(COMPLAINT_DECIDE)
def give_remedy(id: int, kind: str) -> Response:
    """Give the customer something: lines are chosen where a document is made of them, all of what is complained about at first."""
    record = found(id)
    if kind not in {one.value for one in REMEDIES} or not _may_make(kind):
        raise NotThere
    if kind == "other":
        return _note_remedy(record)
    if kind == "refund":
        return _refund(record)
    offered = GIVES[kind][1](record)
    form = RemedyForm() if request.method == "POST" else RemedyForm(formdata=None)
    if kind != "return":
        del form.becomes
    before = remedies.remedies_before(record)
    if not before:
        del form.sure
    if request.method == "POST" and form.validate():
        try:
            quantities, wrong = quantities_in(request.form, [one.line.id for one in offered])
            if wrong:
                raise Refused(_("This is not a number."))
            return _made(record, kind, quantities, form)
        except Refused as no:
            form.form_errors = [*form.form_errors, no.message]
    label = next(one.label for one in REMEDIES if one.value == kind)
    return _dialog("service/remedy.html", record, form, kind=kind, label=label, offered=offered, before=before)


def _made(record: Complaint, kind: str, quantities: remedies.Quantities, form: Any) -> Response:
    sure = bool("sure" in form and form.sure.data)
    if kind == "credit_note":
        remedies.credit(record, quantities, current_user, sure=sure)
        flash(_("A draft of a credit note is written. It counts when it is posted."), "success")
    elif kind == "return":
        remedies.take_back(record, quantities, current_user, becomes=form.becomes.data, sure=sure)
        flash(_("The return is announced. It is taken in when it comes."), "success")
    else:
        remedies.replace(record, quantities, current_user, sure=sure)
        flash(_("An order that costs nothing is drafted. Confirm it to send the goods."), "success")
    return back(record)


def _note_remedy(record: Complaint) -> Response:
    form = NoteForm() if request.method == "POST" else NoteForm(formdata=None)
    if request.method == "POST" and form.validate():
        try:
            remedies.note_remedy(record, form.note.data or "", current_user)
            return back(record)
        except Refused as no:
            form.note.errors = [str(no.message)]
    return _dialog("service/remedy_note.html", record, form)


def _refund(record: Complaint) -> Response:
    items = {one.id: one for one in remedies.open_credits(record)}
    accounts = {one.id: one for one in money_accounts()}
    first = next(iter(items.values()), None)
    typed = {"amount": -first.open if first is not None else None}
    form = RefundForm() if request.method == "POST" else RefundForm(formdata=None, data=typed)
    form.item_id.choices = select_choices(
        (one.id, f"{one.number} {show_money(-one.open, one.currency)}") for one in items.values()
    )
    form.account_id.choices = select_choices((one.id, f"{one.code} {one.label}") for one in accounts.values())
    if request.method == "POST" and form.validate():
        values = {"amount": form.amount.data, "account": accounts[form.account_id.data]}
        try:
            remedies.refund(record, items[form.item_id.data], values, current_user)
            return back(record)
        except Refused as no:
            form.amount.errors = [str(no.message)]
    return _dialog("service/remedy_refund.html", record, form, items=items)


# ------------------------------------------------------------ prevention, costs


@bp.route("/complaints/<int:id>/measures/new", methods=["GET", "POST"])
@allow(COMPLAINT_WORK)
def new_measure(id: int) -> Response:
    record = found(id)
    data = {"due_on": today() + timedelta(days=14), "owner_id": current_user.id}
    form = MeasureForm() if request.method == "POST" else MeasureForm(formdata=None, data=data)
    if request.method == "POST" and form.validate():
        owner = load(User, form.owner_id.data or 0, everyone)
        try:
            complaints.add_measure(record, form.text.data or "", owner, form.due_on.data, current_user)  # type: ignore[arg-type]
            return back(record)
        except Refused as no:
            form.text.errors = [str(no.message)]
    return _dialog("service/measure.html", record, form)


def _measure(id: int, part_id: int) -> tuple[Complaint, Measure]:
    record = found(id)
    part = next((one for one in record.measures if one.id == part_id), None)
    if part is None:
        raise NotThere
    return record, part


@bp.post("/complaints/<int:id>/measures/<int:part_id>/done")
@allow(COMPLAINT_VIEW)
def finish_measure(id: int, part_id: int) -> Response:
    """By its owner, or by whoever works on complaints."""
    record, part = _measure(id, part_id)
    if part.owner_id != current_user.id and not current_user.may(COMPLAINT_WORK):
        raise Refused(_("%(name)s does this.", name=part.owner.name if part.owner is not None else "–"))
    complaints.finish_measure(part, current_user)
    return back(record)


@bp.route("/complaints/<int:id>/measures/<int:part_id>/check", methods=["GET", "POST"])
@allow(COMPLAINT_WORK)
def check_measure(id: int, part_id: int) -> Response:
    record, part = _measure(id, part_id)
    form = CheckForm() if request.method == "POST" else CheckForm(formdata=None)
    if request.method == "POST" and form.validate():
        try:
            complaints.check_measure(part, form.worked.data, form.finding.data, current_user)
            return back(record)
        except Refused as no:
            form.finding.errors = [str(no.message)]
    return _dialog("service/measure_check.html", record, form, part=part)


@bp.route("/complaints/<int:id>/costs/new", methods=["GET", "POST"])
@allow(COMPLAINT_WORK)
def new_cost(id: int) -> Response:
    record = found(id)
    form = CostForm() if request.method == "POST" else CostForm(formdata=None)
    if request.method == "POST" and form.validate():
        try:
            complaints.add_cost(record, form.kind.data, form.text.data or "", form.amount.data, current_user)  # type: ignore[arg-type]
            return back(record)
        except Refused as no:
            form.amount.errors = [str(no.message)]
    return _dialog("service/complaint_cost.html", record, form, own=setting("currency"))


@bp.post("/complaints/<int:id>/costs/<int:part_id>/remove")
@allow(COMPLAINT_WORK)
def remove_cost(id: int, part_id: int) -> Response:
    record = found(id)
    complaints.remove_cost(record, part_id)
    return back(record)


# --------------------------------------------------------------------- analysis


@bp.get("/complaints/analysis")
@allow(COMPLAINT_VIEW)
def complaint_analysis() -> Response:
    """How many there were in a time, by product, cause, lot, severity or customer, and what they cost."""
    by = request.args.get("by", "product")
    if by not in complaint_figures.KEYS:
        by = "product"
    until = asked_day("until")
    since = asked_day("since", until - timedelta(days=QUARTER))
    if since > until:
        since, until = until, since
    kind = record_type("complaint")
    figures = complaint_figures.figures(by, since, until, kind.scope(current_user, current_user.scope(kind.name)))
    return page(
        "service/complaint_analysis.html",
        by=by,
        tabs=[
            {
                "label": one.label,
                "url": url_for(
                    "service.complaint_analysis", by=one.value, since=since.isoformat(), until=until.isoformat()
                ),
                "active": one.value == by,
            }
            for one in complaint_figures.DIMENSIONS
        ],
        label=next(one.label for one in complaint_figures.DIMENSIONS if one.value == by),
        since=since,
        until=until,
        figures=figures,
        own=setting("currency"),
    )
