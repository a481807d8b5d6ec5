"""What is posted stays at the database; free credit notes; bank accounts in their own currency; discounts that lower the tax

Revision: 0008
After: 0007
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AMOUNT = sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite")
BEFORE = {"ck_invoices_credits_an_invoice": "(kind = 'credit_note') = (credits_id IS NOT NULL)"}
AFTER = {
    "ck_invoices_only_notes_credit": "kind = 'credit_note' OR credits_id IS NULL",
    "ck_invoices_note_says_why": "kind = 'invoice' OR reason IS NOT NULL",
}

# What the database itself refuses, as it was declared when this was written.
SQLITE = (
    """CREATE TRIGGER invoices_begin BEFORE INSERT ON invoices WHEN NEW.status <> 'draft' OR NEW.number IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'an invoice begins as a draft'); END""",
    """CREATE TRIGGER invoices_keep BEFORE UPDATE OF kind, number, date, order_id, contract_id, credits_id, reason, entry_id, currency, rate, tax_included, tax_rounding, discount, language, payment_terms, reference, billing_address, delivery_address, introduction, closing, net, tax, gross, base_gross ON invoices WHEN OLD.number IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
    """CREATE TRIGGER invoices_final BEFORE UPDATE OF status ON invoices WHEN OLD.status = 'posted' BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
    """CREATE TRIGGER invoices_stay BEFORE DELETE ON invoices WHEN OLD.status = 'posted' BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never deleted'); END""",
    """CREATE TRIGGER payments_keep BEFORE UPDATE OF number, direction, date, amount, currency, rate, base_amount, account_id, bank_amount, reference, entry_id ON payments BEGIN
SELECT RAISE(ABORT, 'a payment is never changed'); END""",
    """CREATE TRIGGER payments_item BEFORE UPDATE OF item_id ON payments WHEN OLD.item_id IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'a payment is never changed'); END""",
    """CREATE TRIGGER payments_final BEFORE UPDATE OF status ON payments WHEN OLD.status = 'cancelled' BEGIN
SELECT RAISE(ABORT, 'a cancelled payment stays cancelled'); END""",
    """CREATE TRIGGER payments_stay BEFORE DELETE ON payments BEGIN
SELECT RAISE(ABORT, 'a payment is never deleted'); END""",
    """CREATE TRIGGER receivable_items_keep BEFORE UPDATE OF kind, number, document_type, document_id, entry_id, date, due_on, currency, rate, amount, base_amount, discount, discount_until, lowers_tax ON receivable_items BEGIN
SELECT RAISE(ABORT, 'what is owed is never changed'); END""",
    """CREATE TRIGGER receivable_items_stay BEFORE DELETE ON receivable_items BEGIN
SELECT RAISE(ABORT, 'what is owed is never deleted'); END""",
    """CREATE TRIGGER allocations_keep BEFORE UPDATE OF debit_id, credit_id, date, amount, debit_base, credit_base, reverses_id ON allocations BEGIN
SELECT RAISE(ABORT, 'an allocation is never changed'); END""",
    """CREATE TRIGGER allocations_entry BEFORE UPDATE OF entry_id ON allocations WHEN OLD.entry_id IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'an allocation is never changed'); END""",
    """CREATE TRIGGER allocations_stay BEFORE DELETE ON allocations BEGIN
SELECT RAISE(ABORT, 'an allocation is never deleted'); END""",
    """CREATE TRIGGER discount_shares_keep BEFORE UPDATE OF item_id, payment_item_id, tax_id, tax_rate, net, tax, base_net, base_tax ON discount_shares BEGIN
SELECT RAISE(ABORT, 'a discount is never changed'); END""",
    """CREATE TRIGGER discount_shares_stay BEFORE DELETE ON discount_shares BEGIN
SELECT RAISE(ABORT, 'a discount is never deleted'); END""",
    """CREATE TRIGGER invoice_lines_add BEFORE INSERT ON invoice_lines
WHEN (SELECT number FROM invoices WHERE id = NEW.invoice_id) IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
    """CREATE TRIGGER invoice_lines_keep BEFORE UPDATE OF invoice_id, order_line_id, origin_id, use, base_net, position, text, quantity, unit, factor, price, list_price, discount, tax_id, tax_rate, amount ON invoice_lines
