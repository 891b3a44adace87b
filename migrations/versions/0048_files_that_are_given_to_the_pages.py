"""Files that people give to the pages are kept until they are imported, or for a day."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "upload",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("modified_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("noun", sa.String()),
        sa.Column("source", sa.String()),
        sa.Column("choices", JSONB(none_as_null=True), nullable=False),
        sa.Column("options", JSONB(none_as_null=True), nullable=False),
        sa.Column("asked_by", sa.String()),
        sa.Column("asked_at", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("report", JSONB(none_as_null=True), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("ended_at", MOMENT),
    )
    op.create_table(
        "upload_piece",
        sa.Column("upload_id", sa.String(), sa.ForeignKey("upload.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    for table in ("upload", "upload_piece"):
        op.create_index(f"ix_{table}_organisation_id", table, ["organisation_id"])
    op.create_index(
        "upload_asked", "upload", ["organisation_id"], postgresql_where=sa.text("state = 'asked'")
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("upload_piece")
    op.drop_table("upload")
