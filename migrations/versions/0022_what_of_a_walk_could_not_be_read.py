"""What of a walk fits nothing, so that it can be told where the source is shown."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("walk", sa.Column("misfits", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("walk", sa.Column("reasons", JSONB(none_as_null=True), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("walk", "reasons")
    op.drop_column("walk", "misfits")
