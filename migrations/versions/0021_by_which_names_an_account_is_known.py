"""The names under which sources know an account, so that one company counts once."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "account_handle",
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("handle", sa.Text(), primary_key=True),
        sa.Column("account_id", sa.Text(), nullable=False),
    )
    op.create_index("account_handle_by_account", "account_handle", ["organisation_id", "account_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("account_handle")
