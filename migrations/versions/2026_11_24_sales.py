"""Sales: quotations, orders, contracts; what customers buy by, and what products cost

Revision: 0003
After: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "discount_allowances",
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("percent", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("percent >= 0", name=op.f("ck_discount_allowances_percent_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_discount_allowances_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["roles.id"], name=op.f("fk_discount_allowances_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_discount_allowances")),
        sa.UniqueConstraint("role_id", name=op.f("uq_discount_allowances_role_id")),
    )
    op.create_table(
        "price_list_holders",
        sa.Column("price_list_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("customer_group", sa.String(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(customer_id IS NULL) <> (customer_group IS NULL)", name=op.f("ck_price_list_holders_one_of_both")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_price_list_holders_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_price_list_holders_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["price_list_id"], ["price_lists.id"], name=op.f("fk_price_list_holders_price_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_list_holders")),
        sa.UniqueConstraint(
            "price_list_id", "customer_id", name=op.f("uq_price_list_holders_price_list_id_customer_id")
        ),
    )
    with op.batch_alter_table("price_list_holders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_price_list_holders_customer_group"), ["customer_group"], unique=False)
        batch_op.create_index(batch_op.f("ix_price_list_holders_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_price_list_holders_price_list_id_customer_group"),
            ["price_list_id", "customer_group"],
            unique=True,
        )

    op.create_table(
        "contracts",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("value", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("renewal", sa.String(), nullable=False),
        sa.Column("renewal_months", sa.Integer(), nullable=False),
        sa.Column("notice_days", sa.Integer(), nullable=False),
        sa.Column("renewed_by_id", sa.Integer(), nullable=True),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("tax_rounding", sa.String(), nullable=False),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("billing_address", sa.String(), nullable=True),
        sa.Column("delivery_address", sa.String(), nullable=True),
        sa.Column("introduction", sa.String(), nullable=True),
        sa.Column("closing", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("net", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("renewal IN ('none', 'decision', 'automatic')", name=op.f("ck_contracts_renewal_known")),
        sa.CheckConstraint(
            "status IN ('draft', 'in_review', 'active', 'expired', 'terminated', 'renewed')",
            name=op.f("ck_contracts_status_known"),
        ),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_contracts_discount_not_negative")),
        sa.CheckConstraint("notice_days >= 0 AND renewal_months > 0", name=op.f("ck_contracts_notice_and_renewal")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_contracts_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_contracts_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_contracts_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_contracts_customer_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_contracts_opportunity_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_contracts_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["renewed_by_id"], ["contracts.id"], name=op.f("fk_contracts_renewed_by_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_contracts_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("number", name=op.f("uq_contracts_number")),
    )
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contracts_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_customer_id_status"), ["customer_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_owner_id_status_id"), ["owner_id", "status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_renewed_by_id"), ["renewed_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_status_ends_on"), ["status", "ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contracts_team_id"), ["team_id"], unique=False)

    op.create_table(
        "quotations",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("opportunity_id", sa.Integer(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("approved_discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("signature_id", sa.Integer(), nullable=True),
        sa.Column("reject_reason", sa.String(), nullable=True),
        sa.Column("link_key", sa.String(), nullable=True),
        sa.Column("seen_at", sa.DateTime(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("tax_rounding", sa.String(), nullable=False),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("billing_address", sa.String(), nullable=True),
        sa.Column("delivery_address", sa.String(), nullable=True),
        sa.Column("introduction", sa.String(), nullable=True),
        sa.Column("closing", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("net", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'zh')", name=op.f("ck_quotations_language_known")),
        sa.CheckConstraint(
            "status IN ('draft', 'in_approval', 'sent', 'accepted', 'rejected', 'expired', 'superseded')",
            name=op.f("ck_quotations_status_known"),
        ),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_quotations_discount_not_negative")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_quotations_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_quotations_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_quotations_customer_id")),
        sa.ForeignKeyConstraint(
            ["opportunity_id"], ["opportunities.id"], name=op.f("fk_quotations_opportunity_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_quotations_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["signature_id"], ["attachments.id"], name=op.f("fk_quotations_signature_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_quotations_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotations")),
        sa.UniqueConstraint("link_key", name=op.f("uq_quotations_link_key")),
        sa.UniqueConstraint("number", name=op.f("uq_quotations_number")),
        sa.UniqueConstraint("series", "revision", name=op.f("uq_quotations_series_revision")),
    )
    with op.batch_alter_table("quotations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotations_base_gross_id"), ["base_gross", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_customer_id_status"), ["customer_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_issued_on_id"), ["issued_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_opportunity_id"), ["opportunity_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_quotations_owner_id_status_id"), ["owner_id", "status", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_quotations_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_status_valid_until"), ["status", "valid_until"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotations_team_id"), ["team_id"], unique=False)

    op.create_table(
        "contract_bills",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("billed_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_contract_bills_amount_positive")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_bills_contract_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_contract_bills_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_bills")),
    )
    with op.batch_alter_table("contract_bills", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_bills_billed_on_due_on"), ["billed_on", "due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_bills_contract_id"), ["contract_id"], unique=False)

    op.create_table(
        "contract_lines",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("factor", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("list_price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("price_reason", sa.String(), nullable=True),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_rate", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("tax_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_contract_lines_discount_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_contract_lines_price_not_negative")),
        sa.CheckConstraint("product_id IS NOT NULL OR text IS NOT NULL", name=op.f("ck_contract_lines_says_what")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_contract_lines_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_lines_contract_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_contract_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_contract_lines_product_id")),
        sa.ForeignKeyConstraint(["tax_id"], ["taxes.id"], name=op.f("fk_contract_lines_tax_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_lines")),
    )
    with op.batch_alter_table("contract_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_lines_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_lines_tax_id"), ["tax_id"], unique=False)

    op.create_table(
        "contract_obligations",
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_contract_obligations_contract_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_contract_obligations_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_obligations")),
    )
    with op.batch_alter_table("contract_obligations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contract_obligations_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contract_obligations_done_on_due_on"), ["done_on", "due_on"], unique=False)

    op.create_table(
        "quotation_lines",
        sa.Column("quotation_id", sa.Integer(), nullable=False),
        sa.Column("optional", sa.Boolean(), nullable=False),
        sa.Column("chosen", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("factor", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("list_price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("price_reason", sa.String(), nullable=True),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_rate", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("tax_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_quotation_lines_discount_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_quotation_lines_price_not_negative")),
        sa.CheckConstraint("product_id IS NOT NULL OR text IS NOT NULL", name=op.f("ck_quotation_lines_says_what")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_quotation_lines_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_quotation_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_quotation_lines_product_id")),
        sa.ForeignKeyConstraint(
            ["quotation_id"], ["quotations.id"], name=op.f("fk_quotation_lines_quotation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["tax_id"], ["taxes.id"], name=op.f("fk_quotation_lines_tax_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_lines")),
    )
    with op.batch_alter_table("quotation_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quotation_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotation_lines_quotation_id"), ["quotation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_quotation_lines_tax_id"), ["tax_id"], unique=False)

    op.create_table(
        "sales_orders",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("quotation_id", sa.Integer(), nullable=True),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("ordered_on", sa.Date(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("delivery_state", sa.String(), nullable=False),
        sa.Column("invoice_state", sa.String(), nullable=False),
        sa.Column("undelivered", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("uninvoiced", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate", sa.Numeric(19, 10).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("tax_rounding", sa.String(), nullable=False),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("payment_terms", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("billing_address", sa.String(), nullable=True),
        sa.Column("delivery_address", sa.String(), nullable=True),
        sa.Column("introduction", sa.String(), nullable=True),
        sa.Column("closing", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("net", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("base_gross", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("custom", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "delivery_state IN ('nothing', 'partly', 'all')", name=op.f("ck_sales_orders_delivery_known")
        ),
        sa.CheckConstraint("invoice_state IN ('nothing', 'partly', 'all')", name=op.f("ck_sales_orders_invoice_known")),
        sa.CheckConstraint("language IN ('en', 'zh')", name=op.f("ck_sales_orders_language_known")),
        sa.CheckConstraint(
            "status IN ('draft', 'waiting', 'confirmed', 'closed', 'cancelled')",
            name=op.f("ck_sales_orders_status_known"),
        ),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_sales_orders_discount_not_negative")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_sales_orders_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["contract_id"], ["contracts.id"], name=op.f("fk_sales_orders_contract_id")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_sales_orders_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_sales_orders_customer_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_sales_orders_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["quotation_id"], ["quotations.id"], name=op.f("fk_sales_orders_quotation_id")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_sales_orders_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_sales_orders_number")),
    )
    with op.batch_alter_table("sales_orders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_orders_base_gross_id"), ["base_gross", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_customer_id_status"), ["customer_id", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_ordered_on_id"), ["ordered_on", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sales_orders_owner_id_status_id"), ["owner_id", "status", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sales_orders_quotation_id"), ["quotation_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sales_orders_status_delivery_state_wanted_on_id"),
            ["status", "delivery_state", "wanted_on", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_sales_orders_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_orders_wanted_on_id"), ["wanted_on", "id"], unique=False)

    op.create_table(
        "sales_order_lines",
        sa.Column("order_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=True),
        sa.Column("delivered", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("returned", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("invoiced", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("contract_line_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=True),
        sa.Column("quantity", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("factor", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("list_price", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("price_reason", sa.String(), nullable=True),
        sa.Column("discount", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("tax_rate", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("tax_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('open', 'held', 'closed')", name=op.f("ck_sales_order_lines_status_known")),
        sa.CheckConstraint("delivered <= quantity", name=op.f("ck_sales_order_lines_delivered_was_ordered")),
        sa.CheckConstraint(
            "delivered >= 0 AND returned >= 0 AND returned <= delivered",
            name=op.f("ck_sales_order_lines_returned_was_delivered"),
        ),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_sales_order_lines_discount_not_negative")),
        sa.CheckConstraint(
            "invoiced >= 0 AND invoiced <= quantity", name=op.f("ck_sales_order_lines_invoiced_was_ordered")
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_sales_order_lines_price_not_negative")),
        sa.CheckConstraint("product_id IS NOT NULL OR text IS NOT NULL", name=op.f("ck_sales_order_lines_says_what")),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_sales_order_lines_quantity_not_negative")),
        sa.ForeignKeyConstraint(
            ["contract_line_id"], ["contract_lines.id"], name=op.f("fk_sales_order_lines_contract_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_sales_order_lines_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_orders.id"], name=op.f("fk_sales_order_lines_order_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_sales_order_lines_product_id")),
        sa.ForeignKeyConstraint(["tax_id"], ["taxes.id"], name=op.f("fk_sales_order_lines_tax_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sales_order_lines")),
    )
    with op.batch_alter_table("sales_order_lines", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sales_order_lines_contract_line_id"), ["contract_line_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_lines_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sales_order_lines_product_id"), ["product_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_sales_order_lines_product_id_status"), ["product_id", "status"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_sales_order_lines_tax_id"), ["tax_id"], unique=False)

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("customer_group", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("tax_group", sa.String(), nullable=True))
        batch_op.create_index(batch_op.f("ix_customers_customer_group"), ["customer_group"], unique=False)

    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cost", sa.Numeric(19, 6).with_variant(sa.BigInteger(), "sqlite"), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_products_cost_not_negative"), "cost IS NULL OR cost >= 0")


def downgrade() -> None:
    with op.batch_alter_table("products", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_products_cost_not_negative"), type_="check")
        batch_op.drop_column("cost")

    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customers_customer_group"))
        batch_op.drop_column("tax_group")
        batch_op.drop_column("customer_group")

    with op.batch_alter_table("sales_order_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_order_lines_tax_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_lines_product_id_status"))
        batch_op.drop_index(batch_op.f("ix_sales_order_lines_product_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_lines_order_id"))
        batch_op.drop_index(batch_op.f("ix_sales_order_lines_contract_line_id"))

    op.drop_table("sales_order_lines")
    with op.batch_alter_table("sales_orders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sales_orders_wanted_on_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_team_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_status_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_status_delivery_state_wanted_on_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_quotation_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_owner_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_ordered_on_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_customer_id_status"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_contract_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_contact_id"))
        batch_op.drop_index(batch_op.f("ix_sales_orders_base_gross_id"))

    op.drop_table("sales_orders")
    with op.batch_alter_table("quotation_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quotation_lines_tax_id"))
        batch_op.drop_index(batch_op.f("ix_quotation_lines_quotation_id"))
        batch_op.drop_index(batch_op.f("ix_quotation_lines_product_id"))

    op.drop_table("quotation_lines")
    with op.batch_alter_table("contract_obligations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_obligations_done_on_due_on"))
        batch_op.drop_index(batch_op.f("ix_contract_obligations_contract_id"))

    op.drop_table("contract_obligations")
    with op.batch_alter_table("contract_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_lines_tax_id"))
        batch_op.drop_index(batch_op.f("ix_contract_lines_product_id"))
        batch_op.drop_index(batch_op.f("ix_contract_lines_contract_id"))

    op.drop_table("contract_lines")
    with op.batch_alter_table("contract_bills", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contract_bills_contract_id"))
        batch_op.drop_index(batch_op.f("ix_contract_bills_billed_on_due_on"))

    op.drop_table("contract_bills")
    with op.batch_alter_table("quotations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quotations_team_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_status_valid_until"))
        batch_op.drop_index(batch_op.f("ix_quotations_status_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_owner_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_issued_on_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_customer_id_status"))
        batch_op.drop_index(batch_op.f("ix_quotations_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_contact_id"))
        batch_op.drop_index(batch_op.f("ix_quotations_base_gross_id"))

    op.drop_table("quotations")
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contracts_team_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_status_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_status_ends_on"))
        batch_op.drop_index(batch_op.f("ix_contracts_renewed_by_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_owner_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_opportunity_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_customer_id_status"))
        batch_op.drop_index(batch_op.f("ix_contracts_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_contact_id"))

    op.drop_table("contracts")
    with op.batch_alter_table("price_list_holders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_list_holders_price_list_id_customer_group"))
        batch_op.drop_index(batch_op.f("ix_price_list_holders_customer_id"))
        batch_op.drop_index(batch_op.f("ix_price_list_holders_customer_group"))

    op.drop_table("price_list_holders")
    op.drop_table("discount_allowances")
