"""What may be done with many products at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms.validators import InputRequired

from erpcrm.core.forms import Form
from erpcrm.core.i18n import _l
from erpcrm.core.moves import make_move
from erpcrm.core.options import OptionField
from erpcrm.core.records import BulkAction

from . import services
from .models import EDIT, Product


class CategoryForm(Form):
    category = OptionField(_l("Category"), [InputRequired(_l("Choose a category."))], options="product.category")


def set_category(products: Sequence[Product], values: Mapping[str, Any], by: Any) -> int:
    changed = [product for product in products if product.category != values["category"]]
    for product in changed:
        services.update_product(product, {"category": values["category"]}, by=by)
    return len(changed)


def discontinue(products: Sequence[Product], values: Mapping[str, Any], by: Any) -> int:
    active = [product for product in products if product.is_active]
    for product in active:
        make_move(product, "discontinue", by=by)
    return len(active)


PRODUCT_BULK = (
    BulkAction("category", _l("Set category"), "tag", EDIT, set_category, ask=CategoryForm),
    BulkAction("discontinue", _l("Discontinue"), "ban", EDIT, discontinue, kind="danger"),
)
