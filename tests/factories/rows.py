"""A row for any table, made of nothing but the table's own description: for tests that must hold for tables to come."""

import re
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import CheckConstraint, Column, String, Table, TypeDecorator, insert, select

from erpcrm.core.db import now, session

_numbers = count(1)

UNSAID: dict[str, dict[str, Any]] = {"invoices": {"number": None}}
"""What a trigger demands of a new row and the description does not say: an invoice begins as a draft, its number comes later."""


def a_row(table: Table, **fixed: Any) -> Any:
    """Insert a row with `fixed` values, all texts, and what the table asks for besides. Returns its primary key."""
    values = UNSAID.get(table.name, {}) | fixed
    for column in table.columns:
        if column.name in values or (column.primary_key and not column.foreign_keys and column.autoincrement):
            continue
        text = isinstance(column.type, String) and not column.foreign_keys and not _instead_of(column, values)
        if column.default is None and (text or not column.nullable):
            values[column.name] = _value(column)
    return session.execute(insert(table).values(values)).inserted_primary_key


def _instead_of(column: Column[Any], values: dict[str, Any]) -> bool:
    """Whether a CHECK such as `(a IS NULL) <> (b IS NULL)` leaves no room beside what is given already."""
    pair = re.compile(rf"\((\w+) IS NULL\) <> \({column.name} IS NULL\)")
    checks = [str(one.sqltext) for one in column.table.constraints if isinstance(one, CheckConstraint)]
    return any(values.get(match[1]) is not None for text in checks if (match := pair.search(text)))


def _value(column: Column[Any]) -> Any:
    for key in column.foreign_keys:
        return _any_of(key.column)
    allowed = _allowed(column)
    if allowed is not None:
        return allowed
    plain_type = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    kind = plain_type.python_type
    number = next(_numbers)
    plain: dict[type, Any] = {
        str: f"{column.name}{number}",
        int: number % 90 + 1,
        bool: False,
        date: now().date(),
        datetime: now(),
        Decimal: Decimal(number),
        list: [],
        dict: {},
        object: [],  # JSON of any shape
    }
    return plain[kind]


def _any_of(column: Column[Any]) -> Any:
    """An existing row to point at, or a new one."""
    found = session.execute(select(column).limit(1)).scalar()
    return found if found is not None else a_row(column.table)[0]


def _allowed(column: Column[Any]) -> str | None:
    """The first value of a CHECK such as `kind IN ('call', 'note')`."""
    for constraint in column.table.constraints:
        if isinstance(constraint, CheckConstraint):
            listed = re.search(rf"\b{column.name} IN \('([^']+)'", str(constraint.sqltext))
            if listed:
                return listed[1]
    return None
