"""How bad it is what a span says, and how it sounds, with what tells it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step. Spans that are there already are told when the next run reads them anew."""
    op.add_column("span", sa.Column("severity", sa.Integer(), nullable=True))
    op.add_column("span", sa.Column("severity_reason", sa.Text(), nullable=True))
    op.add_column("span", sa.Column("sentiment", sa.Float(), nullable=True))
    op.add_column("span", sa.Column("sentiment_reason", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("span", "sentiment_reason")
    op.drop_column("span", "sentiment")
    op.drop_column("span", "severity_reason")
    op.drop_column("span", "severity")
