"""A run that waits beside the live one: what its groups would be called, and who decided about it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "preview_theme",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("titles", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("keywords", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("run_id", "level", "number"),
    )
    op.create_index("ix_preview_theme_organisation_id", "preview_theme", ["organisation_id"])
    op.add_column("run", sa.Column("decided_by", sa.Text(), nullable=True))
    op.add_column("run", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "run_preview",
        "run",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'preview'"),
    )


def downgrade() -> None:
    """Take the step back; a preview that waits is no run that the step before knows of."""
    op.execute("DELETE FROM run WHERE state IN ('draft', 'preview', 'discarded')")
    op.drop_index("run_preview", table_name="run")
    op.drop_column("run", "decided_at")
    op.drop_column("run", "decided_by")
    op.drop_table("preview_theme")
