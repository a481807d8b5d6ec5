"""The pages of stock counts: begun, counted row by row, looked over, posted."""

from typing import Any

from flask import Response, flash, request, url_for
from flask_login import current_user

from erpcrm.catalog.models import Product
from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _, show_number
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.whole import whole

from .. import counts as reading_counts
from .. import reading, services
from ..forms import CountedForm, CountForm, CountLineForm, location_choices
from ..models import COUNT, COUNT_FLOW, EDIT, STOCK, VIEW, Location, StockCount, StockCountLine
from .blueprint import bp, dialog
from .stock import KINDS


def _found(id: int) -> StockCount:
    return load(StockCount, id, everyone)


def _to(count: StockCount, **where: Any) -> Response:
    return redirect_to(url_for("inventory.count", id=count.id, **where))


@bp.get("/counts")
@allow(VIEW)
def counts() -> Response:
    return list_page(record_type("stock_count"))


@bp.get("/counts/new")
@allow(COUNT)
def new_count() -> Response:
    form = CountForm(reading.all_locations(), formdata=None, data={"shows_expected": True})
    return page("inventory/count_form.html", form=form)


@bp.post("/counts/new")
@allow(COUNT)
def create_count() -> Response:
    form = CountForm(reading.all_locations())
    if form.validate():
        try:
            return _to(services.begin_count(form.values(), by=current_user))
        except Refused as no:
            form.form_errors = [*form.form_errors, no.message]
    return page("inventory/count_form.html", form=form, status=422)


@bp.get("/counts/<int:id>")
@allow(VIEW)
def count(id: int) -> Response:
    """The sheet while it is counted, `at` the line that was scanned; afterwards what was posted."""
    found = _found(id)
    if found.status != COUNT_FLOW.initial:
        return page(
            "inventory/count.html",
            count=found,
            state=COUNT_FLOW.state_of(found),
            progress=reading_counts.progress_of(found),
            differences=reading_counts.differences_of(found),
            moved=reading.moves_of_document("stock_count", found.id),
            kinds=KINDS,
        )
    number = max(request.args.get("page", type=whole) or 1, 1)
    left = request.args.get("show") == "left"
    lines = reading_counts.sheet_of(found, number, left=left)
    return page(
        "inventory/count_sheet.html",
        count=found,
        state=COUNT_FLOW.state_of(found),
        moves=COUNT_FLOW.moves_for(found, current_user),
        lines=lines[: reading_counts.PAGE],
        more=len(lines) > reading_counts.PAGE,
        number=number,
        left=left,
        at=request.args.get("at", type=whole),
        progress=reading_counts.progress_of(found),
        others=reading_counts.others_at(found),
        may_count=current_user.may(COUNT),
    )


@bp.get("/counts/<int:id>/scan")
@allow(VIEW)
def scan_on_count(id: int) -> Response:
    """A barcode, lot, serial number or product code leads to its row; what the sheet doesn't have can be added."""
    found, code = _found(id), request.args.get("code", "").strip()
    place = reading_counts.place_of(found, code)
    if place is None:
        if code:
            flash(_("Nobody knows “%(code)s”.", code=code[:60]), "warning")
        return _to(found)
    if place.product is not None:
        return redirect_to(
            url_for("inventory.new_count_line", id=found.id, product=place.product.id, lot=place.lot or None)
        )
    return _to(
        found, page=place.page if place.page > 1 else None, at=place.line_id
    )  # an anchor would keep the focus away


# ------------------------------------------------------------------------ counting


@bp.post("/counts/<int:id>/lines/<int:line_id>")
@allow(COUNT)
def save_counted(id: int, line_id: int) -> Response:
    found = _found(id)
    line, form = services.line_of(found, line_id), CountedForm()
    error = None if form.validate() else str(form.counted.errors[0])
    if error is None:
        try:
            services.record_counted(line, form.counted.data, by=current_user)
        except Refused as no:
            error = str(no.message)
    if "HX-Request" in request.headers:
        typed = form.counted.raw_data[0] if error and form.counted.raw_data else None
        progress = reading_counts.progress_of(found)
        data: dict[str, Any] = {"count": found, "line": line, "progress": progress, "error": error, "typed": typed}
        return page("inventory/count_row.html", status=422 if error else 200, may_count=True, **data)
    if error:
        raise Refused(error, url=url_for("inventory.count", id=found.id))
    return _to(found, page=request.args.get("page", type=whole), _anchor=f"line_{line.id}")


def _line_form(count: StockCount, **given: Any) -> Any:
    form = CountLineForm(**given)
    at = services.locations_of(count.warehouse_id, STOCK) if count.location_id is None else [count.location]
    form.location.choices = location_choices([one for one in at if one is not None])
    return form


@bp.get("/counts/<int:id>/lines/new")
@allow(COUNT)
def new_count_line(id: int) -> Response:
    """`product` and `lot` in the address are chosen already."""
    found = _found(id)
    chosen = {"product_id": request.args.get("product", type=whole), "lot": request.args.get("lot", "")}
    return dialog("inventory/count_line.html", _line_form(found, formdata=None, data=chosen), count=found)


@bp.post("/counts/<int:id>/lines/new")
@allow(COUNT)
def add_count_line(id: int) -> Response:
    found = _found(id)
    form = _line_form(found)
    if not form.validate():
        return dialog("inventory/count_line.html", form, 422, count=found)
    product, location = load(Product, form.product_id.data or 0, everyone), load(Location, form.location.data, everyone)
    try:
        line = services.add_line(found, product, location, form.lot.data or "", by=current_user)
        services.record_counted(line, form.counted.data, by=current_user)
    except Refused as no:
        form.form_errors = [*form.form_errors, no.message]
        return dialog("inventory/count_line.html", form, 422, count=found)
    return _to(found, at=line.id)


# ---------------------------------------------------------------- looking over, posting


@bp.get("/counts/<int:id>/differences")
@allow(EDIT)
def count_differences(id: int) -> Response:
    found = _found(id)
    if found.status != COUNT_FLOW.initial:
        return _to(found)
    return page(
        "inventory/count_differences.html",
        count=found,
        progress=reading_counts.progress_of(found),
        differences=reading_counts.differences_of(found),
    )


@bp.post("/counts/<int:id>/recount")
@allow(EDIT)
def ask_recount(id: int) -> Response:
    """Somebody else is to count the chosen lines again."""
    found = _found(id)
    asked = services.ask_recount(found, {one for one in request.form.getlist("line", type=whole) if one is not None})
    flash(_("To be counted again by somebody else: %(lines)s.", lines=show_number(asked)), "success")
    return redirect_to(url_for("inventory.count_differences", id=found.id))


@bp.post("/counts/<int:id>/lines/<int:line_id>/keep")
@allow(EDIT)
def keep_first_count(id: int, line_id: int) -> Response:
    found = _found(id)
    line: StockCountLine = services.line_of(found, line_id)
    services.keep_first_count(line)
    return redirect_to(url_for("inventory.count_differences", id=found.id))


@bp.post("/counts/<int:id>/<move>")
@allow(COUNT)
def move_count(id: int, move: str) -> Response:
    found = _found(id)
    if move not in COUNT_FLOW.move:
        raise NotThere
    version = request.form.get("version", type=whole)
    make_move(found, move, by=current_user, version=version, reason=request.form.get("reason"))
    if move == "post":
        flash(_("Posted: the books say what was counted."), "success")
    return _to(found)
