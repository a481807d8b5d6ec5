"""Products: what they are, in which units they are counted, how their quantities are checked."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value
from stdnum import ean

from erpcrm.core.actor import Actor
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.fields import fold_custom
from erpcrm.core.files import Attachment
from erpcrm.core.i18n import _, show_number
from erpcrm.core.numbers import free_numbers
from erpcrm.core.options import option_digits, option_label
from erpcrm.core.pinyin import pinyin_key
from erpcrm.core.places import is_currency
from erpcrm.core.registry import guards_of
from erpcrm.core.settings import setting

from ..models import GOODS, SERVICE, SET, UNTRACKED, Product, ProductUnit, SetComponent
from .lookup import product_with_code

FIELDS = frozenset(
    {
        "code", "name", "english_name", "kind", "unit", "category", "price", "currency", "cost", "tax_group", "barcode",
        "weight", "stocked", "tracking", "note", "custom",
    }
)  # fmt: skip
KEPT_WHEN_BLANK = ("code", "kind", "unit", "currency", "tracking")
COUNTED_BY = ("unit", "stocked", "tracking")
"""By what stock of a product is counted: whoever keeps stock of it may refuse a change, by a guard of `product.recount`."""
GTIN_LENGTHS = (8, 12, 13, 14)


def create_product(values: Mapping[str, Any], *, by: Actor | None) -> Product:
    """A new product. Without a code it gets the next number; without a currency the company's; goods are kept in stock.

    `price` is for one unit, without tax, in `currency`; `weight` is kilograms a unit. Refused when another product has the
    code or barcode, or when kind, stock and tracking don't go together.
    """
    given = _given(values)
    given["code"] = (given.get("code") or "").strip() or free_numbers("product", 1, Product.code)[0]
    given["currency"] = given.get("currency") or setting("currency")
    given.setdefault("kind", GOODS)
    if given.get("stocked") is None:
        given["stocked"] = given["kind"] == GOODS
    product = Product(created_by_id=by.id if by else None, unit="pcs", tracking=UNTRACKED)
    _fill(product, given)
    session.add(product)
    session.flush()
    return product


def update_product(
    product: Product, values: Mapping[str, Any], *, version: int | None = None, by: Actor | None
) -> None:
    """Change what `values` holds. Stale when `version` is given and somebody has changed the product since."""
    if version is not None and version != product.version:
        raise Stale(product)
    _fill(product, _given(values))
    session.flush()


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in fold_custom(values).items() if name in FIELDS}
    if given.get("currency"):
        given["currency"] = str(given["currency"]).strip().upper()
        if not is_currency(given["currency"]):
            raise Refused(_("%(currency)s is not a currency.", currency=given["currency"]))
    return {name: value for name, value in given.items() if name not in KEPT_WHEN_BLANK or value}


def _fill(product: Product, given: dict[str, Any]) -> None:
    code = given.get("code")
    if code is not None and (taken := product_with_code(code, other_than=product.id)) is not None:
        raise Refused(_("The code %(code)s belongs to “%(name)s”. Choose another one.", code=code, name=taken.name))
    for name in ("price", "cost", "weight"):
        if given.get(name) is not None and given[name] < Decimal(0):
            raise Refused(_("A price, cost or weight can't be negative."))
    if given.get("kind", product.kind) != GOODS:
        given |= {"stocked": False, "tracking": UNTRACKED}
    if given.get("stocked") is False:
        given["tracking"] = UNTRACKED
    if given.get("barcode"):
        given["barcode"] = free_barcode(given["barcode"], product=product)
    if "unit" in given and given["unit"] != product.unit and product.units:
        raise Refused(_("This product is traded in other units too, which are counted in its own. Remove them first."))
    if "kind" in given and given["kind"] != product.kind:
        _check_new_kind(product, given["kind"])
    if product.id and any(name in given and given[name] != getattr(product, name) for name in COUNTED_BY):
        for guard in guards_of("product.recount"):
            guard.check(product, None)
    for name, value in given.items():
        setattr(product, name, value.strip() or None if isinstance(value, str) else value)
    if product.tracking == "serial" and option_digits("product.unit", product.unit):
        raise Refused(_("Serial numbers need a unit that is counted in whole numbers."))
    product.name_key = pinyin_key(product.name)


def _check_new_kind(product: Product, kind: str) -> None:
    if kind != SET and product.components:
        raise Refused(_("This set has components. Remove them before you make something else of it."))
    if kind == SET and product.id and session.scalar(select(SetComponent.id).where(SetComponent.product == product)):
        raise Refused(_("This product is part of a set, so it can't be one itself."))


def free_barcode(typed: str, *, product: Product | None, of: ProductUnit | None = None) -> str:
    """The barcode without blanks. Refused when its check digit is wrong, or when something else has it.

    Codes of one's own, with letters or another length than those of GS1, have no check digit.
    """
    code = "".join(typed.split())
    if code.isdigit() and len(code) in GTIN_LENGTHS and not ean.is_valid(code):
        raise Refused(_("%(code)s is mistyped: its check digit is wrong.", code=code))
    with session.no_autoflush:
        other = session.scalars(select(Product).where(Product.barcode == code)).first()
        unit = session.scalars(select(ProductUnit).where(ProductUnit.barcode == code)).first()
    taken = other if other is not None and (other is not product or of is not None) else None
    if taken is None and unit is not None and unit is not of:
        taken = unit.product
    if taken is not None:
        raise Refused(_("The barcode %(code)s belongs to “%(name)s”.", code=code, name=taken.name))
    return code


def tax_group_of(product: Product) -> str | None:
    """The group that tax rules ask for: the product's own, or services for what is one."""
    return product.tax_group or ("service" if product.kind == SERVICE else None)


