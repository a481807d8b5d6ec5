"""What the database itself refuses, whoever asks: unbalanced postings, postings into a closed month, any change of what is posted,
be it an entry, an invoice, a payment, an amount that is owed or an allocation. Who owes it may change: two records of one customer
may be merged.

A migration that builds one of these tables anew on SQLite (`batch_alter_table`) has to make its triggers again.
"""

from dataclasses import dataclass

from sqlalchemy import DDL, Table, event

from .invoices import Invoice, InvoiceLine
from .ledger import Entry, EntryLine
from .receivables import Allocation, DiscountShare, Payment, ReceivableItem

POSTED = ("journal_id", "number", "date", "text", "status", "total", "document_type", "document_id", "reverses_id")
"""Columns of a posted entry that never change. Whoever posted it may leave the company, so that one may be blanked."""
LINE = (
    "entry_id", "position", "account_id", "date", "posted", "debit", "credit", "currency", "amount_currency", "text",
)  # fmt: skip

SQLITE_ENTRIES = (
    """CREATE TRIGGER journal_entries_begin BEFORE INSERT ON journal_entries WHEN NEW.status <> 'draft' BEGIN
SELECT RAISE(ABORT, 'an entry begins as a draft'); END""",
    f"""CREATE TRIGGER journal_entries_keep BEFORE UPDATE OF {", ".join(POSTED)} ON journal_entries WHEN OLD.status = 'posted' BEGIN
SELECT RAISE(ABORT, 'a posted entry is never changed'); END""",
    """CREATE TRIGGER journal_entries_stay BEFORE DELETE ON journal_entries WHEN OLD.status = 'posted' BEGIN
SELECT RAISE(ABORT, 'a posted entry is never deleted'); END""",
    """CREATE TRIGGER journal_entries_post BEFORE UPDATE OF status ON journal_entries WHEN NEW.status = 'posted' BEGIN
SELECT RAISE(ABORT, 'an entry needs a number') WHERE NEW.number IS NULL;
SELECT RAISE(ABORT, 'debits and credits differ') WHERE (SELECT count(*) FROM entry_lines WHERE entry_id = NEW.id) < 2
OR (SELECT sum(debit) - sum(credit) FROM entry_lines WHERE entry_id = NEW.id) <> 0;
SELECT RAISE(ABORT, 'the lines are not ready') WHERE EXISTS (SELECT 1 FROM entry_lines
WHERE entry_id = NEW.id AND (NOT posted OR date <> NEW.date));
SELECT RAISE(ABORT, 'the period is closed') WHERE EXISTS (SELECT 1 FROM accounting_periods WHERE status = 'closed'
AND year = CAST(substr(NEW.date, 1, 4) AS INTEGER) AND month = CAST(substr(NEW.date, 6, 2) AS INTEGER)); END""",
)
SQLITE_LINES = (
    """CREATE TRIGGER entry_lines_add BEFORE INSERT ON entry_lines
WHEN (SELECT status FROM journal_entries WHERE id = NEW.entry_id) = 'posted' BEGIN
SELECT RAISE(ABORT, 'a posted entry is never changed'); END""",
    f"""CREATE TRIGGER entry_lines_keep BEFORE UPDATE OF {", ".join(LINE)} ON entry_lines
WHEN EXISTS (SELECT 1 FROM journal_entries WHERE id IN (OLD.entry_id, NEW.entry_id) AND status = 'posted') BEGIN
SELECT RAISE(ABORT, 'a posted entry is never changed'); END""",  # noqa: S608 - names of our own columns
    """CREATE TRIGGER entry_lines_stay BEFORE DELETE ON entry_lines
WHEN (SELECT status FROM journal_entries WHERE id = OLD.entry_id) = 'posted' BEGIN
SELECT RAISE(ABORT, 'a posted entry is never changed'); END""",
)
POSTGRESQL_ENTRIES = (
    """CREATE FUNCTION journal_entries_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'draft' THEN RAISE EXCEPTION 'an entry begins as a draft' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
END IF;
IF TG_OP = 'DELETE' THEN
    IF OLD.status = 'posted' THEN RAISE EXCEPTION 'a posted entry is never deleted' USING ERRCODE = 'check_violation'; END IF;
    RETURN OLD;
END IF;
IF OLD.status = 'posted' THEN RAISE EXCEPTION 'a posted entry is never changed' USING ERRCODE = 'check_violation'; END IF;
IF NEW.status = 'posted' THEN
    IF NEW.number IS NULL THEN RAISE EXCEPTION 'an entry needs a number' USING ERRCODE = 'check_violation'; END IF;
    IF (SELECT count(*) < 2 OR sum(debit) <> sum(credit) FROM entry_lines WHERE entry_id = NEW.id) THEN
        RAISE EXCEPTION 'debits and credits differ' USING ERRCODE = 'check_violation'; END IF;
    IF EXISTS (SELECT 1 FROM entry_lines WHERE entry_id = NEW.id AND (NOT posted OR date <> NEW.date)) THEN
        RAISE EXCEPTION 'the lines are not ready' USING ERRCODE = 'check_violation'; END IF;
    IF EXISTS (SELECT 1 FROM accounting_periods WHERE status = 'closed'
        AND year = extract(year FROM NEW.date) AND month = extract(month FROM NEW.date)) THEN
        RAISE EXCEPTION 'the period is closed' USING ERRCODE = 'check_violation'; END IF;
END IF;
RETURN NEW; END $$""",
    f"""CREATE TRIGGER journal_entries_guard BEFORE INSERT OR DELETE OR UPDATE OF {", ".join(POSTED)} ON journal_entries
FOR EACH ROW EXECUTE FUNCTION journal_entries_guard()""",
)
POSTGRESQL_LINES = (
    """CREATE FUNCTION entry_lines_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF (TG_OP <> 'INSERT' AND (SELECT status FROM journal_entries WHERE id = OLD.entry_id) = 'posted')
    OR (TG_OP <> 'DELETE' AND (SELECT status FROM journal_entries WHERE id = NEW.entry_id) = 'posted') THEN
    RAISE EXCEPTION 'a posted entry is never changed' USING ERRCODE = 'check_violation'; END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW; END $$""",
    f"""CREATE TRIGGER entry_lines_guard BEFORE INSERT OR DELETE OR UPDATE OF {", ".join(LINE)} ON entry_lines
FOR EACH ROW EXECUTE FUNCTION entry_lines_guard()""",
)


