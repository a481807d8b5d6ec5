"""A complaint from the ticket to the credit note, and that it does not come again."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from erpcrm.core.errors import Refused
from erpcrm.core.moves import make_move
from erpcrm.finance import services as finance
from erpcrm.finance.models import Invoice
from erpcrm.inventory.models import Return
from erpcrm.inventory.services import propose_deliveries, ship, take_back
from erpcrm.sales.models import SalesOrder
from erpcrm.service import services
from erpcrm.service.models import Complaint, Ticket
from erpcrm.service.services import complaint_figures, complaints, remedies
from tests.inventory.conftest import come, main, order, product  # noqa: F401 - goods, as inventory's tests have them

TODAY = date(2026, 3, 2)
D = Decimal


@pytest.fixture
def sold(clock: Any, keeper: Any, seller: Any, accountant: Any, product: Any, come: Any, order: Any) -> SalesOrder:  # noqa: F811
    """10 blades at 100 and 4 films at 100, delivered and invoiced; a blade costs 30, a film 5."""
    finance.choose_chart("generic")
    blade, film = product("Blade"), product("Film")
    come(blade, 50, cost="30")
    come(film, 50, cost="5")
    made = order((blade, 10), (film, 4))
    ship(propose_deliveries(made, keeper)[0], by=keeper)
    finance.post_invoice(finance.invoice_order(made, accountant), accountant)
    return made


@pytest.fixture
def complain(sold: SalesOrder, agent: Any) -> Callable[..., Complaint]:
    """`complain(justified=True)`: about the order, examined by the agent."""

    def make(justified: bool = True, **about: Any) -> Complaint:
        values = {"subject": "Blades blunt", "kind": "complaint", "customer_id": sold.customer_id, "order_id": sold.id}
        found = complaints.complaint_of(services.open_ticket(values | about, agent))
        assert found is not None
        if justified:
            make_move(found, "accept", by=agent)
        return found

    return make


def quantities(offered: Any, **by_product: int) -> dict[int, Decimal]:
    return {one.line.id: D(by_product[one.line.product.name]) for one in offered if one.line.product.name in by_product}


def test_a_ticket_of_that_kind_is_a_complaint(ticket: Callable[..., Ticket], agent: Any, sold: SalesOrder) -> None:
    asked = ticket("Blades blunt")
    assert complaints.complaint_of(asked) is None
    services.update_ticket(asked, {"kind": "complaint"}, None, agent)
    found = complaints.complaint_of(asked)
    assert (found.number[:3], found.status, found.customer_id) == ("CL-", "open", asked.customer_id)
    services.update_ticket(asked, {"subject": "Blunt", "kind": "question"}, None, agent)
    assert complaints.complaint_of(asked) is found
    other = ticket("The same again", kind="complaint")
    services.merge_tickets(other, asked, agent)
    assert complaints.complaint_of(asked) is found


def test_single_lines_are_credited_and_the_whole_is_what_is_offered(
    complain: Any, sold: SalesOrder, agent: Any, accountant: Any
) -> None:
    found = complain()
    offered = remedies.lines_to_credit(found)
    assert [(one.line.product.name, one.most, one.whole) for one in offered] == [("Blade", 10, 10), ("Film", 4, 4)]
    [note] = remedies.credit(found, quantities(offered, Blade=3), agent)
    assert (note.kind, note.status, note.net, note.reason) == (
        "credit_note",
        "draft",
        D(300),
        f"Complaint {found.number}",
    )
    assert complaints.costs_of([found.id])[found.id] == []
    finance.post_invoice(note, accountant)
    assert [one.most for one in remedies.lines_to_credit(found)] == [7, 4]
    [cost] = complaints.costs_of([found.id])[found.id]
    assert (cost.amount, cost.document_type, cost.document_id) == (D(300), "invoice", note.id)
    with pytest.raises(Refused, match="at most 7"):
        remedies.credit(found, quantities(offered, Blade=8), agent)
    with pytest.raises(Refused, match="Choose lines"):
        remedies.credit(found, {}, agent)


def test_nothing_is_given_before_it_is_decided(complain: Any, agent: Any, session: Any) -> None:
    found = complain(justified=False)
    for give in (
        lambda: remedies.credit(found, quantities(remedies.lines_to_credit(found), Blade=1), agent),
        lambda: remedies.take_back(found, quantities(remedies.lines_to_take_back(found), Blade=1), agent),
        lambda: remedies.replace(found, quantities(remedies.lines_to_replace(found), Blade=1), agent),
        lambda: remedies.note_remedy(found, "An apology", agent),
    ):
        with pytest.raises(Refused, match="justified"):
            give()
    with pytest.raises(Refused, match=r"reason|why"):
        make_move(found, "reject", by=agent)
    assert session.scalars(select(Invoice).where(Invoice.kind == "credit_note")).all() == []
    assert session.scalars(select(Return)).all() == []


def test_goods_come_back_and_are_replaced(complain: Any, sold: SalesOrder, agent: Any, keeper: Any) -> None:
    found = complain()
    lines = remedies.lines_to_take_back(found)
    [back] = remedies.take_back(found, quantities(lines, Blade=2), agent, becomes="scrap")
    assert (back.status, back.lines[0].quantity, back.lines[0].becomes) == ("planned", 2, "scrap")
    assert quantities(remedies.lines_to_take_back(found), Blade=8)
    take_back(back, by=keeper)
    made = remedies.replace(found, quantities(remedies.lines_to_replace(found), Blade=2), agent)
    assert (made.status, made.net, made.reference) == ("draft", 0, found.number)
    assert [(line.product.name, line.quantity, line.price) for line in made.lines] == [("Blade", 2, 0)]
    complaints.add_cost(found, "freight", "Courier", D("45.50"), agent)
    terms = {one.document_type: one.amount for one in complaints.costs_of([found.id])[found.id]}
    assert terms == {None: D("45.50"), "return": D(60)}
    with pytest.raises(Refused, match="above zero"):
        complaints.add_cost(found, "freight", "Courier", D("0.001"), agent)


def test_who_was_credited_can_be_paid_back(complain: Any, agent: Any, accountant: Any) -> None:
    found = complain()
    [note] = remedies.credit(found, quantities(remedies.lines_to_credit(found), Film=4), agent)
    assert remedies.open_credits(found) == []
    finance.post_invoice(note, accountant)
    # What the invoice still has open takes the credit first; what was paid can be paid back.
    for item in remedies.open_credits(found):
        payment = remedies.refund(
            found, item, {"amount": D(100), "account": finance.account_for("bank"), "date": TODAY}, accountant
        )
        assert (payment.direction, payment.amount) == ("out", D(100))
        assert found.remedies[-1].kind == "refund"
        with pytest.raises(Refused, match="are open"):
            remedies.refund(found, item, {"amount": D(10_000), "account": finance.account_for("bank")}, accountant)


def test_a_second_complaint_about_the_same_is_warned_of(complain: Any, agent: Any) -> None:
    first = complain()
    second = complain()
    assert complaints.similar(second) == [first]
    offered = quantities(remedies.lines_to_credit(second), Blade=1)
    remedies.note_remedy(first, "A new blade by courier", agent)
    with pytest.raises(Refused, match=first.number):
        remedies.credit(second, offered, agent)
    assert len(remedies.credit(second, offered, agent, sure=True)) == 1
    turned_down = complain(justified=False)
    make_move(turned_down, "reject", by=agent, reason="Used wrongly")
    assert turned_down not in complaints.similar(second)


def test_it_is_closed_when_prevention_was_seen_to_work(
    complain: Any, agent: Any, seller: Any, keeper: Any, session: Any
) -> None:
    found = complain()

    def refused(words: str) -> None:
        with pytest.raises(Refused, match=words), session.begin_nested():
            complaints.move_complaint(found, "close", agent)

    refused("what the customer gets")
    remedies.note_remedy(found, "An apology", agent)
    refused("what the cause was")
    complaints.update_complaint(
        found, {"cause_category": "making", "whys": ["Blunt", "Wheel worn", "", ""], "harmed": ["goods"]}, None
    )
    assert found.whys == ["Blunt", "Wheel worn"]
    with pytest.raises(Refused, match="may not see complaints"):
        complaints.add_measure(found, "Look at each wheel", keeper, TODAY, agent)
    first = complaints.add_measure(found, "Change the wheel weekly", seller, TODAY, agent)
    assert [one.id for one in complaints.measures_due(seller.id)] == [first.id]
    refused("not done and checked")
    with pytest.raises(Refused, match="before one can see"):
        complaints.check_measure(first, True, None, agent)
    complaints.finish_measure(first, seller)
    refused("not done and checked")
    with pytest.raises(Refused, match="what was found"):
        complaints.check_measure(first, False, " ", agent)
    complaints.check_measure(first, False, "Still blunt on Fridays", agent)
    refused("did not work")
    second = complaints.add_measure(found, "Measure each wheel", seller, TODAY, agent)
    complaints.finish_measure(second, seller)
    complaints.check_measure(second, True, None, agent)
    complaints.move_complaint(found, "close", agent)
    assert found.status == "closed"
    with pytest.raises(Refused, match="Reopen it first"):
        complaints.update_complaint(found, {"harm": "More"}, None)


def test_whys_are_answered_one_after_the_other_and_documents_are_of_the_customer(
    complain: Any, agent: Any, ticket: Callable[..., Ticket], sold: SalesOrder, session: Any
) -> None:
    found = complain()
    with pytest.raises(Refused, match="in the middle"):
        complaints.update_complaint(found, {"whys": ["Blunt", "", "Worn"]}, None)
    other = complaints.complaint_of(ticket("Not ours", kind="complaint"))
    with pytest.raises(Refused, match="another customer"), session.begin_nested():
        complaints.update_complaint(other, {"order_id": sold.id}, None)


def test_figures_say_what_complaints_are_about(complain: Any, sold: SalesOrder, agent: Any) -> None:
    product_id = sold.lines[0].product_id
    for _n in range(3):
        complain(product_id=product_id)
    lone = complain(justified=False)
    make_move(lone, "reject", by=agent, reason="Used wrongly")
    complaints.add_cost(complain(product_id=product_id), "work", "Fitter", D(120), agent)
    found = complaint_figures.figures("product", TODAY, TODAY, Complaint.id > 0)
    assert (found.count, found.justified, found.cost) == (5, 4, D(120))
    assert [(one.key, one.count, one.percent, one.cost) for one in found.shares] == [
        (product_id, 4, D(80), D(120)),
        (None, 1, D(20), D(0)),
    ]
    assert complaint_figures.figures("cause", date(2026, 3, 3), date(2026, 3, 3), Complaint.id > 0).count == 0


def test_a_credit_note_out_of_the_browser(
    complain: Any, sold: SalesOrder, agent: Any, client: Any, sign_in: Any, session: Any
) -> None:
    """Whole, because nothing else was typed; a seller of another team sees nothing of it."""
    found = complain()
    session.commit()
    browser = sign_in(client, agent)
    dialog = browser.get(f"/service/complaints/{found.id}/remedies/credit_note")
    lines = remedies.lines_to_credit(found)
    form = {f"quantity-{one.line.id}": str(one.whole) for one in lines}
    assert all(f'name="{name}"' in dialog.text for name in form)
    assert browser.post(f"/service/complaints/{found.id}/remedies/credit_note", data=form).status_code == 303
    session.expire_all()
    [note] = session.scalars(select(Invoice).where(Invoice.kind == "credit_note"))
    assert note.net == D(1400)
    assert "Draft" in browser.get(f"/service/complaints/{found.id}").text
    again = browser.post(
        f"/service/complaints/{found.id}/remedies/credit_note", data={f"quantity-{lines[0].line.id}": "x"}
    )
    assert (again.status_code, "not a number" in again.text) == (422, True)
