"""What customers are worth, by month, and products bought together

Revision: 0015
After: 0014
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:

    op.create_table(
        "value_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("repeaters", sa.Integer(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("refusal", sa.String(), nullable=True),
        sa.Column("fit", sa.JSON(), nullable=False),
        sa.Column("calibration", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_value_runs")),
        sa.UniqueConstraint("as_of", name=op.f("uq_value_runs_as_of")),
    )
    op.create_table(
        "customer_months",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cohort", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("revenue", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_months_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", "month", name=op.f("pk_customer_months")),
    )
    with op.batch_alter_table("customer_months", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_months_cohort_month"), ["cohort", "month"], unique=False)

    op.create_table(
        "customer_values",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("documents", sa.Integer(), nullable=False),
        sa.Column("activities", sa.Integer(), nullable=False),
        sa.Column("bought", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("revenue", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("revenue_year", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("costed", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("margin", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("cost_to_serve", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("contribution", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("before", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("share", sa.Numeric(19, 2).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("abc", sa.String(), nullable=False),
        sa.Column("doubled_interval", sa.Integer(), nullable=True),
        sa.Column("ratio", sa.Numeric(19, 2).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("at_risk", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("alive", sa.Numeric(19, 2).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("expected", sa.Numeric(19, 2).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("clv", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("abc IN ('A', 'B', 'C')", name=op.f("ck_customer_values_abc_known")),
        sa.CheckConstraint(
            "risk IN ('unknown', 'steady', 'due', 'late', 'lapsed')", name=op.f("ck_customer_values_risk_known")
        ),
        sa.CheckConstraint("days >= 1 AND last_on >= first_on", name=op.f("ck_customer_values_has_bought")),
        sa.CheckConstraint("id = customer_id", name=op.f("ck_customer_values_id_of_customer")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_customer_values_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_values_customer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_values")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_customer_values_customer_id")),
    )
    with op.batch_alter_table("customer_values", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_customer_values_at_risk_id"), ["at_risk", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_values_clv_id"), ["clv", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_values_last_on_id"), ["last_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_values_rank_id"), ["rank", "id"], unique=False)

    op.create_table(
        "product_pairs",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("both", sa.Integer(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("second", sa.Integer(), nullable=False),
        sa.Column("baskets", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"], ["products.id"], name=op.f("fk_product_pairs_other_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_pairs_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "other_id", name=op.f("pk_product_pairs")),
    )
    with op.batch_alter_table("product_pairs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_product_pairs_other_id"), ["other_id"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("product_pairs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_product_pairs_other_id"))

    op.drop_table("product_pairs")
    with op.batch_alter_table("customer_values", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_values_rank_id"))
        batch_op.drop_index(batch_op.f("ix_customer_values_last_on_id"))
        batch_op.drop_index(batch_op.f("ix_customer_values_clv_id"))
        batch_op.drop_index(batch_op.f("ix_customer_values_at_risk_id"))

    op.drop_table("customer_values")
    with op.batch_alter_table("customer_months", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_months_cohort_month"))

    op.drop_table("customer_months")
    op.drop_table("value_runs")
