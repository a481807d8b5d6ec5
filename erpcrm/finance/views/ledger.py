"""The chart of accounts, the trial balance, and the lines behind each figure."""

from flask import Response, flash, request, url_for

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, today
from erpcrm.core.lists import list_page
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from .. import services
from ..forms import AccountForm
from ..models import ACCOUNT_KINDS, ACCOUNT_ROLES, LEDGER_VIEW, SETUP, Account, Journal
from ..services.reports import fiscal_start
from .blueprint import asked_day, bp, refused_beside

KINDS = {choice.value: choice for choice in ACCOUNT_KINDS}
ROLES = {choice.value: choice.label for choice in ACCOUNT_ROLES}


@bp.get("/accounts")
@allow(LEDGER_VIEW)
def accounts() -> Response:
    return list_page(record_type("account"), template="finance/accounts.html", started=services.has_chart())


@bp.get("/accounts/<int:id>")
@allow(LEDGER_VIEW)
def account(id: int) -> Response:
    """An account between two days, with its running balance."""
    found = load(Account, id, everyone)
    until = asked_day("until")
    since = asked_day("since", fiscal_start(until))
    number = max(request.args.get("page", 1, type=whole), 1)
    sheet = services.account_sheet(found, since, until, number)
    return page(
        "finance/account.html",
        account=found,
        since=since,
        until=until,
        sheet=sheet,
        kind=KINDS[found.kind],
        roles=ROLES,
    )


def _account_dialog(form: AccountForm, found: Account | None, status: int = 200) -> Response:
    return page("finance/account_form.html", parts=["dialog_body"], form=form, account=found, status=status)


@bp.get("/accounts/new")
@allow(SETUP)
def new_account() -> Response:
    return _account_dialog(AccountForm(formdata=None), None)


@bp.post("/accounts/new")
@allow(SETUP)
def create_account() -> Response:
    return _save_account(None)


@bp.get("/accounts/<int:id>/edit")
@allow(SETUP)
def edit_account(id: int) -> Response:
    found = load(Account, id, everyone)
    return _account_dialog(AccountForm(formdata=None, obj=found), found)


@bp.post("/accounts/<int:id>/edit")
@allow(SETUP)
def update_account(id: int) -> Response:
    return _save_account(load(Account, id, everyone))


def _save_account(found: Account | None) -> Response:
    form = AccountForm()
    if not form.validate():
        return _account_dialog(form, found, 422)
    try:
        saved = services.save_account(found, form.values(), form.version.data)
    except Refused as no:
        refused_beside(form.code, no)
        return _account_dialog(form, found, 422)
    flash(_("“%(name)s” is saved.", name=f"{saved.code} {saved.label}"), "success")
    return redirect_to(url_for("finance.account", id=saved.id))


@bp.post("/accounts/<int:id>/remove")
@allow(SETUP)
def remove_account(id: int) -> Response:
    services.remove_account(load(Account, id, everyone))
    return redirect_to(url_for("finance.accounts"))


@bp.get("/trial-balance")
@allow(LEDGER_VIEW)
def trial_balance() -> Response:
    """All balances of a day; each figure opens down to its entries."""
    on = asked_day("on")
    since = asked_day("since", fiscal_start(on))
    balance = services.trial_balance(on, since)
    owed = services.receivables_total(on)
    control = next((row.after for row in balance.rows if row.account.role == "receivable"), None)
    return page(
        "finance/trial_balance.html",
        balance=balance,
        kinds=KINDS,
        owed=owed,
        differs=control is not None and control != owed,
        today_is=today(),
    )


@bp.get("/journals")
@allow(LEDGER_VIEW)
def journals() -> Response:
    return list_page(record_type("journal"))


@bp.get("/journals/<int:id>")
@allow(LEDGER_VIEW)
def journal(id: int) -> Response:
    """The entries of a journal."""
    found = load(Journal, id, everyone)
    return redirect_to(url_for("finance.entries", journal=found.code))
