"""An organisation's own words: terms, synonyms, spellings, and words never to use."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "glossary_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("term", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stands_for", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("customer_visible", sa.Boolean(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_glossary_entry_organisation_id", "glossary_entry", ["organisation_id"])
    op.create_index("ix_glossary_entry_changed_at", "glossary_entry", ["changed_at"])
    op.create_index(
        "glossary_entry_once",
        "glossary_entry",
        ["organisation_id", "key"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
    )
    op.execute(
        "CREATE TRIGGER note_change BEFORE INSERT OR UPDATE ON glossary_entry"
        " FOR EACH ROW EXECUTE FUNCTION koe_note_change()"
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("glossary_entry")
