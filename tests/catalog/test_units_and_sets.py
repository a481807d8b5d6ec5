"""Units of trade, quantities, sets and barcodes."""

from decimal import Decimal

import pytest

from erpcrm.catalog import services
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused
from erpcrm.core.options import add_option

D = Decimal
GTIN, OTHER_GTIN = "6901234567892", "6901234500011"


@pytest.mark.parametrize("barcode", [GTIN, " 690 1234 567892 ", "MY-CODE-1", "12345", "96385074"])
def test_a_barcode_may_be_gs1_or_one_s_own(product, barcode):
    assert product("Film", barcode=barcode).barcode == "".join(barcode.split())


def test_a_mistyped_gs1_barcode_is_noticed(product):
    with pytest.raises(Refused, match="check digit"):
        product("Film", barcode="6901234567893")


def test_a_barcode_belongs_to_one_thing_only_product_or_box(product):
    film, blade = product("Film", barcode=GTIN), product("Blade")
    with pytest.raises(Refused, match="Film"):
        services.update_product(blade, {"barcode": GTIN}, by=None)
    with pytest.raises(Refused, match="Film"):
        services.save_unit(film, "box", D(6), GTIN)
    services.save_unit(film, "box", D(6), OTHER_GTIN)
    with pytest.raises(Refused, match="Film"):
        services.save_unit(blade, "box", D(6), OTHER_GTIN)
    with pytest.raises(Refused, match="Film"):
        services.update_product(blade, {"barcode": OTHER_GTIN}, by=None)
    services.update_product(film, {"barcode": GTIN, "name": "Film 2"}, by=None)  # its own is no other's


def test_a_scanner_finds_the_product_and_the_unit(product):
    film = product("Film", barcode=GTIN)
    services.save_unit(film, "box", D(6), OTHER_GTIN)
    assert services.product_by_barcode(GTIN) == (film, "pcs")
    assert services.product_by_barcode(f" {OTHER_GTIN} ") == (film, "box")
    assert services.product_by_barcode("0") is None


def test_a_box_of_twelve_is_twelve_pieces(product):
    film = product("Film")
    services.save_unit(film, "box", D(12))
    assert services.in_base_unit(film, D(3), "box") == 36
    services.save_unit(film, "box", D(10))
    assert services.units_of(film) == {"pcs": 1, "box": 10}
    services.remove_unit(film, film.units[0].id)
    with pytest.raises(Refused, match="not traded"):
        services.in_base_unit(film, D(3), "box")
    with pytest.raises(NotThere):
        services.remove_unit(film, 999)


@pytest.mark.parametrize(
    ("unit", "factor"), [("pcs", "12"), ("box", "0"), ("box", "-1"), ("box", "1.5"), ("box", "NaN")]
)
def test_a_unit_that_makes_no_sense_is_refused(product, unit, factor):
    film = product("Film")
    with pytest.raises(Refused):
        services.save_unit(film, unit, D(factor))
    assert film.units == []


@pytest.mark.parametrize(
    ("quantity", "unit", "right"),
    [
        ("1", "pcs", True), ("0.5", "pcs", False), ("0", "pcs", False), ("-1", "pcs", False), ("1.000", "pcs", True),
        ("0.125", "kg", True), ("0.1255", "kg", False), ("1.25", "hour", True), ("Infinity", "pcs", False),
    ],
)  # fmt: skip
def test_a_quantity_has_no_more_digits_than_its_unit_takes(app, quantity, unit, right):
    if right:
        services.check_quantity(D(quantity), unit)
    else:
        with pytest.raises(Refused):
            services.check_quantity(D(quantity), unit)


def test_the_company_says_how_many_digits_a_unit_takes(app):
    add_option("product.unit", "litre", "升", 1)
    services.check_quantity(D("0.5"), "litre")
    with pytest.raises(Refused, match="at most 1"):
        services.check_quantity(D("0.55"), "litre")


def test_the_own_unit_stays_while_others_are_counted_in_it(product):
    film = product("Film")
    services.save_unit(film, "box", D(12))
    with pytest.raises(Refused):
        services.update_product(film, {"unit": "roll"}, by=None)


def test_only_goods_are_kept_in_stock_and_only_stock_is_tracked(product):
    assert product("Film").stocked
    service = product("Repair", kind="service", stocked=True, tracking="lot")
    assert (service.stocked, service.tracking) == (False, "none")
    machine = product("Machine", tracking="serial")
    services.update_product(machine, {"stocked": False}, by=None)
    assert machine.tracking == "none"
    with pytest.raises(Refused, match="Serial"):
        product("Oil", unit="kg", tracking="serial")


def test_a_set_consists_of_products_that_are_none(product):
    kit, film, other = product("Kit", kind="set"), product("Film"), product("Other kit", kind="set")
    services.add_component(kit, film, D(2))
    services.add_component(kit, film, D(3))
    assert [(part.product, part.quantity) for part in kit.components] == [(film, 3)]
    for whole, part, quantity in ((kit, other, "1"), (kit, kit, "1"), (film, kit, "1"), (kit, product("Nut"), "0.5")):
        with pytest.raises(Refused):
            services.add_component(whole, part, D(quantity))
    with pytest.raises(Refused, match="has components"):
        services.update_product(kit, {"kind": "goods"}, by=None)
    with pytest.raises(Refused, match="part of a set"):
        services.update_product(film, {"kind": "set"}, by=None)
    services.remove_component(kit, kit.components[0].id)
    services.update_product(film, {"kind": "set"}, by=None)
    assert film.kind == "set"


def test_units_and_components_are_kept_through_the_page(buyers, product):
    kit, film = product("Kit", kind="set"), product("Film", code="F-1")
    page = buyers.post(f"/catalog/products/{kit.id}/components/new", data={"product_id_text": "F-1", "quantity": "2"})
    assert page.status_code == 303
    unknown = buyers.post(
        f"/catalog/products/{kit.id}/components/new", data={"product_id_text": "F-2", "quantity": "2"}
    )
    assert "Nothing, or more than one, is called “F-2”." in unknown.text
    buyers.post(f"/catalog/products/{film.id}/units/new", data={"unit": "box", "factor": "12", "barcode": GTIN})
    session.expire_all()
    assert [part.product_id for part in kit.components] == [film.id]
    assert [(one.unit, one.factor) for one in film.units] == [("box", 12)]
    assert buyers.post(f"/catalog/products/{film.id}/units/new", data={"unit": "box", "factor": "0"}).status_code == 422
    assert "Film" in buyers.get(f"/catalog/products/{kit.id}").text
    assert GTIN in buyers.get(f"/catalog/products/{film.id}").text
    buyers.post(f"/catalog/products/{film.id}/units/{film.units[0].id}/remove")
    session.expire_all()
    assert film.units == []


def test_a_seller_changes_neither_units_nor_sets(sellers, product):
    film = product("Film")
    assert (
        sellers.post(f"/catalog/products/{film.id}/units/new", data={"unit": "box", "factor": "2"}).status_code == 403
    )
    assert sellers.post(f"/catalog/products/{film.id}/components/new", data={"quantity": "2"}).status_code == 403
    assert sellers.post(f"/catalog/products/{film.id}/picture").status_code == 403


def test_a_mistyped_barcode_is_said_beside_its_field(buyers):
    data = {"name": "Film", "unit": "pcs", "currency": "CNY", "kind": "goods", "barcode": "6901234567893"}
    answer = buyers.post("/catalog/products/new", data=data)
    assert answer.status_code == 422
    assert "its check digit is wrong" in answer.text
