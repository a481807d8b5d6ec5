"""Statements come in once, and each of their lines is proposed what it is."""

import io
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from erpcrm.core.db import session
from erpcrm.core.errors import Refused
from erpcrm.finance import services
from erpcrm.finance.models import BankLine, Payment
from erpcrm.finance.statements import NoStatement, read_statement
from tests.factories.customers import a_customer
from tests.finance.conftest import TODAY
from tests.finance.test_receivables import books_agree

ENGLISH = """Account statement;Example Bank
Booking date;Amount;Name;Purpose;Reference
28.02.2026;1.234,50;Blue Ocean Foods Ltd.;Invoice OLD-1;R1
28.02.2026;-12,00;Example Bank;Charges;R2
01.03.2026;70,00;Somebody;;R3
01.03.2026;70,00;Somebody;;R3
Total;1.362,50;;;
"""
CHINESE = """账号,6222 0000 0000
交易日期,贷方发生额,借方发生额,对方户名,摘要,流水号
20260227,"5,000.00",,蓝海食品,货款,B1
2026-02-28,,35.00,中国银行,手续费,B2
"""


def test_statements_are_read_in_both_languages_and_encodings():
    read = read_statement(ENGLISH.encode("cp1252"))
    assert [(one.date, one.amount, one.counterparty) for one in read] == [
        (date(2026, 2, 28), Decimal("1234.50"), "Blue Ocean Foods Ltd."),
        (date(2026, 2, 28), Decimal(-12), "Example Bank"),
        (date(2026, 3, 1), Decimal(70), "Somebody"),
        (date(2026, 3, 1), Decimal(70), "Somebody"),
    ]
    assert len({one.mark for one in read}) == 4, "two equal movements of a day are two"
    for encoding in ("gb18030", "utf-8-sig"):
        found = read_statement(CHINESE.encode(encoding))
        assert [(one.amount, one.text) for one in found] == [(Decimal(5000), "货款"), (Decimal(-35), "手续费")]


@pytest.mark.parametrize(
    ("content", "code"),
    [("a,b\n1,2\n", "header"), ("date,amount\n", "empty"), ("date,amount\nyesterday,5\n", "row"), ("", "header")],
)
def test_what_is_no_statement_says_why(content, code):
    with pytest.raises(NoStatement) as no:
        read_statement(content.encode())
    assert no.value.code == code


@pytest.fixture
def take(account, accountant):
    def take(content: str):
        return services.take_statement(content.encode(), "bank.csv", account("bank"), accountant)

    return take


def test_a_statement_that_comes_twice_doubles_nothing(take):
    first = take(ENGLISH)
    again = take(ENGLISH)
    overlapping = take(ENGLISH.replace("Total", "02.03.2026;5,00;New;;R9\nTotal"))
    assert [(one.new_lines, one.known_lines) for one in (first, again, overlapping)] == [(4, 0), (0, 4), (1, 4)]
    assert session.query(BankLine).count() == 5
    with pytest.raises(Refused, match="Line 2 can't be read"):
        take("date,amount\nyesterday,5\n")


def lines() -> list[BankLine]:
    return list(services.lines_to_match(50))


def test_lines_are_recognised_by_number_name_amount_and_payments(take, owed, paid, customer):
    other, third, fourth = (a_customer(name=name) for name in ("Green Hill Trading Co., Ltd.", "Third", "Fourth"))
    first, second = owed(customer, "100"), owed(customer, "30")
    named, by_amount = owed(other, "80"), owed(third, "41.07")
    known = paid(fourth, "19", date=date(2026, 2, 27))
    take(
        "date,amount,name,text\n"
        f"2026-02-27,100,X,pays {second.number} and {first.number}\n"
        "2026-02-27,90,Green Hill Trading,\n"
        "2026-02-27,41.07,Y,\n"
        "2026-02-28,19,Z,\n"
        "2026-02-28,7,Z,\n"
    )
    found = {
        line.amount: match
        for line_id, match in services.propose_matches(lines()).items()
        for line in lines()
        if line.id == line_id
    }
    told = {int(amount): (match.because, match.customer.name, match.exact) for amount, match in found.items()}
    assert told == {
        100: ("number", "Blue Ocean Foods", True),
        90: ("name", "Green Hill Trading Co., Ltd.", False),
        41: ("amount", "Third", True),
        19: ("payment", "Fourth", True),
    }
    assert found[Decimal(100)].items == [first]
    assert [share.amount for share in found[Decimal(90)].shares] == [named.open]
    assert found[Decimal(19)].payment == known
    assert by_amount.open == Decimal("41.07")


