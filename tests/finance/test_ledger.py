"""Entries balance or are refused, are numbered without gaps, and never change once they are posted: in the database too."""

from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from erpcrm.core.db import db, session
from erpcrm.core.errors import NotAllowed, Refused
from erpcrm.finance import services
from erpcrm.finance.charts import CHARTS
from erpcrm.finance.models import Account, Entry
from erpcrm.finance.services import Posting

FEBRUARY = date(2026, 2, 10)


@pytest.fixture
def entry(account):
    """`entry("100")`: a draft that moves so much from cash to the bank."""

    def make(amount: str = "100", on: date = FEBRUARY, credit: str | None = None) -> Entry:
        postings = [Posting(account("bank"), Decimal(amount)), Posting(account("cash"), -Decimal(credit or amount))]
        return services.draft_entry(services.journal_for("general"), on, "To the bank", postings)

    return make


def test_both_charts_have_an_account_for_every_automatic_posting(app):
    for chart in CHARTS.values():
        codes = [row[0] for row in chart.rows]
        assert len(codes) == len(set(codes))
        roles = {row[4] for row in chart.rows}
        assert {"receivable", "sales", "cogs", "inventory", "tax_payable", "fx_gain", "fx_loss", "opening"} <= roles
    numbers = {row[0]: row[2] for row in CHARTS["cn"].rows}
    assert [numbers[code] for code in ("1001", "1002", "1122", "1405", "2202", "2221", "5001", "5401")] == [
        "库存现金", "银行存款", "应收账款", "库存商品", "应付账款", "应交税费", "主营业务收入", "主营业务成本",
    ]  # fmt: skip


def test_a_chart_is_chosen_once(books):
    with pytest.raises(Refused):
        services.choose_chart("generic")


def test_an_entry_is_posted_with_the_next_number_of_its_journal_and_year(entry, accountant):
    numbers = []
    for on in (FEBRUARY, date(2025, 12, 31), FEBRUARY):
        made = entry(on=on)
        services.post(made, accountant)
        numbers.append(made.number)
    assert numbers == ["GEN-2026-00001", "GEN-2025-00001", "GEN-2026-00002"]


def test_an_entry_that_does_not_balance_is_refused_and_takes_no_number(entry, accountant):
    session.commit()
    with pytest.raises(Refused, match=r"differ by .*0\.01"):
        services.post(entry("100", credit="99.99"), accountant)
    session.rollback()
    good = entry()
    services.post(good, accountant)
    assert good.number == "GEN-2026-00001"


def test_whoever_may_not_post_can_not(entry, seller):
    with pytest.raises(NotAllowed):
        services.post(entry(), seller)


def test_amounts_with_more_digits_than_the_currency_are_refused(entry):
    with pytest.raises(Refused):
        entry("100.001")


def test_an_account_out_of_use_takes_no_entries(entry, account, accountant):
    made = entry()
    account("cash").active = False
    with pytest.raises(Refused, match="out of use"):
        services.post(made, accountant)


RAW = {
    "changing it": "UPDATE journal_entries SET text = 'other' WHERE id = {posted}",
    "moving it to another day": "UPDATE journal_entries SET date = '2026-01-01' WHERE id = {posted}",
    "taking the posting back": "UPDATE journal_entries SET status = 'draft' WHERE id = {posted}",
    "deleting it": "DELETE FROM journal_entries WHERE id = {posted}",
    "changing an amount": "UPDATE entry_lines SET debit = debit + 1 WHERE entry_id = {posted} AND debit > 0",
    "changing an account": "UPDATE entry_lines SET account_id = account_id + 1 WHERE entry_id = {posted}",
    "deleting a line": "DELETE FROM entry_lines WHERE entry_id = {posted}",
    "adding a line": "INSERT INTO entry_lines (entry_id, position, account_id, date, posted, debit, credit)"
    " SELECT {posted}, 9, account_id, date, posted, debit, credit FROM entry_lines WHERE entry_id = {posted}",
    "giving a line away": "UPDATE entry_lines SET entry_id = {draft} WHERE entry_id = {posted}",
    "posting without a number": "UPDATE journal_entries SET status = 'posted' WHERE id = {draft}",
    "posting what does not balance": "UPDATE journal_entries SET status = 'posted', number = 'X-1' WHERE id = {wrong}",
    "posting lines that do not count yet": "UPDATE journal_entries SET status = 'posted', number = 'X-1' WHERE id = {draft}",
    "beginning as posted": "INSERT INTO journal_entries (journal_id, number, date, text, status, total, version, created_at,"
    " updated_at) SELECT journal_id, 'X-2', date, text, status, total, version, created_at, updated_at"
    " FROM journal_entries WHERE id = {posted}",
}


@pytest.mark.parametrize("what", RAW)
def test_the_database_itself_refuses(entry, accountant, what):
    posted, draft, wrong = entry(), entry(), entry("5", credit="4")
    services.post(posted, accountant)
    session.commit()
    ids = {"posted": posted.id, "draft": draft.id, "wrong": wrong.id}
    with db.engine.connect() as connection, pytest.raises(DBAPIError), connection.begin():
        connection.execute(text(RAW[what].format(**ids)))


