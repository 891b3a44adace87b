"""The names under which sources know a customer, so that one person counts once."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "handle",
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("handle", sa.Text(), primary_key=True),
        sa.Column("customer_id", sa.Text(), nullable=False),
    )
    op.create_index("handle_by_customer", "handle", ["organisation_id", "customer_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("handle")
