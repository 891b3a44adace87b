"""It is kept who made a token."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("token", sa.Column("created_by", sa.String()))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("token", "created_by")