@dataclass(frozen=True)
class Refusal:
    """A trigger that both databases can say in the same words: `event` (what is tried), `when` (of which rows), and the message."""

    table: str
    name: str
    event: str
    message: str
    when: str = ""

    @property
    def sqlite(self) -> str:
        when = f" WHEN {self.when}" if self.when else ""
        return (
            f"CREATE TRIGGER {self.table}_{self.name} BEFORE {self.event} ON {self.table}{when} BEGIN\n"
            f"SELECT RAISE(ABORT, '{self.message}'); END"
        )

    @property
    def postgresql(self) -> str:
        when = f" WHEN ({self.when})" if self.when else ""
        return (
            f"CREATE TRIGGER {self.table}_{self.name} BEFORE {self.event} ON {self.table}\n"
            f"FOR EACH ROW{when} EXECUTE FUNCTION finance_refuses('{self.message}')"
        )


INVOICE = (
    "kind", "number", "date", "order_id", "contract_id", "credits_id", "reason", "entry_id", "currency", "rate", "tax_included",
    "tax_rounding", "discount", "language", "payment_terms", "reference", "billing_address", "delivery_address", "introduction",
    "closing", "net", "tax", "gross", "base_gross", "base_net", "base_cost",
)  # fmt: skip
"""Columns of a posted invoice that never change. Contact, owner and team may go, and it may be sent and noted on."""
INVOICE_LINE = (
    "invoice_id", "order_line_id", "origin_id", "use", "base_net", "position", "text", "quantity", "unit", "factor", "price",
    "list_price", "discount", "tax_id", "tax_rate", "amount",
)  # fmt: skip
"""How much of a line was credited follows from other documents, and two records of one product may be merged."""
PAYMENT = (
    "number", "direction", "date", "amount", "currency", "rate", "base_amount", "account_id", "bank_amount", "reference", "entry_id",
)  # fmt: skip
ITEM = (
    "kind", "number", "document_type", "document_id", "entry_id", "date", "due_on", "currency", "rate", "amount", "base_amount",
    "discount", "discount_until", "lowers_tax",
)  # fmt: skip
"""What is open of it, reminders and disputes change."""
ALLOCATION = ("debit_id", "credit_id", "date", "amount", "debit_base", "credit_base", "reverses_id")
SHARE = ("item_id", "payment_item_id", "tax_id", "tax_rate", "net", "tax", "base_net", "base_tax")

