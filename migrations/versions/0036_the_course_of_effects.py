"""An effect is drawn: how the theme's contacts went week by week, and how they would have gone."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("effect", sa.Column("course", JSONB(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("effect", "course")
