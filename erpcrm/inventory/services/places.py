"""Warehouses and locations."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from erpcrm.core.actor import Actor
from erpcrm.core.db import now, once, session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.i18n import _

from ..models import SCRAP, STOCK, Location, Receipt, StockItem, StockLevel, Warehouse

FIELDS = ("code", "name", "address", "allow_negative", "active")
OUTSIDE_NAMES = {"customer": "Customers", "supplier": "Suppliers", "adjustment": "Adjustments"}


def save_warehouse(
    warehouse: Warehouse | None, values: Mapping[str, Any], *, version: int | None = None, by: Actor | None
) -> Warehouse:
    """A warehouse, new with one location for stock and one for scrap, or changed.

    Refused when another has the code, and when one goes out of use in which there is stock or to which something is on
    its way. Stale when somebody has changed it since `version`.
    """
    if warehouse is not None and version is not None and version != warehouse.version:
        raise Stale(warehouse)
    given = {name: values[name] for name in FIELDS if name in values}
    if "code" in given:
        given["code"] = (given["code"] or "").strip().upper()
    same = select(Warehouse).where(func.upper(Warehouse.code) == given.get("code"))
    with session.no_autoflush:
        other = session.scalars(same).first() if given.get("code") else None
    if other is not None and other is not warehouse:
        raise Refused(
            _("The code %(code)s belongs to “%(name)s”. Choose another one.", code=other.code, name=other.name)
        )
    if warehouse is not None and warehouse.active and given.get("active") is False:
        _check_empty(warehouse)
    new = warehouse is None
    warehouse = warehouse if warehouse is not None else Warehouse(created_by_id=by.id if by else None)
    for name, value in given.items():
        setattr(warehouse, name, value)
    session.add(warehouse)
    session.flush()
    if new:
        for kind, name in ((STOCK, "Stock"), (SCRAP, "Scrap")):
            session.add(Location(warehouse_id=warehouse.id, code=kind.upper(), name=name, kind=kind))
        session.flush()
    return warehouse


def _check_empty(warehouse: Warehouse) -> None:
    """Refused while something lies there, is promised from there, or is expected there."""
    busy = select(
        exists().where(
            StockLevel.location_id == Location.id, Location.warehouse_id == warehouse.id, StockLevel.on_hand != 0
        )
        | exists().where(StockItem.warehouse_id == warehouse.id, (StockItem.reserved != 0) | (StockItem.incoming != 0))
        | exists().where(Receipt.warehouse_id == warehouse.id, Receipt.status == "planned")
    )
    if session.scalar(busy):
        raise Refused(_("There is stock in this warehouse, or some is expected. Carry it elsewhere first."))


def save_location(warehouse: Warehouse, location: Location | None, values: Mapping[str, Any]) -> Location:
    """A location of stock or scrap in a warehouse. Refused when another has the code there, or when one with stock goes
    out of use."""
    code = (values.get("code") or "").strip().upper()
    same = select(Location).where(Location.warehouse_id == warehouse.id, func.upper(Location.code) == code)
    with session.no_autoflush:
        other = session.scalars(same).first()
    if other is not None and other is not location:
        raise Refused(_("The code %(code)s belongs to “%(name)s”. Choose another one.", code=code, name=other.name))
    if location is None:
        location = Location(warehouse_id=warehouse.id, kind=values.get("kind") or STOCK)
        session.add(location)
    elif values.get("active") is False and location.active:
        lies = exists().where(StockLevel.location_id == location.id, StockLevel.on_hand != 0)
        if session.scalar(select(lies)):
            raise Refused(_("Something lies at this location. Carry it elsewhere first."))
        others = select(Location.id).where(
            Location.warehouse_id == warehouse.id, Location.kind == location.kind, Location.active
        )
        if len(session.scalars(others).all()) < 2:
            raise Refused(_("A warehouse needs a location for stock and one for scrap."))
    location.code, location.name = code, (values.get("name") or "").strip() or code
    if "active" in values:
        location.active = bool(values["active"])
    session.flush()
    return location


def ensure_first_warehouse() -> Warehouse:
    """The first warehouse; made when there is none, so that goods can be received at once."""
    first = session.scalars(select(Warehouse).order_by(Warehouse.id)).first()
    return first or save_warehouse(None, {"code": "MAIN", "name": "Main warehouse", "active": True}, by=None)


def warehouses() -> Sequence[Warehouse]:
    """Those in use, the oldest first: in this order stock is promised from them."""
    query = select(Warehouse).where(Warehouse.active).order_by(Warehouse.id)
    return once(("warehouses",), lambda: session.scalars(query).all(), Warehouse)


def locations_of(warehouse_id: int, kind: str | None = None) -> Sequence[Location]:
    """Those in use in a warehouse, its first one at the top."""
    query = select(Location).where(Location.warehouse_id == warehouse_id, Location.active)
    query = (query.where(Location.kind == kind) if kind else query).order_by(Location.id)
    return once(("locations", warehouse_id, kind), lambda: session.scalars(query).all(), Location)


def main_location(warehouse_id: int, kind: str = STOCK) -> Location:
    """Where goods go in a warehouse when nobody says where."""
    found = locations_of(warehouse_id, kind)
    if not found:
        raise Refused(_("This warehouse has no location for that. Add one first."))
    return found[0]


def outside(kind: str) -> Location:
    """The one location that stands for all customers, all suppliers, or all adjustments."""
    return once(("outside", kind), lambda: _outside(kind), Location)


def _outside(kind: str) -> Location:
    query = select(Location).where(Location.warehouse_id.is_(None), Location.kind == kind)
    found = session.scalars(query).one_or_none()
    if found is None:
        insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
        values = {"code": kind.upper(), "name": OUTSIDE_NAMES[kind], "kind": kind, "active": True, "version": 1}
        # Two may need the first one at the same moment: whoever comes second waits here, and finds it.
        session.execute(insert(Location).values(**values, created_at=now(), updated_at=now()).on_conflict_do_nothing())
        found = session.scalars(query).one()
    return found
