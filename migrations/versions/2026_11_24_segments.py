"""Segments, their members and moves, RFM scores and cells

Revision: 0014
After: 0013
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AMOUNT = sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite")


def _record() -> list[Any]:
    return [
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
    ]


def _keys(table: str) -> list[Any]:
    return [
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f(f"fk_{table}_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _of_customer(table: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["customer_id"], ["customers.id"], name=op.f(f"fk_{table}_customer_id"), ondelete="CASCADE"
    )


def _of_segment(table: str) -> Any:
    return sa.ForeignKeyConstraint(
        ["segment_id"], ["segments.id"], name=op.f(f"fk_{table}_segment_id"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.create_table(
        "segments",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("description", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=True),
        sa.Column("counted_at", sa.DateTime(), nullable=True),
        *_record(),
        sa.CheckConstraint("kind IN ('rule', 'rfm', 'static')", name=op.f("ck_segments_kind_known")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_segments_owner_id"), ondelete="SET NULL"),
        *_keys("segments"),
        sa.UniqueConstraint("name", name=op.f("uq_segments_name")),
    )
    op.create_index(op.f("ix_segments_owner_id"), "segments", ["owner_id"])
    op.create_table(
        "segment_members",
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        _of_customer("segment_members"),
        _of_segment("segment_members"),
        sa.PrimaryKeyConstraint("segment_id", "customer_id", name=op.f("pk_segment_members")),
    )
    op.create_index(op.f("ix_segment_members_customer_id"), "segment_members", ["customer_id"])
    op.create_table(
        "segment_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        _of_customer("segment_moves"),
        _of_segment("segment_moves"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_moves")),
    )
    op.create_index(op.f("ix_segment_moves_segment_id_on_id"), "segment_moves", ["segment_id", "on", "id"])
    op.create_index(op.f("ix_segment_moves_customer_id"), "segment_moves", ["customer_id"])
    scores = ("r_from", "r_to", "f_from", "f_to", "m_from", "m_to")
    op.create_table(
        "rfm_cells",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("tone", sa.String(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in scores),
        sa.Column("position", sa.Integer(), nullable=False),
        *_record(),
        *(
            sa.CheckConstraint(
                f"1 <= {n}_from AND {n}_from <= {n}_to AND {n}_to <= 5", name=op.f(f"ck_rfm_cells_{name}_range")
            )
            for n, name in (("r", "recency"), ("f", "frequency"), ("m", "monetary"))
        ),
        *_keys("rfm_cells"),
        sa.UniqueConstraint("key", name=op.f("uq_rfm_cells_key")),
    )
    op.create_table(
        "customer_rfm",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("r", "f", "m")),
        sa.Column("cell", sa.String(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("purchases", sa.Integer(), nullable=False),
        sa.Column("revenue", AMOUNT, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        _of_customer("customer_rfm"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_rfm")),
    )
    op.create_index(op.f("ix_customer_rfm_cell_customer_id"), "customer_rfm", ["cell", "customer_id"])
    op.create_index(op.f("ix_customer_rfm_r_f"), "customer_rfm", ["r", "f"])
    op.create_table(
        "rfm_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("from_cell", sa.String(), nullable=True),
        sa.Column("to_cell", sa.String(), nullable=True),
        sa.Column("on", sa.Date(), nullable=False),
        _of_customer("rfm_moves"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rfm_moves")),
    )
    op.create_index(op.f("ix_rfm_moves_customer_id_on_id"), "rfm_moves", ["customer_id", "on", "id"])
    op.create_index(op.f("ix_rfm_moves_on"), "rfm_moves", ["on"])


def downgrade() -> None:
    for table in ("rfm_moves", "customer_rfm", "rfm_cells", "segment_moves", "segment_members", "segments"):
        op.drop_table(table)
