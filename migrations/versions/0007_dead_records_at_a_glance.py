"""Which records of files could not be read, without looking at all that were."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_index(
        "inbox_dead", "inbox", ["organisation_id", "sequence"], postgresql_where=sa.text("state = 'dead'")
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("inbox_dead", "inbox")
