"""Creating, changing and discontinuing products."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.catalog import services
from erpcrm.catalog.models import Product
from erpcrm.core.audit import AuditEntry
from erpcrm.core.db import session
from erpcrm.core.errors import Refused, Stale
from erpcrm.core.fields import CustomField

FORM = {"name": "GTX Pro", "unit": "pcs", "currency": "USD", "price": "4,821.505", "kind": "goods", "stocked": "y"}


def one():
    return session.scalars(select(Product)).one()


def test_a_product_is_created_with_an_exact_price_and_the_next_number(buyers):
    response = buyers.post("/catalog/products/new", data=FORM)
    assert response.status_code == 303
    created = one()
    assert (created.price, created.currency, created.code, created.name_key) == (
        Decimal("4821.505"),
        "USD",
        "P-00001",
        "gtx pro",
    )
    page = buyers.get(response.location).text
    assert "GTX Pro" in page
    assert "P-00001" in page


def test_a_chinese_product_is_sorted_by_pinyin(product):
    assert product("自动封箱机").name_key.startswith("zi dong feng")


def test_without_a_currency_the_company_s_holds(product):
    assert product("Anything").currency == "CNY"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": " "}, "A product needs a name."),
        ({"price": "abc"}, "This is not a number."),
        ({"price": "-1"}, "At least 0."),
        ({"price": "1.1234567"}, "At most 6 digits"),
        ({"unit": ""}, "Choose a unit."),
        ({"unit": "bushel"}, "Choose one of the list."),
        ({"currency": "XXY"}, "Not a valid choice."),
        ({"code": "p-1"}, "The code belongs to “First”."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_kept(buyers, product, change, message):
    product("First", code="P-1")
    response = buyers.post("/catalog/products/new", data={**FORM, **change})
    assert response.status_code == 422
    assert message in response.text
    assert one().name == "First"


def test_a_change_is_in_the_trail(buyers, product):
    pump = product("Pump", price=Decimal(1))
    data = {**FORM, "name": "Pump", "code": pump.code, "currency": "CNY", "price": "2", "version": pump.version}
    assert buyers.post(f"/catalog/products/{pump.id}/edit", data=data).status_code == 303
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "changed")).one()
    assert entry.changes == {"price": ["1", "2"]}


def test_two_who_edit_at_once_do_not_overwrite_each_other(buyers, product):
    pump = product("Pump")
    seen = pump.version
    services.update_product(pump, {"name": "Pump II"}, by=None)
    response = buyers.post(f"/catalog/products/{pump.id}/edit", data={**FORM, "code": pump.code, "version": seen})
    assert response.status_code == 409
    assert one().name == "Pump II"
    with pytest.raises(Stale):
        services.update_product(pump, {"name": "x"}, version=seen, by=None)


def test_a_code_is_given_once_capitals_apart(product):
    product("First", code="A-1")
    with pytest.raises(Refused):
        product("Second", code="a-1 ")


def test_a_negative_price_is_refused_whoever_asks(product):
    with pytest.raises(Refused):
        product("Pump", price=Decimal("-0.01"))


def test_a_blank_code_unit_or_currency_keeps_what_is_there(product):
    pump = product("Pump", code="A-1", currency="EUR")
    services.update_product(pump, {"code": "", "unit": None, "currency": "", "english_name": " "}, by=None)
    assert (pump.code, pump.unit, pump.currency, pump.english_name) == ("A-1", "pcs", "EUR", None)


def test_a_product_is_discontinued_and_sold_again(buyers, product):
    pump = product("Pump")
    assert buyers.post(f"/catalog/products/{pump.id}/discontinue", data={"reason": "Out of fashion"}).status_code == 303
    assert one().status == "discontinued"
    assert buyers.post(f"/catalog/products/{pump.id}/discontinue").status_code == 409
    buyers.post(f"/catalog/products/{pump.id}/reactivate")
    assert one().is_active


def test_a_seller_reads_products_and_changes_none(sellers, product):
    pump = product("Pump")
    page = sellers.get(f"/catalog/products/{pump.id}")
    assert page.status_code == 200
    assert "/edit" not in page.text
    assert sellers.get("/catalog/products/new").status_code == 403
    assert sellers.post("/catalog/products/new", data=FORM).status_code == 403
    assert sellers.post(f"/catalog/products/{pump.id}/edit", data=FORM).status_code == 403
    assert sellers.post(f"/catalog/products/{pump.id}/discontinue").status_code == 403


def test_an_own_field_is_in_form_page_and_list(buyers):
    session.add(CustomField(record_type="product", key="weight", label="Weight", kind="number", position=1))
    session.flush()
    assert 'name="custom_weight"' in buyers.get("/catalog/products/new").text
    response = buyers.post("/catalog/products/new", data={**FORM, "custom_weight": "12.5"})
    assert "12.5" in buyers.get(response.location).text
    assert "GTX Pro" in buyers.get("/catalog/products?custom_weight.min=12&cols=name,custom_weight").text
    assert "GTX Pro" not in buyers.get("/catalog/products?custom_weight.min=13").text
    csv = buyers.post("/lists/product/export/csv?at=/catalog/products&cols=name,custom_weight").text
    assert "Name,Weight\r\nGTX Pro,12.5\r\n" in csv
