"""Alarms that end, the quiet list, how far was looked; and deliveries of any event."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.add_column("alarm", sa.Column("counted", sa.Text(), nullable=False, server_default="contacts"))
    op.add_column("alarm", sa.Column("days", JSONB(none_as_null=True), nullable=False, server_default="[]"))
    op.alter_column("alarm", "days", server_default=None)
    for name, kind in (
        ("ended_at", INSTANT),
        ("ending", sa.Text()),
        ("acknowledged_at", INSTANT),
        ("acknowledged_by", sa.Text()),
    ):
        op.add_column("alarm", sa.Column(name, kind, nullable=True))
    op.create_index(
        "alarm_open",
        "alarm",
        ["organisation_id", "theme_id", "counted"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL AND theme_id IS NOT NULL"),
    )
    op.create_table(
        "mute",
        sa.Column("theme_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("theme_id"),
    )
    op.create_index("ix_mute_organisation_id", "mute", ["organisation_id"])
    op.create_table(
        "watch",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("looked_until", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisation.id"]),
        sa.PrimaryKeyConstraint("organisation_id"),
    )
    _tell_any_event()


def _tell_any_event() -> None:
    op.add_column(
        "delivery", sa.Column("event", sa.Text(), nullable=False, server_default="suggestion.accepted")
    )
    op.add_column("delivery", sa.Column("subject_id", sa.Text(), nullable=True))
    op.execute("UPDATE delivery SET subject_id = suggestion_id")
    op.alter_column("delivery", "subject_id", nullable=False)
    op.add_column("delivery", sa.Column("payload", JSONB(none_as_null=True), nullable=True))
    op.alter_column("delivery", "suggestion_id", nullable=True)
    op.drop_constraint("delivery_suggestion_id_target_id_key", "delivery", type_="unique")
    op.create_unique_constraint(
        "delivery_event_subject_id_target_id_key", "delivery", ["event", "subject_id", "target_id"]
    )


def downgrade() -> None:
    """Take the step back; what was told of anything but suggestions is forgotten."""
    op.execute("DELETE FROM delivery WHERE suggestion_id IS NULL")
    op.drop_constraint("delivery_event_subject_id_target_id_key", "delivery", type_="unique")
    op.create_unique_constraint(
        "delivery_suggestion_id_target_id_key", "delivery", ["suggestion_id", "target_id"]
    )
    op.alter_column("delivery", "suggestion_id", nullable=False)
    for name in ("payload", "subject_id", "event"):
        op.drop_column("delivery", name)
    op.drop_table("watch")
    op.drop_table("mute")
    op.drop_index("alarm_open", "alarm")
    for name in ("acknowledged_by", "acknowledged_at", "ending", "ended_at", "days", "counted"):
        op.drop_column("alarm", name)
