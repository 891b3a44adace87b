"""Since when a source lets Koe read nothing, so that it is told once."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("source", sa.Column("refuses_since", sa.DateTime(timezone=True)))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("source", "refuses_since")
