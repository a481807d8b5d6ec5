"""The public pool, what is learned from deals that ended, and a seller's own probability

Revision: 0020
After: 0019
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _user(column: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["users.id"], name=op.f(f"fk_{table}_{column}"), ondelete="SET NULL")


def upgrade() -> None:
    op.create_table(
        "learned_models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trained_at", sa.DateTime(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("calibration", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_learned_models")),
    )
    op.create_table(
        "pool_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("record_type", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=True),
        sa.Column("to_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('claimed', 'returned', 'auto_returned', 'assigned', 'protected')",
            name=op.f("ck_pool_moves_kind_known"),
        ),
        _user("from_id", "pool_moves"),
        _user("to_id", "pool_moves"),
        _user("by_id", "pool_moves"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool_moves")),
    )
    op.create_index(op.f("ix_pool_moves_record_type_record_id_id"), "pool_moves", ["record_type", "record_id", "id"])
    op.create_index(op.f("ix_pool_moves_to_id_at"), "pool_moves", ["to_id", "at"])
    op.create_table(
        "pool_places",
        sa.Column("record_type", sa.String(), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("former_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("protected_until", sa.Date(), nullable=True),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("told_for", sa.Date(), nullable=True),
        _user("former_id", "pool_places"),
        sa.PrimaryKeyConstraint("record_type", "record_id", name=op.f("pk_pool_places")),
    )
    with op.batch_alter_table("opportunities") as batch_op:
        batch_op.add_column(sa.Column("own_probability", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(
            batch_op.f("ck_opportunities_own_probability_range"), "own_probability BETWEEN 0 AND 100"
        )


def downgrade() -> None:
    with op.batch_alter_table("opportunities") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_opportunities_own_probability_range"), type_="check")
        batch_op.drop_column("own_probability")
    op.drop_table("pool_places")
    op.drop_table("pool_moves")
    op.drop_table("learned_models")