def test_a_line_is_booked_once_by_one_press(accountants, take, owed, customer, account):
    item = owed(customer, "100")
    take(f"date,amount,name,text\n2026-02-27,130,Blue Ocean Foods,{item.number}\n2026-02-28,-5,Bank,Charges\n")
    line, charges = lines()
    page = accountants.get("/finance/bank").text
    assert item.number in page
    data = {"customer_id": customer.id, f"share-{item.id}": "100"}
    assert accountants.post(f"/finance/bank/lines/{line.id}/customer", data=data).status_code == 303
    again = accountants.post(f"/finance/bank/lines/{line.id}/customer", data=data)
    assert (again.status_code, "matched this line already" in again.text) == (422, True)
    payment = session.scalars(select(Payment)).one()
    session.refresh(item)
    assert (payment.date, payment.item.open, item.open) == (date(2026, 2, 27), -30, 0)
    charge = {"account_id": account("bad_debt").id, "text": "Charges"}
    wrong = accountants.post(
        f"/finance/bank/lines/{charges.id}/book", data=charge | {"account_id": account("receivable").id}
    )
    assert (wrong.status_code, "changes by payments only" in wrong.text) == (422, True)
    assert accountants.post(f"/finance/bank/lines/{charges.id}/book", data=charge).status_code == 303
    assert services.balance_of(account("bank"), TODAY) == 125
    assert services.count_to_match() == 0
    assert books_agree()


def test_a_cancelled_payment_gives_its_line_back(take, customer, accountant):
    take("date,amount,name\n2026-02-27,130,X\n")
    line = lines()[0]
    payment = services.match_customer(line, customer, [], accountant)
    services.cancel_payment(payment, "Wrong customer", accountant)
    session.refresh(line)
    assert (line.status, line.payment_id) == ("open", None)


def test_money_that_went_back_is_matched_to_a_credit(take, paid, customer, accountant):
    payment = paid(customer, "50")
    take("date,amount,name\n2026-03-02,-20,X\n2026-03-02,-40,X\n")
    first, second = lines()
    services.match_refund(first, payment.item, accountant)
    assert payment.item.open == -30
    with pytest.raises(Refused, match="are open"):
        services.match_refund(second, payment.item, accountant)


def test_a_file_that_is_too_large_or_none_is_refused_on_the_page(accountants, account):
    data = {"account_id": account("bank").id, "file": (io.BytesIO(b"nothing"), "x.csv")}
    answer = accountants.post("/finance/bank", data=data)
    assert (answer.status_code, "No row of this file names a date" in answer.text) == (422, True)
    assert accountants.post("/finance/bank", data={"account_id": account("bank").id}).status_code == 422


# ------------------------------------------------------- accounts in another currency


@pytest.fixture
def dollars(books):
    """A bank account that is kept in dollars."""
    return services.save_account(
        None, {"code": "100202", "name": "USD account", "kind": "asset", "role": "bank", "currency": "USD"}
    )


def test_an_account_in_dollars_is_matched_in_dollars_and_valued_by_what_is_on_it(
    accountants, dollars, owed, customer, accountant, account
):
    usd, cny = owed(customer, "100", currency="USD"), owed(customer, "100")
    csv = f"date,amount,name,text\n2026-02-27,100,Blue Ocean Foods,{usd.number}\n2026-02-27,-10,Bank,Charges\n2026-02-27,40,X,\n"
    services.take_statement(csv.encode(), "usd.csv", dollars, accountant)
    line, charges, other = lines()
    match = services.propose_matches([line])[line.id]
    assert (match.items, match.exact, match.customer) == ([usd], True, customer)
    owed(a_customer(name="Owes forty yuan"), "40")
    assert services.propose_matches([other]) == {}
    data = {"customer_id": customer.id, f"share-{usd.id}": "100"}
    assert accountants.post(f"/finance/bank/lines/{line.id}/customer", data=data).status_code == 303
    services.book_line(charges, account("bad_debt"), None, accountant)
    # 40 dollars for 90 yuan of a yuan invoice: what is settled is typed, what came to the account the bank has told.
    data = {"customer_id": customer.id, "currency": "CNY", "amount": "90", f"share-{cny.id}": "90"}
    without = accountants.post(f"/finance/bank/lines/{other.id}/customer", data=data | {"amount": ""})
    assert (without.status_code, "how much of CNY" in without.text) == (422, True)
    assert accountants.post(f"/finance/bank/lines/{other.id}/customer", data=data).status_code == 303
    session.refresh(usd), session.refresh(cny)
    assert (usd.open, cny.open) == (0, 10)
    assert services.held_on(TODAY) == [(dollars, 130, 720 - 72 + 90)]
    made = services.revalue(date(2026, 2, 28), accountant)
    assert made.rates[-1] == ["USD", "7.2", "130", "738", "936", "100202"]
    assert services.held_on(date(2026, 2, 28)) == [(dollars, 130, 936)]
    assert services.held_on(TODAY) == [(dollars, 130, 738)]
    page = accountants.get(f"/finance/accounts/{dollars.id}?since=2026-01-01").text
    assert ("US$130.00" in page or "$130.00" in page, "Balance in USD" in page) == (True, True)
    assert "100202" in accountants.get(f"/finance/revaluations/{made.id}").text
    assert books_agree()


