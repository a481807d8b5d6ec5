"""What belongs to a product: the other units it is traded in, and the components of a set."""

from decimal import Decimal
from typing import TypeVar

from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.i18n import _

from ..models import SET, Product, ProductUnit, SetComponent
from .products import check_quantity, free_barcode

Part = TypeVar("Part", ProductUnit, SetComponent)


def save_unit(product: Product, unit: str, factor: Decimal, barcode: str | None = None) -> ProductUnit:
    """Let a product be traded by this unit too, which holds `factor` of its own; or change what was said of it.

    Refused for its own unit, for a factor that is not above zero or that its own unit can't count, for a barcode that is taken.
    """
    if unit == product.unit:
        raise Refused(_("This is the unit that the product is counted in anyway."))
    check_quantity(factor, product.unit)
    found = next((one for one in product.units if one.unit == unit), None) or ProductUnit(unit=unit)
    found.factor = factor
    found.barcode = free_barcode(barcode, product=product, of=found) if barcode and barcode.strip() else None
    if found not in product.units:
        product.units.append(found)
    session.flush()
    return found


def remove_unit(product: Product, unit_id: int) -> None:
    """Documents keep the unit and factor that they were written with."""
    product.units.remove(_one_of(product.units, unit_id))
    session.flush()


def add_component(whole: Product, product: Product, quantity: Decimal) -> SetComponent:
    """So many of a product are in the set from now on; said again, the quantity is changed.

    Refused unless `whole` is a set and the component none, so that what is delivered is always plain.
    """
    if whole.kind != SET:
        raise Refused(_("“%(name)s” is no set of products.", name=whole.name))
    if product.kind == SET:
        raise Refused(_("“%(name)s” is a set itself. Take its components instead.", name=product.name))
    check_quantity(quantity, product.unit)
    found = next((one for one in whole.components if one.product_id == product.id), None)
    if found is None:
        found = SetComponent(product=product)
        whole.components.append(found)
    found.quantity = quantity
    session.flush()
    return found


def remove_component(whole: Product, component_id: int) -> None:
    whole.components.remove(_one_of(whole.components, component_id))
    session.flush()


def _one_of(parts: list[Part], part_id: int) -> Part:
    found = next((part for part in parts if part.id == part_id), None)
    if found is None:
        raise NotThere
    return found
