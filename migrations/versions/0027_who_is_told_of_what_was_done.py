"""Notices to those who raised a theme, who is told by them, and whether customers want to be."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the step."""
    op.add_column(
        "organisation",
        sa.Column("asks_consent", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "consent",
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), primary_key=True),
        sa.Column("customer_id", sa.String(), primary_key=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.String(), sa.ForeignKey("intervention.id"), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("texts", JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    op.create_index("ix_notice_organisation_id", "notice", ["organisation_id"])
    op.create_table(
        "recipient",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey("organisation.id"), nullable=False),
        sa.Column("notice_id", sa.String(), sa.ForeignKey("notice.id", ondelete="CASCADE"), nullable=False),
        sa.Column("customer_id", sa.String()),
        sa.Column("item_id", sa.String(), sa.ForeignKey("item.id", ondelete="SET NULL")),
        sa.Column("delivery_id", sa.String(), sa.ForeignKey("delivery.id", ondelete="SET NULL")),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("agreed_by", sa.String(), nullable=False),
        sa.Column("agreed_at", MOMENT, nullable=False),
        sa.Column("stopped_by", sa.String()),
    )
    for name in ("organisation_id", "notice_id", "item_id", "delivery_id"):
        op.create_index(f"ix_recipient_{name}", "recipient", [name])
    op.create_index("recipient_by_customer", "recipient", ["organisation_id", "customer_id"])


def downgrade() -> None:
    """Take the step back."""
    for table in ("recipient", "notice", "consent"):
        op.drop_table(table)
    op.drop_column("organisation", "asks_consent")
