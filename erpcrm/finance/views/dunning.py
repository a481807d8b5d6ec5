"""Reminders: who would get one today, sending them, stopping them, and their words."""

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, ngettext
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole_or_none
from erpcrm.customers.scopes import of_seen_customers

from .. import services
from ..forms import LevelForm, StopForm
from ..models import DUNNING_SEND, RECEIVABLE_VIEW, SETUP, Dunning, DunningItem, DunningLevel
from ..services.dunning import compose
from .blueprint import bp
from .receivables import load_customer


@bp.get("/dunning")
@allow(RECEIVABLE_VIEW)
def dunning() -> Response:
    """Who would be reminded today, and of what."""
    return page("finance/dunning.html", reminders=services.reminders(current_user), levels=services.levels())


@bp.post("/dunning/send")
@allow(DUNNING_SEND)
def send_reminders() -> Response:
    """One mail to each customer that is ticked. Who can't be reminded is told, the others get theirs."""
    ids = [one for text in request.form.getlist("customer") if (one := whole_or_none(text)) is not None]
    sent = 0
    for customer in [load_customer(one) for one in dict.fromkeys(ids)]:
        try:
            services.send_reminder(customer, current_user)
            sent += 1
        except Refused as no:
            flash(str(no.message), "warning")
    if sent:
        flash(ngettext("%(num)s reminder is on its way.", "%(num)s reminders are on their way.", sent), "success")
    elif not ids:
        flash(_("Tick whom to remind."), "warning")
    return redirect_to(url_for("finance.dunning"))


@bp.get("/dunning/preview/<int:id>")
@allow(RECEIVABLE_VIEW)
def preview_reminder(id: int) -> Response:
    """How the mail to a customer would read."""
    customer = load_customer(id)
    found = next(iter(services.reminders(current_user, customer_ids=[id])), None)
    text = None
    if found is not None:
        text = compose(found, next(level for level in services.levels() if level.level == found.level))
    return page("finance/reminder_preview.html", parts=["dialog_body"], customer=customer, found=found, text=text)


@bp.get("/reminders")
@allow(RECEIVABLE_VIEW)
def reminders() -> Response:
    return list_page(record_type("dunning"))


@bp.get("/reminders/<int:id>")
@allow(RECEIVABLE_VIEW)
def reminder(id: int) -> Response:
    found = load(Dunning, id, of_seen_customers(Dunning.customer_id), options=(joinedload(Dunning.customer),))
    query = select(DunningItem).where(DunningItem.dunning_id == id).options(joinedload(DunningItem.item))
    return page("finance/reminder.html", dunning=found, items=session.scalars(query).all())


@bp.route("/ageing/<int:id>/stop", methods=["GET", "POST"])
@allow(DUNNING_SEND)
def stop_reminders(id: int) -> Response:
    customer = load_customer(id)
    form = StopForm(formdata=None) if request.method == "GET" else StopForm()
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return page("finance/stop.html", parts=["dialog_body"], form=form, customer=customer, status=status)
    services.stop_reminders(customer, stop=True, note=form.note.data, until=form.until.data)
    return redirect_to(url_for("finance.customer_account", id=id))


@bp.post("/ageing/<int:id>/resume")
@allow(DUNNING_SEND)
def resume_reminders(id: int) -> Response:
    services.stop_reminders(load_customer(id), stop=False)
    return redirect_to(url_for("finance.customer_account", id=id))


@bp.route("/dunning/levels/<int:id>", methods=["GET", "POST"])
@allow(SETUP)
def dunning_level(id: int) -> Response:
    found = load(DunningLevel, id, everyone)
    form = LevelForm(formdata=None, obj=found) if request.method == "GET" else LevelForm()
    if request.method == "POST" and form.validate():
        try:
            services.save_level(found, form.values())
            return redirect_to(url_for("finance.dunning"))
        except Refused as no:
            form.days.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("finance/dunning_level.html", parts=["dialog_body"], form=form, level=found, status=status)
