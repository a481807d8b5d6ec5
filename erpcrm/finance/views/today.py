"""The first page of finance, and the choice of a chart of accounts."""

from flask import Response, flash, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.i18n import _, today
from erpcrm.core.pages import page, redirect_to

from .. import services
from ..charts import CHARTS
from ..models import LEDGER_VIEW, PAYMENT_EDIT, RECEIVABLE_VIEW, SETUP
from .blueprint import bp

LINES = 5


@bp.get("")
@allow(RECEIVABLE_VIEW)
def finance() -> Response:
    """What needs the accountant today."""
    if not services.has_chart():
        return redirect_to(url_for("finance.start")) if current_user.may(SETUP) else page("finance/no_chart.html")
    books = current_user.may(LEDGER_VIEW)
    lines = services.lines_to_match(LINES) if current_user.may(PAYMENT_EDIT) else []
    day = services.day_of(current_user)
    return page(
        "finance/finance.html",
        day=day,
        books=books,
        lines=lines,
        matches=services.propose_matches(lines),
        reminders=services.reminders(current_user)[:LINES],
        ageing=services.ageing(today(), current_user),
    )


@bp.get("/start")
@allow(SETUP)
def start() -> Response:
    if services.has_chart():
        return redirect_to(url_for("finance.accounts"))
    return page("finance/start.html", charts=CHARTS)


@bp.post("/start/<chart>")
@allow(SETUP)
def choose_chart(chart: str) -> Response:
    services.choose_chart(chart)
    services.ensure_levels()
    services.open_stock(today())
    flash(_("The books are open. Every account can be changed."), "success")
    return redirect_to(url_for("finance.accounts"))
