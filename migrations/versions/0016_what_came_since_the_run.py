"""Which spans were put into the live run after it had grouped."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.add_column("assignment", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("assignment_late", "assignment", ["run_id"], postgresql_where=sa.text("late"))


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("assignment_late", table_name="assignment")
    op.drop_column("assignment", "late")
