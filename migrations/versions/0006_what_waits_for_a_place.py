"""Which items wait to be put into a theme, so that a live one costs the same however many came before."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step. What is there already is placed by the next run."""
    op.add_column("item", sa.Column("unplaced", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index("item_to_place", "item", ["organisation_id", "id"], postgresql_where=sa.text("unplaced"))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("item", "unplaced")
