"""What was heard where in the last weeks, and what a theme's page tells, is counted beforehand."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step. Themes are counted anew where they are shown, until all are."""
    op.create_table(
        "tally_of_touchpoints",
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("rows", JSONB(none_as_null=True), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
    )
    op.add_column("tally", sa.Column("repeats", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tally", sa.Column("repeat_rate", sa.Float()))
    op.add_column("tally", sa.Column("told", JSONB(none_as_null=True), nullable=False, server_default="{}"))
    op.execute("UPDATE tally SET stale = true")
    for name in ("repeats", "told"):
        op.alter_column("tally", name, server_default=None)


def downgrade() -> None:
    """Take the step back."""
    for name in ("told", "repeat_rate", "repeats"):
        op.drop_column("tally", name)
    op.drop_table("tally_of_touchpoints")
