"""Of two accepted suggestions whose themes become one, one carries on."""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("suggestion", sa.Column("carried_on_by", sa.String()))
    op.create_foreign_key(
        "suggestion_carried_on_by_fkey",
        "suggestion",
        "suggestion",
        ["carried_on_by"],
        ["id"],
        ondelete="SET NULL",
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("suggestion", "carried_on_by")
