"""What is counted of each theme is kept, so that lists need not read a million voices."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "tally",
        sa.Column("theme_id", sa.String(), sa.ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("spans", "items", "customers", "people", "accounts", "contacts")
        ),
        sa.Column("revenue", JSONB(), nullable=False),
        sa.Column("first_seen", MOMENT),
        sa.Column("last_seen", MOMENT),
        sa.Column("weeks", JSONB(), nullable=False),
        sa.Column("until", sa.Date()),
        sa.Column("weeks_items", JSONB(), nullable=False),
        sa.Column("until_items", sa.Date()),
        sa.Column("facets", JSONB(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "tally_of_all",
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), primary_key=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("with_content", "themed", "ignored")),
        sa.Column("aside", JSONB(), nullable=False),
        sa.Column("counted_at", MOMENT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
    )
    op.create_index("ix_tally_organisation_id", "tally", ["organisation_id"])
    op.create_index("item_by_channel", "item", ["organisation_id", "channel", "created_at"])
    op.drop_index("message_reopens", table_name="message")
    op.create_index(
        "message_reopens", "message", ["organisation_id", "created_at"], postgresql_where=sa.text("reopens")
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("message_reopens", table_name="message")
    op.create_index("message_reopens", "message", ["organisation_id"], postgresql_where=sa.text("reopens"))
    op.drop_index("item_by_channel", table_name="item")
    op.drop_table("tally_of_all")
    op.drop_table("tally")
