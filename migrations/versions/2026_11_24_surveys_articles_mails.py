"""Surveys and their answers, articles, incoming mails, and the links by which customers see their tickets

Revision: 0016
After: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "service_articles",
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("views", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Integer(), nullable=False),
        sa.Column("unhelpful", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'zh')", name=op.f("ck_service_articles_language_known")),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'archived')", name=op.f("ck_service_articles_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_service_articles_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_articles")),
    )
    with op.batch_alter_table("service_articles", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_articles_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_service_articles_status_public_language_views"),
            ["status", "public", "language", "views"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_service_articles_views_id"), ["views", "id"], unique=False)

    op.create_table(
        "surveys",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("question_zh", sa.String(), nullable=True),
        sa.Column("trigger", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("delay_hours", sa.Integer(), nullable=False),
        sa.Column("sample_percent", sa.Integer(), nullable=False),
        sa.Column("every_days", sa.Integer(), nullable=False),
        sa.Column("customer_group", sa.String(), nullable=True),
        sa.Column("by_segment", sa.Boolean(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("rest_days", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("low_at", sa.Integer(), nullable=False),
        sa.Column("last_run_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind IN ('csat', 'nps', 'ces')", name=op.f("ck_surveys_kind_known")),
        sa.CheckConstraint("trigger IN ('ticket', 'schedule', 'hand')", name=op.f("ck_surveys_trigger_known")),
        sa.CheckConstraint(
            "delay_hours >= 0 AND every_days > 0 AND rest_days >= 0 AND valid_days > 0",
            name=op.f("ck_surveys_times_make_sense"),
        ),
        sa.CheckConstraint("sample_percent BETWEEN 1 AND 100", name=op.f("ck_surveys_sample_is_a_share")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_surveys_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name=op.f("fk_surveys_segment_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_surveys")),
        sa.UniqueConstraint("name", name=op.f("uq_surveys_name")),
    )
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_surveys_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_surveys_segment_id"), ["segment_id"], unique=False)

    op.create_table(
        "incoming_mails",
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("uid", sa.Integer(), nullable=True),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sender_name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("quoted", sa.String(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(status = 'taken') = (ticket_id IS NOT NULL)", name=op.f("ck_incoming_mails_taken_into_a_ticket")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'taken', 'ignored', 'failed')", name=op.f("ck_incoming_mails_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_incoming_mails_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_incoming_mails_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_incoming_mails_message_id")),
    )
    with op.batch_alter_table("incoming_mails", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_mails_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_received_at_id"), ["received_at", "id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_incoming_mails_sender_received_at"), ["sender", "received_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_incoming_mails_sha256"), ["sha256"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incoming_mails_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "survey_invitations",
        sa.Column("survey_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("send_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("skipped", sa.String(), nullable=True),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("follow_up_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(answered_at IS NULL) = (score IS NULL)", name=op.f("ck_survey_invitations_answered_with_a_score")
        ),
        sa.CheckConstraint(
            "score IS NULL OR score BETWEEN 0 AND 10", name=op.f("ck_survey_invitations_score_on_a_scale")
        ),
        sa.CheckConstraint(
            "skipped IS NULL OR sent_at IS NULL", name=op.f("ck_survey_invitations_skipped_is_not_sent")
        ),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["users.id"], name=op.f("fk_survey_invitations_agent_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_survey_invitations_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_survey_invitations_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_survey_invitations_customer_id")),
        sa.ForeignKeyConstraint(
            ["follow_up_id"], ["activities.id"], name=op.f("fk_survey_invitations_follow_up_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_survey_invitations_product_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.id"], name=op.f("fk_survey_invitations_survey_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_survey_invitations_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_invitations")),
        sa.UniqueConstraint("survey_id", "ticket_id", name=op.f("uq_survey_invitations_survey_id_ticket_id")),
        sa.UniqueConstraint("token", name=op.f("uq_survey_invitations_token")),
    )
    with op.batch_alter_table("survey_invitations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_survey_invitations_agent_id"), ["agent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_answered_at_id"), ["answered_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_email_sent_at"), ["email", "sent_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_follow_up_id"), ["follow_up_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_survey_invitations_product_id"), ["product_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_survey_invitations_survey_id_sent_at"), ["survey_id", "sent_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_survey_invitations_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "ix_survey_invitations_waiting",
            ["send_at"],
            unique=False,
            sqlite_where=sa.text("sent_at IS NULL AND skipped IS NULL"),
            postgresql_where=sa.text("sent_at IS NULL AND skipped IS NULL"),
        )

    op.create_table(
        "ticket_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint("token", name=op.f("uq_ticket_links_token")),
    )
    with op.batch_alter_table("ticket_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_links_ticket_id"), ["ticket_id"], unique=False)


def downgrade() -> None:
    for table in ("ticket_links", "survey_invitations", "incoming_mails", "surveys", "service_articles"):
        op.drop_table(table)
