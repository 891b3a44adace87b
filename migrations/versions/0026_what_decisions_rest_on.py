"""When a decision not to act is looked at again, what it rested on, and why it came back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("suggestion", sa.Column("review_at", sa.DateTime(timezone=True)))
    op.add_column("suggestion", sa.Column("premise", JSONB()))
    op.add_column("suggestion", sa.Column("came_back", JSONB()))


def downgrade() -> None:
    """Take the step back."""
    for name in ("came_back", "premise", "review_at"):
        op.drop_column("suggestion", name)
