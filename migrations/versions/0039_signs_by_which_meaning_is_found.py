"""Of every vector its signs, a bit a number: a million of them are compared while somebody waits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BIT

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

READ = """
    INSERT INTO vector_signs (organisation_id, embedder, content_hash, signs)
    SELECT organisation_id, embedder, content_hash, binary_quantize(vector) FROM embedding
    ORDER BY organisation_id, embedder, content_hash
"""


def upgrade() -> None:
    """Apply the step; the signs of what is there are read in it, some ten seconds for a million vectors."""
    op.create_table(
        "vector_signs",
        sa.Column("organisation_id", sa.String(), nullable=False),
        sa.Column("embedder", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("signs", BIT(varying=True), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("organisation_id", "embedder", "content_hash"),
    )
    op.execute(READ)


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("vector_signs")
