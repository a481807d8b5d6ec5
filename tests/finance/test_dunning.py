"""One mail to a customer about everything overdue, one level at a time."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.core.mail import Mail
from erpcrm.finance import services
from erpcrm.finance.models import Dunning
from erpcrm.finance.settling import Proposal
from tests.factories.customers import a_contact, a_customer
from tests.finance.conftest import TODAY


@pytest.fixture
def late(owed):
    """`late(customer, "100", 30)`: owed for so many days beyond its due date."""

    def make(customer, amount, days, **more):
        due = TODAY - timedelta(days=days)
        return owed(customer, amount, on=min(due, TODAY - timedelta(days=60)), due=due, **more)

    return make


@pytest.fixture
def debtor(app):
    return a_customer(name="Blue Ocean Foods", email="office@blue.example")


def test_one_mail_tells_of_everything_and_each_amount_goes_up_one_level(late, debtor, accountant, clock):
    old, new, fresh = late(debtor, "100", 50), late(debtor, "20", 6, currency="USD"), late(debtor, "7", 2)
    sent = services.send_reminder(debtor, accountant)
    mail = session.scalars(select(Mail)).one()
    assert (mail.to, sent.level, sent.amount) == ("office@blue.example", 1, 240)
    assert "Friendly reminder" in mail.subject
    for text in (old.number, new.number, "50 days overdue", "CN¥100.00", "US$20.00", "Dear Blue Ocean Foods"):
        assert text.replace("US$", "$") in mail.text
    assert fresh.number not in mail.text
    assert (old.dunning_level, new.dunning_level, fresh.dunning_level) == (1, 1, 0)
    with pytest.raises(Refused, match="is due for a reminder"):
        services.send_reminder(debtor, accountant)
    clock.shift(timedelta(days=8))
    second = services.send_reminder(debtor, accountant)
    assert (second.level, old.dunning_level, new.dunning_level, fresh.dunning_level) == (2, 2, 1, 1)
    assert session.query(Mail).count() == 2


def test_a_chinese_customer_is_written_to_in_chinese_at_whoever_pays(late, accountant):
    customer = a_customer(name="深圳市蓝海食品有限公司", email="office@blue.example")
    payer = a_contact(customer, email="pay@blue.example")
    payer.places[0].role = "finance"
    late(customer, "100", 10)
    services.send_reminder(customer, accountant)
    mail = session.scalars(select(Mail)).one()
    assert (mail.to, "付款提醒" in mail.subject, "逾期 10 天" in mail.text) == ("pay@blue.example", True, True)


def test_what_is_paid_disputed_or_stopped_is_not_reminded_of(late, paid, debtor, accountant):
    first, second = late(debtor, "100", 10), late(debtor, "50", 10)
    services.dispute(second, disputed=True, reason="Never ordered")
    paid(debtor, "100", Proposal(first.id, first.open))
    assert services.reminders(accountant) == []
    services.dispute(second, disputed=False, reason="Found the order")
    services.stop_reminders(debtor, stop=True, note="In talks", until=TODAY + timedelta(days=3))
    assert [one.stopped for one in services.reminders(accountant)] == ["In talks"]
    with pytest.raises(Refused, match="In talks"):
        services.send_reminder(debtor, accountant)
    services.stop_reminders(debtor, stop=True, note="In talks", until=TODAY - timedelta(days=1))
    assert services.send_reminder(debtor, accountant).amount == 50
    with pytest.raises(Refused, match="Say why"):
        services.stop_reminders(debtor, stop=True, note=" ")


def test_reminders_are_sent_from_the_page_and_who_has_no_address_is_told(
    accountants, controller, late, debtor, sign_in
):
    without = a_customer(name="No Address Ltd")
    late(debtor, "100", 10)
    late(without, "30", 10)
    session.commit()
    controllers = sign_in(accountants, controller)
    page = controllers.get("/finance/dunning").text
    assert "no e-mail address" in page
    answer = controllers.post(
        "/finance/dunning/send", data={"customer": [debtor.id, without.id]}, follow_redirects=True
    )
    assert "No Address Ltd has no e-mail address" in answer.text
    assert "1 reminder is on its way." in answer.text
    assert [one.customer_id for one in session.scalars(select(Dunning))] == [debtor.id]


def test_levels_stay_in_order(books):
    first, second = services.levels()[:2]
    values = {name: getattr(second, name) for name in ("days", "name", "name_zh", "text", "text_zh")}
    with pytest.raises(Refused, match="Level 1"):
        services.save_level(second, values | {"days": first.days})
    services.save_level(second, values | {"days": 30})
    assert services.levels()[1].days == 30
