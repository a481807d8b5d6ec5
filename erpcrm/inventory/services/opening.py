"""Stock that was there before the program was: rows of a file become posted adjustments."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from erpcrm.catalog.models import COST_VIEW, Product
from erpcrm.catalog.services import in_base_unit
from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.exact import round_money
from erpcrm.core.i18n import _, show_number
from erpcrm.core.settings import setting

from ..models import FOUND, OPENING, STOCK, ZERO, Location, Lot, StockAdjustment, StockItem, StockMove, Warehouse
from .adjustments import adjust, moved_after
from .lots import LONGEST, is_tracked, lot_of
from .moving import check_size
from .places import ensure_first_warehouse, main_location


def opening_from_file(values: Mapping[str, Any], by: Actor | None) -> StockAdjustment:
    """A row of a file: so much of a product lies at a place, and is worth so much.

    Product and warehouse by id (none: the first warehouse), the location by its code (none: the warehouse's first), quantity
    and unit cost in `unit` (none: the product's own), the cost in the company's currency.
    """
    product = session.get(Product, values["product"])
    if product is None:
        raise NotThere
    location = _location(values.get("warehouse"), (values.get("location") or "").strip())
    given, unit = values["quantity"], values.get("unit") or product.unit
    check_size(product, given)
    quantity = in_base_unit(product, given, unit)
    check_size(product, quantity)
    cost, value = values.get("unit_cost"), None
    if cost is not None:
        if by is not None and not by.may(COST_VIEW):
            raise Refused(_("What goods cost is not yours to say. Leave the column out."))
        if cost < 0:
            raise Refused(_("Nothing costs less than nothing."))
        value = round_money(cost * given, setting("currency"))
    lot = _lot(product, (values.get("lot") or "").strip(), values)
    return adjust(FOUND, product, quantity, location, OPENING, lot=lot, value=value, by=by)


def _location(warehouse_id: int | None, code: str) -> Location:
    warehouse = session.get(Warehouse, warehouse_id) if warehouse_id else ensure_first_warehouse()
    if warehouse is None:
        raise NotThere
    if not warehouse.active:
        raise Refused(_("Warehouse “%(name)s” is not in use.", name=warehouse.name))
    if not code:
        return main_location(warehouse.id)
    query = select(Location).where(
        Location.warehouse_id == warehouse.id,
        Location.active,
        or_(func.lower(Location.code) == code.lower(), func.lower(Location.name) == code.lower()),
    )
    found = session.scalars(query.order_by(Location.id)).first()
    if found is None:
        raise Refused(
            _(
                "%(warehouse)s has no location “%(code)s”. Add it to the warehouse first.",
                warehouse=warehouse.name,
                code=code,
            )
        )
    if found.kind != STOCK:
        raise Refused(_("%(location)s is no location for stock.", location=found.code))
    return found


def _lot(product: Product, code: str, values: Mapping[str, Any]) -> Lot | None:
    if len(code) > LONGEST:
        raise Refused(_("“%(text)s” is no number of a lot.", text=code[:LONGEST]))
    if code and not is_tracked(product):
        raise Refused(_("“%(name)s” is not tracked by lot or serial number.", name=product.name))
    if values.get("expires_on") and not code:
        raise Refused(_("A day until which it keeps belongs to a lot: say which."))
    return lot_of(product, code, new=True, expires_on=values.get("expires_on")) if code else None


def opening_alike(rows: Sequence[Mapping[str, Any]]) -> dict[int, tuple[int, str]]:
    """{position: (adjustment, why)} of rows whose product has opening stock already, with the same quantity: a file that comes
    twice doubles the stock."""
    products = {row["product"] for row in rows if isinstance(row.get("product"), int)}
    back = aliased(StockAdjustment)
    query = (
        select(StockAdjustment.product_id, StockAdjustment.id, StockAdjustment.number, StockAdjustment.quantity)
        .where(
            StockAdjustment.product_id.in_(products),
            StockAdjustment.reason == OPENING,
            ~exists().where(back.takes_back_id == StockAdjustment.id),
        )
        .order_by(StockAdjustment.id)
    )
    known: dict[int, tuple[int, str, Decimal]] = {}
    for product_id, adjustment_id, number, quantity in session.execute(query):
        known.setdefault(product_id, (adjustment_id, number, quantity))
    return {
        at: (
            found[0],
            _(
                "Opening stock of it is in already: %(number)s, %(quantity)s",
                number=found[1],
                quantity=show_number(found[2]),
            ),
        )
        for at, row in enumerate(rows)
        if (found := known.get(row.get("product") or 0)) is not None
    }


def opening_in_the_way(ids: Select[Any]) -> Iterable[tuple[str, Select[Any]]]:
    """Why adjustments of a file can't be taken back: their goods have moved since, or are promised."""
    mine, other = aliased(StockMove), aliased(StockAdjustment)
    conditions = moved_after(mine.product_id, mine.id)
    of_this = exists().where(
        StockMove.document_type == StockAdjustment.record_name, StockMove.document_id == other.id, other.id.in_(ids)
    )
    moved = select(mine.document_id).where(
        mine.document_type == StockAdjustment.record_name,
        mine.document_id.in_(ids),
        exists(select(StockMove.id).where(*conditions, ~of_this).correlate(mine)),
    )
    yield _("its product has moved since"), moved
    here, same, there = aliased(Location), aliased(StockAdjustment), aliased(Location)
    all_of_it = (
        select(func.sum(same.quantity))
        .join(there, there.id == same.to_id)
        .where(same.id.in_(ids), same.product_id == StockAdjustment.product_id, there.warehouse_id == here.warehouse_id)
        .correlate(StockAdjustment, here)
        .scalar_subquery()
    )
    promised = (
        select(StockAdjustment.id)
        .join(here, here.id == StockAdjustment.to_id)
        .join(
            StockItem,
            (StockItem.product_id == StockAdjustment.product_id) & (StockItem.warehouse_id == here.warehouse_id),
        )
        .where(
            StockAdjustment.id.in_(ids), StockItem.on_hand - StockItem.reserved < all_of_it, StockItem.reserved > ZERO
        )
    )
    yield _("promised to orders or deliveries"), promised
