"""Events are found by whose they are: on an account's page, and where two customers turn out to be one."""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_index("event_by_account", "event", ["organisation_id", "account_id"])
    op.create_index("event_by_customer", "event", ["organisation_id", "customer_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("event_by_customer", "event")
    op.drop_index("event_by_account", "event")
