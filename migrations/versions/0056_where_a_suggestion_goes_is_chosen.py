"""Whoever accepts a suggestion chooses to which targets it goes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("suggestion", sa.Column("sent_to", JSONB(none_as_null=True)))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("suggestion", "sent_to")
