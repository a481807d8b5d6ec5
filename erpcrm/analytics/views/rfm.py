"""RFM: the heat table, the cells, who moved between them, how scores are worked out."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user
from sqlalchemy import func, select

from erpcrm.core.access import allow, load
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.i18n import _, today
from erpcrm.core.jobs import enqueue
from erpcrm.core.pages import address_maker, page, redirect_to
from erpcrm.core.records import titles_of
from erpcrm.core.registry import record_type
from erpcrm.customers.models import Customer
from erpcrm.customers.scopes import CUSTOMER_SCOPE

from .. import rfm as arithmetic
from ..forms import CellForm, RfmForm
from ..jobs import SCORE
from ..models import RFM_SETUP, SEGMENT_VIEW, RfmCell
from ..services import rfm as services
from ..services.transactions import source
from .blueprint import bp

AT_ONCE = 20_000
"""With more customers scores are worked out by a job"""
NONE = "-"
"""In an address: no cell, or nothing bought within the window"""


@bp.get("/rfm")
@allow(SEGMENT_VIEW)
def rfm() -> Response:
    """How many customers have which scores, and what they bought for; each cell opens its customers."""
    by_cell = services.by_cell(current_user)
    known = services.cells()
    whole = sum(many for many, _worth in by_cell.values())
    worth = sum((one for _many, one in by_cell.values()), Decimal(0))
    return page(
        "analytics/rfm.html",
        grid=services.grid(current_user),
        scores=arithmetic.SCORES,
        cells=[(cell, *by_cell.get(cell.key, (0, Decimal(0)))) for cell in known],
        others=by_cell.get(None),
        whole=whole,
        worth=worth,
        as_of=services.as_of(),
        how=services.policy(),
        source=source(),
        customers_url=url_for("customers.customers"),
        may_set_up=current_user.may(RFM_SETUP),
    )


@bp.post("/rfm/work-out")
@allow(RFM_SETUP)
def work_out_rfm() -> Response:
    """At once in a company of usual size, else by a job."""
    if (session.scalar(select(func.count()).select_from(Customer)) or 0) <= AT_ONCE:
        flash(_("%(count)s customers have scores now.", count=services.work_out()), "success")
    else:
        enqueue(SCORE, label=_("RFM scores"), by=current_user)
        flash(_("Scores are being worked out in the background."), "info")
    return redirect_to(url_for("analytics.rfm"))


@bp.get("/rfm/customers/<int:id>")
@allow(SEGMENT_VIEW)
def rfm_customer(id: int) -> Response:
    """Where a customer's scores come from: the figures, the fifths or cut-offs, the documents."""
    customer = load(Customer, id, CUSTOMER_SCOPE)
    row = services.scores_of(customer.id)
    documents = services.documents_of(row) if row is not None else []
    return page(
        "analytics/rfm_customer.html",
        parts=["dialog_body"],
        customer=customer,
        row=row,
        days=(row.as_of - row.last_on).days if row is not None else None,
        cell=next((one for one in services.cells() if row is not None and one.key == row.cell), None),
        how=services.policy(),
        spread=services.spread(current_user) if row is not None else {},
        documents=_named(documents),
        source=source(),
    )


def _named(documents: Sequence[Any]) -> list[tuple[tuple[Any, str | None], Any]]:
    """What each document is called for this reader, and its address where they may open it: they are all of one type."""
    if not documents:
        return []
    kind = record_type(documents[0].document_type)
    ids = [one.document_id for one in documents]
    titles = titles_of(kind, ids, current_user) if current_user.may(kind.view) else {}
    address = address_maker(kind.endpoint)
    found: list[tuple[tuple[Any, str | None], Any]] = []
    for one in documents:
        seen = one.document_id in titles
        named = (titles[one.document_id], address(one.document_id)) if seen else (kind.label, None)
        found.append((named, one))
    return found


# ------------------------------------------------------------------------- moves


