"""People follow themes."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "follow",
        sa.Column("theme_id", sa.String(), sa.ForeignKey("theme.id", ondelete="CASCADE"), nullable=False),
        sa.Column("follower_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("theme_id", "follower_id"),
    )
    for name in ("organisation_id", "follower_id"):
        op.create_index(f"ix_follow_{name}", "follow", [name])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("follow")
