"""Forecast: categories of stages and deals, calls, every night's picture, what became of stages

Revision: 0018
After: 0017
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AMOUNT = sa.Numeric(19, 4).with_variant(sa.BigInteger(), "sqlite")
CATEGORY_KNOWN = "forecast_category IN ('pipeline', 'best_case', 'commit', 'omitted')"
HISTORY_INDEXES = {
    "ix_opportunity_history_opportunity_id_id_at": ["opportunity_id", "id", "at"],
    "ix_opportunity_history_expected_close_at": ["expected_close", "at"],
    "ix_opportunity_history_closed_on_at": ["closed_on", "at"],
}


def upgrade() -> None:
    with op.batch_alter_table("stages") as batch_op:
        batch_op.add_column(sa.Column("forecast_category", sa.String(), server_default="pipeline", nullable=False))
        batch_op.create_check_constraint(batch_op.f("ck_stages_category_known"), sa.text(CATEGORY_KNOWN))
    op.execute(
        "UPDATE stages SET forecast_category = CASE WHEN probability >= 75 THEN 'commit' ELSE 'best_case' END"
        " WHERE probability >= 50"
    )
    with op.batch_alter_table("opportunities") as batch_op:
        batch_op.add_column(sa.Column("forecast_category", sa.String(), nullable=True))
        batch_op.create_check_constraint(batch_op.f("ck_opportunities_category_known"), sa.text(CATEGORY_KNOWN))
    op.drop_index("ix_opportunity_history_opportunity_id_id", "opportunity_history")
    with op.batch_alter_table("opportunity_history") as batch_op:
        batch_op.add_column(sa.Column("team_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("closed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("forecast_category", sa.String(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_opportunity_history_team_id"), "teams", ["team_id"], ["id"], ondelete="SET NULL"
        )
    # Of the past only this is known: a deal that has ended did so on the day that it names, and it has one team.
    op.execute(
        "UPDATE opportunity_history SET"
        " team_id = (SELECT team_id FROM opportunities WHERE opportunities.id = opportunity_history.opportunity_id)"
    )
    op.execute(
        "UPDATE opportunity_history SET closed_on = coalesce("
        "(SELECT closed_on FROM opportunities WHERE opportunities.id = opportunity_history.opportunity_id),"
        " CAST(substr(CAST(at AS VARCHAR), 1, 10) AS DATE))"
        " WHERE status <> 'open'"
        if op.get_bind().dialect.name != "sqlite"
        else "UPDATE opportunity_history SET closed_on = coalesce("
        "(SELECT closed_on FROM opportunities WHERE opportunities.id = opportunity_history.opportunity_id),"
        " substr(at, 1, 10)) WHERE status <> 'open'"
    )
    for name, columns in HISTORY_INDEXES.items():
        op.create_index(name, "opportunity_history", columns)
    op.create_table(
        "forecast_calls",
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("months", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=True),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('seller', 'manager')", name=op.f("ck_forecast_calls_kind_known")),
        sa.CheckConstraint("months IN (1, 3)", name=op.f("ck_forecast_calls_months_known")),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_forecast_calls_amount_positive")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_forecast_calls_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_forecast_calls_owner_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_calls")),
    )
    op.create_index(
        "ix_forecast_calls_first_months_owner_id_kind_id",
        "forecast_calls",
        ["first", "months", "owner_id", "kind", "id"],
    )
    op.create_index("ix_forecast_calls_owner_id", "forecast_calls", ["owner_id"])
    op.create_table(
        "forecast_pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("pipeline_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("deals", sa.Integer(), nullable=False),
        sa.Column("amount", AMOUNT, nullable=False),
        sa.Column("weighted", AMOUNT, nullable=False),
        sa.CheckConstraint(
            "category IN ('closed', 'commit', 'best_case', 'pipeline')",
            name=op.f("ck_forecast_pictures_category_known"),
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_forecast_pictures_owner_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipelines.id"], name=op.f("fk_forecast_pictures_pipeline_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_forecast_pictures_team_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forecast_pictures")),
        sa.UniqueConstraint(
            "day",
            "month",
            "owner_id",
            "team_id",
            "pipeline_id",
            "category",
            name=op.f("uq_forecast_pictures_day_month_owner_id_team_id_pipeline_id_category"),
        ),
    )
    op.create_index("ix_forecast_pictures_month_day", "forecast_pictures", ["month", "day"])
    op.create_table(
        "stage_results",
        sa.Column("stage_id", sa.Integer(), nullable=False),
        sa.Column("reached", sa.Integer(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["stages.id"], name=op.f("fk_stage_results_stage_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("pk_stage_results")),
    )


def downgrade() -> None:
    for table in ("stage_results", "forecast_pictures", "forecast_calls"):
        op.drop_table(table)
    for name in HISTORY_INDEXES:
        op.drop_index(name, "opportunity_history")
    with op.batch_alter_table("opportunity_history") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_opportunity_history_team_id"), type_="foreignkey")
        for column in ("forecast_category", "closed_on", "team_id"):
            batch_op.drop_column(column)
    op.create_index("ix_opportunity_history_opportunity_id_id", "opportunity_history", ["opportunity_id", "id"])
    for table in ("opportunities", "stages"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_constraint(batch_op.f(f"ck_{table}_category_known"), type_="check")
            batch_op.drop_column("forecast_category")
