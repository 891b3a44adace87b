"""Voices have places on a map."""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "map_point",
        sa.Column("span_id", sa.String(), sa.ForeignKey("span.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
    )
    op.create_index("ix_map_point_organisation_id", "map_point", ["organisation_id"])
    op.create_index("map_point_by_place", "map_point", ["organisation_id", "x", "y"])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("map_point")
