"""Sources that are asked for what they hold: how far that is, what is to be fetched, and how fast."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0018"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.add_column("source", sa.Column("sealed_credentials", sa.LargeBinary(), nullable=True))
    op.add_column(
        "webhook_call", sa.Column("headers", JSONB(none_as_null=True), nullable=False, server_default="{}")
    )
    op.create_table(
        "walk",
        _source(),
        _organisation(),
        sa.Column("since", INSTANT, nullable=True),
        sa.Column("began_at", INSTANT, nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("through", INSTANT, nullable=True),
        sa.Column("items", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("repaired", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
    )
    op.create_index("ix_walk_organisation_id", "walk", ["organisation_id"])
    op.create_table(
        "hint",
        _source(),
        sa.Column("external_id", sa.Text(), primary_key=True),
        _organisation(),
        sa.Column("told_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
    )
    op.create_index("hint_due", "hint", ["organisation_id", "next_at"])
    op.create_table(
        "pace",
        sa.Column("key", sa.Text(), primary_key=True),
        _organisation(),
        sa.Column("free_at", INSTANT, nullable=False),
    )
    op.create_index("ix_pace_organisation_id", "pace", ["organisation_id"])


def _source() -> "sa.Column[str]":
    return sa.Column("source_id", sa.Text(), sa.ForeignKey("source.id", ondelete="CASCADE"), primary_key=True)


def _organisation() -> "sa.Column[str]":
    return sa.Column("organisation_id", sa.Text(), sa.ForeignKey("organisation.id"), nullable=False)


def downgrade() -> None:
    """Take the step back."""
    for table in ("pace", "hint", "walk"):
        op.drop_table(table)
    op.drop_column("webhook_call", "headers")
    op.drop_column("source", "sealed_credentials")
