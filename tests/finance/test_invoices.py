"""Invoices from orders, contracts and by hand; advances; credit notes. What is booked agrees with what is due, to the cent."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erpcrm.catalog.services import create_product
from erpcrm.company.services import save_tax
from erpcrm.core.db import session
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.core.moves import make_move
from erpcrm.finance import services
from erpcrm.finance.models import Invoice
from erpcrm.finance.settling import Proposal
from erpcrm.finance.terms import Part, Terms
from erpcrm.sales.services import create_order, record_delivered, record_returned
from tests.finance.conftest import TODAY
from tests.finance.test_receivables import books_agree


@pytest.fixture
def order(books, customer):
    """`order(("10", "9.99"), currency="CNY")`: a confirmed order of so many at that price each, taxed by 13 percent."""
    tax = save_tax(None, {"name": "VAT 13%", "kind": "charged", "rate": Decimal(13)})
    product = create_product({"name": "Pump", "unit": "pcs", "kind": "goods"}, by=None)

    def make(*lines, **values):
        given = [
            {
                "product_id": product.id,
                "quantity": Decimal(quantity),
                "unit": "pcs",
                "price": Decimal(price),
                "tax_id": tax.id,
            }
            for quantity, price in lines
        ]
        made = create_order({"customer_id": customer.id, "payment_terms": "net_30"} | values, given, None)
        make_move(made, "confirm", by=None)
        return made

    return make


def posted(invoice, accountant):
    services.post_invoice(invoice, accountant)
    return invoice


def balance(role, on=TODAY):
    return services.balance_of(services.account_for(role), on)


def test_an_order_is_invoiced_as_it_is_delivered_and_the_parts_are_the_whole(order, accountant):
    made = order(("3", "33.335"))
    line = made.lines[0]
    with pytest.raises(Refused, match="delivered"):
        services.invoice_order(made, accountant)
    amounts = []
    for _part in range(3):
        record_delivered(line, Decimal(1))
        invoice = posted(services.invoice_order(made, accountant), accountant)
        amounts.append(invoice.net)
    assert sum(amounts) == line.amount == Decimal("100.01")
    assert (made.invoice_state, line.invoiced, made.status) == ("all", 3, "closed")
    assert [one.number for one in services.invoices_of_order(made.id)] == [f"INV-2026-0000{n}" for n in (1, 2, 3)]
    assert -balance("sales") == Decimal("100.01")
    assert books_agree()


def test_all_of_an_order_is_invoiced_once(order, accountant):
    made = order(("10", "100"))
    first = services.invoice_order(made, accountant, all_lines=True)
    second = services.invoice_order(made, accountant, all_lines=True)
    posted(first, accountant)
    assert [(item.number, item.due_on, item.amount) for item in services.items_of(first)] == [
        ("INV-2026-00001", date(2026, 4, 1), Decimal(1130))
    ]
    assert (-balance("sales"), -balance("tax_payable"), balance("receivable")) == (1000, 130, 1130)
    session.commit()
    with pytest.raises(Refused, match="may still be invoiced"):
        services.post_invoice(second, accountant)
    session.rollback()
    assert (second.status, second.number) == ("draft", None)
    with pytest.raises(Refused, match="left to invoice"):
        services.invoice_order(made, accountant, all_lines=True)
    with pytest.raises(Refused, match="never changes"):
        services.delete_draft_invoice(first)


def test_an_advance_is_asked_for_and_taken_off_the_rest(order, accountant, paid, customer):
    made = order(("10", "100"), payment_terms="prepaid")
    advance = posted(services.invoice_advance(made, Decimal(30), accountant), accountant)
    assert (advance.net, advance.gross, -balance("advance_received"), balance("sales")) == (300, 339, 300, 0)
    paid(customer, "339", Proposal(services.items_of(advance)[0].id, Decimal(339)))
    rest = posted(services.invoice_order(made, accountant, all_lines=True), accountant)
    assert (rest.net, rest.gross) == (700, 791)
    assert (-balance("sales"), balance("advance_received"), -balance("tax_payable")) == (1000, 0, 130)
    assert (made.invoice_state, books_agree()) == ("all", True)
    with pytest.raises(Refused, match="percentage"):
        services.invoice_advance(made, Decimal(0), accountant)
    with pytest.raises(Refused, match="left to invoice"):  # it would stay with us: there is nothing to take it off
        services.invoice_advance(made, Decimal(30), accountant)


def test_no_more_is_asked_for_in_advance_than_is_left_to_invoice(order, accountant):
    made = order(("10", "100"))
    posted(services.invoice_order(made, accountant, quantities={made.lines[0].id: Decimal(6)}), accountant)
    with pytest.raises(Refused, match="Less than that is left"):
        services.invoice_advance(made, Decimal("40.01"), accountant)
    posted(services.invoice_advance(made, Decimal(30), accountant), accountant)
    with pytest.raises(Refused, match="Less than that is left"):
        services.invoice_advance(made, Decimal(20), accountant)
    posted(services.invoice_order(made, accountant, all_lines=True), accountant)
    assert (-balance("sales"), balance("advance_received"), books_agree()) == (1000, 0, True)


def test_a_draft_that_knows_nothing_of_an_advance_is_not_posted(order, accountant, session):
    made = order(("10", "100"))
    twins = [services.invoice_advance(made, Decimal(60), accountant) for _n in range(2)]
    rest = services.invoice_order(made, accountant, all_lines=True)
    session.commit()
    posted(twins[0], accountant)
    session.commit()
    for late, why in ((twins[1], "Less than that is left"), (rest, "Money was asked for in advance since")):
        with pytest.raises(Refused, match=why):
            posted(late, accountant)
        session.rollback()
        services.delete_draft_invoice(late)
    rest = posted(services.invoice_order(made, accountant, all_lines=True), accountant)
    assert (rest.net, -balance("sales"), balance("advance_received"), books_agree()) == (400, 1000, 0, True)


def test_an_advance_in_dollars_becomes_sales_at_its_own_rate(order, accountant, customer):
    """Money received in advance is no debt in dollars any more: it is earned at the rate at which it was booked."""
    made = order(("1", "1000"), currency="USD")
    advance = services.invoice_advance(made, Decimal(50), accountant)
    services.change_head(advance, {"date": date(2026, 1, 20)})
    posted(advance, accountant)
    assert -balance("advance_received") == 3500
    posted(services.invoice_order(made, accountant, all_lines=True), accountant)
    assert balance("advance_received") == 0
    # 500 at 7.00 and 500 at 7.20
    assert -balance("sales") == 7100
    assert books_agree()


def test_parts_of_an_advance_are_taken_off_by_several_invoices(order, accountant):
    made = order(("3", "100"))
    posted(services.invoice_advance(made, Decimal(50), accountant), accountant)
    grosses = []
    for part in (1, 2):
        record_delivered(made.lines[0], Decimal(part))
        grosses.append(posted(services.invoice_order(made, accountant), accountant).gross)
    assert grosses == [0, Decimal("169.50")]
    assert (balance("advance_received"), -balance("sales")) == (0, 300)
    assert books_agree()


def test_what_comes_back_is_credited_and_settles_the_invoice(order, accountant):
    made = order(("10", "9.99"))
    record_delivered(made.lines[0], Decimal(10))
    invoice = posted(services.invoice_order(made, accountant), accountant)
    record_returned(made.lines[0], Decimal(3))
    with pytest.raises(Refused, match="Say why"):
        services.credit(invoice, accountant, " ")
    with pytest.raises(Refused, match="may still be credited"):
        services.credit(invoice, accountant, "Broken", {invoice.lines[0].id: Decimal(11)})
    note = posted(services.credit(invoice, accountant, "Broken", {invoice.lines[0].id: Decimal(3)}), accountant)
    assert (note.number, note.net, made.lines[0].invoiced) == ("CN-2026-00001", Decimal("29.97"), 7)
    item = services.items_of(invoice)[0]
    assert item.open == invoice.gross - note.gross
    assert services.items_of(note)[0].open == 0
    rest = posted(services.credit(invoice, accountant, "All of it"), accountant)
    assert (item.open, rest.net + note.net) == (0, invoice.net)
    assert (balance("sales"), balance("receivable"), balance("tax_payable")) == (0, 0, 0)
    with pytest.raises(Refused, match="left to credit"):
        services.credit(invoice, accountant, "Again")
    with pytest.raises(Refused, match="Only a posted invoice"):
        services.credit(note, accountant, "Again")


def test_a_credit_of_a_paid_invoice_stays_with_the_customer(order, accountant, paid, customer):
    made = order(("1", "100"))
    invoice = posted(services.invoice_order(made, accountant, all_lines=True), accountant)
    paid(customer, "113", Proposal(services.items_of(invoice)[0].id, Decimal(113)))
    note = posted(services.credit(invoice, accountant, "Goodwill"), accountant)
    assert services.items_of(note)[0].open == -113
    assert books_agree()


def test_two_drafts_of_one_credit_are_not_both_posted(order, accountant):
    invoice = posted(services.invoice_order(order(("1", "100")), accountant, all_lines=True), accountant)
    drafts = [services.credit(invoice, accountant, "Wrong") for _draft in range(2)]
    posted(drafts[0], accountant)
    with pytest.raises(Refused, match="credited already"):
        services.post_invoice(drafts[1], accountant)


def test_an_invoice_without_an_order_in_several_parts(books, customer, accountant):
    services.save_terms("net_60", Terms([Part(Decimal(50), "day", 0), Part(Decimal(50), "day", 60)]))
    lines = [{"text": "Consulting", "quantity": Decimal(1), "price": Decimal("100.01")}]
    values = {"customer_id": customer.id, "payment_terms": "net_60"}
    invoice = services.create_invoice(values, lines, accountant)
    services.update_invoice(invoice, {"reference": "PO 7"}, [lines[0] | {"id": invoice.lines[0].id}])
    posted(invoice, accountant)
    assert [(item.number, item.amount) for item in services.items_of(invoice)] == [
        ("INV-2026-00001/1", Decimal("50.01")),
        ("INV-2026-00001/2", Decimal("50.00")),
    ]
    assert books_agree()


def test_nothing_is_posted_that_is_empty_of_the_future_or_of_a_closed_month(books, customer, accountant, seller):
    empty = services.create_invoice({"customer_id": customer.id}, [], accountant)
    with pytest.raises(Refused, match="nothing on it"):
        services.post_invoice(empty, accountant)
    lines = [{"text": "Consulting", "quantity": Decimal(1), "price": Decimal(5)}]
    late = services.create_invoice({"customer_id": customer.id, "date": date(2026, 3, 3)}, lines, accountant)
    session.commit()
    with pytest.raises(Refused, match="future"):
        services.post_invoice(late, accountant)
    with pytest.raises(NotAllowed):
        services.post_invoice(late, seller)
    session.rollback()
    services.close(date(2026, 2, 1), accountant)
    late.date = date(2026, 2, 10)
    session.commit()
    with pytest.raises(Refused, match="February 2026 is closed"):
        services.post_invoice(late, accountant)


@settings(max_examples=12)
@given(
    st.integers(1, 40),
    st.decimals(Decimal("0.01"), Decimal(500), places=4),
    st.lists(st.integers(1, 12), min_size=1, max_size=5),
    st.sampled_from([0, 10, 33]),
    st.booleans(),
)
def test_however_an_order_is_cut_its_invoices_come_to_it(order, accountant, quantity, price, cuts, advance, included):
    made = order((str(quantity), str(price)), tax_included=included, currency="USD")
    before = {role: balance(role) for role in ("advance_received", "receivable")}
    invoices = []
    if advance:
        invoices.append(services.invoice_advance(made, Decimal(advance), accountant))
        posted(invoices[0], accountant)
    for cut in cuts:
        part = min(Decimal(cut), made.lines[0].to_deliver)
        if part and made.status == "confirmed":
            record_delivered(made.lines[0], part)
            invoices.append(posted(services.invoice_order(made, accountant), accountant))
    if made.lines[0].billable:
        invoices.append(posted(services.invoice_order(made, accountant, all_lines=True), accountant))
    amount = sum((line.amount for one in invoices for line in one.lines), Decimal(0))
    assert amount == made.lines[0].amount
    assert balance("advance_received") == before["advance_received"]
    assert books_agree()
    for invoice in session.query(Invoice).filter(Invoice.order_id == made.id):
        assert sum((item.amount for item in services.items_of(invoice)), Decimal(0)) == invoice.gross


def test_a_credit_that_no_invoice_stands_behind(accountants, accountant, customer, owed, account, books):
    """Goodwill or a bonus: with its reason, its own number, taxes as its lines say; the customer's credit until it is used."""
    tax = save_tax(None, {"name": "VAT 13%", "kind": "charged", "rate": Decimal(13)})
    line = {"text": "Bonus 2025", "quantity": Decimal(1), "unit": "pcs", "price": Decimal(100), "tax_id": tax.id}
    values = {"customer_id": customer.id, "kind": "credit_note"}
    with pytest.raises(Refused, match="Say why"):
        services.create_invoice(values | {"reason": " "}, [line], accountant)
    assert customer.name in accountants.get(f"/finance/credit-notes/new?customer={customer.id}").text
    form = {
        "date": TODAY.isoformat(), "currency": "CNY", "language": "en", "discount": "",
        "lines-0-text": "Bonus 2025", "lines-0-quantity": "1", "lines-0-unit": "pcs", "lines-0-price": "100",
        "lines-0-tax_id": str(tax.id), "then": "post",
    }  # fmt: skip
    url = f"/finance/credit-notes/new?customer={customer.id}"
    without = accountants.post(url, data=form)
    assert (without.status_code, "Say why it is credited" in without.text) == (422, True)
    assert accountants.post(url, data=form | {"reason": "Volume bonus"}).status_code == 303
    note = session.query(Invoice).one()
    assert (note.kind, note.number, note.reason, note.gross) == ("credit_note", "CN-2026-00001", "Volume bonus", 113)
    assert (balance("sales"), balance("tax_payable"), balance("receivable")) == (100, 13, -113)
    (credit,) = services.items_of(note)
    services.allocate(owed(customer, "50"), credit, Decimal(50), accountant)
    values = {"amount": Decimal(63), "account": account("bank"), "date": TODAY}
    services.refund(customer, credit, values, accountant)
    assert (credit.open, books_agree()) == (0, True)
    page = accountants.get(f"/finance/invoices/{note.id}")
    assert ("Volume bonus" in page.text, "Settled" in page.text) == (True, True)
    assert accountants.get(f"/finance/invoices/{note.id}/pdf").data.startswith(b"%PDF")
    draft = services.create_invoice(
        {"customer_id": customer.id, "kind": "credit_note", "reason": "Goodwill"}, [line], accountant
    )
    services.update_invoice(draft, {"reason": "A late delivery"}, [line])
    assert draft.reason == "A late delivery"
