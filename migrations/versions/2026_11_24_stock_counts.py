"""Stock counts, and adjustments that take another one back

Revision: 0009
After: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

QUANTITY = sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "stock_counts",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("shows_expected", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("posted_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('counting', 'posted', 'cancelled')", name=op.f("ck_stock_counts_status_known")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_stock_counts_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stock_counts_location_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouses.id"], name=op.f("fk_stock_counts_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_counts")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_counts_number")),
    )
    op.create_index(op.f("ix_stock_counts_created_at_id"), "stock_counts", ["created_at", "id"])
    op.create_index(op.f("ix_stock_counts_status_id"), "stock_counts", ["status", "id"])
    op.create_index(op.f("ix_stock_counts_warehouse_id"), "stock_counts", ["warehouse_id"])
    op.create_table(
        "stock_count_lines",
        sa.Column("count_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("expected", QUANTITY, nullable=False),
        sa.Column("counted", QUANTITY, nullable=True),
        sa.Column("booked", QUANTITY, nullable=True),
        sa.Column("mark", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(), nullable=True),
        sa.Column("counted_by_id", sa.Integer(), nullable=True),
        sa.Column("recount", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("first_counted", QUANTITY, nullable=True),
        sa.Column("first_by_id", sa.Integer(), nullable=True),
        sa.Column("difference", QUANTITY, nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("counted >= 0", name=op.f("ck_stock_count_lines_counted_not_negative")),
        sa.ForeignKeyConstraint(
            ["count_id"], ["stock_counts.id"], name=op.f("fk_stock_count_lines_count_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["counted_by_id"], ["users.id"], name=op.f("fk_stock_count_lines_counted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_stock_count_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["first_by_id"], ["users.id"], name=op.f("fk_stock_count_lines_first_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stock_count_lines_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_stock_count_lines_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_count_lines_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_count_lines")),
        sa.UniqueConstraint(
            "count_id",
            "product_id",
            "location_id",
            "lot_id",
            name=op.f("uq_stock_count_lines_count_id_product_id_location_id_lot_id"),
        ),
    )
    for column in ("location_id", "lot_id", "product_id"):
        op.create_index(op.f(f"ix_stock_count_lines_{column}"), "stock_count_lines", [column])
    op.create_index(
        "uq_stock_count_lines_without_lot",
        "stock_count_lines",
        ["count_id", "product_id", "location_id"],
        unique=True,
        sqlite_where=sa.text("lot_id IS NULL"),
        postgresql_where=sa.text("lot_id IS NULL"),
    )
    with op.batch_alter_table("stock_adjustments") as batch_op:
        batch_op.add_column(sa.Column("takes_back_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_stock_adjustments_takes_back_id"), "stock_adjustments", ["takes_back_id"], ["id"]
        )
        batch_op.create_unique_constraint(batch_op.f("uq_stock_adjustments_takes_back_id"), ["takes_back_id"])


def downgrade() -> None:
    with op.batch_alter_table("stock_adjustments") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_stock_adjustments_takes_back_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_stock_adjustments_takes_back_id"), type_="foreignkey")
        batch_op.drop_column("takes_back_id")
    op.drop_table("stock_count_lines")
    op.drop_table("stock_counts")
