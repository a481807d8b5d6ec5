"""Applying for credit, and who may decide what: the effect and the waiting order in the same step."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from sqlalchemy import func, select

from erpcrm.access.services import create_user
from erpcrm.core.audit import AuditEntry
from erpcrm.core.errors import NotAllowed, Refused, Stale
from erpcrm.core.moves import make_move
from erpcrm.core.notifications import Notification
from erpcrm.core.settings import save_setting
from erpcrm.credit import services
from erpcrm.credit.models import CreditApplication
from erpcrm.finance.services import invoice_order, post_invoice
from erpcrm.sales.models import SalesOrder
from erpcrm.sales.services import update_order
from tests.factories.customers import a_customer
from tests.forms import fields_of


@pytest.fixture
def applied(customer, seller):
    """`applied("limit", "5000")`: an application of the seller."""

    def make(kind="limit", amount="5000", by=None, of=None, **more):
        values = {"kind": kind, "amount": Decimal(amount), "reason": "They grow", **more}
        return services.apply(of or customer, values, by or seller)

    return make


@pytest.fixture
def waiting(limited, order):
    """An order for 300 that waits, of a customer who may owe 100."""
    limited("100")
    return order("300", confirm=True)


def told(session, user):
    return session.scalar(select(func.count()).select_from(Notification).where(Notification.user_id == user.id))


# --------------------------------------------------------------------------- the effect


def test_approval_of_a_release_lets_the_waiting_order_go_at_once_and_once_only(
    waiting, applied, controller, seller, customer, session, client, sign_in
):
    application = applied("release", order_id=waiting.id)
    assert (application.amount, application.status) == (300, "submitted")
    assert told(session, controller) == 1
    assert services.approve(application, {"conditions": "Prepay half next time"}, controller) == "approved"
    assert (application.status, waiting.status) == ("approved", "confirmed")
    assert application.seen["exposure"] == "0"
    assert told(session, seller) == 1
    services.check_release(waiting)  # the release is good for its deliveries too
    make_move(waiting, "cancel", by=seller, reason="mistake")
    make_move(waiting, "restore", by=seller)
    make_move(waiting, "confirm", by=seller)
    assert waiting.status == "waiting"


def test_a_release_covers_the_order_as_it_was_and_no_more(waiting, applied, controller, seller, session):
    application = applied("release", order_id=waiting.id)
    lines = [{"id": waiting.lines[0].id, "text": "Machine", "quantity": Decimal(1), "price": Decimal(301)}]
    update_order(waiting, {}, lines, seller)
    with pytest.raises(Refused, match="raised since"):
        services.approve(application, {}, controller)
    session.rollback()


def test_the_rise_of_a_confirmed_order_may_be_released_and_then_goes_so_far(
    customer, order, limited, applied, controller, seller, session
):
    limited("1000")
    made = order("1000", confirm=True, quantity="2")
    make_move(made.lines[0], "deliver", by=seller, quantity=Decimal(1))
    invoice = invoice_order(made, None)
    post_invoice(invoice, None)

    def rise(price):
        line = {"id": made.lines[0].id, "text": "Machine", "quantity": Decimal(2), "price": Decimal(500)}
        more = {"text": "Spare part", "quantity": Decimal(1), "price": Decimal(price)}
        with session.begin_nested():
            update_order(made, {}, [line, more], seller)

    with pytest.raises(Refused) as refusal:
        rise(400)
    assert "Apply for its release up to" in refusal.value.message
    assert refusal.value.url == f"/credit/applications/new?order={made.id}&amount=1400"
    with pytest.raises(Refused, match=r"comes to .*1,000.00 already"):
        applied("release", "900", order_id=made.id)
    application = applied("release", "1400", order_id=made.id)
    # 500 are invoiced already: half of the order as it is, and the rise, are what it will still claim.
    assert application.amount == 900
    services.approve(application, {}, controller)
    with pytest.raises(Refused):
        rise("400.01")
    rise(400)
    assert (made.gross, invoice.status, made.status) == (1400, "posted", "confirmed")
    services.check_release(made)
    assert services.known_of(made.id).released == 1400


def test_a_release_is_applied_for_from_the_refused_rise_with_everything_filled_in(
    customer, order, limited, client, sign_in, seller, controller, session
):
    limited("1000")
    made = order("1000", confirm=True)
    session.commit()
    page = f"/sales/orders/{made.id}/edit"
    form = fields_of(sign_in(client, seller).get(page).text)
    form |= {"lines-0-text": "Machine", "lines-0-price": "1250", "reference": "PO 7"}
    answer = client.post(page, data=form)
    assert (answer.status_code, 'value="1250"' in answer.text, "PO 7" in answer.text) == (409, True, True)
    way = unescape(re.search(r'href="(/credit/applications/new[?]order=[^"]*)"', answer.text)[1])
    wanted = fields_of(client.get(way).text)
    assert (wanted["kind"], wanted["amount"], wanted["order_id"]) == ("release", "1,250", str(made.id))
    assert client.post("/credit/applications/new", data=wanted | {"reason": "They pay on Friday"}).status_code == 303
    application = session.scalars(select(CreditApplication)).one()
    shown = sign_in(client, controller).get(f"/credit/applications/{application.id}").text
    assert "1,250.00" in shown
    client.post(f"/credit/applications/{application.id}/approve", data={"version": application.version})
    assert client.post(page, data=form).status_code == 403  # a controller changes no orders
    assert sign_in(client, seller).post(page, data=form | {"_key": "again"}).status_code == 303
    session.refresh(made)
    assert made.gross == 1250
    assert client.get("/credit/applications/new?order=x&customer=y&amount=abc").status_code == 200
    assert 'value="5,000"' in client.get(f"/credit/applications/new?customer={customer.id}&amount=5000").text


def test_a_hold_that_was_put_on_after_the_release_stops_the_goods(waiting, applied, controller, customer, clock):
    services.approve(applied("release", order_id=waiting.id), {}, controller)
    clock.shift(timedelta(hours=1))
    services.hold(customer, "Insolvent")
    with pytest.raises(Refused, match="Insolvent"):
        services.check_release(waiting)


def test_an_approved_raise_may_be_less_and_lets_the_order_go_when_it_fits(waiting, applied, controller, customer):
    application = applied("raise", "500", order_id=waiting.id)
    services.approve(application, {"amount": Decimal(299)}, controller)
    assert (services.account_of(customer.id).limit, waiting.status) == (299, "waiting")
    services.approve(applied("raise", "500", order_id=waiting.id), {"amount": Decimal(300)}, controller)
    assert (services.account_of(customer.id).limit, waiting.status) == (300, "confirmed")


def test_a_temporary_raise_ends_and_a_limit_for_a_time_is_one(limited, applied, controller, customer):
    limited("100")
    services.approve(applied("temporary", "900", wanted_until=date(2026, 3, 31)), {}, controller)
    account = services.account_of(customer.id)
    assert (account.limit, account.temporary_limit, account.temporary_until) == (100, 900, date(2026, 3, 31))
    services.approve(applied("limit", "700"), {"until": date(2026, 4, 30)}, controller)
    assert (account.temporary_limit, account.temporary_until) == (700, date(2026, 4, 30))


def test_approved_terms_are_the_customers_terms_from_then_on(applied, controller, customer):
    services.approve(applied("terms", wanted_terms="net_60"), {}, controller)
    assert customer.payment_terms == "net_60"


def test_an_application_for_an_order_that_went_on_otherwise_is_withdrawn(waiting, applied, limited, seller):
    application = applied("release", order_id=waiting.id)
    with pytest.raises(Refused):
        applied("release", order_id=waiting.id)
    limited("1000")
    make_move(waiting, "confirm", by=seller)
    assert application.status == "withdrawn"


# ------------------------------------------------------------------------- who may decide


def test_nobody_decides_their_own_and_sellers_decide_nothing(applied, controller, seller, colleague):
    own = applied(by=controller)
    for verb, arguments in (
        (services.approve, ({}, controller)),
        (services.reject, ("No", controller)),
        (services.endorse, ({}, controller)),
    ):
        with pytest.raises(Refused, match="themselves"):
            verb(own, *arguments)
    with pytest.raises(NotAllowed):
        services.approve(own, {}, colleague)
    assert own.status == "submitted"


def test_authority_ends_at_an_amount_and_at_a_grade(applied, controller, roles, customer, session):
    services.set_level(roles["controller"], Decimal(1000), "E")
    save_setting("credit_second_above", None)
    application = applied(amount="1000.01")
    with pytest.raises(Refused, match="1,000"):
        services.approve(application, {}, controller)
    assert services.approve(application, {"amount": Decimal(1000)}, controller) == "approved"
    services.set_level(roles["controller"], Decimal(1000), "B")
    with pytest.raises(Refused, match="grade"):
        services.approve(applied(amount="10"), {}, controller)
    services.hold_account(customer.id).grade = "B"
    session.flush()
    assert services.approve(applied(amount="10"), {}, controller) == "approved"


def test_two_pairs_of_eyes_see_what_is_large(applied, controller, second, customer):
    save_setting("credit_second_above", "1000")
    application = applied(amount="5000")
    assert services.approve(application, {"amount": Decimal(4000)}, controller) == "endorsed"
    assert services.account_of(customer.id) is None
    with pytest.raises(Refused, match="somebody else"):
        services.approve(application, {}, controller)
    with pytest.raises(Refused, match="endorsed up to"):
        services.approve(application, {"amount": Decimal(4001)}, second)
    assert services.approve(application, {}, second) == "approved"
    assert services.account_of(customer.id).limit == 4000


def test_a_deputy_decides_with_the_authority_of_who_is_away_and_only_then(
    applied, controller, manager, second, clock, session
):
    services.add_deputy(controller.id, manager.id, date(2026, 3, 3), date(2026, 3, 4))
    application = applied()
    with pytest.raises(NotAllowed):
        services.approve(application, {}, manager)
    clock.shift(timedelta(days=1))
    own = applied(by=controller)
    with pytest.raises(Refused):
        services.approve(own, {}, manager)  # they could not have decided it either
    assert services.approve(application, {}, manager) == "approved"
    assert (application.decided_by_id, application.decided_for_id) == (manager.id, controller.id)
    with pytest.raises(Refused):
        services.add_deputy(manager.id, second.id, date(2026, 3, 3), date(2026, 3, 4))


def test_a_deputy_sees_what_they_decide_whoever_s_customer_it_is_and_only_while_they_stand_in(
    applied, controller, outsider, client, sign_in, session, clock
):
    application = applied()
    services.add_deputy(controller.id, outsider.id, date(2026, 3, 2), date(2026, 3, 2))
    session.commit()
    page, sheet = f"/credit/applications/{application.id}", f"/credit/customers/{application.customer_id}"
    sign_in(client, outsider)
    assert application.number in client.get("/credit/applications").text
    for path in (page, sheet, f"{sheet}/terms/invoices"):
        assert client.get(path).status_code == 200
    assert client.get(f"/customers/{application.customer_id}").status_code == 404
    assert client.post(f"{page}/review").status_code == 303
    clock.shift(timedelta(days=1))
    sign_in(client, outsider)
    assert client.get(page).status_code == client.get(sheet).status_code == 404
    assert application.number not in client.get("/credit/applications").text


# ----------------------------------------------------------------------------- the way back


def test_it_is_asked_back_answered_and_rejected(applied, controller, seller, second, session):
    application = applied()
    services.review(application, controller)
    services.ask_back(application, "Any guarantee?", controller)
    assert (application.status, application.question) == ("asked_back", "Any guarantee?")
    services.answer(application, "None", seller)
    with pytest.raises(Refused):
        services.reject(application, " ", second)
    services.reject(application, "Too thin", second)
    assert (application.status, application.decided_by_id) == ("rejected", second.id)
    reasons = select(AuditEntry.reason).where(
        AuditEntry.record_type == "credit_application", AuditEntry.reason.is_not(None)
    )
    assert session.scalars(reasons.order_by(AuditEntry.id)).all() == ["Any guarantee?", "None", "Too thin"]


def test_what_nobody_decides_expires_and_who_asked_is_told(applied, seller, clock, session, run_jobs):
    application = applied()
    clock.shift(timedelta(days=14))
    assert services.expire_due() == 0
    clock.shift(timedelta(days=1))
    assert services.expire_due() == 1
    assert (application.status, told(session, seller)) == ("expired", 1)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "limit", "amount": Decimal(-1)},
        {"kind": "limit", "amount": Decimal("0.001")},
        {"kind": "raise", "amount": Decimal(100)},
        {"kind": "temporary", "amount": Decimal(900)},
        {"kind": "temporary", "amount": Decimal(900), "wanted_until": date(2026, 3, 1)},
        {"kind": "release"},
        {"kind": "terms"},
        {"kind": "limit", "amount": Decimal(5), "reason": " "},
    ],
)
def test_what_is_incomplete_is_refused(customer, limited, seller, values):
    limited("100")
    with pytest.raises(Refused):
        services.apply(customer, {"reason": "They grow", **values}, seller)


def test_two_people_on_one_application_are_told(applied, controller, second):
    application = applied()
    seen = application.version
    services.review(application, controller, seen)
    with pytest.raises(Stale):
        services.approve(application, {}, second, seen)


def test_two_who_set_the_first_limit_of_a_customer_are_told(customer, controller, client, sign_in, session):
    session.commit()
    page = f"/credit/customers/{customer.id}/edit"
    form = fields_of(sign_in(client, controller).get(page).text)
    assert client.post(page, data=form | {"limit": "7000"}).status_code == 303
    answer = client.post(page, data=form | {"limit": "9000"})
    assert (answer.status_code, "7,000" in answer.text, "9000" in answer.text) == (409, True, True)
    assert services.account_of(customer.id).limit == 7000


# -------------------------------------------------------------------------------- the board


def test_the_board_shows_figures_beside_each_card_and_decides_in_place(
    waiting, applied, owed, customer, controller, client, sign_in, session
):
    application = applied("release", order_id=waiting.id)
    owed(customer, "250", due=date(2026, 2, 1))
    sign_in(client, controller)
    page = client.get("/credit/applications").text
    for text in ("Blue Ocean Foods", application.number, waiting.number, "¥250", "Look and decide"):
        assert text in page
    dialog = {"HX-Request": "true", "HX-Target": "div#dialog_body"}
    case = client.get(f"/credit/applications/{application.id}?from=board", headers=dialog).text
    assert "<html" not in case
    for text in ("Open invoices", "Ageing", "Not assessed yet", "Approve"):
        assert text in case
    form = {"from": "board", "version": application.version, "conditions": "", "words": ""}
    board = {"HX-Request": "true", "HX-Target": "div#board_columns"}
    refused = client.post(
        f"/credit/applications/{application.id}/reject", data=form | {"conditions": "Kept"}, headers=board
    )
    assert (refused.status_code, refused.headers["HX-Retarget"]) == (422, "#dialog_body")
    assert "needs a reason" in refused.text
    assert "Kept" in refused.text
    answer = client.post(f"/credit/applications/{application.id}/approve", data=form, headers=board)
    assert answer.status_code == 200
    assert "close-dialog" in answer.headers["HX-Trigger"]
    assert application.number not in answer.text
    assert session.get(SalesOrder, waiting.id).status == "confirmed"


def test_the_board_costs_as_many_queries_for_thirty_as_for_three(
    applied, controller, seller, client, sign_in, count_queries, owed, session
):
    sign_in(client, controller)

    def cost():
        client.get("/credit/applications")
        with count_queries() as seen:
            assert client.get("/credit/applications").status_code == 200
        return len(seen)

    for _n in range(3):
        applied(of=a_customer(seller))
    few = cost()
    for number in range(27):
        one = a_customer(seller)
        applied(of=one, amount=str(number + 1))
        if number < 3:
            owed(one, "10")
            services.update_account(one, {"limit": Decimal(100)})
    assert cost() <= few + 2
    for sort in ("amount", "age"):
        page = client.get(f"/credit/applications?sort={sort}&kind=limit").text
        seen = re.findall(r'id="card_(\d+)"', page)
        while (more := re.search(r'hx-get="([^"]*/more[^"]*)"', page)) is not None:
            page = client.get(unescape(more[1]), headers={"HX-Request": "true"}).text
            seen += re.findall(r'id="card_(\d+)"', page)
        order = CreditApplication.amount.desc() if sort == "amount" else CreditApplication.created_at
        assert seen == [
            str(id) for id in session.scalars(select(CreditApplication.id).order_by(order, CreditApplication.id))
        ]
        assert len(seen) == 30


def test_a_seller_applies_from_the_order_and_sees_nothing_of_strangers(
    waiting, seller, outsider, controller, client, sign_in, session
):
    sign_in(client, seller)
    page = client.get(f"/sales/orders/{waiting.id}").text
    assert "Over the limit" in page
    assert f"/credit/applications/new?order={waiting.id}" in page
    form = {"customer_id": waiting.customer_id, "order_id": waiting.id, "kind": "release", "reason": "Old friend"}
    sent = client.post("/credit/applications/new", data=form)
    assert sent.status_code == 303
    application = session.scalars(select(CreditApplication)).one()
    assert client.post(f"/credit/applications/{application.id}/approve", data={}).status_code == 403
    sign_in(client, outsider)
    assert client.get(f"/credit/applications/{application.id}").status_code == 404
    assert application.number not in client.get("/credit/applications").text
    assert client.get(f"/credit/customers/{waiting.customer_id}").status_code == 404


def test_whoever_may_decide_nothing_is_not_told_of_it(applied, session, roles):
    user = create_user("Agnes Agent", "agent@example.com", roles=["agent"], language="en")
    applied()
    assert told(session, user) == 0


def test_a_limit_set_by_hand_is_no_way_past_authority_and_the_second_pair_of_eyes(
    customer, limited, controller, roles, client, sign_in, session
):
    save_setting("credit_second_above", "5000")
    services.set_level(roles["controller"], Decimal(2000), "E")

    def by_hand(by=controller, **values):
        with session.begin_nested():
            services.update_account(customer, {name: value and Decimal(value) for name, value in values.items()}, by=by)

    by_hand(limit="4000")  # there was none: less than that is no raise
    by_hand(limit="1000")
    by_hand(limit="2000")
    for values, why in (
        ({"limit": "2000.01"}, "beyond your authority"),
        ({"limit": "5000.01"}, "Two pairs of eyes"),
        ({"limit": None}, "no limit at all"),
    ):
        with pytest.raises(Refused, match=why):
            by_hand(**values)
    for_a_time = {"temporary_limit": Decimal(3000), "temporary_until": date(2026, 3, 31)}
    with pytest.raises(Refused, match="beyond your authority"), session.begin_nested():
        services.update_account(customer, for_a_time, by=controller)
    assert services.account_of(customer.id).limit == 2000
    save_setting("credit_limit", "500")
    by_hand(limit=None)  # then everybody's limit holds, which is lower
    by_hand(limit="500", overdue_limit="9999")
    by_hand(by=None, limit="90000")
    session.commit()
    page = f"/credit/customers/{customer.id}/edit"
    answer = sign_in(client, controller).post(page, data={"limit": "90001", "note": "They grow"})
    assert (answer.status_code, "Two pairs of eyes" in answer.text, "They grow" in answer.text) == (422, True, True)
