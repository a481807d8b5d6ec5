"""What customers have bought, kept at orders and invoices: net in the company's currency, and its cost

Revision: 0012
After: 0011
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlalchemy as sa
from alembic import op
from babel.numbers import get_currency_precision

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AT_ONCE = 5000
ORDERS = sa.text("status IN ('confirmed', 'closed') AND base_net <> 0")
INVOICES = sa.text("status = 'posted' AND base_net <> 0")
FIXED = (
    "kind, number, date, order_id, contract_id, credits_id, reason, entry_id, currency, rate, tax_included, tax_rounding, discount, "
    "language, payment_terms, reference, billing_address, delivery_address, introduction, closing, net, tax, gross, base_gross"
)
"""Columns of a posted invoice that never change, as they were"""
Row = dict[str, Any]


class Places(sa.TypeDecorator[Decimal]):
    """A decimal with so many places, as it was kept when this was written."""

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__(19, places)
        self.places = places

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else sa.Numeric(19, self.places))

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> Any:
        return int(value.scaleb(self.places)) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> Any:
        return Decimal(value).scaleb(-self.places) if value is not None and dialect.name == "sqlite" else value


AMOUNT, SIX, RATE = Places(4), Places(6), Places(10)


def _document(table: str, *more: str) -> sa.TableClause:
    columns = [sa.column("id"), sa.column("tax_included", sa.Boolean()), sa.column("currency"), sa.column("rate", RATE)]
    amounts = [sa.column(name, AMOUNT) for name in ("tax", "base_gross", "base_net", "base_cost")]
    return sa.table(table, *columns, *amounts, *(sa.column(name) for name in more))


def _lines(table: str, *more: str) -> sa.TableClause:
    six = [sa.column(name, SIX) for name in ("quantity", "tax_rate", "cost")]
    amounts = [sa.column(name, AMOUNT) for name in ("amount", "base_net")]
    return sa.table(table, sa.column("id"), *six, *amounts, *(sa.column(name) for name in more))


def upgrade() -> None:
    zero = {"nullable": False, "server_default": sa.text("0")}
    amount = sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite")
    for table in ("sales_orders", "invoices"):
        op.add_column(table, sa.Column("base_net", amount, **zero))  # type: ignore[arg-type]
        op.add_column(table, sa.Column("base_cost", amount, nullable=True))
    op.add_column("sales_order_lines", sa.Column("base_net", amount, **zero))  # type: ignore[arg-type]
    stored = op.get_bind().scalar(sa.text("SELECT value FROM settings WHERE name = 'currency'"))
    own = str(stored).strip('"') if stored else "CNY"
    _fill_orders(own)
    _fill_invoices(own)
    for table, day, kind, where in (
        ("sales_orders", "ordered_on", [], ORDERS),
        ("invoices", "date", ["kind"], INVOICES),
    ):
        columns = ["customer_id", day, *kind, "base_net", "base_cost"]
        op.create_index(f"ix_{table}_bought", table, columns, sqlite_where=where, postgresql_where=where)
    _keep(f"{FIXED}, base_net, base_cost")


def _fill_orders(own: str) -> None:
    orders, lines = _document("sales_orders"), _lines("sales_order_lines", "order_id", "position")
    for found in _chunks(orders):
        by_order = _by_document(lines, lines.c.order_id, found)
        documents, parts = [], []
        for order in found:
            mine = by_order[order["id"]]
            net = order["base_gross"] - _rounded(order["tax"] * order["rate"], own)
            nets = [_rounded(_net(order, line) * order["rate"], own) for line in mine]
            if nets:
                nets[max(range(len(nets)), key=lambda place: abs(nets[place]))] += net - sum(nets, Decimal(0))
            documents.append({"key": order["id"], "net": net, "cost": _cost(mine, own)})
            parts += [{"key": line["id"], "net": one} for line, one in zip(mine, nets, strict=True)]
        _store(orders, documents)
        _store(lines, parts)


def _fill_invoices(own: str) -> None:
    """Lines of posted invoices know their `base_net` already."""
    invoices, lines = _document("invoices", "kind", "number"), _lines("invoice_lines", "invoice_id", "position", "use")
    for found in _chunks(invoices, invoices.c.number.is_not(None)):
        by_invoice = _by_document(lines, lines.c.invoice_id, found)
        documents = []
        for invoice in found:
            sold = [line for line in by_invoice[invoice["id"]] if line["use"] == "sales"]
            net = sum((line["base_net"] for line in sold), Decimal(0))
            cost = _cost(sold, own, taken_back=invoice["kind"] == "credit_note")
            documents.append({"key": invoice["id"], "net": net, "cost": cost})
        _store(invoices, documents)


def _chunks(table: sa.TableClause, *where: Any) -> Any:
    last = 0
    while True:
        query = sa.select(table).where(table.c.id > last, *where).order_by(table.c.id).limit(AT_ONCE)
        found = [dict(row) for row in op.get_bind().execute(query).mappings()]
        if not found:
            return
        yield found
        last = found[-1]["id"]


def _by_document(lines: sa.TableClause, key: Any, documents: list[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    query = sa.select(lines).where(key.between(documents[0]["id"], documents[-1]["id"])).order_by(lines.c.position)
    for row in op.get_bind().execute(query).mappings():
        found[row[key.name]].append(dict(row))
    return found


def _store(table: sa.TableClause, rows: list[Row]) -> None:
    if rows:
        values = {"base_net": sa.bindparam("net", type_=AMOUNT)}
        if "cost" in rows[0]:
            values["base_cost"] = sa.bindparam("cost", type_=AMOUNT)
        op.get_bind().execute(sa.update(table).where(table.c.id == sa.bindparam("key")).values(values), rows)


def _net(document: Row, line: Row) -> Decimal:
    amount: Decimal = line["amount"]
    if not document["tax_included"]:
        return amount
    return amount - _rounded(amount * line["tax_rate"] / (Decimal(100) + line["tax_rate"]), document["currency"])


def _cost(lines: list[Row], own: str, *, taken_back: bool = False) -> Decimal | None:
    if not taken_back and any(line["cost"] is None and line["quantity"] for line in lines):
        return None
    return sum((_rounded(line["quantity"] * (line["cost"] or Decimal(0)), own) for line in lines), Decimal(0))


def _rounded(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-get_currency_precision(currency)), rounding=ROUND_HALF_UP)


def _keep(columns: str) -> None:
    """The trigger that keeps a posted invoice, with these columns."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER IF EXISTS invoices_keep")
        op.execute(
            f"CREATE TRIGGER invoices_keep BEFORE UPDATE OF {columns} ON invoices WHEN OLD.number IS NOT NULL BEGIN\n"
            "SELECT RAISE(ABORT, 'a posted invoice is never changed'); END"
        )
    else:
        op.execute("DROP TRIGGER IF EXISTS invoices_keep ON invoices")
        op.execute(
            f"CREATE TRIGGER invoices_keep BEFORE UPDATE OF {columns} ON invoices\n"
            "FOR EACH ROW WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION finance_refuses('a posted invoice is never changed')"
        )


def downgrade() -> None:
    _keep(FIXED)
    for table in ("sales_orders", "invoices"):
        op.drop_index(f"ix_{table}_bought", table)
    op.drop_column("sales_order_lines", "base_net")
    for table in ("invoices", "sales_orders"):
        op.drop_column(table, "base_cost")
        op.drop_column(table, "base_net")
