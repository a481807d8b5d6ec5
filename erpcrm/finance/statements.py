"""A bank's CSV file to movements: headers in English and Chinese, whatever encoding and separator. No database."""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256

from erpcrm.core.imports.parsing import BadValue, Habits, date_order, decimal_mark, folded, to_date, to_number
from erpcrm.core.imports.reading import clean, decode, guess_delimiter, guess_encoding

MOST_LINES = 20_000
ALIASES: Mapping[str, Sequence[str]] = {
    "date": (
        "date", "booking date", "value date", "transaction date", "posting date", "trade date",
        "日期", "交易日期", "记账日期", "交易时间", "记账时间", "入账日期",
    ),
    "amount": ("amount", "transaction amount", "net amount", "金额", "交易金额", "发生额", "交易额"),
    "credit": (
        "credit", "credit amount", "paid in", "deposit", "money in", "receipts",
        "贷方发生额", "贷方金额", "贷方", "收入", "收入金额", "收款金额", "转入金额", "贷方发生额（收入）",
    ),
    "debit": (
        "debit", "debit amount", "paid out", "withdrawal", "money out", "payments",
        "借方发生额", "借方金额", "借方", "支出", "支出金额", "付款金额", "转出金额", "借方发生额（支取）",
    ),
    "counterparty": (
        "counterparty", "name", "payer", "payee", "payer name", "beneficiary", "counterparty name", "partner",
        "对方户名", "对方名称", "对方单位", "对方账户名称", "付款人名称", "付款人", "户名",
    ),
    "text": (
        "text", "description", "details", "purpose", "memo", "narrative", "remittance information",
        "摘要", "用途", "附言", "备注", "交易摘要", "摘要/附言",
    ),
    "reference": (
        "reference", "transaction id", "id", "bank reference", "reference number", "serial",
        "流水号", "交易流水号", "凭证号", "业务参考号", "交易参考号", "核心流水号",
    ),
}  # fmt: skip

SUMS = ("total", "sum", "opening", "closing", "balance", "合计", "总计", "小计", "期初", "期末", "本页")


class NoStatement(ValueError):
    """The file has no movements that can be read. `code` tells why, `row` where, when it is a row."""

    def __init__(self, code: str, row: int = 0, text: str = "") -> None:
        super().__init__(code)
        self.code, self.row, self.text = code, row, text


@dataclass(frozen=True)
class Movement:
    """One movement. `mark` is the same whenever the bank tells the same movement, in whatever file."""

    date: date
    amount: Decimal
    counterparty: str | None
    text: str | None
    reference: str | None
    mark: str


def read_statement(content: bytes) -> list[Movement]:
    """The movements of a file, in its order. Raises NoStatement."""
    text = decode(content, guess_encoding(content))
    rows = [[clean(cell) for cell in row] for row in csv.reader(io.StringIO(text), delimiter=guess_delimiter(text))]
    start, columns = _header(rows)
    body = [(number, row) for number, row in enumerate(rows[start + 1 :], start=start + 2) if any(row)]
    if len(body) > MOST_LINES:
        raise NoStatement("too-many")
    habits = _habits([row for _number, row in body], columns)
    seen: Counter[tuple[str, ...]] = Counter()
    found = [movement for number, row in body if (movement := _movement(number, row, columns, habits, seen))]
    if not found:
        raise NoStatement("empty")
    return found


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, dict[str, int]]:
    """The row that names a date and an amount, and where each column is. Banks write some lines of their own above it."""
    for number, row in enumerate(rows[:40]):
        names = [folded(cell) for cell in row]
        columns = {
            field: names.index(alias)
            for field, aliases in ALIASES.items()
            for alias in [next((alias for alias in map(folded, aliases) if alias in names), None)]
            if alias is not None
        }
        if "date" in columns and ({"amount", "credit"} & columns.keys()):
            return number, columns
    raise NoStatement("header")


def _cell(row: Sequence[str], columns: Mapping[str, int], field: str) -> str:
    at = columns.get(field)
    return row[at].strip() if at is not None and at < len(row) else ""


def _habits(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> Habits:
    order, _sure = date_order(_cell(row, columns, "date") for row in rows)
    amounts = [_cell(row, columns, field) for row in rows for field in ("amount", "credit", "debit")]
    return Habits(dates=order or "dmy", mark=decimal_mark(filter(None, amounts)) or "point")


def _movement(
    number: int, row: Sequence[str], columns: Mapping[str, int], habits: Habits, seen: Counter[tuple[str, ...]]
) -> Movement | None:
    day = _cell(row, columns, "date")
    if not day or folded(day).startswith(SUMS):
        return None  # a line of sums below the movements
    try:
        on, amount = to_date(day, habits), _amount(row, columns, habits)
    except BadValue as bad:
        raise NoStatement("row", number, str(bad)) from bad
    if not amount:
        return None
    words = [_cell(row, columns, field) for field in ("counterparty", "text", "reference")]
    told = (on.isoformat(), f"{amount.normalize():f}", *words)
    # Two equal movements of one day are two: the second is marked as the second, in every file that holds that day.
    seen[told] += 1
    mark = sha256("\x1f".join((*told, str(seen[told]))).encode()).hexdigest()
    counterparty, text, reference = (word or None for word in words)
    return Movement(on, amount, counterparty, text, reference, mark)


def _amount(row: Sequence[str], columns: Mapping[str, int], habits: Habits) -> Decimal:
    """Received above zero, paid below: one column with a sign, or one for each direction."""
    if "amount" in columns and (typed := _cell(row, columns, "amount")):
        return to_number(typed, habits.mark, places=4)
    credit, debit = (_cell(row, columns, field) for field in ("credit", "debit"))
    received = to_number(credit, habits.mark, places=4) if credit else Decimal(0)
    paid = to_number(debit, habits.mark, places=4) if debit else Decimal(0)
    return received - abs(paid)
