"""Which calls still hold what was said, by the time when they came."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_index(
        "webhook_call_said",
        "webhook_call",
        ["received_at"],
        postgresql_where=sa.text("state = 'done' AND body <> ''"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("webhook_call_said", table_name="webhook_call")
