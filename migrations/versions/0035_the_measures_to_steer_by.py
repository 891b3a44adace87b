"""The measures by which a company steers, and what stands behind them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "measure_series",
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("slice", sa.Text(), primary_key=True),
        sa.Column("measure", sa.Text(), primary_key=True),
        sa.Column("every", sa.Text(), primary_key=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("later", sa.Integer(), nullable=False),
        sa.Column("readings", JSONB(none_as_null=True), nullable=False),
    )
    op.create_table(
        "measure_case",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("slices", JSONB(none_as_null=True), nullable=False),
        sa.Column("facts", JSONB(none_as_null=True), nullable=False),
    )
    op.create_index("ix_measure_case_organisation_id", "measure_case", ["organisation_id"])
    op.create_index("measure_case_by_day", "measure_case", ["organisation_id", "kind", "day"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("measure_case")
    op.drop_table("measure_series")
