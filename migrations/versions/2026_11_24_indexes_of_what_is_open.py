"""Indexes of what is open: receivables, allocations by day, advances

Revision: 0010
After: 0009
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

OPEN = sa.text("open <> 0")
ADVANCE = sa.text("use = 'advance' AND credited_amount < amount")


def _open_items(columns: list[str]) -> None:
    op.create_index("ix_receivable_items_open", "receivable_items", columns, sqlite_where=OPEN, postgresql_where=OPEN)


def upgrade() -> None:
    op.drop_index("ix_receivable_items_open", "receivable_items")
    _open_items(["customer_id", "due_on", "date", "amount", "open", "base_open"])
    op.create_index(
        "ix_allocations_date", "allocations", ["date", "debit_id", "credit_id", "amount", "debit_base", "credit_base"]
    )
    op.create_index(
        "ix_invoice_lines_advances", "invoice_lines", ["invoice_id"], sqlite_where=ADVANCE, postgresql_where=ADVANCE
    )


def downgrade() -> None:
    op.drop_index("ix_invoice_lines_advances", "invoice_lines")
    op.drop_index("ix_allocations_date", "allocations")
    op.drop_index("ix_receivable_items_open", "receivable_items")
    _open_items(["customer_id", "due_on"])
