"""How often in a row a source refused, apart from how often it was busy."""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("walk", sa.Column("refusals", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("walk", "refusals")
