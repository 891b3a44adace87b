"""By what themes are chosen is kept, and the voices of a sub-theme are found without reading all."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step. What was counted before is counted anew: of it nobody knows by what to choose."""
    op.execute("DELETE FROM tally_of_all")
    op.add_column("tally_of_all", sa.Column("facets", JSONB(none_as_null=True), nullable=False))
    op.add_column("tally_of_all", sa.Column("currency", sa.String()))
    op.create_index(
        "assignment_by_subtheme",
        "assignment",
        ["run_id", "subtheme_id"],
        postgresql_where=sa.text("subtheme_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("assignment_by_subtheme", "assignment")
    op.drop_column("tally_of_all", "currency")
    op.drop_column("tally_of_all", "facets")
