"""Price lists and the price that holds."""

from datetime import date
from decimal import Decimal
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import select

from erpcrm.access.services import create_user
from erpcrm.catalog import services
from erpcrm.catalog.models import PriceList, PriceListItem
from erpcrm.catalog.reasons import reason_in_words
from erpcrm.core.db import session
from erpcrm.core.errors import NotThere, Refused, Stale
from erpcrm.core.files import Attachment
from erpcrm.core.jobs import run_pending
from tests.wizard import Wizard

D = Decimal
TODAY = date(2026, 3, 10)


@pytest.fixture
def price_list(app):
    def make(name="Dealers", prices=(), **values):
        found = services.save_price_list(None, {"name": name, "currency": "CNY", "for_everybody": True} | values)
        for one in prices:
            services.save_price(found, None, one)
        return found

    return make


@pytest.fixture
def managers(app, sign_in, buyer):
    return sign_in(app.test_client(), create_user("Max", "max@test.example", roles=["manager"], language="en"))


def cost(product, quantity="1", unit="pcs", currency="CNY", on=TODAY, **more):
    found = services.find_price(product, D(quantity), unit, currency, on=on, **more)
    return found and found.amount


def test_without_a_list_the_list_price_holds_and_is_called_so(product):
    film = product("Film", price=D("9.5"))
    found = services.find_price(film, D(1), "pcs", "CNY", on=TODAY)
    assert (found.amount, reason_in_words(found.reason)) == (D("9.5"), "List price")
    assert cost(film, currency="USD") is None
    assert cost(product("On request")) is None


def test_a_list_for_everybody_comes_before_the_list_price_and_is_named_with_its_terms(product, price_list):
    film = product("Film", price=D("9.5"))
    since = date(2026, 3, 3)
    price_list("Spring", [{"product": film, "price": D(8), "min_quantity": D(100), "starts_on": since}])
    assert cost(film, "99") == D("9.5")
    found = services.find_price(film, D(100), "pcs", "CNY", on=TODAY)
    assert (found.amount, reason_in_words(found.reason)) == (D(8), "Price list Spring, from Mar 3, 2026, from 100 pcs")
    assert cost(film, "100", on=date(2026, 3, 2)) == D("9.5")


def test_the_customer_s_own_list_comes_first_then_its_group_s(product, price_list):
    film = product("Film", price=D(10))
    own = price_list("Own", [{"product": film, "price": D(9)}], for_everybody=False)
    group = price_list("Group", [{"product": film, "price": D(7)}], for_everybody=False)
    assert cost(film) == 10
    assert cost(film, lists={"group": [group]}) == 7
    assert cost(film, lists={"group": [group], "customer": [own]}) == 9
    found = services.find_price(film, D(1), "pcs", "CNY", on=TODAY, lists={"customer": [own]})
    assert reason_in_words(found.reason) == "Customer’s price, Own"


def test_a_list_out_of_use_of_another_currency_or_another_time_gives_no_price(product, price_list):
    film = product("Film", price=D(10))
    price = [{"product": film, "price": D(1)}]
    price_list("Off", price, active=False)
    price_list("Dollars", price, currency="USD")
    price_list("Over", price, ends_on=date(2026, 3, 9))
    price_list("Not yet", price, starts_on=date(2026, 3, 11))
    assert cost(film) == 10
    assert cost(film, currency="USD") == 1
    assert cost(film, on=date(2026, 3, 11)) == 1


def test_a_price_can_t_outlast_its_list(product, price_list):
    film = product("Film")
    price_list("March", [{"product": film, "price": D(1), "ends_on": date(2026, 12, 31)}], ends_on=date(2026, 3, 31))
    assert cost(film, on=date(2026, 3, 31)) == 1
    assert cost(film, on=date(2026, 4, 1)) is None


def test_a_reduction_on_everything_takes_from_the_list_price_what_has_no_price_of_its_own(product, price_list):
    film, blade = product("Film", price=D("9.99")), product("Blade", price=D(100))
    price_list("Less", [{"product": blade, "price": D(99)}], reduction=D("12.5"))
    assert cost(film) == D("8.741250")
    reduced = services.find_price(film, D(1), "pcs", "CNY", on=TODAY)
    assert "reduction" in reason_in_words(reduced.reason)
    assert cost(blade) == 99


def test_a_box_costs_its_own_price_or_so_many_pieces(product, price_list):
    film = product("Film", price=D("9.5"))
    services.save_unit(film, "box", D(12))
    assert cost(film, unit="box") == 114
    price_list("Boxes", [{"product": film, "unit": "box", "price": D(100), "min_quantity": D(2)}])
    assert cost(film, "1", "box") == 114
    assert cost(film, "2", "box") == 100
    assert cost(film, "24", "pcs") == D("8.333333")
    with pytest.raises(Refused, match="not traded"):
        cost(film, unit="kg")


