"""What things cost, and what is left, is for those who may see it: on no page, paper, list or trail of anybody else."""

import re
from decimal import Decimal as D
from typing import Any

from erpcrm.sales.services import update_order, update_quotation
from tests.factories.sales import a_line, a_product, an_offer, an_order


def test_a_seller_finds_no_cost_anywhere_and_a_manager_finds_the_margin(
    as_seller: Any, as_manager: Any, seller: Any, customer: Any, session: Any
) -> None:
    first, second = a_product("100", cost=D("41.37")), a_product("100", cost=D("58.63"))
    offer, order = (make(customer, seller, a_line(first)) for make in (an_offer, an_order))
    update_quotation(offer, {}, [a_line(second, id=offer.lines[0].id)], seller)
    update_order(order, {}, [a_line(second, id=order.lines[0].id)], seller)
    session.commit()
    ways = [
        f"/sales/{kind}/{record.id}{end}"
        for kind, record in (("quotations", offer), ("orders", order))
        for end in ("", "/edit", "/pdf")
    ]
    ways += ["/sales/quotations", "/sales/orders", f"/search?q={offer.number}"]
    ways += [f"/admin/audit/quotation/{offer.id}", f"/admin/audit/order/{order.id}", f"/catalog/products/{second.id}"]
    secret = re.compile(r"41\.37|58\.63|41\.3|Margin")
    for way in ways:
        answer = as_seller.get(way)
        assert answer.status_code == 200, way
        assert not secret.search(answer.get_data().decode("utf-8", "ignore")), way
    for way in (ways[0], ways[3]):
        assert "41.37" in as_manager.get(way).text  # 100 less 58.63 is left
    assert "58.63" in as_manager.get(f"/admin/audit/order/{order.id}").text
