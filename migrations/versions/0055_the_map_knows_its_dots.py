"""A dot of the map knows its kind and language, and a theme where it lies, so that few voices are read."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

GAIN = """
    UPDATE map_point SET kind = span.kind, lang = coalesce(span.lang, '')
    FROM span WHERE span.id = map_point.span_id
"""
SET_ASIDE = """
    DELETE FROM map_point USING span, item
    WHERE span.id = map_point.span_id AND item.id = span.item_id AND item.set_aside IS NOT NULL
"""
MIDDLES = """
    INSERT INTO map_middle (theme_id, organisation_id, x, y)
    SELECT assignment.theme_id, map_point.organisation_id,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY map_point.x),
        percentile_cont(0.5) WITHIN GROUP (ORDER BY map_point.y)
    FROM map_point
    JOIN run ON run.organisation_id = map_point.organisation_id AND run.state = 'live'
    JOIN assignment ON assignment.run_id = run.id AND assignment.span_id = map_point.span_id
        AND NOT assignment.ignored AND assignment.theme_id IS NOT NULL
    GROUP BY assignment.theme_id, map_point.organisation_id
"""


def upgrade() -> None:
    """Apply the step."""
    for name in ("kind", "lang"):
        op.add_column("map_point", sa.Column(name, sa.String(), nullable=True))
    op.execute(GAIN)
    op.execute(SET_ASIDE)
    for name in ("kind", "lang"):
        op.alter_column("map_point", name, nullable=False)
    op.create_table(
        "map_middle",
        sa.Column("theme_id", sa.String(), sa.ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False, index=True
        ),
        sa.Column("x", sa.Float(), nullable=False),
        sa.Column("y", sa.Float(), nullable=False),
    )
    op.execute(MIDDLES)


def downgrade() -> None:
    """Take the step back."""
    op.drop_table("map_middle")
    for name in ("lang", "kind"):
        op.drop_column("map_point", name)