@bp.get("/rfm/moves")
@allow(SEGMENT_VIEW)
def rfm_moves() -> Response:
    """From which cell into which between two days; a pair of them opens its customers."""
    end = _day("to") or today()
    start = _day("from") or end - timedelta(days=30)
    known = services.cells()
    rows: list[tuple[str | None, Any]] = [(cell.key, cell.label) for cell in known]
    rows.append((None, _("Nothing bought, or no cell")))
    keys = {key for key, _label in rows}
    flow = services.flow(start, end, current_user)
    gone = sorted({key for pair in flow for key in pair if key not in keys}, key=str)
    rows += [(key, key) for key in gone]
    pair = None
    if "was" in request.args and "now" in request.args:
        was, now = (None if request.args[name] == NONE else request.args[name] for name in ("was", "now"))
        labels = dict(rows)
        people = services.movers(start, end, was, now, current_user)
        pair = (labels.get(was, was), labels.get(now, now), people, flow.get((was, now), 0))
    return page(
        "analytics/rfm_moves.html",
        start=start,
        end=end,
        rows=rows,
        flow=flow,
        moved=sum(many for (was, now), many in flow.items() if was != now),
        pair=pair,
        none=NONE,
        first=services.first_move(),
    )


def _day(name: str) -> date | None:
    try:
        found = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return found if 1900 < found.year < 2200 else None


# ------------------------------------------------------------------------ set-up


def _set_up(form: Any, status: int = 200) -> Response:
    known = services.cells()
    return page(
        "analytics/rfm_setup.html",
        form=form,
        names=arithmetic.NAMES,
        places=range(arithmetic.CUTS),
        scores=arithmetic.SCORES,
        spread=services.spread(current_user),
        cells=known,
        counts=services.by_cell(current_user),
        missing=arithmetic.without_a_cell(known),
        idle=arithmetic.never_reached(known),
        source=source(),
        status=status,
    )


@bp.get("/rfm/setup")
@allow(RFM_SETUP)
def rfm_setup() -> Response:
    how = services.policy()
    data: dict[str, Any] = {"months": how.months, "by": how.by}
    for name, cuts in how.cuts.items():
        data |= {f"{name}_{place}": cut for place, cut in enumerate(cuts)}
    return _set_up(RfmForm(formdata=None, data=data))


@bp.post("/rfm/setup")
@allow(RFM_SETUP)
def save_rfm() -> Response:
    form: Any = RfmForm()
    if not form.validate():
        return _set_up(form, 422)
    try:
        services.save_policy(form.months.data, form.by.data, form.cuts())
    except Refused as no:
        form.form_errors = [str(no.message)]
        return _set_up(form, 422)
    return work_out_rfm()


@bp.route("/rfm/cells/new", methods=["GET", "POST"])
@allow(RFM_SETUP)
def new_rfm_cell() -> Response:
    return _cell(None)


@bp.route("/rfm/cells/<int:id>", methods=["GET", "POST"])
@allow(RFM_SETUP)
def rfm_cell(id: int) -> Response:
    found = session.get(RfmCell, id)
    if found is None:
        raise NotThere
    return _cell(found)


def _cell(found: RfmCell | None) -> Response:
    data: dict[str, Any] = {f"{name}_to": 5 for name in arithmetic.NAMES}
    if found is not None:
        data = {name: getattr(found, name) for name in CellForm()._fields if hasattr(found, name)}
        data["position"] = found.position + 1
    form: Any = CellForm(formdata=None, data=data) if request.method == "GET" else CellForm()
    if request.method == "POST" and form.validate():
        if found is not None and form.version.data is not None and form.version.data != found.version:
            raise Stale(found)
        try:
            with session.begin_nested():
                services.save_cell(found, form.values())
            return redirect_to(url_for("analytics.rfm_setup"))
        except Refused as no:
            form.form_errors = [str(no.message)]
    status = 422 if request.method == "POST" else 200
    return page("analytics/rfm_cell.html", parts=["dialog_body"], form=form, cell=found, status=status)


@bp.post("/rfm/cells/<int:id>/delete")
@allow(RFM_SETUP)
def delete_rfm_cell(id: int) -> Response:
    found = session.get(RfmCell, id)
    if found is None:
        raise NotThere
    services.delete_cell(found)
    return redirect_to(url_for("analytics.rfm_setup"))
