"""How what was delivered stands at its target, to what it is linked there, and when it is looked at."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

LOOKED_AT = ("link_to", "remote_state", "remote_status")
MOMENTS = ("settles_at", "remote_at", "look_at")


def upgrade() -> None:
    """Apply the step."""
    for name in LOOKED_AT:
        op.add_column("delivery", sa.Column(name, sa.String()))
    for name in MOMENTS:
        op.add_column("delivery", sa.Column(name, sa.DateTime(timezone=True)))
    op.create_index(
        "delivery_look",
        "delivery",
        ["organisation_id", "look_at"],
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("delivery_look", table_name="delivery")
    for name in (*MOMENTS, *LOOKED_AT):
        op.drop_column("delivery", name)
