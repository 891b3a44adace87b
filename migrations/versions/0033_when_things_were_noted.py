"""When things were noted, and when people looked at what changed: so that home can tell what is new."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOTED = (("theme", "born_at"), ("alarm", "noted_at"), ("intervention", "noted_at"))


def upgrade() -> None:
    """Apply the step."""
    for table, column in NOTED:
        # The default comes second: of what is there already nobody knows when it was noted.
        op.add_column(table, sa.Column(column, MOMENT))
        op.alter_column(table, column, server_default=sa.func.clock_timestamp())
    op.add_column("effect", sa.Column("told_at", MOMENT))
    op.add_column("suggestion", sa.Column("came_back_at", MOMENT))
    op.create_table(
        "presence",
        sa.Column("person_id", sa.String(), sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("since", MOMENT),
        sa.Column("seen_at", MOMENT, nullable=False),
    )
    op.create_index("ix_presence_organisation_id", "presence", ["organisation_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("presence")
    op.drop_column("suggestion", "came_back_at")
    op.drop_column("effect", "told_at")
    for table, column in NOTED:
        op.drop_column(table, column)
