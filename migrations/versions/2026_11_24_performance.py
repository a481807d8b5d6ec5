"""Shares of a deal's success, what winning leaves, quotas

Revision: 0019
After: 0018
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "opportunity_margins",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("base_margin", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunities.id"],
            name=op.f("fk_opportunity_margins_opportunity_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("opportunity_id", name=op.f("pk_opportunity_margins")),
    )
    op.create_table(
        "opportunity_shares",
        sa.Column("opportunity_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("base_amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("percent BETWEEN 1 AND 100", name=op.f("ck_opportunity_shares_percent_range")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_opportunity_shares_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["opportunity_id"],
            ["opportunities.id"],
            name=op.f("fk_opportunity_shares_opportunity_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_opportunity_shares_team_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_opportunity_shares_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opportunity_shares")),
        sa.UniqueConstraint("opportunity_id", "user_id", name=op.f("uq_opportunity_shares_opportunity_id_user_id")),
    )
    with op.batch_alter_table("opportunity_shares", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_opportunity_shares_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_opportunity_shares_user_id"), ["user_id"], unique=False)

    op.create_table(
        "quotas",
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("target", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name=op.f("ck_quotas_one_holder")),
        sa.CheckConstraint("measure IN ('amount', 'number', 'margin')", name=op.f("ck_quotas_measure_known")),
        sa.CheckConstraint("period IN ('month', 'quarter', 'year')", name=op.f("ck_quotas_period_known")),
        sa.CheckConstraint("target > 0", name=op.f("ck_quotas_target_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_quotas_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name=op.f("fk_quotas_set_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_quotas_team_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_quotas_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotas")),
        sa.UniqueConstraint(
            "team_id", "period", "starts_on", "measure", name=op.f("uq_quotas_team_id_period_starts_on_measure")
        ),
        sa.UniqueConstraint(
            "user_id", "period", "starts_on", "measure", name=op.f("uq_quotas_user_id_period_starts_on_measure")
        ),
    )
    with op.batch_alter_table("quotas", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quotas_starts_on_measure_id"), ["starts_on", "measure", "id"], unique=False
        )


def downgrade() -> None:
    op.drop_table("quotas")
    op.drop_table("opportunity_shares")
    op.drop_table("opportunity_margins")