def test_a_set_without_a_price_costs_what_its_components_do(product):
    kit, film, blade = product("Kit", kind="set"), product("Film", price=D("9.5")), product("Blade", price=D(3))
    assert cost(kit) is None
    services.add_component(kit, film, D(2))
    services.add_component(kit, blade, D(1))
    assert cost(kit) == 22
    services.update_product(blade, {"price": None}, by=None)
    assert cost(kit) is None
    services.update_product(kit, {"price": D(20)}, by=None)
    assert cost(kit) == 20


@pytest.mark.parametrize(
    "change",
    [{"price": D("-0.01")}, {"min_quantity": D(-1)}, {"unit": "kg"}, {"starts_on": date(2026, 2, 2), "ends_on": TODAY.replace(month=1)}],
)  # fmt: skip
def test_a_price_that_makes_no_sense_is_refused_and_the_list_stays(product, price_list, change):
    film, dealers = product("Film"), price_list()
    with pytest.raises(Refused):
        services.save_price(dealers, None, {"product": film, "price": D(1)} | change)
    assert services.prices_of(dealers) == []


def test_the_same_price_twice_is_refused_a_later_one_is_not(product, price_list):
    film = product("Film")
    dealers = price_list(prices=[{"product": film, "price": D(1)}])
    with pytest.raises(Refused, match="already"):
        services.save_price(dealers, None, {"product": film, "price": D(2)})
    services.save_price(dealers, None, {"product": film, "price": D(2), "starts_on": TODAY})
    (first, _second) = services.prices_of(dealers)
    services.save_price(dealers, first.id, {"product": film, "price": D(3)})
    assert sorted(item.price for item in services.prices_of(dealers)) == [2, 3]


def test_a_list_keeps_its_currency_while_it_has_prices(product, price_list):
    dealers = price_list(prices=[{"product": product("Film"), "price": D(1)}])
    with pytest.raises(Refused, match="CNY"):
        services.save_price_list(dealers, {"name": "Dealers", "currency": "EUR"})
    with pytest.raises(Refused, match="already"):
        price_list("dealers")
    with pytest.raises(Stale):
        services.save_price_list(dealers, {"name": "Dealers"}, version=99)
    with pytest.raises(Refused, match="without tax"):
        price_list("Gross", tax_included=True, reduction=D(5))


def test_a_copy_has_all_prices_raised_and_is_not_in_use(product, price_list):
    film = product("Film", price=D(10))
    dealers = price_list(prices=[{"product": film, "price": D("3.33"), "min_quantity": D(5)}])
    made = services.copy_price_list(dealers, "Dealers 2027", D("2.5"))
    assert [(item.price, item.min_quantity) for item in services.prices_of(made)] == [(D("3.413250"), D(5))]
    assert not made.active
    assert cost(film, "5") == D("3.33")
    with pytest.raises(Refused):
        services.copy_price_list(dealers, "Less than nothing", D("-100.01"))


def test_a_manager_keeps_a_list_through_its_pages(managers, product):
    film = product("Film", code="F-1", price=D(10))
    data = {"name": "Dealers", "currency": "CNY", "for_everybody": "y", "active": "y", "reduction": "5"}
    page = managers.post("/catalog/price-lists/new", data=data)
    made = session.scalars(select(PriceList)).one()
    assert page.location.endswith(f"/catalog/price-lists/{made.id}")
    prices = f"/catalog/price-lists/{made.id}/prices"
    assert managers.post(f"{prices}/new", data={"product_id_text": "F-1", "price": "8"}).status_code == 303
    again = managers.post(f"{prices}/new", data={"product_id_text": "F-1", "price": "7"})
    assert again.status_code == 422
    assert "already" in again.text
    item = session.scalars(select(PriceListItem)).one()
    managers.post(f"{prices}/{item.id}/edit", data={"product_id": film.id, "product_id_text": "Film", "price": "7.5"})
    assert "7.50" in managers.get(f"/catalog/price-lists/{made.id}").text
    assert "7.50" in managers.get(f"/catalog/products/{film.id}").text
    managers.post(f"/catalog/price-lists/{made.id}/copy", data={"name": "Next year", "percent": "10"})
    copied = session.scalars(select(PriceList).where(PriceList.name == "Next year")).one()
    assert [one.price for one in services.prices_of(copied)] == [D("8.25")]
    other = session.scalars(select(PriceListItem).where(PriceListItem.price_list_id == copied.id)).one()
    assert managers.post(f"{prices}/{other.id}/remove").status_code == 404
    managers.post(f"{prices}/{item.id}/remove")
    assert services.prices_of(made) == []
    assert "Dealers" in managers.get("/catalog/price-lists").text
    assert "8.25" in managers.get("/catalog/prices").text