WHEN EXISTS (SELECT 1 FROM invoices WHERE id IN (OLD.invoice_id, NEW.invoice_id) AND number IS NOT NULL) BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
    """CREATE TRIGGER invoice_lines_stay BEFORE DELETE ON invoice_lines
WHEN (SELECT number FROM invoices WHERE id = OLD.invoice_id) IS NOT NULL BEGIN
SELECT RAISE(ABORT, 'a posted invoice is never changed'); END""",
)

POSTGRESQL = (
    """CREATE FUNCTION finance_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER invoices_begin BEFORE INSERT ON invoices
FOR EACH ROW WHEN (NEW.status <> 'draft' OR NEW.number IS NOT NULL) EXECUTE FUNCTION finance_refuses('an invoice begins as a draft')""",
    """CREATE TRIGGER invoices_keep BEFORE UPDATE OF kind, number, date, order_id, contract_id, credits_id, reason, entry_id, currency, rate, tax_included, tax_rounding, discount, language, payment_terms, reference, billing_address, delivery_address, introduction, closing, net, tax, gross, base_gross ON invoices
FOR EACH ROW WHEN (OLD.number IS NOT NULL) EXECUTE FUNCTION finance_refuses('a posted invoice is never changed')""",
    """CREATE TRIGGER invoices_final BEFORE UPDATE OF status ON invoices
FOR EACH ROW WHEN (OLD.status = 'posted') EXECUTE FUNCTION finance_refuses('a posted invoice is never changed')""",
    """CREATE TRIGGER invoices_stay BEFORE DELETE ON invoices
FOR EACH ROW WHEN (OLD.status = 'posted') EXECUTE FUNCTION finance_refuses('a posted invoice is never deleted')""",
    """CREATE TRIGGER payments_keep BEFORE UPDATE OF number, direction, date, amount, currency, rate, base_amount, account_id, bank_amount, reference, entry_id ON payments
FOR EACH ROW EXECUTE FUNCTION finance_refuses('a payment is never changed')""",
    """CREATE TRIGGER payments_item BEFORE UPDATE OF item_id ON payments
FOR EACH ROW WHEN (OLD.item_id IS NOT NULL) EXECUTE FUNCTION finance_refuses('a payment is never changed')""",
    """CREATE TRIGGER payments_final BEFORE UPDATE OF status ON payments
FOR EACH ROW WHEN (OLD.status = 'cancelled') EXECUTE FUNCTION finance_refuses('a cancelled payment stays cancelled')""",
    """CREATE TRIGGER payments_stay BEFORE DELETE ON payments
FOR EACH ROW EXECUTE FUNCTION finance_refuses('a payment is never deleted')""",
    """CREATE TRIGGER receivable_items_keep BEFORE UPDATE OF kind, number, document_type, document_id, entry_id, date, due_on, currency, rate, amount, base_amount, discount, discount_until, lowers_tax ON receivable_items
FOR EACH ROW EXECUTE FUNCTION finance_refuses('what is owed is never changed')""",
    """CREATE TRIGGER receivable_items_stay BEFORE DELETE ON receivable_items
FOR EACH ROW EXECUTE FUNCTION finance_refuses('what is owed is never deleted')""",
    """CREATE TRIGGER allocations_keep BEFORE UPDATE OF debit_id, credit_id, date, amount, debit_base, credit_base, reverses_id ON allocations
FOR EACH ROW EXECUTE FUNCTION finance_refuses('an allocation is never changed')""",
    """CREATE TRIGGER allocations_entry BEFORE UPDATE OF entry_id ON allocations
FOR EACH ROW WHEN (OLD.entry_id IS NOT NULL) EXECUTE FUNCTION finance_refuses('an allocation is never changed')""",
    """CREATE TRIGGER allocations_stay BEFORE DELETE ON allocations
FOR EACH ROW EXECUTE FUNCTION finance_refuses('an allocation is never deleted')""",
    """CREATE TRIGGER discount_shares_keep BEFORE UPDATE OF item_id, payment_item_id, tax_id, tax_rate, net, tax, base_net, base_tax ON discount_shares
FOR EACH ROW EXECUTE FUNCTION finance_refuses('a discount is never changed')""",
    """CREATE TRIGGER discount_shares_stay BEFORE DELETE ON discount_shares
FOR EACH ROW EXECUTE FUNCTION finance_refuses('a discount is never deleted')""",
    """CREATE FUNCTION invoice_lines_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
IF (TG_OP <> 'INSERT' AND (SELECT number FROM invoices WHERE id = OLD.invoice_id) IS NOT NULL)
    OR (TG_OP <> 'DELETE' AND (SELECT number FROM invoices WHERE id = NEW.invoice_id) IS NOT NULL) THEN
    RAISE EXCEPTION 'a posted invoice is never changed' USING ERRCODE = 'check_violation'; END IF;
IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
RETURN NEW; END $$""",
    """CREATE TRIGGER invoice_lines_guard BEFORE INSERT OR DELETE OR UPDATE OF invoice_id, order_line_id, origin_id, use, base_net, position, text, quantity, unit, factor, price, list_price, discount, tax_id, tax_rate, amount ON invoice_lines
FOR EACH ROW EXECUTE FUNCTION invoice_lines_guard()""",
)