def test_the_database_refuses_to_post_into_a_closed_month(entry, accountant):
    made = entry()
    services.post(made, accountant)
    services.close(FEBRUARY, accountant)
    late = entry()
    for line in late.lines:
        line.posted = True
    session.commit()
    statement = text(f"UPDATE journal_entries SET status = 'posted', number = 'X-1' WHERE id = {late.id}")
    with db.engine.connect() as connection, pytest.raises(DBAPIError, match="period is closed"), connection.begin():
        connection.execute(statement)


def test_a_posted_entry_is_reversed_once_and_both_are_nothing_together(entry, accountant, account):
    made = entry("250")
    services.post(made, accountant)
    back = services.reverse_entry(made, date(2026, 3, 1), None, accountant)
    assert (back.status, back.reverses_id) == ("posted", made.id)
    assert services.balance_of(account("bank"), date(2026, 2, 28)) == 250
    assert services.balance_of(account("bank"), date(2026, 3, 1)) == 0
    with pytest.raises(Refused, match="taken back by"):
        services.reverse_entry(made, date(2026, 3, 2), None, accountant)
    with pytest.raises(Refused, match="before its own day"):
        services.reverse_entry(back, date(2026, 2, 1), None, accountant)


def test_an_entry_of_a_document_is_not_reversed_by_hand(owed, customer, accountant):
    item = owed(customer, "100")
    with pytest.raises(Refused, match="document"):
        services.reverse_entry(session.get(Entry, item.entry_id), date(2026, 3, 2), None, accountant)


def test_months_close_in_order_and_open_again_from_the_last_with_permission(entry, accountant, controller):
    january, february = date(2026, 1, 5), FEBRUARY
    for on in (january, february):
        services.post(entry(on=on), accountant)
    with pytest.raises(Refused, match="Close January 2026 first"):
        services.close(february, accountant)


def test_a_closed_month_takes_no_posting_until_it_is_opened_again(entry, accountant, controller):
    january, february = date(2026, 1, 5), FEBRUARY
    for on in (january, february):
        services.post(entry(on=on), accountant)
        services.close(on, accountant)
    late = entry(on=january)
    session.commit()
    with pytest.raises(Refused, match="January 2026 is closed"):
        services.post(late, accountant)
    session.rollback()
    with pytest.raises(NotAllowed):
        services.reopen(february, "A bill came late", accountant)
    with pytest.raises(Refused, match="Open February 2026 first"):
        services.reopen(january, "A bill came late", controller)
    session.rollback()
    services.reopen(february, "A bill came late", controller)
    services.reopen(january, "A bill came late", controller)
    services.post(late, accountant)
    assert late.status == "posted"


def test_a_month_with_drafts_or_that_is_not_over_does_not_close(entry, accountant):
    entry()
    session.commit()
    with pytest.raises(Refused, match="1 drafts"):
        services.close(FEBRUARY, accountant)
    session.rollback()
    with pytest.raises(Refused, match="not over"):
        services.close(date(2026, 3, 1), accountant)


def test_kind_and_role_of_an_account_stay_once_there_are_entries(owed, customer, account):
    owed(customer, "100")
    receivable = account("receivable")
    values = {name: getattr(receivable, name) for name in ("code", "name", "name_zh", "kind", "role", "active", "note")}
    with pytest.raises(Refused, match="kind stays"):
        services.save_account(receivable, values | {"kind": "expense"})
    with pytest.raises(Refused, match="stays the account of receivables"):
        services.save_account(receivable, values | {"role": None})
    with pytest.raises(Refused):
        services.remove_account(receivable)
    with pytest.raises(Refused, match="1122"):
        services.save_account(None, values | {"role": None})
    with pytest.raises(Refused, match="booked to 1122"):
        services.save_account(None, values | {"code": "1199"})
    services.save_account(receivable, values | {"name": "Trade debtors"})
    assert receivable.name == "Trade debtors"


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.integers(0, 9), st.integers(1, 10**12), st.integers(0, 58), st.sampled_from([0, 0, 1])
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_is_posted_debits_equal_credits_on_every_day(books, moves):
    accounts = session.query(Account).order_by(Account.id).limit(10).all()
    general = services.journal_for("general")
    for debit, credit, cents, day, off in moves:
        on = date.fromordinal(date(2026, 1, 1).toordinal() + day)
        amount = Decimal(cents) / 100
        other = -amount - Decimal(off) / 100
        entry = services.draft_entry(
            general, on, "x", [Posting(accounts[debit], amount), Posting(accounts[credit], other)]
        )
        with suppress(Refused):  # it does not balance
            services.post(entry, None)
    for on in (date(2026, 1, 10), date(2026, 2, 1), date(2026, 2, 28)):
        balance = services.trial_balance(on, date(2026, 1, 20))
        assert balance.debit == balance.credit
        assert balance.balances[0] == balance.balances[1]
        assert sum((row.after for row in balance.rows), Decimal(0)) == 0


def test_an_account_opens_down_to_its_lines_with_a_running_balance(entry, accountant, account):
    for amount, on in (("100", date(2025, 12, 31)), ("40", date(2026, 1, 5)), ("60", FEBRUARY)):
        services.post(entry(amount, on=on), accountant)
    sheet = services.account_sheet(account("bank"), date(2026, 1, 1), date(2026, 2, 28))
    assert (sheet.opening, sheet.closing, sheet.more) == (100, 200, False)
    assert [line.balance for line in sheet.lines] == [140, 200]
