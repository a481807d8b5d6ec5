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
