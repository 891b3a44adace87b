"""When each source was last heard, and what of it is held, without reading all that ever came."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    for table in ("inbox", "webhook_call"):
        op.create_index(f"{table}_by_source", table, ["source_id", "sequence"])
    op.create_index(
        "webhook_call_held",
        "webhook_call",
        ["organisation_id", "sequence"],
        postgresql_where=sa.text("state = 'held'"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("webhook_call_held", "webhook_call")
    for table in ("webhook_call", "inbox"):
        op.drop_index(f"{table}_by_source", table)
