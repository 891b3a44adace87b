"""By what targets prove that they call, since when they refuse or rest, and when things were looked at."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

OF_TARGETS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("proof", sa.String()),
    ("sealed_secrets", sa.LargeBinary()),
    ("refuses_since", sa.DateTime(timezone=True)),
    ("paused_at", sa.DateTime(timezone=True)),
)


def upgrade() -> None:
    """Apply the step."""
    for name, kind in OF_TARGETS:
        op.add_column("target", sa.Column(name, kind))
    op.add_column("delivery", sa.Column("looked_at", sa.DateTime(timezone=True)))
    op.create_index(
        "delivery_tracked",
        "delivery",
        ["target_id", "reference"],
        postgresql_where=sa.text("look_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Take the step back."""
    op.drop_index("delivery_tracked", table_name="delivery")
    op.drop_column("delivery", "looked_at")
    for name, _ in reversed(OF_TARGETS):
        op.drop_column("target", name)
