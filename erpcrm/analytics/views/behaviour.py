"""Cohorts, what is bought together, and the task that comes of a customer's silence."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow
from erpcrm.core.errors import Refused
from erpcrm.core.i18n import _, show_date, show_month, show_number, show_percent, today
from erpcrm.core.pages import page, redirect_to, wanted_part
from erpcrm.core.settings import setting
from erpcrm.customers.services import add_activity

from ..cohorts import MONTHS, Cell, Cohort, first_day
from ..models import BEHAVIOUR_VIEW
from ..services import behaviour, value
from ..value_forms import TaskForm
from .blueprint import bp, load_customer
from .dashboard import SOURCES

MOST = {"month": 13, "quarter": 9}
MEASURES = ("customers", "revenue")
PAIRS, FEW = 50, 6
SOON = timedelta(days=2)


@bp.get("/cohorts")
@allow(BEHAVIOUR_VIEW)
def cohorts() -> Response:
    """Customers by their first purchase, and who came back: as part of the dashboard, or a page."""
    unit, by = request.args.get("unit"), request.args.get("by")
    unit, by = (unit if unit in MONTHS else "month"), (by if by in MEASURES else "customers")
    table, means = behaviour.cohort_table(current_user, unit, today(), MOST[unit])
    run = value.last_run()
    return page(
        "analytics/cohorts.html",
        parts=["cohorts_card"],
        unit=unit,
        by=by,
        columns=list(range(max((len(one.cells) for one in table), default=0))),
        rows=[_row(one, unit, by) for one in table],
        means=means,
        source=SOURCES.get(run.source) if run is not None else None,
        run=run,
    )


def _row(one: Cohort, unit: str, by: str) -> dict[str, Any]:
    """A row of the heat table: values in percent, texts as they are read."""
    start = first_day(one.period * MONTHS[unit])
    name = (
        show_month(start)
        if unit == "month"
        else _("Q%(quarter)s %(year)s", quarter=start.month // 3 + 1, year=start.year)
    )

    def of(cell: Cell) -> Decimal | None:
        return cell.kept if by == "customers" else cell.spent

    texts = [show_percent(of(cell)) if of(cell) is not None else "–" for cell in one.cells]
    return {
        "label": name,
        "size": one.size,
        "values": [max(Decimal(0), of(cell) or Decimal(0)) for cell in one.cells],
        "texts": texts,
        "titles": [
            _("%(count)s of %(all)s customers", count=show_number(cell.customers), all=show_number(one.size))
            for cell in one.cells
        ],
    }


@bp.get("/baskets")
@allow(BEHAVIOUR_VIEW)
def baskets() -> Response:
    """Products that are bought together more often than by chance: as part of the dashboard, or a page."""
    part = wanted_part() == "baskets_card"
    run = value.last_run()
    return page(
        "analytics/baskets.html",
        parts=["baskets_card"],
        pairs=behaviour.pairs(FEW if part else PAIRS),
        least=setting("basket_least"),
        source=SOURCES.get(run.source) if run is not None else None,
        few=part,
    )


@bp.route("/customers/<int:id>/task", methods=["GET", "POST"])
@allow("customers.activity.edit")
def plan_task(id: int) -> Response:
    """A task about a customer who has fallen silent, for its owner at first."""
    customer = load_customer(id)
    found = value.value_of(customer.id)
    proposed = {
        "subject": _("Ask why nothing came since %(day)s", day=show_date(found.last_on)) if found is not None else "",
        "due_on": today() + SOON,
        "owner_id": customer.owner_id or current_user.id,
    }
    form: Any = TaskForm(formdata=None, data=proposed) if request.method == "GET" else TaskForm()
    if request.method == "POST" and form.validate():
        try:
            add_activity(
                customer,
                "task",
                form.subject.data,
                current_user,
                due_on=form.due_on.data,
                owner_id=form.owner_id.data or current_user.id,
            )
            flash(_("The task is planned."), "success")
            return redirect_to(url_for("analytics.dashboard"))
        except Refused as no:
            form.subject.errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("analytics/task.html", parts=["dialog_body"], customer=customer, form=form, status=status)