def test_an_amount_in_yuan_settles_an_invoice_in_dollars_and_what_the_bank_credited_wins(
    accountants, take, owed, customer, account
):
    item = owed(customer, "100", currency="USD")
    take(f"date,amount,name,text\n2026-02-27,718.88,X,for {item.number}\n")
    (line,) = lines()
    match = services.propose_matches([line])[line.id]
    assert (match.currency, match.items, match.shares) == ("USD", [item], ())
    assert f'action="/finance/bank/lines/{line.id}/customer"' not in accountants.get("/finance/bank").text
    page = accountants.get(f"/finance/bank/lines/{line.id}").text
    assert (f'name="share-{item.id}" value="100' in page, 'name="amount" value="100' in page) == (True, True)
    data = {"customer_id": customer.id, "currency": "USD", "amount": "100", f"share-{item.id}": "100"}
    assert accountants.post(f"/finance/bank/lines/{line.id}/customer", data=data).status_code == 303
    session.refresh(item)
    assert (item.open, services.balance_of(account("bank"), TODAY)) == (0, Decimal("718.88"))
    assert -services.balance_of(account("fx_gain"), TODAY) == Decimal("18.88")
    assert books_agree()


def test_an_account_in_dollars_takes_no_line_without_dollars(dollars, paid, customer, accountant, account, accountants):
    general = services.journal_for("general")
    blind = [services.Posting(dollars, Decimal(72)), services.Posting(account("bank"), Decimal(-72))]
    with pytest.raises(Refused, match="is kept in USD"):
        services.post(services.draft_entry(general, TODAY, "Transfer", blind), accountant)
    wrong = [services.Posting(dollars, Decimal(72), None, None, "USD", Decimal(-10)), blind[1]]
    with pytest.raises(Refused, match="on the other side"):
        services.post(services.draft_entry(general, TODAY, "Transfer", wrong), accountant)
    with pytest.raises(Refused, match="Only a bank account"):
        services.save_account(None, {"code": "9", "name": "X", "kind": "asset", "role": None, "currency": "USD"})
    with pytest.raises(Refused, match="how much came to the account"):
        paid(customer, "72", account=dollars)
    with pytest.raises(Refused, match="both amounts are the same"):
        paid(customer, "10", account=dollars, currency="USD", bank_amount=Decimal(9))
    form = {
        "date": TODAY.isoformat(), "journal_id": general.id, "text": "Transfer", "post": "1",
        "lines-0-account_id": dollars.id, "lines-0-debit": "72", "lines-0-amount_currency": "10",
        "lines-1-account_id": account("bank").id, "lines-1-credit": "72",
    }  # fmt: skip
    assert accountants.post("/finance/entries/new", data=form).status_code == 303
    assert services.held_on(TODAY) == [(dollars, 10, 72)]
    with pytest.raises(Refused):
        services.save_account(dollars, {"code": "100202", "name": "X", "kind": "asset", "role": "bank", "currency": ""})
    assert dollars.currency == "USD"
    # Paid back in February's rate out of dollars of 7.20 exactly: with nothing left, nothing is left in the books.
    payment = paid(customer, "5", account=dollars, currency="USD", date=date(2026, 1, 20))
    values = {"amount": Decimal(5), "account": dollars, "date": date(2026, 2, 20)}
    services.refund(customer, payment.item, values, accountant)
    made = services.revalue(date(2026, 2, 28), accountant)
    assert (made.difference, made.entry_id) == (1, None), "36.00 left for 35.00: one yuan was gained for good"
    assert services.held_on(date(2026, 3, 1)) == [(dollars, 0, 0)]
    earlier = services.revalue(date(2026, 2, 25), accountant)
    assert (earlier.difference, earlier.entry_id) == (0, None), (
        "it is gained once, although an earlier day is valued later"
    )
    assert services.held_on(date(2026, 3, 1)) == [(dollars, 0, 0)]
    assert books_agree()
