"""What is expected after an intervention is written down before anybody knows what comes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("intervention", sa.Column("foreseen", JSONB()))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("intervention", "foreseen")
