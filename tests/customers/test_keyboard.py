"""Keys: each means one thing on a page, and the help tells them."""

import re
from collections import Counter

import pytest

from tests.factories.customers import a_contact


@pytest.mark.parametrize("page", ["/customers/{customer}", "/customers/contacts/{contact}", "/customers", "/my-day"])
def test_a_key_means_one_thing_on_a_page(as_manager, session, mine, seller, page):
    contact = a_contact(mine, seller)
    session.commit()
    text = as_manager.get(page.format(customer=mine.id, contact=contact.id)).text
    keys = Counter(re.findall(r'data-shortcut="([^"]+)"', text))
    assert keys["Ctrl+K"] == 1
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_bar_of_the_timeline_is_reached_by_a_key_a_kind(as_seller, mine):
    text = as_seller.get(f"/customers/{mine.id}").text
    kinds = dict(re.findall(r'name="kind" value="(\w+)"[^>]*data-shortcut="(.)"', text))
    assert kinds == {"note": "n", "call": "c", "meeting": "m", "task": "t"}
    assert all(f"({key})" in text for key in kinds.values()), "the keys are told where the kinds are named"
