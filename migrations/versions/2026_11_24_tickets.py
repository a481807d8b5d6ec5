"""Service: tickets, messages, SLA policies, canned replies; mails know the conversation that they go on with

Revision: 0011
After: 0010
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


# What the database itself refuses, as it was declared when this was written.
SQLITE = tuple(
    f"""CREATE TRIGGER ticket_events_{name} BEFORE {what} ON ticket_events BEGIN
SELECT RAISE(ABORT, 'what happened to a ticket is never changed'); END"""
    for name, what in (("keep", "UPDATE"), ("stay", "DELETE"))
)
POSTGRESQL = (
    """CREATE FUNCTION ticket_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
RAISE EXCEPTION 'what happened to a ticket is never changed' USING ERRCODE = 'check_violation'; END $$""",
    """CREATE TRIGGER ticket_events_guard BEFORE UPDATE OR DELETE ON ticket_events
FOR EACH ROW EXECUTE FUNCTION ticket_events_guard()""",
)


def upgrade() -> None:
    op.create_table(
        "canned_replies",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_canned_replies_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
        sa.UniqueConstraint("name", name=op.f("uq_canned_replies_name")),
    )
    with op.batch_alter_table("canned_replies", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_canned_replies_active_name"), ["active", "name"], unique=False)

    op.create_table(
        "sla_policies",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("priorities", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("customer_groups", sa.JSON(), nullable=False),
        sa.Column("with_contract", sa.Boolean(), nullable=False),
        sa.Column("around_the_clock", sa.Boolean(), nullable=False),
        sa.Column("targets", sa.JSON(), nullable=False),
        sa.Column("warn_percent", sa.Integer(), nullable=False),
        sa.Column("escalate_minutes", sa.Integer(), nullable=False),
        sa.Column("escalate_to_id", sa.Integer(), nullable=True),
        sa.Column("reassign", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("NOT is_default OR active", name=op.f("ck_sla_policies_default_active")),
        sa.CheckConstraint("escalate_minutes >= 0", name=op.f("ck_sla_policies_escalates_later")),
        sa.CheckConstraint("warn_percent BETWEEN 1 AND 100", name=op.f("ck_sla_policies_warn_percent_range")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_sla_policies_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["escalate_to_id"], ["users.id"], name=op.f("fk_sla_policies_escalate_to_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policies")),
        sa.UniqueConstraint("name", name=op.f("uq_sla_policies_name")),
    )
    with op.batch_alter_table("sla_policies", schema=None) as batch_op:
        batch_op.create_index(
            "uq_sla_policies_default",
            ["is_default"],
            unique=True,
            sqlite_where=sa.text("is_default"),
            postgresql_where=sa.text("is_default"),
        )

    op.create_table(
        "tickets",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("impact", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("priority", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("requester_name", sa.String(), nullable=True),
        sa.Column("requester_mail", sa.String(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("solution", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("last_message_at", sa.DateTime(), nullable=False),
        sa.Column("last_from_customer", sa.Boolean(), nullable=False),
        sa.Column("replies", sa.Integer(), nullable=False),
        sa.Column("policy_id", sa.Integer(), nullable=True),
        sa.Column("response_due_at", sa.DateTime(), nullable=True),
        sa.Column("first_response_at", sa.DateTime(), nullable=True),
        sa.Column("resolution_due_at", sa.DateTime(), nullable=True),
        sa.Column("paused_at", sa.DateTime(), nullable=True),
        sa.Column("response_breached_at", sa.DateTime(), nullable=True),
        sa.Column("resolution_breached_at", sa.DateTime(), nullable=True),
        sa.Column("breached_at", sa.DateTime(), nullable=True),
        sa.Column("response_warn_at", sa.DateTime(), nullable=True),
        sa.Column("resolution_warn_at", sa.DateTime(), nullable=True),
        sa.Column("escalate_at", sa.DateTime(), nullable=True),
        sa.Column("escalated_at", sa.DateTime(), nullable=True),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("queue_at", sa.DateTime(), nullable=False),
        sa.Column("custom", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('staff', 'form', 'portal', 'mail', 'order')", name=op.f("ck_tickets_channel_known")
        ),
        sa.CheckConstraint(
            "kind IN ('question', 'incident', 'request', 'return', 'complaint', 'feedback')",
            name=op.f("ck_tickets_kind_known"),
        ),
        sa.CheckConstraint(
            "merged_into_id IS NULL OR (status = 'closed' AND merged_into_id <> id)",
            name=op.f("ck_tickets_merged_closed"),
        ),
        sa.CheckConstraint("priority IN ('urgent', 'high', 'normal', 'low')", name=op.f("ck_tickets_priority_known")),
        sa.CheckConstraint(
            "status IN ('new', 'open', 'waiting_customer', 'waiting_third', 'resolved', 'closed')",
            name=op.f("ck_tickets_status_known"),
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_tickets_not_its_own_parent")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_tickets_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_tickets_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tickets_customer_id")),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["deliveries.id"], name=op.f("fk_tickets_delivery_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lots.id"], name=op.f("fk_tickets_lot_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["merged_into_id"], ["tickets.id"], name=op.f("fk_tickets_merged_into_id")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["sales_orders.id"], name=op.f("fk_tickets_order_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_tickets_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["parent_id"], ["tickets.id"], name=op.f("fk_tickets_parent_id")),
        sa.ForeignKeyConstraint(
            ["policy_id"], ["sla_policies.id"], name=op.f("fk_tickets_policy_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_tickets_product_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_tickets_team_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("code", name=op.f("uq_tickets_code")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_breached",
            ["queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL AND breached_at IS NOT NULL"),
            postgresql_where=sa.text("resolved_at IS NULL AND breached_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_tickets_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_delivery_id"), ["delivery_id"], unique=False)
        batch_op.create_index(
            "ix_tickets_due",
            ["due_at", "id"],
            unique=False,
            sqlite_where=sa.text("due_at IS NOT NULL"),
            postgresql_where=sa.text("due_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tickets_escalation",
            ["escalate_at"],
            unique=False,
            sqlite_where=sa.text("escalate_at IS NOT NULL"),
            postgresql_where=sa.text("escalate_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_tickets_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_order_id"), ["order_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_owner_id_id"), ["owner_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_policy_id"), ["policy_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_product_id"), ["product_id"], unique=False)
        batch_op.create_index(
            "ix_tickets_queue",
            ["queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_queue_by_status",
            ["status", "queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_queue_of_owner",
            ["owner_id", "queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_queue_of_team",
            ["team_id", "queue_at", "id"],
            unique=False,
            sqlite_where=sa.text("resolved_at IS NULL"),
            postgresql_where=sa.text("resolved_at IS NULL"),
        )
        batch_op.create_index(batch_op.f("ix_tickets_requester_mail"), ["requester_mail"], unique=False)
        batch_op.create_index(
            "ix_tickets_resolution_breach",
            ["resolution_due_at"],
            unique=False,
            sqlite_where=sa.text("resolution_breached_at IS NULL AND paused_at IS NULL AND resolved_at IS NULL"),
            postgresql_where=sa.text("resolution_breached_at IS NULL AND paused_at IS NULL AND resolved_at IS NULL"),
        )
        batch_op.create_index(
            "ix_tickets_resolution_warning",
            ["resolution_warn_at"],
            unique=False,
            sqlite_where=sa.text("resolution_warn_at IS NOT NULL"),
            postgresql_where=sa.text("resolution_warn_at IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_tickets_response_breach",
            ["response_due_at"],
            unique=False,
            sqlite_where=sa.text("first_response_at IS NULL AND response_breached_at IS NULL AND resolved_at IS NULL"),
            postgresql_where=sa.text(
                "first_response_at IS NULL AND response_breached_at IS NULL AND resolved_at IS NULL"
            ),
        )
        batch_op.create_index(
            "ix_tickets_response_warning",
            ["response_warn_at"],
            unique=False,
            sqlite_where=sa.text("response_warn_at IS NOT NULL"),
            postgresql_where=sa.text("response_warn_at IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_tickets_status_resolved_at"), ["status", "resolved_at"], unique=False)

    op.create_table(
        "ticket_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_events_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_events")),
    )
    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_events_kind_at"), ["kind", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_events_ticket_id_id"), ["ticket_id", "id"], unique=False)

    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("author_name", sa.String(), nullable=True),
        sa.Column("author_mail", sa.String(), nullable=True),
        sa.Column("message_id", sa.String(), nullable=True),
        sa.Column("in_reply_to", sa.String(), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=True),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.CheckConstraint("kind IN ('incoming', 'reply', 'note')", name=op.f("ck_ticket_messages_kind_known")),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_ticket_messages_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mails.id"], name=op.f("fk_ticket_messages_mail_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_ticket_messages_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_ticket_messages_message_id")),
    )
    with op.batch_alter_table("ticket_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_messages_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_messages_mail_id"), ["mail_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_messages_ticket_id_at_id"), ["ticket_id", "at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_messages_user_id"), ["user_id"], unique=False)

    op.create_table(
        "ticket_presences",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_presences_ticket_id")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_ticket_presences_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("ticket_id", "user_id", name=op.f("pk_ticket_presences")),
    )
    with op.batch_alter_table("ticket_presences", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_presences_user_id"), ["user_id"], unique=False)

    op.create_table(
        "ticket_watchers",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_watchers_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ticket_watchers_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("ticket_id", "user_id", name=op.f("pk_ticket_watchers")),
    )
    with op.batch_alter_table("ticket_watchers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_watchers_user_id"), ["user_id"], unique=False)

    op.add_column("mails", sa.Column("in_reply_to", sa.String(), nullable=True))
    op.add_column("mails", sa.Column("thread", sa.Text(), nullable=True))
    for statement in SQLITE if on_sqlite() else POSTGRESQL:
        op.execute(statement)


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    op.drop_column("mails", "thread")
    op.drop_column("mails", "in_reply_to")
    for table in (
        "ticket_watchers",
        "ticket_presences",
        "ticket_messages",
        "ticket_events",
        "tickets",
        "sla_policies",
        "canned_replies",
    ):
        op.drop_table(table)
    if not on_sqlite():
        op.execute("DROP FUNCTION ticket_events_guard()")
