"""Webhook calls as they came, deliveries with every attempt, and when each row last changed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

CHANGED = (
    "account",
    "alarm",
    "article",
    "delivery",
    "effect",
    "item",
    "run",
    "source",
    "suggestion",
    "target",
    "theme",
)
"""What programs ask for by `updated_since`."""

NOTE_CHANGE = """
    CREATE FUNCTION koe_note_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            NEW.changed_at := OLD.changed_at;
            IF NEW IS NOT DISTINCT FROM OLD THEN
                RETURN NEW;
            END IF;
        END IF;
        NEW.changed_at := clock_timestamp();
        RETURN NEW;
    END $$
"""
"""A row that is written over with the very same has not changed."""

WAITING = "state IN ('pending', 'sending', 'uncertain', 'paused')"


def upgrade() -> None:
    """Apply the step."""
    _receive()
    _deliver()
    op.add_column("theme", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(NOTE_CHANGE)
    for table in CHANGED:
        op.add_column(
            table,
            sa.Column(
                "changed_at",
                sa.DateTime(timezone=True),
                server_default=sa.text("clock_timestamp()"),
                nullable=False,
            ),
        )
        op.create_index(f"ix_{table}_changed_at", table, ["changed_at"])
        op.execute(
            f"CREATE TRIGGER note_change BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION koe_note_change()"
        )


def _receive() -> None:
    op.add_column("source", sa.Column("proof", sa.Text(), nullable=True))
    op.add_column("source", sa.Column("sealed_secrets", sa.LargeBinary(), nullable=True))
    op.add_column("source", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "webhook_call",
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("source_id", sa.Text(), sa.ForeignKey("source.id"), nullable=False),
        sa.Column("call_key", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.UniqueConstraint("source_id", "call_key"),
    )
    op.create_index("ix_webhook_call_organisation_id", "webhook_call", ["organisation_id"])
    for state, name in (("pending", "waiting"), ("dead", "dead")):
        op.create_index(
            f"webhook_call_{name}",
            "webhook_call",
            ["organisation_id", "sequence"],
            postgresql_where=sa.text(f"state = '{state}'"),
        )


def _deliver() -> None:
    op.add_column("target", sa.Column("sealed_secret", sa.LargeBinary(), nullable=True))
    for name in ("created_at", "next_at"):
        op.add_column("delivery", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        op.execute(f"UPDATE delivery SET {name} = updated_at")
        op.alter_column("delivery", name, nullable=False)
    op.create_index(
        "delivery_due", "delivery", ["organisation_id", "next_at"], postgresql_where=sa.text(WAITING)
    )
    op.create_table(
        "delivery_attempt",
        sa.Column("delivery_id", sa.Text(), sa.ForeignKey("delivery.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("delivery_id", "number"),
    )
    op.create_index("ix_delivery_attempt_organisation_id", "delivery_attempt", ["organisation_id"])


def downgrade() -> None:
    """Take the step back."""
    for table in CHANGED:
        op.execute(f"DROP TRIGGER note_change ON {table}")
        op.drop_column(table, "changed_at")
    op.execute("DROP FUNCTION koe_note_change()")
    op.drop_column("theme", "heard_at")
    op.drop_table("delivery_attempt")
    op.drop_index("delivery_due", "delivery")
    for name in ("next_at", "created_at"):
        op.drop_column("delivery", name)
    op.drop_column("target", "sealed_secret")
    op.drop_table("webhook_call")
    for name in ("paused_at", "sealed_secrets", "proof"):
        op.drop_column("source", name)
