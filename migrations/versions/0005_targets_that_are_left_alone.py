"""When a target is left alone and why, and targets that were removed while their history stays."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("target", sa.Column("setbacks", sa.Integer(), server_default="0", nullable=False))
    op.add_column("target", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("target", sa.Column("held_reason", sa.Text(), nullable=True))
    op.add_column("target", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    # Attempts were not written down so far: nobody knows whether one of them arrived.
    op.execute("""
        INSERT INTO delivery_attempt
            (delivery_id, number, organisation_id, began_at, ended_at, outcome, reason)
        SELECT id, 1, organisation_id, updated_at, updated_at, 'uncertain', reason FROM delivery
        WHERE attempts > 0 AND state <> 'delivered'
    """)
    op.execute("UPDATE delivery SET state = 'uncertain' WHERE state = 'sending'")


def downgrade() -> None:
    """Take the step back."""
    for name in ("removed_at", "held_reason", "held_until", "setbacks"):
        op.drop_column("target", name)
