"""Whose a theme is, and since when it stands where it stands in the loop."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    # The default comes second: of themes that are there already nobody knows it.
    op.add_column("theme", sa.Column("stage_since", MOMENT))
    op.alter_column("theme", "stage_since", server_default=sa.func.clock_timestamp())
    op.create_table(
        "owner",
        sa.Column("theme_id", sa.String(), sa.ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("person_id", sa.String(), sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
    )
    for name in ("organisation_id", "person_id"):
        op.create_index(f"ix_owner_{name}", "owner", [name])


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("owner")
    op.drop_column("theme", "stage_since")
