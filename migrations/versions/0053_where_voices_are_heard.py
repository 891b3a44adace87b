"""Sources, and voices themselves, say where they are heard."""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

TABLES = ("source", "item")
HALVES = ("layer", "moment")


def upgrade() -> None:
    """Apply the step."""
    for table in TABLES:
        for half in HALVES:
            op.add_column(table, sa.Column(half, sa.String(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    for table in TABLES:
        for half in HALVES:
            op.drop_column(table, half)
