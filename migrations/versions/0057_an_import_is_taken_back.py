"""What came in a file is known by the file, so that an import can be taken back."""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step. Of what came before nobody knows in which file it came."""
    op.add_column(
        "inbox", sa.Column("upload_id", sa.String(), sa.ForeignKey("upload.id", ondelete="SET NULL"))
    )
    op.add_column("upload", sa.Column("removed", sa.BigInteger(), nullable=False, server_default="0"))
    op.alter_column("upload", "removed", server_default=None)
    op.create_index(
        "inbox_by_upload",
        "inbox",
        ["upload_id", "sequence"],
        postgresql_where=sa.text("upload_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_column("upload", "removed")
    op.drop_index("inbox_by_upload", "inbox")
    op.drop_column("inbox", "upload_id")
