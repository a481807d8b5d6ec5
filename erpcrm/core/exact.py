"""Exact decimals in both databases, and the one way to round money."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision
from sqlalchemy import BigInteger, Dialect, Numeric, SQLColumnExpression, String, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


class Exact(TypeDecorator[Decimal]):
    """A decimal with `places` digits after the point: NUMERIC on PostgreSQL, a scaled 64-bit integer on SQLite.

    A value with more digits is an error, never rounded silently; so is one that a 64-bit integer can't hold, on both.
    `func.sum()` of such a column is exact on both;
    a product is not (SQLite would hand it back scaled twice): use `SumOfPercents`, or multiply in Python.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, places: int = 4) -> None:
        super().__init__(precision=19, scale=places)
        self.places = places
        self.unit = Decimal(1).scaleb(-places)
        self.limit = Decimal(10) ** (18 - places)

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(Numeric(19, self.places))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        number = value if isinstance(value, Decimal) else Decimal(value)
        if not number.is_finite() or abs(number) >= self.limit:
            raise ValueError(f"{value} is too large")
        if number != number.quantize(self.unit):
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(number.scaleb(self.places)) if dialect.name == "sqlite" else number

    def process_literal_param(self, value: Any, dialect: Dialect) -> str:
        return str(self.process_bind_param(value, dialect))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        return Decimal(int(value)).scaleb(-self.places) if dialect.name == "sqlite" else Decimal(value)


AMOUNT = Exact(4)
"""Money: four places hold every currency of ISO 4217."""
PRICE = Exact(6)
QUANTITY = Exact(6)
RATE = Exact(10)


class SumOfPercents(FunctionElement[Decimal]):
    """The sum over all rows of `amount` x `percent` / 100 in SQL, exact on both databases; `percent` is a whole number.

    The result has two places more than `amount`: round it once with `round_money`. It may be as large as a sum of amounts.
    """

    inherit_cache = True

    def __init__(self, amount: SQLColumnExpression[Any], percent: SQLColumnExpression[int]) -> None:
        super().__init__(amount, percent)
        self.type = _WholeAndHundredths(amount.type.places)  # type: ignore[attr-defined]


class _WholeAndHundredths(TypeDecorator[Decimal]):
    """What comes of `SumOfPercents`: a number on PostgreSQL, two integers "whole:hundredths" on SQLite."""

    impl = Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric())

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value  # type: ignore[no-any-return]
        whole, _colon, hundredths = value.partition(":")
        return Decimal(whole).scaleb(-self.places) + Decimal(hundredths).scaleb(-self.places - 2)


@compiles(SumOfPercents)
def _sum_of_percents(element: SumOfPercents, compiler: SQLCompiler, **kw: Any) -> str:
    amount, percent = (f"({compiler.process(clause, **kw)})" for clause in element.clauses)
    # Multiplied, for a division keeps only so many digits of a large number.
    return f"(sum({amount} * {percent}) * 0.01)"


@compiles(SumOfPercents, "sqlite")
def _sum_of_percents_scaled(element: SumOfPercents, compiler: SQLCompiler, **kw: Any) -> str:
    # Multiplied as it is, a scaled amount of ten million million would leave 64 bits, and SQLite would go on with a float.
    amount, percent = (f"({compiler.process(clause, **kw)})" for clause in element.clauses)
    rest = f"({amount} % 100 * {percent})"
    return f"(sum({amount} / 100 * {percent} + {rest} / 100) || ':' || sum({rest} % 100))"


class Share(FunctionElement[Decimal]):
    """`amount` x `per_mille` / 1000 of one row in SQL, rounded half up to `digits`: what `round_money` gives in Python.

    `per_mille` is a whole number from 0 to 1000, `amount` not negative. Its `func.sum()` is exact on both databases.
    """

    inherit_cache = True

    def __init__(self, amount: SQLColumnExpression[Any], per_mille: SQLColumnExpression[int], digits: int) -> None:
        super().__init__(amount, per_mille, literal_column(str(digits)))
        self.type = amount.type  # type: ignore[attr-defined]


@compiles(Share)
def _share(element: Share, compiler: SQLCompiler, **kw: Any) -> str:
    amount, per_mille, digits = (f"({compiler.process(clause, **kw)})" for clause in element.clauses)
    return f"round({amount} * {per_mille} * 0.001, {digits})"


@compiles(Share, "sqlite")
def _share_scaled(element: Share, compiler: SQLCompiler, **kw: Any) -> str:
    # Divided before it is multiplied, as in `SumOfPercents`: the product might leave 64 bits.
    amount, per_mille, digits = (f"({compiler.process(clause, **kw)})" for clause in element.clauses)
    unit = 10 ** (element.type.places - int(digits.strip("()")))  # type: ignore[attr-defined]
    whole = 1000 * unit
    return (
        f"(({amount} / {whole} * {per_mille} + ({amount} % {whole} * {per_mille} + {whole // 2}) / {whole}) * {unit})"
    )


def round_price(price: Decimal) -> Decimal:
    """Round half up to the digits that a price may have."""
    return price.quantize(PRICE.unit, rounding=ROUND_HALF_UP)


def round_money(amount: Decimal, currency: str) -> Decimal:
    """Round half up to the digits of `currency` (ISO 4217), as DESIGN section 4 fixes."""
    return amount.quantize(Decimal(1).scaleb(-digits_of(currency)), rounding=ROUND_HALF_UP)


def digits_of(currency: str) -> int:
    """How many digits after the point `currency` has (ISO 4217)."""
    return get_currency_precision(currency)  # type: ignore[no-any-return]
