"""What solving a theme is worth, by which weights, and how much work it is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "value",
        sa.Column("theme_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("worth", sa.Float(), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("rank_low", sa.Integer(), nullable=False),
        sa.Column("rank_high", sa.Integer(), nullable=False),
        sa.Column("terms", JSONB(none_as_null=True), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("theme_id"),
    )
    op.create_index("ix_value_organisation_id", "value", ["organisation_id"])
    op.create_table(
        "value_settings",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("settings", JSONB(none_as_null=True), nullable=False),
        sa.Column("set_by", sa.String(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("organisation_id"),
    )
    op.add_column("theme", sa.Column("effort_days", sa.Float()))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("theme", "effort_days")
    op.drop_table("value_settings")
    op.drop_index("ix_value_organisation_id", table_name="value")
    op.drop_table("value")
