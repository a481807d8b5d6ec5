"""Finding products: in the list, by search, and from the words of a file."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.catalog.demo import PRODUCTS, fill
from erpcrm.catalog.models import Product
from erpcrm.catalog.services import find_products, look_up_products, remove_unit, save_unit
from erpcrm.core.db import session
from erpcrm.core.registry import record_type
from erpcrm.demo import World


@pytest.mark.parametrize("typed", ["封箱", "fxj", "fengxiang", "case sea", "PM-100", "pm100"])
def test_the_list_finds_a_product_by_either_name_pinyin_and_code(buyers, product, typed):
    product("全自动封箱机", english_name="Automatic case sealer", code="PM-100")
    product("Other", code="X-1")
    page = buyers.get("/catalog/products", query_string={"q": typed}).text
    assert "全自动封箱机" in page
    assert "Other" not in page


def test_a_scanned_barcode_finds_a_product_in_lists_and_files_that_of_its_box_too(buyers, product):
    film = product("Film", barcode="4006381333931")
    box = save_unit(film, "box", Decimal(12), "96385074")
    product("Other")
    session.commit()

    def listed(code):
        page = buyers.get("/catalog/products", query_string={"q": code}).text
        return ("Film" in page, "Other" in page)

    assert [listed(code) for code in ("4006381333931", "96385074")] == [(True, False)] * 2
    assert look_up_products(["4006381333931", "96385074"]) == {"4006381333931": [film.id], "96385074": [film.id]}
    remove_unit(film, box.id)
    session.commit()
    assert listed("96385074") == (False, False)


def test_products_without_a_price_have_a_view(buyers, product):
    product("Free", price=None)
    product("Paid", price=Decimal(1))
    page = buyers.get(buyers.get("/catalog/products?view=without_price").location).text
    assert "Free" in page
    assert "Paid" not in page


def test_a_file_finds_a_product_by_code_or_name_whatever_the_capitals_and_blanks(product):
    gtx, mg = product("GTX Pro", code="G-1"), product("MG Special", code="G-2")
    texts = ["GTXPro", "gtx  pro", "g-1", "MG Special", "unknown"]
    assert look_up_products(texts) == {
        "GTXPro": [gtx.id],
        "gtx  pro": [gtx.id],
        "g-1": [gtx.id],
        "MG Special": [mg.id],
    }


def test_a_name_that_two_products_have_is_left_to_the_user(product):
    one, other = product("Bolt", code="A"), product("bolt", code="B")
    assert look_up_products(["BOLT"]) == {"BOLT": [one.id, other.id]}
    assert find_products("name", ["BOLT"]) == {}
    assert find_products("code", ["a", "zz"]) == {"a": one.id}


def test_a_row_of_a_file_becomes_a_product_with_a_new_category(buyer):
    importer = record_type("product").importer
    field = next(field for field in importer.fields if field.name == "category")
    category = field.create_missing("GTX", buyer)
    created = importer.create({"name": "GTX Basic", "category": category, "price": Decimal(550)}, buyer)
    session.flush()
    assert (created.category, created.price, created.code) == ("GTX", Decimal(550), "P-00001")
    importer.update(created, {"price": Decimal(600)}, buyer)
    assert created.price == Decimal(600)


def test_many_products_get_a_category_at_once(buyers, product):
    one, other = product("One"), product("Two", category="part")
    data = {"ids": [one.id, other.id], "confirmed": "1", "category": "part"}
    buyers.post("/lists/product/bulk/category?at=/catalog/products", data=data)
    assert set(session.scalars(select(Product.category))) == {"part"}


def test_the_demo_company_has_products_in_both_languages(app):
    world = World(today=None)
    fill(world)
    assert len(world.products) == len(PRODUCTS) == 13
    assert all(one.english_name and one.name != one.english_name for one in world.products)
