"""Inventory

Revision: 0005
After: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from erpcrm.inventory.models.stock import keep_moves, let_moves_go

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "warehouses",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("allow_negative", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_warehouses_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warehouses")),
        sa.UniqueConstraint("code", name=op.f("uq_warehouses_code")),
    )
    op.create_table(
        "locations",
        sa.Column("warehouse_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(kind IN ('stock', 'scrap')) = (warehouse_id IS NOT NULL)", name=op.f("ck_locations_inside_or_outside")
        ),
        sa.CheckConstraint(
            "kind IN ('stock', 'scrap', 'customer', 'supplier', 'adjustment')", name=op.f("ck_locations_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_locations_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouses.id"], name=op.f("fk_locations_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint("warehouse_id", "code", name=op.f("uq_locations_warehouse_id_code")),
    )
    with op.batch_alter_table("locations", schema=None) as batch_op:
        batch_op.create_index(
            "uq_locations_outside",
            ["kind"],
            unique=True,
            sqlite_where=sa.text("warehouse_id IS NULL"),
            postgresql_where=sa.text("warehouse_id IS NULL"),
        )

    op.create_table(
        "receipts",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("sender", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('planned', 'received', 'cancelled')", name=op.f("ck_receipts_status_known")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_receipts_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouses.id"], name=op.f("fk_receipts_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
        sa.UniqueConstraint("number", name=op.f("uq_receipts_number")),
    )
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipts_expected_on_id"), ["expected_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipts_received_at_id"), ["received_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_receipts_status_expected_on_id"), ["status", "expected_on", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_receipts_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "lots",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("serial", sa.Boolean(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_lots_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_lots_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lots")),
        sa.UniqueConstraint("product_id", "code", name=op.f("uq_lots_product_id_code")),
    )
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lots_code_id"), ["code", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lots_expires_on_id"), ["expires_on", "id"], unique=False)

    op.create_table(
        "product_costs",
        sa.Column("product_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("value", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("last_cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.CheckConstraint("method IN ('average', 'fifo')", name=op.f("ck_product_costs_method_known")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_costs_product_id")),
        sa.PrimaryKeyConstraint("product_id", name=op.f("pk_product_costs")),
    )
    op.create_table(
        "receipt_lines",
        sa.Column("receipt_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("factor", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("unit_cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("received", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_receipt_lines_quantity_positive")),
        sa.CheckConstraint("received >= 0", name=op.f("ck_receipt_lines_received_not_negative")),
        sa.CheckConstraint("unit_cost IS NULL OR unit_cost >= 0", name=op.f("ck_receipt_lines_cost_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_receipt_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_receipt_lines_product_id")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipts.id"], name=op.f("fk_receipt_lines_receipt_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_lines")),
    )
    with op.batch_alter_table("receipt_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_receipt_lines_receipt_id"), ["receipt_id"], unique=False)

    op.create_table(
        "stock_items",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("reserved", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("incoming", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("incoming >= 0", name=op.f("ck_stock_items_incoming_not_negative")),
        sa.CheckConstraint("reserved >= 0", name=op.f("ck_stock_items_reserved_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_stock_items_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_items_product_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouses.id"], name=op.f("fk_stock_items_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_items")),
        sa.UniqueConstraint("product_id", "warehouse_id", name=op.f("uq_stock_items_product_id_warehouse_id")),
    )
    with op.batch_alter_table("stock_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_items_on_hand_id"), ["on_hand", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_stock_items_warehouse_id_product_id"), ["warehouse_id", "product_id"], unique=False
        )

    op.create_table(
        "reservations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservations_quantity_positive")),
        sa.ForeignKeyConstraint(["item_id"], ["stock_items.id"], name=op.f("fk_reservations_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_reservations_lot_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservations")),
    )
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reservations_document_type_document_id"), ["document_type", "document_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_reservations_document_type_line_id"), ["document_type", "line_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_reservations_item_id"), ["item_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_reservations_lot_id"), ["lot_id"], unique=False)

    op.create_table(
        "stock_adjustments",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("value", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('found', 'lost', 'scrapped', 'disposed', 'carried')", name=op.f("ck_stock_adjustments_kind_known")
        ),
        sa.CheckConstraint("status IN ('draft', 'posted')", name=op.f("ck_stock_adjustments_status_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_adjustments_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_stock_adjustments_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["from_id"], ["locations.id"], name=op.f("fk_stock_adjustments_from_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_stock_adjustments_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_adjustments_product_id")),
        sa.ForeignKeyConstraint(["to_id"], ["locations.id"], name=op.f("fk_stock_adjustments_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_adjustments")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_adjustments_number")),
    )
    with op.batch_alter_table("stock_adjustments", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_adjustments_from_id"), ["from_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_adjustments_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_adjustments_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_adjustments_to_id"), ["to_id"], unique=False)

    op.create_table(
        "stock_levels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("on_hand", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["location_id"], ["locations.id"], name=op.f("fk_stock_levels_location_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_stock_levels_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_levels_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_levels")),
        sa.UniqueConstraint(
            "product_id", "location_id", "lot_id", name=op.f("uq_stock_levels_product_id_location_id_lot_id")
        ),
    )
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_levels_location_id"), ["location_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_levels_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(
            "uq_stock_levels_without_lot",
            ["product_id", "location_id"],
            unique=True,
            sqlite_where=sa.text("lot_id IS NULL"),
            postgresql_where=sa.text("lot_id IS NULL"),
        )

    op.create_table(
        "stock_moves",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("value", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("difference", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("moved_at", sa.DateTime(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("line_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_stock_moves_goes_somewhere")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_stock_moves_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_stock_moves_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["from_id"], ["locations.id"], name=op.f("fk_stock_moves_from_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_stock_moves_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_moves_product_id")),
        sa.ForeignKeyConstraint(["to_id"], ["locations.id"], name=op.f("fk_stock_moves_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_moves")),
    )
    with op.batch_alter_table("stock_moves", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stock_moves_document_type_document_id"), ["document_type", "document_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_stock_moves_from_id_id"), ["from_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_moves_lot_id_id"), ["lot_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_moves_moved_at_id"), ["moved_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_moves_product_id_id"), ["product_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_moves_to_id_id"), ["to_id", "id"], unique=False)

    op.create_table(
        "cost_layers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("move_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("value", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cost_layers_quantity_positive")),
        sa.ForeignKeyConstraint(["move_id"], ["stock_moves.id"], name=op.f("fk_cost_layers_move_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_cost_layers_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_layers")),
    )
    with op.batch_alter_table("cost_layers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cost_layers_move_id"), ["move_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_cost_layers_product_id_id"), ["product_id", "id"], unique=False)

    op.create_table(
        "deliveries",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("ship_by", sa.Date(), nullable=True),
        sa.Column("carrier", sa.String(), nullable=True),
        sa.Column("tracking", sa.String(), nullable=True),
        sa.Column("shipped_at", sa.DateTime(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=True),
        sa.Column("signature_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('ready', 'picked', 'packed', 'shipped', 'delivered', 'cancelled')",
            name=op.f("ck_deliveries_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_deliveries_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_deliveries_customer_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sales_orders.id"], name=op.f("fk_deliveries_order_id")),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["attachments.id"], name=op.f("fk_deliveries_signature_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouses.id"], name=op.f("fk_deliveries_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("number", name=op.f("uq_deliveries_number")),
    )
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_deliveries_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_ship_by_id"), ["ship_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_shipped_at_id"), ["shipped_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_signature_id"), ["signature_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_status_ship_by_id"), ["status", "ship_by", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_deliveries_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "delivery_lines",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("order_line_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("per_unit", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("per_unit > 0", name=op.f("ck_delivery_lines_per_unit_positive")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_delivery_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_delivery_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_delivery_lines_delivery_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_delivery_lines_lot_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"],
            ["sales_order_lines.id"],
            name=op.f("fk_delivery_lines_order_line_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_delivery_lines_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_lines")),
    )
    with op.batch_alter_table("delivery_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_lines_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_lines_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_lines_order_line_id"), ["order_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_lines_product_id"), ["product_id"], unique=False)

    op.create_table(
        "stock_returns",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("warehouse_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status IN ('planned', 'received', 'cancelled')", name=op.f("ck_stock_returns_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_stock_returns_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_stock_returns_customer_id")),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_stock_returns_delivery_id")),
        sa.ForeignKeyConstraint(["warehouse_id"], ["warehouses.id"], name=op.f("fk_stock_returns_warehouse_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_returns")),
        sa.UniqueConstraint("number", name=op.f("uq_stock_returns_number")),
    )
    with op.batch_alter_table("stock_returns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stock_returns_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_returns_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_returns_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_stock_returns_warehouse_id"), ["warehouse_id"], unique=False)

    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.Integer(), nullable=False),
        sa.Column("delivery_line_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("becomes", sa.String(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("becomes IN ('stock', 'scrap')", name=op.f("ck_return_lines_becomes_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_return_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_return_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["delivery_line_id"], ["delivery_lines.id"], name=op.f("fk_return_lines_delivery_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["return_id"], ["stock_returns.id"], name=op.f("fk_return_lines_return_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_lines")),
    )
    with op.batch_alter_table("return_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_return_lines_delivery_line_id"), ["delivery_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_return_lines_return_id"), ["return_id"], unique=False)
    keep_moves(op.get_bind())


def downgrade() -> None:
    with op.batch_alter_table("return_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_return_lines_return_id"))
        batch_op.drop_index(batch_op.f("ix_return_lines_delivery_line_id"))

    op.drop_table("return_lines")
    with op.batch_alter_table("stock_returns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_returns_warehouse_id"))
        batch_op.drop_index(batch_op.f("ix_stock_returns_status_id"))
        batch_op.drop_index(batch_op.f("ix_stock_returns_delivery_id"))
        batch_op.drop_index(batch_op.f("ix_stock_returns_customer_id"))

    op.drop_table("stock_returns")
    with op.batch_alter_table("delivery_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_lines_product_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_lines_order_line_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_lines_lot_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_lines_delivery_id"))

    op.drop_table("delivery_lines")
    with op.batch_alter_table("deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_deliveries_warehouse_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_status_ship_by_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_signature_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_shipped_at_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_ship_by_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_order_id"))
        batch_op.drop_index(batch_op.f("ix_deliveries_customer_id"))

    op.drop_table("deliveries")
    with op.batch_alter_table("cost_layers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cost_layers_product_id_id"))
        batch_op.drop_index(batch_op.f("ix_cost_layers_move_id"))

    op.drop_table("cost_layers")
    with op.batch_alter_table("stock_moves", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_moves_to_id_id"))
        batch_op.drop_index(batch_op.f("ix_stock_moves_product_id_id"))
        batch_op.drop_index(batch_op.f("ix_stock_moves_moved_at_id"))
        batch_op.drop_index(batch_op.f("ix_stock_moves_lot_id_id"))
        batch_op.drop_index(batch_op.f("ix_stock_moves_from_id_id"))
        batch_op.drop_index(batch_op.f("ix_stock_moves_document_type_document_id"))

    op.drop_table("stock_moves")
    with op.batch_alter_table("stock_levels", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_stock_levels_without_lot",
            sqlite_where=sa.text("lot_id IS NULL"),
            postgresql_where=sa.text("lot_id IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_stock_levels_lot_id"))
        batch_op.drop_index(batch_op.f("ix_stock_levels_location_id"))

    op.drop_table("stock_levels")
    with op.batch_alter_table("stock_adjustments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_adjustments_to_id"))
        batch_op.drop_index(batch_op.f("ix_stock_adjustments_product_id"))
        batch_op.drop_index(batch_op.f("ix_stock_adjustments_lot_id"))
        batch_op.drop_index(batch_op.f("ix_stock_adjustments_from_id"))

    op.drop_table("stock_adjustments")
    with op.batch_alter_table("reservations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reservations_lot_id"))
        batch_op.drop_index(batch_op.f("ix_reservations_item_id"))
        batch_op.drop_index(batch_op.f("ix_reservations_document_type_line_id"))
        batch_op.drop_index(batch_op.f("ix_reservations_document_type_document_id"))

    op.drop_table("reservations")
    with op.batch_alter_table("stock_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stock_items_warehouse_id_product_id"))
        batch_op.drop_index(batch_op.f("ix_stock_items_on_hand_id"))

    op.drop_table("stock_items")
    with op.batch_alter_table("receipt_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_lines_receipt_id"))
        batch_op.drop_index(batch_op.f("ix_receipt_lines_product_id"))

    op.drop_table("receipt_lines")
    op.drop_table("product_costs")
    with op.batch_alter_table("lots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lots_expires_on_id"))
        batch_op.drop_index(batch_op.f("ix_lots_code_id"))

    op.drop_table("lots")
    with op.batch_alter_table("receipts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipts_warehouse_id"))
        batch_op.drop_index(batch_op.f("ix_receipts_status_expected_on_id"))
        batch_op.drop_index(batch_op.f("ix_receipts_received_at_id"))
        batch_op.drop_index(batch_op.f("ix_receipts_expected_on_id"))

    op.drop_table("receipts")
    with op.batch_alter_table("locations", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_locations_outside",
            sqlite_where=sa.text("warehouse_id IS NULL"),
            postgresql_where=sa.text("warehouse_id IS NULL"),
        )

    op.drop_table("locations")
    op.drop_table("warehouses")
    let_moves_go(op.get_bind())
