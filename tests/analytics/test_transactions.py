"""What customers have bought is read from one source, and sums of documents are sums of their lines."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from erpcrm.analytics.services.transactions import purchase_lines, purchases, source
from erpcrm.company.services import save_tax, set_rate
from erpcrm.core.db import session
from erpcrm.core.moves import make_move
from erpcrm.core.settings import save_setting
from erpcrm.finance import services as finance
from erpcrm.sales import amounts
from erpcrm.sales.services import record_delivered
from tests.factories.customers import a_customer
from tests.factories.opportunities import a_deal
from tests.factories.sales import a_line, a_product, an_order

D = Decimal
TODAY = date(2026, 3, 2)


def bought() -> list[Any]:
    found = purchases()
    query = select(found.c.document_type, found.c.on, found.c.revenue, found.c.margin, found.c.customer_id)
    return sorted(tuple(row) for row in session.execute(query))


def by_lines() -> list[Any]:
    """The same revenue, added up from the lines."""
    found = purchase_lines()
    query = select(found.c.document_id, func.sum(found.c.revenue)).group_by(found.c.document_id)
    return sorted(tuple(row) for row in session.execute(query))


def by_documents() -> list[Any]:
    found = purchases()
    return sorted(tuple(row) for row in session.execute(select(found.c.document_id, found.c.revenue)))


@pytest.fixture
def made(app: Any, clock: Any, roles: Any) -> Any:
    """An order in dollars for three pumps that cost 40 each, prices with 13 percent tax in them, and a text of unknown cost."""
    finance.choose_chart("generic")
    set_rate("USD", date(2026, 1, 1), D("7.2"))
    tax = save_tax(None, {"name": "VAT 13%", "kind": "charged", "rate": D(13)})
    pump = a_product(kind="service", cost=D(40))
    customer = a_customer(name="Blue Ocean Foods")
    line = a_line(pump, 3, price="11.11", tax_id=tax.id)
    return an_order(customer, None, line, line, currency="USD", tax_included=True)


def test_posted_invoices_are_the_source_where_finance_is_on(made: Any, accountant: Any) -> None:
    assert (source().key, source().document_type, bought()) == ("invoices", "invoice", [])
    finance.post_invoice(finance.invoice_advance(made, D(30), accountant), accountant)
    assert bought() == []  # nothing is bought yet, whatever was asked for
    record_delivered(made.lines[0], D(3))
    invoice = finance.invoice_order(made, accountant, quantities={line.id: line.quantity for line in made.lines})
    finance.post_invoice(invoice, accountant)
    [row] = bought()
    # 66.66 dollars are 479.95, and 7.67 of tax in them 55.22
    assert row == ("invoice", TODAY, D("424.73"), D("184.73"), made.customer_id)
    assert by_lines() == by_documents()
    sold = next(line for line in invoice.lines if line.use == "sales")
    note = finance.credit(invoice, accountant, "Broken", {sold.id: D(1)})
    assert len(bought()) == 1  # a draft counts for nothing
    finance.post_invoice(note, accountant)
    credited, kept = sorted(bought(), key=lambda one: one[2])
    assert (kept, credited[2], credited[3]) == (row, -note.base_net, -(note.base_net - D(40)))
    assert by_lines() == by_documents()
    found = purchase_lines()
    pieces = session.scalar(select(func.sum(found.c.quantity)))
    assert pieces == D(5)


def test_without_finance_orders_count_and_without_sales_won_deals(made: Any, seller: Any, accountant: Any) -> None:
    save_setting("modules_off", ["finance"])
    draft = an_order(made.customer, None, a_line(a_product(), 1, price="5"), confirmed=False)
    assert bought() == [("order", TODAY, D("424.73"), D("184.73"), made.customer_id)]
    make_move(draft, "confirm", by=None)  # nobody knows what its goods cost
    assert bought()[0] == ("order", TODAY, D(5), None, made.customer_id)
    assert by_lines() == by_documents()
    save_setting("modules_off", ["finance", "sales"])
    deal = a_deal(seller, customer_id=made.customer_id, amount=D(100), currency="USD", expected_close=TODAY)
    assert bought() == []
    make_move(deal, "win", by=None)
    assert (source().key, bought()) == ("deals", [("opportunity", TODAY, D(720), None, made.customer_id)])


def test_what_is_missing_to_a_whole_goes_to_the_largest_part() -> None:
    assert amounts.shared_out(D("1.00"), [D("0.33"), D("0.50"), D("0.16")]) == [D("0.33"), D("0.51"), D("0.16")]
    assert amounts.shared_out(D("1.00"), [D("0.33"), D("-0.66")], [0]) == [D("1.66"), D("-0.66")]
    assert amounts.shared_out(D(0), []) == []