# An invoice takes its number after it has become "posted", in the same transaction: from the number on it is fixed.
REFUSALS = (
    Refusal(
        "invoices", "begin", "INSERT", "an invoice begins as a draft", "NEW.status <> 'draft' OR NEW.number IS NOT NULL"
    ),
    Refusal(
        "invoices",
        "keep",
        f"UPDATE OF {', '.join(INVOICE)}",
        "a posted invoice is never changed",
        "OLD.number IS NOT NULL",
    ),
    Refusal("invoices", "final", "UPDATE OF status", "a posted invoice is never changed", "OLD.status = 'posted'"),
    Refusal("invoices", "stay", "DELETE", "a posted invoice is never deleted", "OLD.status = 'posted'"),
    Refusal("payments", "keep", f"UPDATE OF {', '.join(PAYMENT)}", "a payment is never changed"),
    Refusal("payments", "item", "UPDATE OF item_id", "a payment is never changed", "OLD.item_id IS NOT NULL"),
    Refusal("payments", "final", "UPDATE OF status", "a cancelled payment stays cancelled", "OLD.status = 'cancelled'"),
    Refusal("payments", "stay", "DELETE", "a payment is never deleted"),
    Refusal("receivable_items", "keep", f"UPDATE OF {', '.join(ITEM)}", "what is owed is never changed"),
    Refusal("receivable_items", "stay", "DELETE", "what is owed is never deleted"),
    Refusal("allocations", "keep", f"UPDATE OF {', '.join(ALLOCATION)}", "an allocation is never changed"),
    Refusal("allocations", "entry", "UPDATE OF entry_id", "an allocation is never changed", "OLD.entry_id IS NOT NULL"),
    Refusal("allocations", "stay", "DELETE", "an allocation is never deleted"),
    Refusal("discount_shares", "keep", f"UPDATE OF {', '.join(SHARE)}", "a discount is never changed"),
    Refusal("discount_shares", "stay", "DELETE", "a discount is never deleted"),
)
SQLITE_INVOICE_LINES = (
    """CREATE TRIGGER invoice_lines_add BEFORE INSERT ON invoice_lines
WHEN (SELECT number FROM invoices WHERE id = NEW.invoice_id) IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
    f"""CREATE TRIGGER invoice_lines_keep BEFORE UPDATE OF {", ".join(INVOICE_LINE)} ON invoice_lines
WHEN EXISTS (SELECT 1 FROM invoices WHERE id IN (OLD.invoice_id, NEW.invoice_id) AND number IS NOT NULL) BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",  # noqa: S608 - names of our own columns
    """CREATE TRIGGER invoice_lines_stay BEFORE DELETE ON invoice_lines
WHEN (SELECT number FROM invoices WHERE id = OLD.invoice_id) IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
)
POSTGRESQL_REFUSES = """CREATE OR REPLACE FUNCTION finance_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$"""
POSTGRESQL_INVOICE_LINES = (
    """CREATE FUNCTION invoice_lines_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF (TG_OP <> 'INSERT' AND (SELECT number FROM invoices WHERE id = OLD.invoice_id) IS NOT NULL)
    OR (TG_OP <> 'DELETE' AND (SELECT number FROM invoices WHERE id = NEW.invoice_id) IS NOT NULL) THEN
    RAISE EXCEPTION 'a posted invoice is never changed' USING ERRCODE = 'check_violation'; END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW; END $$""",
    f"""CREATE TRIGGER invoice_lines_guard BEFORE INSERT OR DELETE OR UPDATE OF {", ".join(INVOICE_LINE)} ON invoice_lines
FOR EACH ROW EXECUTE FUNCTION invoice_lines_guard()""",
)


def _made_with(table: Table, dialect: str, statements: tuple[str, ...]) -> None:
    for statement in statements:
        event.listen(table, "after_create", DDL(statement.replace("%", "%%")).execute_if(dialect=dialect))


_made_with(Entry.__table__, "sqlite", SQLITE_ENTRIES)  # type: ignore[arg-type]
_made_with(EntryLine.__table__, "sqlite", SQLITE_LINES)  # type: ignore[arg-type]
_made_with(Entry.__table__, "postgresql", POSTGRESQL_ENTRIES)  # type: ignore[arg-type]
_made_with(EntryLine.__table__, "postgresql", POSTGRESQL_LINES)  # type: ignore[arg-type]
_made_with(InvoiceLine.__table__, "sqlite", SQLITE_INVOICE_LINES)  # type: ignore[arg-type]
_made_with(InvoiceLine.__table__, "postgresql", POSTGRESQL_INVOICE_LINES)  # type: ignore[arg-type]
for _model in (Invoice, Payment, ReceivableItem, Allocation, DiscountShare):
    _mine = [one for one in REFUSALS if one.table == _model.__tablename__]
    _made_with(_model.__table__, "sqlite", tuple(one.sqlite for one in _mine))  # type: ignore[arg-type]
    _made_with(_model.__table__, "postgresql", (POSTGRESQL_REFUSES, *(one.postgresql for one in _mine)))  # type: ignore[arg-type]