TRIGGERS = (
    ("invoices", "invoices_begin"),
    ("invoices", "invoices_keep"),
    ("invoices", "invoices_final"),
    ("invoices", "invoices_stay"),
    ("payments", "payments_keep"),
    ("payments", "payments_item"),
    ("payments", "payments_final"),
    ("payments", "payments_stay"),
    ("receivable_items", "receivable_items_keep"),
    ("receivable_items", "receivable_items_stay"),
    ("allocations", "allocations_keep"),
    ("allocations", "allocations_entry"),
    ("allocations", "allocations_stay"),
    ("discount_shares", "discount_shares_keep"),
    ("discount_shares", "discount_shares_stay"),
)


def upgrade() -> None:
    op.add_column("ledger_accounts", sa.Column("currency", sa.String(), nullable=True))
    op.add_column("payment_terms", sa.Column("lowers_tax", sa.Boolean(), nullable=True))
    op.add_column("receivable_items", sa.Column("lowers_tax", sa.Boolean(), nullable=True))
    op.add_column("payments", sa.Column("bank_amount", AMOUNT, nullable=True))
    op.execute("UPDATE payments SET bank_amount = base_amount")
    op.create_table(
        "discount_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("payment_item_id", sa.Integer(), nullable=True),
        sa.Column("tax_id", sa.Integer(), nullable=True),
        sa.Column("tax_rate", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("net", AMOUNT, nullable=False),
        sa.Column("tax", AMOUNT, nullable=False),
        sa.Column("base_net", AMOUNT, nullable=False),
        sa.Column("base_tax", AMOUNT, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["receivable_items.id"], name=op.f("fk_discount_shares_item_id")),
        sa.ForeignKeyConstraint(
            ["payment_item_id"], ["receivable_items.id"], name=op.f("fk_discount_shares_payment_item_id")
        ),
        sa.ForeignKeyConstraint(["tax_id"], ["taxes.id"], name=op.f("fk_discount_shares_tax_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_shares")),
    )
    op.create_index(op.f("ix_discount_shares_item_id"), "discount_shares", ["item_id"])
    op.create_index(op.f("ix_discount_shares_payment_item_id"), "discount_shares", ["payment_item_id"])
    op.create_index(op.f("ix_discount_shares_tax_id"), "discount_shares", ["tax_id"])
    change_checks(BEFORE, AFTER)
    for statement in SQLITE if on_sqlite() else POSTGRESQL:
        op.execute(statement)


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def change_checks(old: dict[str, str], new: dict[str, str]) -> None:
    with op.batch_alter_table("invoices") as batch_op:
        for name in old:
            batch_op.drop_constraint(op.f(name), type_="check")
        for name, rule in new.items():
            batch_op.create_check_constraint(op.f(name), sa.text(rule))


def downgrade() -> None:
    if on_sqlite():
        for _table, name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        for name in ("add", "keep", "stay"):
            op.execute(f"DROP TRIGGER invoice_lines_{name}")
    else:
        for table, name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute("DROP TRIGGER invoice_lines_guard ON invoice_lines")
        op.execute("DROP FUNCTION invoice_lines_guard()")
        op.execute("DROP FUNCTION finance_refuses()")
    change_checks(AFTER, BEFORE)
    op.drop_table("discount_shares")
    op.drop_column("payments", "bank_amount")
    op.drop_column("receivable_items", "lowers_tax")
    op.drop_column("payment_terms", "lowers_tax")
    op.drop_column("ledger_accounts", "currency")
