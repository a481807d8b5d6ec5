"""The pages of warehouses and their locations, and how stock is valued."""

from typing import Any

from flask import Response, flash, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.errors import NotThere
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.options import options
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting

from .. import reading, services
from ..forms import LocationForm, WarehouseForm, costing_form
from ..models import SETUP, VIEW, Location, Warehouse, place_name
from ..services.costs import FIFO_CATEGORIES
from .blueprint import bp, dialog
from .stock import KINDS


@bp.get("/warehouses")
@allow(VIEW)
def warehouses() -> Response:
    return list_page(record_type("warehouse"), template="inventory/warehouses.html")


@bp.get("/warehouses/<int:id>")
@allow(VIEW)
def warehouse(id: int) -> Response:
    found = load(Warehouse, id, everyone)
    return page(
        "inventory/warehouse.html",
        warehouse=found,
        locations=reading.locations_of(found),
        kinds=KINDS,
        place_name=place_name,
    )


def _form(form: Any, warehouse: Warehouse | None, status: int = 200) -> Response:
    return dialog("inventory/warehouse_form.html", form, status, warehouse=warehouse)


@bp.get("/warehouses/new")
@allow(SETUP)
def new_warehouse() -> Response:
    return _form(WarehouseForm(formdata=None), None)


@bp.post("/warehouses/new")
@allow(SETUP)
def create_warehouse() -> Response:
    form = WarehouseForm()
    if not form.validate():
        return _form(form, None, 422)
    return _to(services.save_warehouse(None, form.values(), by=current_user))


@bp.get("/warehouses/<int:id>/edit")
@allow(SETUP)
def edit_warehouse(id: int) -> Response:
    found = load(Warehouse, id, everyone)
    return _form(WarehouseForm(formdata=None, obj=found), found)


@bp.post("/warehouses/<int:id>/edit")
@allow(SETUP)
def update_warehouse(id: int) -> Response:
    found, form = load(Warehouse, id, everyone), WarehouseForm()
    if not form.validate():
        return _form(form, found, 422)
    return _to(services.save_warehouse(found, form.values(), version=form.version.data, by=current_user))


def _to(warehouse: Warehouse) -> Response:
    flash(_("“%(name)s” is saved.", name=warehouse.name), "success")
    return redirect_to(url_for("inventory.warehouse", id=warehouse.id))


def _location_form(form: Any, warehouse: Warehouse, location: Location | None, status: int = 200) -> Response:
    if location is not None:
        del form.kind
    else:
        del form.active
    return dialog("inventory/location.html", form, status, warehouse=warehouse, location=location)


def _location(warehouse: Warehouse, location_id: int) -> Location:
    found = next((one for one in reading.locations_of(warehouse) if one.id == location_id), None)
    if found is None:
        raise NotThere
    return found


@bp.get("/warehouses/<int:id>/locations/new")
@allow(SETUP)
def new_location(id: int) -> Response:
    return _location_form(LocationForm(formdata=None), load(Warehouse, id, everyone), None)


@bp.post("/warehouses/<int:id>/locations/new")
@allow(SETUP)
def create_location(id: int) -> Response:
    found, form = load(Warehouse, id, everyone), LocationForm()
    if not form.validate():
        return _location_form(form, found, None, 422)
    values = form.values()
    services.save_location(found, None, {name: values[name] for name in ("code", "name", "kind")})
    return redirect_to(url_for("inventory.warehouse", id=found.id))


@bp.get("/warehouses/<int:id>/locations/<int:location_id>/edit")
@allow(SETUP)
def edit_location(id: int, location_id: int) -> Response:
    found = load(Warehouse, id, everyone)
    location = _location(found, location_id)
    return _location_form(LocationForm(formdata=None, obj=location), found, location)


@bp.post("/warehouses/<int:id>/locations/<int:location_id>/edit")
@allow(SETUP)
def update_location(id: int, location_id: int) -> Response:
    found, form = load(Warehouse, id, everyone), LocationForm()
    location = _location(found, location_id)
    del form.kind
    if not form.validate():
        return dialog("inventory/location.html", form, 422, warehouse=found, location=location)
    services.save_location(found, location, form.values())
    return redirect_to(url_for("inventory.warehouse", id=found.id))


@bp.get("/costing")
@allow(SETUP)
def costing() -> Response:
    chosen = setting(FIFO_CATEGORIES)
    data = {f"category_{place}": one.value in chosen for place, one in enumerate(options("product.category"))}
    return dialog("inventory/costing.html", costing_form()(formdata=None, data=data))


@bp.post("/costing")
@allow(SETUP)
def save_costing() -> Response:
    form = costing_form()()
    values = form.values()
    chosen = [one.value for place, one in enumerate(options("product.category")) if values[f"category_{place}"]]
    services.save_fifo_categories(chosen)
    flash(_("Saved. From now on goods leave at the value of the chosen method."), "success")
    return redirect_to(url_for("inventory.warehouses"))
