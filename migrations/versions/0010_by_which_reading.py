"""By which of Koe's readings an item was cut into spans, so that a better one reads it anew."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step. What is there already was read before readings were counted."""
    op.add_column("item", sa.Column("reading", sa.Integer(), server_default="0", nullable=False))
    op.create_index("item_by_reading", "item", ["organisation_id", "reading", "id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("item_by_reading", "item")
    op.drop_column("item", "reading")
