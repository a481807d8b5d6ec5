"""Credit: accounts, applications, assessments, expected losses, bad debts

Revision: 0007
After: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "credit_deputies",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_credit_deputies_ends_after_start")),
        sa.CheckConstraint("user_id <> deputy_id", name=op.f("ck_credit_deputies_somebody_else")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_credit_deputies_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["deputy_id"], ["users.id"], name=op.f("fk_credit_deputies_deputy_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credit_deputies_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_deputies")),
    )
    with op.batch_alter_table("credit_deputies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_deputies_deputy_id"), ["deputy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_deputies_user_id_ends_on"), ["user_id", "ends_on"], unique=False)

    op.create_table(
        "scorecards",
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("factors", sa.JSON(), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_scorecards_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scorecards")),
        sa.UniqueConstraint("revision", name=op.f("uq_scorecards_revision")),
    )
    with op.batch_alter_table("scorecards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scorecards_active_revision"), ["active", "revision"], unique=False)
        batch_op.create_index(batch_op.f("ix_scorecards_created_at_id"), ["created_at", "id"], unique=False)

    op.create_table(
        "credit_accounts",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("credit_limit", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("temporary_limit", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("temporary_until", sa.Date(), nullable=True),
        sa.Column("overdue_limit", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("overdue_minimum", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("grace_days", sa.Integer(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("hold_reason", sa.String(), nullable=True),
        sa.Column("held_since", sa.DateTime(), nullable=True),
        sa.Column("hold_is_automatic", sa.Boolean(), nullable=False),
        sa.Column("watch", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reassess_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_credit_accounts_grade_known")),
        sa.CheckConstraint(
            "(temporary_limit IS NULL) = (temporary_until IS NULL)",
            name=op.f("ck_credit_accounts_temporary_limit_ends"),
        ),
        sa.CheckConstraint("credit_limit >= 0", name=op.f("ck_credit_accounts_limit_not_negative")),
        sa.CheckConstraint(
            "overdue_limit >= 0 AND overdue_minimum >= 0 AND grace_days >= 0",
            name=op.f("ck_credit_accounts_overdue_not_negative"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_credit_accounts_score_within")),
        sa.CheckConstraint("temporary_limit >= 0", name=op.f("ck_credit_accounts_temporary_limit_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_credit_accounts_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_credit_accounts_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_accounts")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_credit_accounts_customer_id")),
    )
    with op.batch_alter_table("credit_accounts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_accounts_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_accounts_held_id"), ["held", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_accounts_reassess_on_id"), ["reassess_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_accounts_watch_id"), ["watch", "id"], unique=False)

    op.create_table(
        "credit_assessments",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("scorecard_id", sa.Integer(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("earned", sa.JSON(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("turnover", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("suggested_limit", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("suggested_terms", sa.String(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_credit_assessments_grade_known")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_credit_assessments_score_within")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_credit_assessments_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_credit_assessments_customer_id")),
        sa.ForeignKeyConstraint(["scorecard_id"], ["scorecards.id"], name=op.f("fk_credit_assessments_scorecard_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_assessments")),
    )
    with op.batch_alter_table("credit_assessments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_assessments_assessed_on_id"), ["assessed_on", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_credit_assessments_customer_id_assessed_on_id"),
            ["customer_id", "assessed_on", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_credit_assessments_score_id"), ["score", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_assessments_scorecard_id"), ["scorecard_id"], unique=False)

    op.create_table(
        "credit_authorities",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("most", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("worst_grade", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("worst_grade IN ('A', 'B', 'C', 'D', 'E')", name=op.f("ck_credit_authorities_grade_known")),
        sa.CheckConstraint("most >= 0", name=op.f("ck_credit_authorities_most_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_credit_authorities_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_credit_authorities_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_authorities")),
        sa.UniqueConstraint("role_id", name=op.f("uq_credit_authorities_role_id")),
    )
    op.create_table(
        "expected_losses",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("open", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("difference", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_expected_losses_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["journal_entries.id"], name=op.f("fk_expected_losses_entry_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expected_losses")),
        sa.UniqueConstraint("date", name=op.f("uq_expected_losses_date")),
    )
    with op.batch_alter_table("expected_losses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_expected_losses_created_at_id"), ["created_at", "id"], unique=False)

    op.create_table(
        "bad_debts",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("recovered", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("allocation_id", sa.Integer(), nullable=True),
        sa.Column("approved_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('proposed', 'written_off', 'refused', 'recovered')", name=op.f("ck_bad_debts_status_known")
        ),
        sa.CheckConstraint("amount > 0 AND recovered >= 0", name=op.f("ck_bad_debts_amount_above_zero")),
        sa.ForeignKeyConstraint(["allocation_id"], ["allocations.id"], name=op.f("fk_bad_debts_allocation_id")),
        sa.ForeignKeyConstraint(
            ["approved_by_id"], ["users.id"], name=op.f("fk_bad_debts_approved_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_bad_debts_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_bad_debts_customer_id")),
        sa.ForeignKeyConstraint(["item_id"], ["receivable_items.id"], name=op.f("fk_bad_debts_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bad_debts")),
        sa.UniqueConstraint("number", name=op.f("uq_bad_debts_number")),
    )
    with op.batch_alter_table("bad_debts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_bad_debts_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bad_debts_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bad_debts_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_bad_debts_status_id"), ["status", "id"], unique=False)

    op.create_table(
        "credit_applications",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("wanted_until", sa.Date(), nullable=True),
        sa.Column("wanted_terms", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("granted", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("granted_until", sa.Date(), nullable=True),
        sa.Column("conditions", sa.String(), nullable=True),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("endorsed_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_for_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("seen", sa.JSON(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('limit', 'raise', 'temporary', 'release', 'terms')",
            name=op.f("ck_credit_applications_kind_known"),
        ),
        sa.CheckConstraint(
            "status IN ('submitted', 'in_review', 'asked_back', 'endorsed', 'approved', 'rejected', 'withdrawn', 'expired')",
            name=op.f("ck_credit_applications_status_known"),
        ),
        sa.CheckConstraint("amount >= 0 AND granted >= 0", name=op.f("ck_credit_applications_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_credit_applications_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_credit_applications_customer_id")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["users.id"], name=op.f("fk_credit_applications_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["decided_for_id"], ["users.id"], name=op.f("fk_credit_applications_decided_for_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["endorsed_by_id"], ["users.id"], name=op.f("fk_credit_applications_endorsed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_orders.id"], name=op.f("fk_credit_applications_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"], ["users.id"], name=op.f("fk_credit_applications_requested_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_applications")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_applications_number")),
    )
    with op.batch_alter_table("credit_applications", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_applications_amount_id"), ["amount", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_applications_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_applications_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_credit_applications_order_id"), ["order_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_credit_applications_requested_by_id_status"), ["requested_by_id", "status"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_credit_applications_status_created_at_id"), ["status", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_credit_applications_status_expires_on"), ["status", "expires_on"], unique=False
        )

    op.create_table(
        "credit_orders",
        sa.Column("order_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("worth", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("released", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("released_at", sa.DateTime(), nullable=True),
        sa.Column("released_by_id", sa.Integer(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.CheckConstraint("verdict IN ('pass', 'warn', 'stop')", name=op.f("ck_credit_orders_verdict_known")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_orders.id"], name=op.f("fk_credit_orders_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["released_by_id"], ["users.id"], name=op.f("fk_credit_orders_released_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_credit_orders")),
    )


def downgrade() -> None:
    op.drop_table("credit_orders")
    with op.batch_alter_table("credit_applications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_applications_status_expires_on"))
        batch_op.drop_index(batch_op.f("ix_credit_applications_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_credit_applications_requested_by_id_status"))
        batch_op.drop_index(batch_op.f("ix_credit_applications_order_id"))
        batch_op.drop_index(batch_op.f("ix_credit_applications_customer_id_id"))
        batch_op.drop_index(batch_op.f("ix_credit_applications_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_credit_applications_amount_id"))

    op.drop_table("credit_applications")
    with op.batch_alter_table("bad_debts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bad_debts_status_id"))
        batch_op.drop_index(batch_op.f("ix_bad_debts_item_id"))
        batch_op.drop_index(batch_op.f("ix_bad_debts_customer_id_id"))
        batch_op.drop_index(batch_op.f("ix_bad_debts_created_at_id"))

    op.drop_table("bad_debts")
    with op.batch_alter_table("expected_losses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_expected_losses_created_at_id"))

    op.drop_table("expected_losses")
    op.drop_table("credit_authorities")
    with op.batch_alter_table("credit_assessments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_assessments_scorecard_id"))
        batch_op.drop_index(batch_op.f("ix_credit_assessments_score_id"))
        batch_op.drop_index(batch_op.f("ix_credit_assessments_customer_id_assessed_on_id"))
        batch_op.drop_index(batch_op.f("ix_credit_assessments_assessed_on_id"))

    op.drop_table("credit_assessments")
    with op.batch_alter_table("credit_accounts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_accounts_watch_id"))
        batch_op.drop_index(batch_op.f("ix_credit_accounts_reassess_on_id"))
        batch_op.drop_index(batch_op.f("ix_credit_accounts_held_id"))
        batch_op.drop_index(batch_op.f("ix_credit_accounts_created_at_id"))

    op.drop_table("credit_accounts")
    with op.batch_alter_table("scorecards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scorecards_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_scorecards_active_revision"))

    op.drop_table("scorecards")
    with op.batch_alter_table("credit_deputies", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_credit_deputies_user_id_ends_on"))
        batch_op.drop_index(batch_op.f("ix_credit_deputies_deputy_id"))

    op.drop_table("credit_deputies")