def test_a_seller_reads_prices_and_changes_none(sellers, product, price_list):
    film = product("Film")
    dealers = price_list(prices=[{"product": film, "price": D("7.77")}])
    assert "7.77" in sellers.get(f"/catalog/price-lists/{dealers.id}").text
    assert sellers.get("/catalog/price-lists/new").status_code == 403
    assert sellers.post(f"/catalog/price-lists/{dealers.id}/prices/new", data={"price": "1"}).status_code == 403


def test_without_the_permission_the_product_page_shows_no_lists(app, sign_in, product, price_list):
    film = product("Film", price=D(1))
    price_list("Secret", [{"product": film, "price": D("7.77"), "min_quantity": D(10)}])
    operator = sign_in(app.test_client(), create_user("Oli", "oli@test.example", roles=["operator"], language="en"))
    page = operator.get(f"/catalog/products/{film.id}")
    assert page.status_code == 200
    assert "Secret" not in page.text
    assert operator.get("/catalog/price-lists").status_code == 403


def test_the_product_page_answers_what_a_quantity_costs(sellers, product, price_list):
    film = product("Film", price=D("9.5"))
    price_list("Spring", [{"product": film, "price": D(8), "min_quantity": D(100)}])
    ask = f"/catalog/products/{film.id}/price"
    page = sellers.get(ask, query_string={"quantity": "100", "unit": "pcs", "currency": "CNY", "on": "2026-03-10"})
    assert "8.00" in page.text
    assert "Price list Spring, from 100 pcs" in page.text
    assert "9.50" in sellers.get(ask).text
    assert sellers.get(ask, query_string={"quantity": "no", "unit": "pcs", "currency": "CNY"}).status_code == 200
    assert sellers.get(ask, query_string={"quantity": "1", "unit": "bushel", "currency": "CNY"}).status_code == 200


def test_prices_come_in_from_a_file(product, price_list, buyer):
    film, dealers = product("Film"), price_list()
    services.price_from_file({"price_list": dealers.id, "product": film.id, "price": D(5)}, buyer)
    assert cost(film) == 5
    with pytest.raises(Refused):
        services.price_from_file({"price_list": dealers.id, "product": film.id, "price": D(6)}, buyer)
    with pytest.raises(NotThere):
        services.price_from_file({"price_list": 999, "product": film.id, "price": D(6)}, buyer)


def test_a_file_changes_prices_that_are_there(app, managers, product, price_list):
    film = product("Film")
    dealers = price_list(
        "Dealers", [{"product": film, "price": D(9)}, {"product": film, "price": D(8), "min_quantity": D(10)}]
    )
    session.commit()
    text = "list,product,from,price,valid until\nDealers,Film,,9.5,\nDealers,Film,10,8,2027-01-31\nDealers,Film,100,7,\nDealers,Film,0,1,\n"
    wizard = Wizard(managers, app).upload(text, "price_list_item", "prices.csv")
    assert "found by these together: Price list, Product, Unit, From quantity, Valid from" in wizard.get("/columns")
    wizard.columns(mode="create")
    assert wizard.trial() == {"created": 1, "updated": 0, "skipped": 2, "bad": 1}
    assert "“Dealers · Film · 10” exists already." in unescape(wizard.get())
    wizard.columns(mode="both")
    assert wizard.trial() == {"created": 1, "updated": 2, "skipped": 0, "bad": 1}
    assert "Row 2 is about the same record." in wizard.get()
    wizard.start()
    prices = [(item.min_quantity, item.price, item.ends_on) for item in services.prices_of(dealers)]
    assert prices == [(D(0), D("9.5"), None), (D(10), D(8), date(2027, 1, 31)), (D(100), D(7), None)]
    wizard.post("/undo")
    run_pending()
    session.expire_all()
    assert [item.price for item in services.prices_of(dealers)] == [9, 8]


def test_a_product_shows_one_of_its_pictures(buyers, product):
    film, other = product("Film"), product("Other")
    png = b"\x89PNG\r\n\x1a\n" + b"0" * 40
    for one, name in ((film, "film.png"), (other, "other.png")):
        buyers.post("/files", data={"record_type": "product", "record_id": one.id, "files": (BytesIO(png), name)})
    picture, foreign = session.scalars(select(Attachment).order_by(Attachment.id)).all()
    assert "product-picture" not in buyers.get(f"/catalog/products/{film.id}").text
    buyers.post(f"/catalog/products/{film.id}/picture", data={"picture": picture.id})
    assert 'class="product-picture"' in buyers.get(f"/catalog/products/{film.id}").text
    assert buyers.post(f"/catalog/products/{film.id}/picture", data={"picture": foreign.id}).status_code == 409
    buyers.post(f"/files/{picture.id}/remove")
    assert "product-picture" not in buyers.get(f"/catalog/products/{film.id}").text
