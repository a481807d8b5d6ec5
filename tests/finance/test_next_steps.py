"""What comes next for an order, in which order, and for whom; the one-click verbs behind it."""

from datetime import date
from decimal import Decimal

import pytest

from erpcrm.access.steps import next_steps
from erpcrm.catalog.services import create_product
from erpcrm.core.errors import Refused
from erpcrm.finance import services
from erpcrm.finance.settling import Proposal
from erpcrm.inventory.services import Back, announce_return, propose_deliveries, ship, take_back
from erpcrm.sales.models import OrderLine
from erpcrm.sales.order_steps import NEXT, steps_of
from erpcrm.sales.services import deliver_by_hand, move_line
from tests.finance.conftest import TODAY

D = Decimal


@pytest.fixture
def told(app):
    """`told(order, user)`: the labels of the user's steps, the main one last, and {label: who} of the others'."""

    def ask(order, user, place=NEXT):
        with app.test_request_context():
            found = next_steps(place, order.id, user, steps_of(order) if place == NEXT else ())
            return [step.label for step in found.mine], {step.label: list(who) for step, who in found.others}

    return ask


def test_what_comes_next_follows_the_order_from_hand_to_hand(
    books, product, come, order, told, seller, keeper, accountant, admin
):
    blade = product("Blade")
    made = order(blade, 10, confirm=False)
    assert told(made, seller) == (["Confirm"], {})
    assert told(made, keeper) == ([], {"Confirm": [seller.name]})

    made = order(blade, 10)
    assert told(made, keeper)[0] == ["Plan a receipt"], "nothing lies there, and nothing is announced"
    come(blade, 6, cost="2")
    first = propose_deliveries(made, keeper)[0]
    assert told(made, keeper)[0] == [f"Ship {first.number}"]
    come(blade, 4, cost="2")
    assert told(made, keeper)[0] == ["Deliver", f"Ship {first.number}"], "what is ready leaves first"
    assert told(made, accountant) == (
        [],
        {f"Ship {first.number}": [keeper.name], "Deliver": [keeper.name]},
    )

    ship(first, by=keeper)
    assert told(made, admin)[0] == ["Invoice", "Deliver"]
    assert told(made, accountant) == (["Invoice"], {"Deliver": [keeper.name]})
    assert told(first, accountant, "delivery.next")[0] == ["Invoice"]
    half = services.invoice_order(made, accountant)
    assert told(made, accountant)[0] == ["Post the invoice"], "no second draft is offered"
    services.post_invoice(half, accountant)
    assert told(made, accountant)[0] == ["Enter a payment", f"Send {half.number}"]
    assert told(made, admin)[0] == [f"Send {half.number}", "Deliver"], "two buttons, however much may be done"
    half.sent_on = TODAY
    second = propose_deliveries(made, keeper)[0]
    ship(second, by=keeper)
    assert told(made, accountant)[0] == ["Enter a payment", "Invoice"], (
        "what left is invoiced before money is asked for"
    )

    rest = services.invoice_order(made, accountant)
    services.post_invoice(rest, accountant)

    back = announce_return(first, [Back(first.lines[0], D(5))], "Wrong size", by=keeper)
    assert told(back, accountant, "return.next")[0] == [], "nothing is credited before it is here"
    take_back(back, keeper)
    assert told(back, accountant, "return.next")[0] == ["Credit what came back"]
    coming = announce_return(second, [Back(second.lines[0], D(1))], "Wrong size", by=keeper)
    assert told(coming, accountant, "return.next")[0] == [], "nor what is to come, beside what has come"
    notes = services.credit_returned(made, accountant, "Goods came back")
    assert [(note.kind, note.credits_id, note.lines[0].quantity) for note in notes] == [
        ("credit_note", rest.id, D(4)),
        ("credit_note", half.id, D(1)),
    ], "on the invoices that it was on, the newest first"
    with pytest.raises(Refused, match="draft of a credit note"):
        services.credit_returned(made, accountant, "Goods came back")
    assert told(back, accountant, "return.next")[0] == ["Post the credit note"]
    for note in notes:
        services.post_invoice(note, accountant)
    assert told(back, accountant, "return.next")[0] == []
    with pytest.raises(Refused):
        services.credit_returned(made, accountant, "Goods came back")


def test_who_pays_in_advance_is_invoiced_before_anything_leaves(books, product, come, order, told, admin):
    blade = product("Blade")
    come(blade, 10, cost="2")
    made = order(blade, 10, payment_terms="prepaid")
    assert told(made, admin)[0] == ["Deliver", "Invoice in advance"]


def test_work_is_recorded_as_done_and_goods_are_not(books, product, come, order, told, seller, keeper):
    blade = product("Blade")
    visit = create_product({"name": "Visit", "kind": "service", "unit": "day"}, by=None)
    later = create_product({"name": "Training", "kind": "service", "unit": "day"}, by=None)
    made = order((blade, 2), (visit, 3), (later, 1))
    move_line(made.lines[2], "hold", seller)
    assert told(made, seller)[0] == ["Record work as done"]
    deliver_by_hand(made, seller)
    assert [line.delivered for line in made.lines] == [0, 3, 0], "goods leave with a delivery, what is on hold waits"
    assert told(made, seller)[0] == []
    with pytest.raises(Refused, match="by hand"):
        deliver_by_hand(made, seller)


@pytest.mark.parametrize(
    ("delivered", "returned", "invoiced", "status", "credit"),
    [
        (10, 0, 10, "open", 0),
        (10, 4, 10, "open", 4),
        (10, 4, 6, "open", 0),
        (10, 4, 7, "open", 1),
        (4, 0, 10, "open", 0),  # invoiced ahead, the rest is still to come
        (4, 0, 10, "closed", 6),  # and will not come any more
        (4, 1, 10, "open", 1),
        (0, 0, 0, "closed", 0),
    ],
)
def test_what_is_to_be_credited_of_a_line(delivered, returned, invoiced, status, credit):
    line = OrderLine(
        quantity=D(10), delivered=D(delivered), returned=D(returned), invoiced=D(invoiced), status=status
    )  # fmt: skip
    assert line.to_credit == credit


def test_a_payment_settles_first_what_it_was_entered_for(customer, owed):
    old, exact, named = (
        owed(customer, amount, due=date(2026, 1, day)) for amount, day in (("50", 1), ("30", 5), ("70", 9))
    )
    assert services.proposal_for(customer.id, D(30), "CNY", TODAY) == [Proposal(exact.id, D(30))]
    assert services.proposal_for(customer.id, D(100), "CNY", TODAY, [named.id]) == [
        Proposal(named.id, D(70)),
        Proposal(exact.id, D(30)),
    ]
    assert services.proposal_for(customer.id, D(60), "CNY", TODAY, [named.id]) == [Proposal(named.id, D(60))]
    assert services.proposal_for(customer.id, D(110), "CNY", TODAY, [named.id]) == [
        Proposal(named.id, D(70)),
        Proposal(old.id, D(40)),
    ]
    assert services.proposal_for(customer.id, D(200), "CNY", TODAY, [named.id])[1:] == [
        Proposal(old.id, D(50)),
        Proposal(exact.id, D(30)),
    ]
