"""Corrections of every sort: why, what was picked, what was there before, and what cannot hold."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = postgresql.JSONB(none_as_null=True)
PICKED = """
    UPDATE correction SET spans = '{}',
        chosen = (SELECT jsonb_agg(span ORDER BY span) FROM jsonb_object_keys(spans) AS span)
    WHERE op IN ('must_link', 'cannot_link') AND spans <> '{}'
"""
"""Spans that were each a side by itself are spans that were picked."""
CONTENTS = """
    UPDATE correction SET contents = found.contents
    FROM (
        SELECT correction.id, jsonb_object_agg(span.id, jsonb_build_array(span.item_id, span.content_hash))
            AS contents
        FROM correction
        JOIN span ON span.organisation_id = correction.organisation_id AND (
            correction.chosen ? span.id OR EXISTS (
                SELECT FROM jsonb_each(correction.spans) AS side WHERE side.value ? span.id
            )
        )
        GROUP BY correction.id
    ) AS found
    WHERE found.id = correction.id
"""
BEFORE = """
    UPDATE correction SET before = jsonb_build_object(
        'retired', jsonb_build_array(theme_ids -> 1),
        'places', coalesce((
            SELECT jsonb_object_agg(assignment.span_id, jsonb_build_array(
                theme_ids ->> 1, assignment.subtheme_id, assignment.origin, assignment.confidence, false,
                theme_ids ->> 0
            ))
            FROM assignment JOIN run ON run.id = assignment.run_id AND run.state = 'live'
            WHERE assignment.theme_id = theme_ids ->> 0 AND spans -> (theme_ids ->> 1) ? assignment.span_id
        ), '{}')
    )
    WHERE op = 'merge' AND undone_at IS NULL
"""
"""So that a merge of before this step can be taken back after it."""


def upgrade() -> None:
    """Apply the step."""
    op.add_column("correction", sa.Column("title", sa.Text(), nullable=True))
    op.add_column("correction", sa.Column("reason", sa.Text(), nullable=True))
    for name, empty in (("chosen", "[]"), ("contents", "{}"), ("before", "{}")):
        op.add_column("correction", sa.Column(name, JSON, nullable=False, server_default=empty))
        op.alter_column("correction", name, server_default=None)
    op.add_column("correction", sa.Column("conflict", JSON, nullable=True))
    op.add_column("correction", sa.Column("carried_out_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "correction",
        sa.Column(
            "changed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
    )
    op.execute(PICKED)
    op.execute(CONTENTS)
    op.execute(BEFORE)
    op.execute("UPDATE correction SET carried_out_at = at WHERE op = 'merge'")
    op.create_index("ix_correction_changed_at", "correction", ["changed_at"])
    op.execute(
        "CREATE TRIGGER note_change BEFORE INSERT OR UPDATE ON correction"
        " FOR EACH ROW EXECUTE FUNCTION koe_note_change()"
    )
    for table, name in (("theme", "pinned"), ("theme", "ignored"), ("assignment", "ignored")):
        op.add_column(table, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("theme", sa.Column("version", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take the step back; what earlier versions know nothing of is lost."""
    op.execute("DELETE FROM correction WHERE op NOT IN ('merge', 'must_link', 'cannot_link')")
    op.execute(
        "UPDATE correction SET spans = (SELECT jsonb_object_agg(span, jsonb_build_array(span))"
        " FROM jsonb_array_elements_text(chosen) AS span)"
        " WHERE op IN ('must_link', 'cannot_link') AND chosen <> '[]'"
    )
    for table, name in (("theme", "pinned"), ("theme", "ignored"), ("assignment", "ignored")):
        op.drop_column(table, name)
    op.drop_column("theme", "version")
    op.execute("DROP TRIGGER note_change ON correction")
    op.drop_index("ix_correction_changed_at", "correction")
    for name in (
        "title",
        "reason",
        "chosen",
        "contents",
        "before",
        "conflict",
        "carried_out_at",
        "changed_at",
    ):
        op.drop_column("correction", name)
