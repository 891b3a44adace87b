"""Days of releases and outages are found without reading what else happened."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_index(
        "event_that_moves_all",
        "event",
        ["organisation_id", "occurred_at"],
        postgresql_where=sa.text("kind IN ('release', 'outage')"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("event_that_moves_all", "event")
