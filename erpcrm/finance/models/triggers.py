"""What the database itself refuses, whoever asks: unbalanced postings, postings into a closed month, any change of what is posted.

A migration that builds one of these tables anew on SQLite (`batch_alter_table`) has to make its triggers again.
"""

from sqlalchemy import DDL, Table, event

from .ledger import Entry, EntryLine

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


def _made_with(table: Table, dialect: str, statements: tuple[str, ...]) -> None:
    for statement in statements:
        event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))


_made_with(Entry.__table__, "sqlite", SQLITE_ENTRIES)  # type: ignore[arg-type]
_made_with(EntryLine.__table__, "sqlite", SQLITE_LINES)  # type: ignore[arg-type]
_made_with(Entry.__table__, "postgresql", POSTGRESQL_ENTRIES)  # type: ignore[arg-type]
_made_with(EntryLine.__table__, "postgresql", POSTGRESQL_LINES)  # type: ignore[arg-type]
