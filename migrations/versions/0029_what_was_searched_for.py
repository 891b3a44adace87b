"""What customers searched for in the help centre, and the theme of what they did not find."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "search",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("source_id", sa.Text(), sa.ForeignKey("source.id"), nullable=False),
        sa.Column("searched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text()),
        sa.Column("results", sa.Integer(), nullable=False),
        sa.Column("clicked", sa.Boolean()),
        sa.Column("customer_id", sa.Text()),
        sa.Column("theme_id", sa.Text()),
    )
    op.create_index("ix_search_organisation_id", "search", ["organisation_id"])
    op.create_index("search_by_theme", "search", ["organisation_id", "theme_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("search")
