"""The quick way to an address gives what Flask's own way gives."""

from typing import Any

import pytest
from flask import Flask, url_for

from erpcrm.core.lifecycle import App

ODD = "a b&c/d?é华"
QUERIES: tuple[dict[str, Any], ...] = ({}, {"q": ODD, "page": 2}, {"owner": ["1", "me"], "left": None}, {"flag": True})


def sample(app: Flask, endpoint: str) -> dict[str, Any]:
    """A value for each variable part of the rule."""
    rule = next(app.url_map.iter_rules(endpoint))
    return {
        name: 7 if type(converter).__name__ == "IntegerConverter" else "customer"
        for name, converter in rule._converters.items()
    }


@pytest.mark.parametrize("base", ["http://localhost/", "http://localhost/erp/"])
def test_every_route_has_the_address_that_flask_gives_it(app: App, base: str) -> None:
    quick = 0
    with app.test_request_context("/customers", base_url=base):
        for endpoint in app.view_functions:
            values = sample(app, endpoint)
            for query in QUERIES:
                given = values | {name: value for name, value in query.items() if name not in values}
                try:
                    wanted = super(App, app).url_for(endpoint, **given)
                except ValueError:  # a converter that allows certain words only
                    continue
                assert url_for(endpoint, **given) == wanted
                quick += app.addresses.make(endpoint, given) == wanted
    assert quick > 4 * 100


def test_odd_words_in_a_path_are_quoted_as_flask_quotes_them(app: App) -> None:
    with app.test_request_context("/"):
        given = {"record_type": ODD, "id": 3}
        assert url_for("customers.timeline", **given) == super(App, app).url_for("customers.timeline", **given)


def test_relative_endpoints_anchors_and_full_addresses_work(app: App) -> None:
    with app.test_request_context("/customers"):
        assert url_for(".customer", id=3) == "/customers/3"
        assert url_for("customers.customer", id=3, _anchor="facts") == "/customers/3#facts"
        assert url_for("customers.customer", id=3, _external=True) == "http://localhost/customers/3"


def test_a_missing_value_is_an_error_as_ever(app: App) -> None:
    with app.test_request_context("/"), pytest.raises(Exception, match="Could not build url"):
        url_for("customers.customer")
