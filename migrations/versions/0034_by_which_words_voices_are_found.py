"""The words of voices and passages stand in an index, so that a search among a million is quick."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step; the next run reads the words of what is there already, batch by batch."""
    op.create_table(
        "span_words",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("source_id", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lang", sa.String()),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["span.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("span_words_by_word", "span_words", ["words"], postgresql_using="gin")
    op.create_index("span_words_by_time", "span_words", ["organisation_id", "said_at"])
    op.create_table(
        "passage_words",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("words", TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["passage.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("passage_words_by_word", "passage_words", ["words"], postgresql_using="gin")
    op.create_index("ix_passage_words_organisation_id", "passage_words", ["organisation_id"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("passage_words")
    op.drop_table("span_words")
