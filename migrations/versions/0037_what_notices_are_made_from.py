"""A team keeps the texts that its notices are made from."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    column = sa.Column("notice_templates", JSONB(), server_default=sa.text("'{}'"), nullable=False)
    op.add_column("organisation", column)


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("organisation", "notice_templates")