def choose_picture(product: Product, picture: Attachment | None) -> None:
    """Show this of the product's files as its picture. Refused when it is no picture, or another record's."""
    if picture is not None and not (
        picture.inline and (picture.record_type, picture.record_id) == ("product", product.id)
    ):
        raise Refused(_("Choose one of the pictures among this product's files."))
    product.picture_id = picture.id if picture is not None else None
    session.flush()


def record_cost(product: Product, cost: Decimal) -> None:
    """What one unit costs now, in the company's currency, told by whoever keeps the stock. No edit of the product is disturbed."""
    if product.cost == cost:
        return
    session.execute(
        update(Product)
        .where(Product.id == product.id)
        .values(cost=cost, updated_at=Product.updated_at)
        .execution_options(synchronize_session=False)
    )
    set_committed_value(product, "cost", cost)


# ------------------------------------------------------------------ quantities


def units_of(product: Product) -> dict[str, Decimal]:
    """Every unit that the product is traded in, its own first: how many of its own are in one."""
    return {product.unit: Decimal(1)} | {other.unit: other.factor for other in product.units}


def unit_factor(product: Product, unit: str) -> Decimal:
    """How many of the product's own unit are in one `unit`. Refused when it isn't traded in that."""
    if unit == product.unit:
        return Decimal(1)
    found = units_of(product).get(unit)
    if found is None:
        raise Refused(
            _("“%(name)s” is not traded by the %(unit)s.", name=product.name, unit=option_label("product.unit", unit))
        )
    return found


def check_quantity(quantity: Decimal, unit: str) -> None:
    """Refused unless it is above zero and has no more digits than its unit takes: nobody sells half a machine."""
    label, digits = option_label("product.unit", unit), option_digits("product.unit", unit)
    if not quantity.is_finite() or quantity <= 0:
        raise Refused(_("A quantity is more than zero."))
    if not digits and quantity != int(quantity):
        raise Refused(
            _("%(unit)s: counted in whole numbers, not %(quantity)s.", quantity=show_number(quantity), unit=label)
        )
    if quantity != round(quantity, digits):
        raise Refused(
            _(
                "%(unit)s: at most %(digits)s digits after the point, not %(quantity)s.",
                quantity=show_number(quantity),
                unit=label,
                digits=digits,
            )
        )


def in_base_unit(product: Product, quantity: Decimal, unit: str) -> Decimal:
    """A quantity of any unit it is traded in, in the product's own. Exact, or refused."""
    check_quantity(quantity, unit)
    own = quantity * unit_factor(product, unit)
    check_quantity(own, product.unit)
    return own
