"""Finance: the ledger, receivables, payments, bank, reminders, invoices

Revision: 0006
After: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# What the database itself refuses: unbalanced postings, postings into a closed month, changes of what is posted.
SQLITE_ENTRIES = (
    """CREATE TRIGGER journal_entries_begin BEFORE INSERT ON journal_entries WHEN NEW.status <> 'draft' BEGIN
SELECT RAISE(ABORT, 'an entry begins as a draft'); END""",
    """CREATE TRIGGER journal_entries_keep BEFORE UPDATE OF journal_id, number, date, text, status, total, document_type, document_id, reverses_id ON journal_entries WHEN OLD.status = 'posted' BEGIN
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
    """CREATE TRIGGER entry_lines_keep BEFORE UPDATE OF entry_id, position, account_id, date, posted, debit, credit, currency, amount_currency, text ON entry_lines
WHEN EXISTS (SELECT 1 FROM journal_entries WHERE id IN (OLD.entry_id, NEW.entry_id) AND status = 'posted') BEGIN
SELECT RAISE(ABORT, 'a posted entry is never changed'); END""",
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
    """CREATE TRIGGER journal_entries_guard BEFORE INSERT OR DELETE OR UPDATE OF journal_id, number, date, text, status, total, document_type, document_id, reverses_id ON journal_entries
FOR EACH ROW EXECUTE FUNCTION journal_entries_guard()""",
)

POSTGRESQL_LINES = (
    """CREATE FUNCTION entry_lines_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF (TG_OP <> 'INSERT' AND (SELECT status FROM journal_entries WHERE id = OLD.entry_id) = 'posted')
    OR (TG_OP <> 'DELETE' AND (SELECT status FROM journal_entries WHERE id = NEW.entry_id) = 'posted') THEN
    RAISE EXCEPTION 'a posted entry is never changed' USING ERRCODE = 'check_violation'; END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER entry_lines_guard BEFORE INSERT OR DELETE OR UPDATE OF entry_id, position, account_id, date, posted, debit, credit, currency, amount_currency, text ON entry_lines
FOR EACH ROW EXECUTE FUNCTION entry_lines_guard()""",
)


def upgrade() -> None:
    make_tables()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in (*SQLITE_ENTRIES, *SQLITE_LINES) if sqlite else (*POSTGRESQL_ENTRIES, *POSTGRESQL_LINES):
        op.execute(statement)


