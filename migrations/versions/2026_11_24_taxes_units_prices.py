"""Taxes, units of trade and price lists

Revision: 0002
After: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

CHECKS = {
    "weight_not_negative": "weight IS NULL OR weight >= 0",
    "kind": "kind IN ('goods', 'service', 'set')",
    "tracking": "tracking IN ('none', 'lot', 'serial')",
    "only_goods_in_stock": "kind = 'goods' OR NOT stocked",
    "only_stock_is_tracked": "stocked OR tracking = 'none'",
}


def upgrade() -> None:
    op.create_table(
        "price_lists",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("for_everybody", sa.Boolean(), nullable=False),
        sa.Column("reduction", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "reduction IS NULL OR (reduction >= 0 AND NOT tax_included)",
            name=op.f("ck_price_lists_reduction_without_tax"),
        ),
        sa.CheckConstraint(
            "starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on", name=op.f("ck_price_lists_ends_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_price_lists_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_lists")),
        sa.UniqueConstraint("name", name=op.f("uq_price_lists_name")),
    )
    with op.batch_alter_table("price_lists", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_lists_active_for_everybody"), ["active", "for_everybody"], unique=False
        )

    op.create_table(
        "taxes",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind = 'charged' OR rate = 0", name=op.f("ck_taxes_only_charged_has_rate")),
        sa.CheckConstraint("kind IN ('charged', 'reversed', 'exempt')", name=op.f("ck_taxes_kind")),
        sa.CheckConstraint("rate >= 0 AND rate < 1000000000", name=op.f("ck_taxes_rate_range")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_taxes_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taxes")),
        sa.UniqueConstraint("name", name=op.f("uq_taxes_name")),
    )
    op.create_table(
        "tax_rules",
        sa.Column("customer_group", sa.String(), nullable=False),
        sa.Column("product_group", sa.String(), nullable=False),
        sa.Column("tax_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_tax_rules_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["tax_id"], ["taxes.id"], name=op.f("fk_tax_rules_tax_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rules")),
        sa.UniqueConstraint("customer_group", "product_group", name=op.f("uq_tax_rules_customer_group_product_group")),
    )
    with op.batch_alter_table("tax_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tax_rules_tax_id"), ["tax_id"], unique=False)

    op.create_table(
        "price_list_items",
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("min_quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("min_quantity >= 0", name=op.f("ck_price_list_items_quantity_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_price_list_items_price_not_negative")),
        sa.CheckConstraint(
            "starts_on IS NULL OR ends_on IS NULL OR starts_on <= ends_on",
            name=op.f("ck_price_list_items_ends_after_start"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_price_list_items_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"], ["price_lists.id"], name=op.f("fk_price_list_items_price_list_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_price_list_items_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list_items")),
    )
    with op.batch_alter_table("price_list_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_list_items_price_list_id_product_id"), ["price_list_id", "product_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_price_list_items_product_id_price_list_id"), ["product_id", "price_list_id"], unique=False
        )

    op.create_table(
        "product_units",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("factor", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("barcode", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("factor > 0", name=op.f("ck_product_units_factor_positive")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_product_units_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_product_units_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_units")),
        sa.UniqueConstraint("barcode", name=op.f("uq_product_units_barcode")),
        sa.UniqueConstraint("product_id", "unit", name=op.f("uq_product_units_product_id_unit")),
    )
    op.create_table(
        "set_components",
        sa.Column("set_id", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_set_components_quantity_positive")),
        sa.CheckConstraint("set_id <> product_id", name=op.f("ck_set_components_not_itself")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_set_components_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_set_components_product_id")),
        sa.ForeignKeyConstraint(["set_id"], ["products.id"], name=op.f("fk_set_components_set_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_components")),
        sa.UniqueConstraint("set_id", "product_id", name=op.f("uq_set_components_set_id_product_id")),
    )
    with op.batch_alter_table("set_components", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_set_components_product_id"), ["product_id"], unique=False)

    with op.batch_alter_table("options", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digits", sa.Integer(), server_default="0", nullable=False))

    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(), server_default="goods", nullable=False))
        batch_op.add_column(sa.Column("tax_group", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("barcode", sa.String(), nullable=True))
        batch_op.add_column(
            sa.Column("weight", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True)
        )
        batch_op.add_column(sa.Column("stocked", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("tracking", sa.String(), server_default="none", nullable=False))
        batch_op.add_column(sa.Column("picture_id", sa.Integer(), nullable=True))
        for name, rule in CHECKS.items():
            batch_op.create_check_constraint(batch_op.f(f"ck_products_{name}"), rule)
        batch_op.create_unique_constraint(batch_op.f("uq_products_barcode"), ["barcode"])
        batch_op.create_foreign_key(
            batch_op.f("fk_products_picture_id"), "attachments", ["picture_id"], ["id"], ondelete="SET NULL"
        )

    # What was kept as a service is one; the rest are goods. Units that are measured rather than counted take digits.
    op.execute("UPDATE products SET kind = 'service' WHERE category = 'service'")
    op.execute(sa.text("UPDATE products SET stocked = :yes WHERE kind = 'goods'").bindparams(yes=True))
    op.execute("UPDATE options SET digits = 3 WHERE list = 'product.unit' AND value IN ('m', 'kg')")
    op.execute("UPDATE options SET digits = 2 WHERE list = 'product.unit' AND value IN ('hour', 'day', 'year')")


def downgrade() -> None:
    with op.batch_alter_table("products", schema=None) as batch_op:
        for name in CHECKS:
            batch_op.drop_constraint(batch_op.f(f"ck_products_{name}"), type_="check")
        batch_op.drop_constraint(batch_op.f("fk_products_picture_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("uq_products_barcode"), type_="unique")
        batch_op.drop_column("picture_id")
        batch_op.drop_column("tracking")
        batch_op.drop_column("stocked")
        batch_op.drop_column("weight")
        batch_op.drop_column("barcode")
        batch_op.drop_column("tax_group")
        batch_op.drop_column("kind")

    with op.batch_alter_table("options", schema=None) as batch_op:
        batch_op.drop_column("digits")

    with op.batch_alter_table("set_components", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_set_components_product_id"))

    op.drop_table("set_components")
    op.drop_table("product_units")
    with op.batch_alter_table("price_list_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_list_items_product_id_price_list_id"))
        batch_op.drop_index(batch_op.f("ix_price_list_items_price_list_id_product_id"))

    op.drop_table("price_list_items")
    with op.batch_alter_table("tax_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tax_rules_tax_id"))

    op.drop_table("tax_rules")
    op.drop_table("taxes")
    with op.batch_alter_table("price_lists", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_lists_active_for_everybody"))

    op.drop_table("price_lists")
