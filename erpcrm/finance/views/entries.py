"""Journal entries: writing, posting, reversing."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.customers.models import Customer

from .. import services
from ..forms import EntryForm, ReverseForm
from ..models import ENTRY_EDIT, ENTRY_FLOW, ENTRY_POST, LEDGER_VIEW, Account, Entry, EntryLine, Journal
from ..services import Posting
from .blueprint import bp, document_url, need_chart


@bp.get("/entries")
@allow(LEDGER_VIEW)
def entries() -> Response:
    return list_page(record_type("journal_entry"))


@bp.get("/entries/<int:id>")
@allow(LEDGER_VIEW)
def entry(id: int) -> Response:
    whole = (
        joinedload(Entry.journal),
        joinedload(Entry.reverses),
        selectinload(Entry.lines).joinedload(EntryLine.account),
    )
    found = load(Entry, id, everyone, options=whole)
    ids = {line.customer_id for line in found.lines if line.customer_id is not None}
    names = dict(session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids))).all()) if ids else {}
    return page(
        "finance/entry.html",
        entry=found,
        state=ENTRY_FLOW.state_of(found),
        names=names,
        reversed_by=services.reversed_by(found) if found.status == "posted" else None,
        document_url=document_url(found.document_type, found.document_id),
    )


def _form_page(form: EntryForm, found: Entry | None, status: int = 200) -> Response:
    foreign = [account for account in services.money_accounts() if account.currency]
    return page("finance/entry_form.html", form=form, entry=found, foreign=foreign, status=status)


@bp.get("/entries/new")
@allow(ENTRY_EDIT)
def new_entry() -> Response:
    if (instead := need_chart()) is not None:
        return instead
    journal_id = services.journal_for("general").id
    return _form_page(EntryForm(formdata=None, data={"date": today(), "journal_id": journal_id}), None)


@bp.post("/entries/new")
@allow(ENTRY_EDIT)
def create_entry() -> Response:
    return _save(None)


@bp.get("/entries/<int:id>/edit")
@allow(ENTRY_EDIT)
def edit_entry(id: int) -> Response:
    found = load(Entry, id, everyone)
    if found.status != "draft":
        return redirect_to(url_for("finance.entry", id=id))
    lines = [
        {
            "account_id": line.account_id,
            "text": line.text,
            "debit": line.debit or None,
            "credit": line.credit or None,
            "amount_currency": abs(line.amount_currency) if line.amount_currency is not None else None,
        }
        for line in found.lines
    ]
    data: dict[str, Any] = {"date": found.date, "text": found.text, "journal_id": found.journal_id, "lines": lines}
    return _form_page(EntryForm(formdata=None, data={**data, "version": found.version}), found)


@bp.post("/entries/<int:id>/edit")
@allow(ENTRY_EDIT)
def update_entry(id: int) -> Response:
    return _save(load(Entry, id, everyone))


def _save(found: Entry | None) -> Response:
    form = EntryForm()
    if "more" in request.form:
        form.add_blank()
        return _form_page(form, found, 422)
    if not form.validate():
        return _form_page(form, found, 422)
    try:
        saved = _stored(form, found)
        if "post" in request.form:
            services.post(saved, current_user)
            flash(_("%(number)s is posted.", number=saved.number), "success")
        else:
            flash(_("The draft is saved."), "success")
    except Refused as no:
        form.form_errors = [str(no.message)]
        return _form_page(form, found, 422)
    return redirect_to(url_for("finance.entry", id=saved.id))


def _stored(form: EntryForm, found: Entry | None) -> Entry:
    journal = load(Journal, form.journal_id.data, everyone)
    ids = {line.form.account_id.data for line in form.lines if line.form.account_id.data}
    accounts = {one.id: one for one in session.scalars(select(Account).where(Account.id.in_(ids)))}
    postings = [
        _posting(accounts[line.form.account_id.data], line.form) for line in form.lines if not line.form.is_blank
    ]
    text = form.text.data or ""
    if found is None:
        return services.draft_entry(journal, form.date.data, text, postings, by=current_user)
    services.update_draft(found, journal, form.date.data, text, postings, form.version.data)
    return found


def _posting(account: Account, line: Any) -> Posting:
    """On an account in another currency the amount in it, on the side of the other."""
    held = line.amount_currency.data
    if account.currency is None or held is None:
        return Posting(account, line.amount, text=line.text.data)
    return Posting(account, line.amount, None, line.text.data, account.currency, held if line.amount > 0 else -held)


@bp.post("/entries/<int:id>/post")
@allow(ENTRY_POST)
def post_entry(id: int) -> Response:
    found = load(Entry, id, everyone)
    services.post(found, current_user, request.form.get("version", type=int))
    flash(_("%(number)s is posted.", number=found.number), "success")
    return redirect_to(url_for("finance.entry", id=id))


@bp.post("/entries/<int:id>/delete")
@allow(ENTRY_EDIT)
def delete_entry(id: int) -> Response:
    services.delete_draft(load(Entry, id, everyone))
    flash(_("The draft is deleted."), "success")
    return redirect_to(url_for("finance.entries"))


@bp.route("/entries/<int:id>/reverse", methods=["GET", "POST"])
@allow(ENTRY_POST)
def reverse_entry(id: int) -> Response:
    found = load(Entry, id, everyone)
    form = (
        ReverseForm(formdata=None, data={"on": max(today(), found.date)}) if request.method == "GET" else ReverseForm()
    )
    if request.method == "GET" or not form.validate():
        status = 422 if request.method == "POST" else 200
        return page("finance/reverse.html", parts=["dialog_body"], form=form, entry=found, status=status)
    made = services.reverse_entry(found, form.on.data, form.text.data or None, current_user)
    flash(_("%(number)s takes %(other)s back.", number=made.number, other=found.number), "success")
    return redirect_to(url_for("finance.entry", id=made.id))
