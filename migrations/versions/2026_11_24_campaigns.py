"""Campaigns: members, mails, responses, costs, public pages

Revision: 0017
After: 0016
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "mail_templates",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'zh')", name=op.f("ck_mail_templates_language_known")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_mail_templates_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_templates")),
    )
    with op.batch_alter_table("mail_templates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_templates_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_templates_name_key_id"), ["name_key", "id"], unique=False)

    op.create_table(
        "campaigns",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("goal", sa.String(), nullable=True),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("aim", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("budget", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("control_percent", sa.Integer(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Integer(), nullable=True),
        sa.Column("template_b_id", sa.Integer(), nullable=True),
        sa.Column("per_hour", sa.Integer(), nullable=True),
        sa.Column("send_at", sa.DateTime(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(), nullable=True),
        sa.Column("job_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "channel IN ('mail', 'event', 'call', 'print', 'ads', 'other')", name=op.f("ck_campaigns_channel_known")
        ),
        sa.CheckConstraint(
            "status IN ('planned', 'running', 'paused', 'finished', 'cancelled')",
            name=op.f("ck_campaigns_status_known"),
        ),
        sa.CheckConstraint("budget >= 0", name=op.f("ck_campaigns_budget_not_negative")),
        sa.CheckConstraint("control_percent BETWEEN 0 AND 50", name=op.f("ck_campaigns_control_in_bounds")),
        sa.CheckConstraint("per_hour > 0", name=op.f("ck_campaigns_throttle_positive")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_campaigns_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_campaigns_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_campaigns_owner_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_campaigns_team_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["template_b_id"], ["mail_templates.id"], name=op.f("fk_campaigns_template_b_id")),
        sa.ForeignKeyConstraint(["template_id"], ["mail_templates.id"], name=op.f("fk_campaigns_template_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("code", name=op.f("uq_campaigns_code")),
        sa.UniqueConstraint("number", name=op.f("uq_campaigns_number")),
    )
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaigns_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_name_key_id"), ["name_key", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_starts_on_id"), ["starts_on", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_status_id"), ["status", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_team_id"), ["team_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_template_b_id"), ["template_b_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaigns_template_id"), ["template_id"], unique=False)

    op.create_table(
        "campaign_costs",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("spent_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("amount", sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite"), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_campaign_costs_amount_positive")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_costs_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_campaign_costs_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_costs")),
    )
    with op.batch_alter_table("campaign_costs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_costs_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "campaign_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_links_campaign_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_links")),
        sa.UniqueConstraint("campaign_id", "url", name=op.f("uq_campaign_links_campaign_id_url")),
    )
    op.create_table(
        "campaign_members",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("variant", sa.String(), nullable=False),
        sa.Column("control", sa.Boolean(), nullable=False),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(), nullable=True),
        sa.Column("targeted_at", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("opened_at", sa.DateTime(), nullable=True),
        sa.Column("clicked_at", sa.DateTime(), nullable=True),
        sa.Column("responded_at", sa.DateTime(), nullable=True),
        sa.Column("converted_at", sa.DateTime(), nullable=True),
        sa.Column("unsubscribed_at", sa.DateTime(), nullable=True),
        sa.Column("bounced_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "delivery IN ('waiting', 'sending', 'sent', 'uncertain', 'failed', 'bounced', 'withdrawn', 'control', 'none')",
            name=op.f("ck_campaign_members_delivery_known"),
        ),
        sa.CheckConstraint("variant IN ('a', 'b')", name=op.f("ck_campaign_members_variant_known")),
        sa.CheckConstraint("NOT control OR sent_at IS NULL", name=op.f("ck_campaign_members_control_gets_nothing")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_members_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_campaign_members_contact_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_campaign_members_created_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_campaign_members_customer_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_campaign_members_lead_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_members")),
        sa.UniqueConstraint("campaign_id", "contact_id", name=op.f("uq_campaign_members_campaign_id_contact_id")),
        sa.UniqueConstraint("campaign_id", "lead_id", name=op.f("uq_campaign_members_campaign_id_lead_id")),
        sa.UniqueConstraint("token", name=op.f("uq_campaign_members_token")),
    )
    with op.batch_alter_table("campaign_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_members_address"), ["address"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_campaign_members_campaign_id_delivery_id"), ["campaign_id", "delivery", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_campaign_members_campaign_id_sent_at"), ["campaign_id", "sent_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_campaign_members_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_members_created_at_id"), ["created_at", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_members_customer_id_id"), ["customer_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_members_lead_id"), ["lead_id"], unique=False)

    op.create_table(
        "campaign_targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "CASE WHEN customer_id IS NULL THEN 0 ELSE 1 END + CASE WHEN contact_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN lead_id IS NULL THEN 0 ELSE 1 END + CASE WHEN segment_id IS NULL THEN 0 ELSE 1 END = 1",
            name=op.f("ck_campaign_targets_one_of_four"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_targets_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_campaign_targets_contact_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_campaign_targets_customer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["lead_id"], ["leads.id"], name=op.f("fk_campaign_targets_lead_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segments.id"], name=op.f("fk_campaign_targets_segment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_targets")),
    )
    with op.batch_alter_table("campaign_targets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_targets_campaign_id_excluded"), ["campaign_id", "excluded"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_campaign_targets_contact_id"), ["contact_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_targets_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_targets_lead_id"), ["lead_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_targets_segment_id"), ["segment_id"], unique=False)

    op.create_table(
        "landing_forms",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("intro", sa.Text(), nullable=True),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("thanks", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("language IN ('en', 'zh')", name=op.f("ck_landing_forms_language_known")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_landing_forms_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"], ["users.id"], name=op.f("fk_landing_forms_created_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_landing_forms")),
        sa.UniqueConstraint("slug", name=op.f("uq_landing_forms_slug")),
    )
    with op.batch_alter_table("landing_forms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_landing_forms_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "campaign_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_events_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["link_id"], ["campaign_links.id"], name=op.f("fk_campaign_events_link_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["campaign_members.id"], name=op.f("fk_campaign_events_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_campaign_events_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_events")),
    )
    with op.batch_alter_table("campaign_events", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_campaign_events_campaign_id_kind_at"), ["campaign_id", "kind", "at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_campaign_events_link_id"), ["link_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_events_member_id_at"), ["member_id", "at"], unique=False)

    op.create_table(
        "campaign_leads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_leads_campaign_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["form_id"], ["landing_forms.id"], name=op.f("fk_campaign_leads_form_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name=op.f("fk_campaign_leads_lead_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_leads")),
        sa.UniqueConstraint("lead_id", name=op.f("uq_campaign_leads_lead_id")),
    )
    with op.batch_alter_table("campaign_leads", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_campaign_leads_campaign_id"), ["campaign_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_campaign_leads_form_id"), ["form_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("campaign_leads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_leads_form_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_leads_campaign_id"))

    op.drop_table("campaign_leads")
    with op.batch_alter_table("campaign_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_events_member_id_at"))
        batch_op.drop_index(batch_op.f("ix_campaign_events_link_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_events_campaign_id_kind_at"))

    op.drop_table("campaign_events")
    with op.batch_alter_table("landing_forms", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_landing_forms_campaign_id"))

    op.drop_table("landing_forms")
    with op.batch_alter_table("campaign_targets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_targets_segment_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_targets_lead_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_targets_customer_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_targets_contact_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_targets_campaign_id_excluded"))

    op.drop_table("campaign_targets")
    with op.batch_alter_table("campaign_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_members_lead_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_members_customer_id_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_members_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_members_contact_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_members_campaign_id_sent_at"))
        batch_op.drop_index(batch_op.f("ix_campaign_members_campaign_id_delivery_id"))
        batch_op.drop_index(batch_op.f("ix_campaign_members_address"))

    op.drop_table("campaign_members")
    op.drop_table("campaign_links")
    with op.batch_alter_table("campaign_costs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaign_costs_campaign_id"))

    op.drop_table("campaign_costs")
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_campaigns_template_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_template_b_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_team_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_status_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_starts_on_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_owner_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_name_key_id"))
        batch_op.drop_index(batch_op.f("ix_campaigns_created_at_id"))

    op.drop_table("campaigns")
    with op.batch_alter_table("mail_templates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_templates_name_key_id"))
        batch_op.drop_index(batch_op.f("ix_mail_templates_created_at_id"))

    op.drop_table("mail_templates")
