"""Versions under one number: the newest counts, the old ones stay."""

from datetime import timedelta
from decimal import Decimal as D
from typing import Any

from erpcrm.core.i18n import today
from erpcrm.core.moves import make_move
from erpcrm.sales.comparing import compare
from erpcrm.sales.services import accept, expire_due, extend, order_quotation, revise, update_quotation
from tests.factories.sales import a_line, an_offer
from tests.refusals import refused


def test_the_next_version_has_the_same_lines_and_replaces_the_first(
    seller: Any, customer: Any, valve: Any, session: Any
) -> None:
    words = {"text": "Phase one"}
    first = an_offer(customer, seller, words, a_line(valve, 2, price="105"), a_line(valve, optional=True), sent=True)
    session.commit()
    session.expire_all()
    second = revise(first, seller)
    assert (first.status, second.status, second.number) == ("superseded", "draft", f"{first.number}/2")
    assert [(line.name, line.quantity, line.price, line.optional) for line in second.lines] == [
        ("Phase one", D(0), D(0), False),
        (valve.name, D(2), D(105), False),
        (valve.name, D(1), D(100), True),
    ]
    update_quotation(second, {}, [a_line(valve, 3, price="105")], seller)
    assert [change.kind for change in compare(first, second).lines] == ["changed", "removed", "removed"]
    assert revise_again_is_refused(first, seller)


def revise_again_is_refused(first: Any, seller: Any) -> bool:
    with refused("newer version"):
        revise(first, seller)
    return True


def test_an_old_version_is_never_accepted(client: Any, seller: Any, customer: Any, valve: Any, session: Any) -> None:
    first = an_offer(customer, seller, a_line(valve), sent=True)
    second = revise(first, seller)
    make_move(second, "send", by=seller)
    for way in (accept, order_quotation):
        with refused("Superseded"):
            way(first, seller)
    session.commit()
    page = client.get(f"/sales/offers/{first.link_key}").text
    assert second.number in page
    assert "Accept this offer" not in page
    answer = client.post(f"/sales/offers/{first.link_key}/accept", data={"name": "Ann", "agreed": "y"})
    session.refresh(first)
    assert (answer.status_code, first.status) == (409, "superseded")


def test_a_sent_offer_is_not_changed(seller: Any, customer: Any, valve: Any) -> None:
    offer = an_offer(customer, seller, a_line(valve), sent=True)
    with refused("new version"):
        update_quotation(offer, {}, [a_line(valve, 2)], seller)


def test_an_offer_expires_the_day_after_its_last(seller: Any, customer: Any, valve: Any, clock: Any) -> None:
    offer = an_offer(customer, seller, a_line(valve), valid_until=today(), sent=True)
    clock.shift(timedelta(hours=12))
    assert expire_due() == 0
    clock.shift(timedelta(hours=12))
    with refused("valid until"):
        accept(offer, seller)


def test_expiry_by_the_day_and_longer_validity(seller: Any, customer: Any, valve: Any, clock: Any) -> None:
    due, later = (an_offer(customer, seller, a_line(valve), valid_until=today(), sent=True) for _ in range(2))
    extend(later, today() + timedelta(days=3))
    clock.shift(timedelta(days=1))
    assert expire_due() == 1
    assert (due.status, later.status) == ("expired", "sent")
    with refused("can be extended"):
        extend(due, today() + timedelta(days=3))


def test_two_who_change_a_draft_at_once_are_told(
    seller: Any, customer: Any, valve: Any, as_seller: Any, session: Any
) -> None:
    offer = an_offer(customer, seller, a_line(valve))
    session.commit()
    version = offer.version
    update_quotation(offer, {"note": "mine"}, [a_line(valve, id=offer.lines[0].id)], seller)
    session.commit()
    form = {
        "issued_on": "2026-03-02",
        "valid_until": "2027-03-02",
        "currency": "CNY",
        "language": "en",
        "version": version,
    }
    answer = as_seller.post(
        f"/sales/quotations/{offer.id}/edit", data=form | {"lines-0-text": "Other", "lines-0-quantity": "1"}
    )
    session.refresh(offer)
    assert (answer.status_code, offer.note) == (409, "mine")
