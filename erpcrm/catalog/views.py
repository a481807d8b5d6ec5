"""The pages of products."""

from typing import Any

from flask import Blueprint, Response, flash, request, url_for
from flask_login import current_user

from erpcrm.core.access import allow, everyone, load
from erpcrm.core.fields import add_fields, custom_facts
from erpcrm.core.i18n import _
from erpcrm.core.lists import list_page
from erpcrm.core.moves import make_move
from erpcrm.core.options import option_label
from erpcrm.core.pages import page, redirect_to
from erpcrm.core.registry import record_type
from erpcrm.core.settings import setting
from erpcrm.core.whole import whole

from . import services
from .forms import ProductForm
from .models import EDIT, PRODUCT_FLOW, Product

bp = Blueprint("catalog", __name__, url_prefix="/catalog")

VIEW = "catalog.product.view"


@bp.get("/products")
@allow(VIEW)
def products() -> Response:
    return list_page(record_type("product"))


@bp.get("/products/<int:id>")
@allow(VIEW)
def product(id: int) -> Response:
    found = load(Product, id, everyone)
    return page(
        "catalog/product.html",
        product=found,
        state=PRODUCT_FLOW.state_of(found),
        moves=PRODUCT_FLOW.moves_for(found, current_user),
        unit=option_label("product.unit", found.unit),
        category=option_label("product.category", found.category),
        custom=custom_facts(found),
    )


def _form_class() -> Any:
    return add_fields(ProductForm, record_type("product"))


def _form_page(form: Any, product: Product | None, status: int = 200) -> Response:
    return page("catalog/product_form.html", form=form, product=product, status=status)


@bp.get("/products/new")
@allow(EDIT)
def new_product() -> Response:
    defaults: dict[str, Any] = {"currency": setting("currency"), "unit": "pcs", "name": request.args.get("name", "")}
    return _form_page(_form_class()(formdata=None, data=defaults), None)


@bp.post("/products/new")
@allow(EDIT)
def create_product() -> Response:
    form = _form_class()()
    if not _valid(form, None):
        return _form_page(form, None, status=422)
    created = services.create_product(form.values(), by=current_user)
    flash(_("“%(name)s” is created.", name=created.name), "success")
    return redirect_to(url_for("catalog.product", id=created.id))


@bp.get("/products/<int:id>/edit")
@allow(EDIT)
def edit_product(id: int) -> Response:
    found = load(Product, id, everyone)
    return _form_page(_form_class()(formdata=None, obj=found), found)


@bp.post("/products/<int:id>/edit")
@allow(EDIT)
def update_product(id: int) -> Response:
    found, form = load(Product, id, everyone), _form_class()()
    if not _valid(form, found):
        return _form_page(form, found, status=422)
    services.update_product(found, form.values(), version=form.version.data, by=current_user)
    flash(_("“%(name)s” is saved.", name=found.name), "success")
    return redirect_to(url_for("catalog.product", id=found.id))


def _valid(form: Any, product: Product | None) -> bool:
    """The form's own rules, and a code that is free: said beside the field, not as a refusal of the whole."""
    if not form.validate():
        return False
    taken = (
        services.product_with_code(form.code.data, other_than=product.id if product else None)
        if form.code.data
        else None
    )
    if taken is not None:
        form.code.errors = [_("The code belongs to “%(name)s”.", name=taken.name)]
    return taken is None


@bp.post("/products/<int:id>/<move>")
@allow(EDIT)
def move_product(id: int, move: str) -> Response:
    found = load(Product, id, everyone)
    version = request.form.get("version", type=whole)
    make_move(found, move, by=current_user, version=version, reason=request.form.get("reason"))
    return redirect_to(url_for("catalog.product", id=found.id))