def make_tables() -> None:
    op.create_table(
        "accounting_periods",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_accounting_periods_status_known")),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_accounting_periods_month_known")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_accounting_periods_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounting_periods")),
        sa.UniqueConstraint("year", "month", name=op.f("uq_accounting_periods_year_month")),
    )
    op.create_table(
        "dunning_levels",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("level > 0 AND days >= 0", name=op.f("ck_dunning_levels_level_above_zero")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_dunning_levels_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunning_levels")),
        sa.UniqueConstraint("level", name=op.f("uq_dunning_levels_level")),
    )
    op.create_table(
        "journals",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('sales', 'bank', 'cash', 'inventory', 'general')", name=op.f("ck_journals_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_journals_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journals")),
        sa.UniqueConstraint("code", name=op.f("uq_journals_code")),
        sa.UniqueConstraint("purpose", name=op.f("uq_journals_purpose")),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('asset', 'liability', 'equity', 'income', 'expense')", name=op.f("ck_ledger_accounts_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_ledger_accounts_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint("code", name=op.f("uq_ledger_accounts_code")),
    )
    with op.batch_alter_table("ledger_accounts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_ledger_accounts_role",
            ["role"],
            unique=True,
            sqlite_where=sa.text("role NOT IN ('bank', 'cash')"),
            postgresql_where=sa.text("role NOT IN ('bank', 'cash')"),
        )

    op.create_table(
        "payment_terms",
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("discount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("discount_days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_payment_terms_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_terms")),
        sa.UniqueConstraint("value", name=op.f("uq_payment_terms_value")),
    )
    op.create_table(
        "bank_statements",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("new_lines", sa.Integer(), nullable=False),
        sa.Column("known_lines", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name=op.f("fk_bank_statements_account_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_bank_statements_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_statements")),
    )
    op.create_table(
        "customer_accounts",
        sa.Column("customer_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dunning_stop", sa.Boolean(), nullable=False),
        sa.Column("dunning_note", sa.String(), nullable=True),
        sa.Column("dunning_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_accounts_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_accounts")),
    )
    op.create_table(
        "dunnings",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_dunnings_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_dunnings_customer_id")),
        sa.ForeignKeyConstraint(["mail_id"], ["mails.id"], name=op.f("fk_dunnings_mail_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dunnings")),
    )
    with op.batch_alter_table("dunnings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dunnings_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dunnings_date_id"), ["date", "id"], unique=False)

    op.create_table(
        "journal_entries",
        sa.Column("journal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("total", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("document_type", sa.String(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("posted_at", sa.DateTime(), nullable=True),
        sa.Column("posted_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('draft', 'posted')", name=op.f("ck_journal_entries_status_known")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_journal_entries_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["journal_id"], ["journals.id"], name=op.f("fk_journal_entries_journal_id")),
        sa.ForeignKeyConstraint(
            ["posted_by_id"], ["users.id"], name=op.f("fk_journal_entries_posted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["reverses_id"], ["journal_entries.id"], name=op.f("fk_journal_entries_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_entries")),
        sa.UniqueConstraint("number", name=op.f("uq_journal_entries_number")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_journal_entries_reverses_id")),
    )
    with op.batch_alter_table("journal_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_journal_entries_date_id"), ["date", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_journal_entries_document_type_document_id"), ["document_type", "document_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_journal_entries_journal_id_id"), ["journal_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_journal_entries_status_date"), ["status", "date"], unique=False)

    op.create_table(
        "journal_numbers",
        sa.Column("journal_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["journal_id"], ["journals.id"], name=op.f("fk_journal_numbers_journal_id")),
        sa.PrimaryKeyConstraint("journal_id", "year", name=op.f("pk_journal_numbers")),
    )
    op.create_table(
        "entry_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("posted", sa.Boolean(), nullable=False),
        sa.Column("debit", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("credit", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("amount_currency", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.CheckConstraint(
            "debit >= 0 AND credit >= 0 AND (debit = 0 OR credit = 0)", name=op.f("ck_entry_lines_one_side")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name=op.f("fk_entry_lines_account_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_entry_lines_customer_id")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["journal_entries.id"], name=op.f("fk_entry_lines_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_lines")),
    )
    with op.batch_alter_table("entry_lines", schema=None) as batch_op:
        batch_op.create_index(
            "ix_entry_lines_account", ["account_id", "posted", "date", "debit", "credit"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_entry_lines_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_entry_lines_entry_id"), ["entry_id"], unique=False)

    op.create_table(
        "receivable_items",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("open", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_open", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("discount_until", sa.Date(), nullable=True),
        sa.Column("discount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("dunning_level", sa.Integer(), nullable=False),
        sa.Column("dunned_on", sa.Date(), nullable=True),
        sa.Column("disputed", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(amount > 0 AND open >= 0 AND open <= amount) OR (amount < 0 AND open <= 0 AND open >= amount)",
            name=op.f("ck_receivable_items_open_within_amount"),
        ),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_receivable_items_amount_not_zero")),
        sa.CheckConstraint("open <> 0 OR base_open = 0", name=op.f("ck_receivable_items_closed_in_both")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_receivable_items_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_receivable_items_customer_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_receivable_items_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable_items")),
    )
    with op.batch_alter_table("receivable_items", schema=None) as batch_op:
        batch_op.create_index("ix_receivable_items_closed_on", ["closed_on", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_receivable_items_customer_id_date"), ["customer_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_receivable_items_date_id"), ["date", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_receivable_items_document_type_document_id"), ["document_type", "document_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_receivable_items_due_on_id"), ["due_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receivable_items_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receivable_items_number"), ["number"], unique=False)
        batch_op.create_index(
            "ix_receivable_items_open",
            ["customer_id", "due_on"],
            unique=False,
            sqlite_where=sa.text("open <> 0"),
            postgresql_where=sa.text("open <> 0"),
        )

    op.create_table(
        "revaluations",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("difference", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("reversal_id", sa.Integer(), nullable=True),
        sa.Column("rates", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_revaluations_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_revaluations_entry_id")),
        sa.ForeignKeyConstraint(["reversal_id"], ["journal_entries.id"], name=op.f("fk_revaluations_reversal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revaluations")),
        sa.UniqueConstraint("date", name=op.f("uq_revaluations_date")),
    )
    op.create_table(
        "allocations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("debit_id", sa.Integer(), nullable=False),
        sa.Column("credit_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("debit_base", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("credit_base", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "amount <> 0 AND (amount > 0 OR reverses_id IS NOT NULL)", name=op.f("ck_allocations_amount_of_one_side")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_allocations_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["credit_id"], ["receivable_items.id"], name=op.f("fk_allocations_credit_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_allocations_customer_id")),
        sa.ForeignKeyConstraint(["debit_id"], ["receivable_items.id"], name=op.f("fk_allocations_debit_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_allocations_entry_id")),
        sa.ForeignKeyConstraint(["reverses_id"], ["allocations.id"], name=op.f("fk_allocations_reverses_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_allocations_reverses_id")),
    )
    with op.batch_alter_table("allocations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_allocations_credit_id"), ["credit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocations_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_allocations_debit_id"), ["debit_id"], unique=False)

    op.create_table(
        "dunning_items",
        sa.Column("dunning_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("open", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["dunning_id"], ["dunnings.id"], name=op.f("fk_dunning_items_dunning_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["receivable_items.id"], name=op.f("fk_dunning_items_item_id")),
        sa.PrimaryKeyConstraint("dunning_id", "item_id", name=op.f("pk_dunning_items")),
    )
    op.create_table(
        "payments",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("direction IN ('in', 'out')", name=op.f("ck_payments_direction_known")),
        sa.CheckConstraint("status IN ('posted', 'cancelled')", name=op.f("ck_payments_status_known")),
        sa.CheckConstraint("amount > 0 AND base_amount > 0", name=op.f("ck_payments_amount_above_zero")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name=op.f("fk_payments_account_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_payments_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_payments_customer_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_payments_entry_id")),
        sa.ForeignKeyConstraint(["item_id"], ["receivable_items.id"], name=op.f("fk_payments_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("number", name=op.f("uq_payments_number")),
    )
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payments_account_id_date"), ["account_id", "date"], unique=False)
        batch_op.create_index(batch_op.f("ix_payments_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payments_date_id"), ["date", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payments_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payments_status_id"), ["status", "id"], unique=False)

    op.create_table(
        "bank_lines",
        sa.Column("statement_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("counterparty", sa.String(), nullable=True),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("payment_id", sa.Integer(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'matched', 'ignored')", name=op.f("ck_bank_lines_status_known")),
        sa.ForeignKeyConstraint(["account_id"], ["ledger_accounts.id"], name=op.f("fk_bank_lines_account_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_bank_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_bank_lines_entry_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_bank_lines_payment_id")),
        sa.ForeignKeyConstraint(["statement_id"], ["bank_statements.id"], name=op.f("fk_bank_lines_statement_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_lines")),
        sa.UniqueConstraint("account_id", "mark", name=op.f("uq_bank_lines_account_id_mark")),
        sa.UniqueConstraint("payment_id", name=op.f("uq_bank_lines_payment_id")),
    )
    with op.batch_alter_table("bank_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bank_lines_date_id"), ["date", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_lines_statement_id"), ["statement_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bank_lines_status_date_id"), ["status", "date", "id"], unique=False)

    op.create_table(
        "invoices",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("bill_id", sa.Integer(), nullable=True),
        sa.Column("credits_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("tax_rounding", sa.String(), nullable=False),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("billing_address", sa.String(), nullable=True),
        sa.Column("delivery_address", sa.String(), nullable=True),
        sa.Column("introduction", sa.String(), nullable=True),
        sa.Column("closing", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("net", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (credits_id IS NOT NULL)", name=op.f("ck_invoices_credits_an_invoice")
        ),
        sa.CheckConstraint("kind IN ('invoice', 'credit_note')", name=op.f("ck_invoices_kind_known")),
        sa.CheckConstraint("status IN ('draft', 'posted')", name=op.f("ck_invoices_status_known")),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_invoices_discount_not_negative")),
        sa.ForeignKeyConstraint(
            ["bill_id"], ["contract_bills.id"], name=op.f("fk_invoices_bill_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_invoices_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_invoices_contract_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_invoices_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["credits_id"], ["invoices.id"], name=op.f("fk_invoices_credits_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_invoices_entry_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_orders.id"], name=op.f("fk_invoices_order_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_invoices_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_invoices_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("number", name=op.f("uq_invoices_number")),
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoices_base_gross_id"), ["base_gross", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_bill_id"), ["bill_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_credits_id"), ["credits_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_customer_id_status"), ["customer_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_date_id"), ["date", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_owner_id_status_id"), ["owner_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_team_id"), ["team_id"], unique=False)

    op.create_table(
        "invoice_lines",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=True),
        sa.Column("origin_id", sa.Integer(), nullable=True),
        sa.Column("use", sa.String(), nullable=False),
        sa.Column("base_net", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("credited", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("credited_amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("factor", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("list_price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("price_reason", sa.String(), nullable=True),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_rate", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("tax_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "amount >= 0 OR use = 'deduction'", name=op.f("ck_invoice_lines_only_deductions_below_zero")
        ),
        sa.CheckConstraint("use IN ('sales', 'advance', 'deduction')", name=op.f("ck_invoice_lines_use_known")),
        sa.CheckConstraint(
            "credited >= 0 AND credited <= quantity", name=op.f("ck_invoice_lines_credited_was_invoiced")
        ),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_invoice_lines_discount_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_invoice_lines_price_not_negative")),
        sa.CheckConstraint("product_id IS NOT NULL OR text IS NOT NULL", name=op.f("ck_invoice_lines_says_what")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_invoice_lines_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_invoice_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["sales_order_lines.id"], name=op.f("fk_invoice_lines_order_line_id")
        ),
        sa.ForeignKeyConstraint(["origin_id"], ["invoice_lines.id"], name=op.f("fk_invoice_lines_origin_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_invoice_lines_product_id")),
        sa.ForeignKeyConstraint(["tax_id"], ["taxes.id"], name=op.f("fk_invoice_lines_tax_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
    )
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_invoice_lines_invoice_id"), ["invoice_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_order_line_id"), ["order_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_origin_id"), ["origin_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoice_lines_tax_id"), ["tax_id"], unique=False)


def downgrade() -> None:
    drop_tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_entries_guard")
        op.execute("DROP FUNCTION entry_lines_guard")


def drop_tables() -> None:
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_lines_tax_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_lines_product_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_lines_origin_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_lines_order_line_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_lines_invoice_id"))

    op.drop_table("invoice_lines")
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoices_team_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_status_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_owner_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_order_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_date_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_customer_id_status"))
        batch_op.drop_index(batch_op.f("ix_invoices_credits_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_contract_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_contact_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_bill_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_base_gross_id"))

    op.drop_table("invoices")
    with op.batch_alter_table("bank_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bank_lines_status_date_id"))
        batch_op.drop_index(batch_op.f("ix_bank_lines_statement_id"))
        batch_op.drop_index(batch_op.f("ix_bank_lines_date_id"))

    op.drop_table("bank_lines")
    with op.batch_alter_table("payments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payments_status_id"))
        batch_op.drop_index(batch_op.f("ix_payments_item_id"))
        batch_op.drop_index(batch_op.f("ix_payments_date_id"))
        batch_op.drop_index(batch_op.f("ix_payments_customer_id_id"))
        batch_op.drop_index(batch_op.f("ix_payments_account_id_date"))

    op.drop_table("payments")
    op.drop_table("dunning_items")
    with op.batch_alter_table("allocations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_allocations_debit_id"))
        batch_op.drop_index(batch_op.f("ix_allocations_customer_id"))
        batch_op.drop_index(batch_op.f("ix_allocations_credit_id"))

    op.drop_table("allocations")
    op.drop_table("revaluations")
    with op.batch_alter_table("receivable_items", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_receivable_items_open", sqlite_where=sa.text("open <> 0"), postgresql_where=sa.text("open <> 0")
        )
        batch_op.drop_index(batch_op.f("ix_receivable_items_number"))
        batch_op.drop_index(batch_op.f("ix_receivable_items_entry_id"))
        batch_op.drop_index(batch_op.f("ix_receivable_items_due_on_id"))
        batch_op.drop_index(batch_op.f("ix_receivable_items_document_type_document_id"))
        batch_op.drop_index(batch_op.f("ix_receivable_items_date_id"))
        batch_op.drop_index(batch_op.f("ix_receivable_items_customer_id_date"))
        batch_op.drop_index("ix_receivable_items_closed_on")

    op.drop_table("receivable_items")
    with op.batch_alter_table("entry_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_entry_lines_entry_id"))
        batch_op.drop_index(batch_op.f("ix_entry_lines_customer_id"))
        batch_op.drop_index("ix_entry_lines_account")

    op.drop_table("entry_lines")
    op.drop_table("journal_numbers")
    with op.batch_alter_table("journal_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_journal_entries_status_date"))
        batch_op.drop_index(batch_op.f("ix_journal_entries_journal_id_id"))
        batch_op.drop_index(batch_op.f("ix_journal_entries_document_type_document_id"))
        batch_op.drop_index(batch_op.f("ix_journal_entries_date_id"))

    op.drop_table("journal_entries")
    with op.batch_alter_table("dunnings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dunnings_date_id"))
        batch_op.drop_index(batch_op.f("ix_dunnings_customer_id_id"))

    op.drop_table("dunnings")
    op.drop_table("customer_accounts")
    op.drop_table("bank_statements")
    op.drop_table("payment_terms")
    with op.batch_alter_table("ledger_accounts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_ledger_accounts_role",
            sqlite_where=sa.text("role NOT IN ('bank', 'cash')"),
            postgresql_where=sa.text("role NOT IN ('bank', 'cash')"),
        )

    op.drop_table("ledger_accounts")
    op.drop_table("journals")
    op.drop_table("dunning_levels")
    op.drop_table("accounting_periods")
