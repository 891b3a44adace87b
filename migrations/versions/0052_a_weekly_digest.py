"""A weekly digest by e-mail, for whoever asks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
PERSON = ("person.id",)
ORGANISATION = ("organisation.id",)


def upgrade() -> None:
    """Apply the step."""
    op.create_table(
        "digest_wish",
        sa.Column("person_id", sa.String(), sa.ForeignKey(*PERSON, ondelete="CASCADE"), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey(*ORGANISATION), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("refused", sa.String()),
        sa.Column("refused_reason", sa.String()),
    )
    op.create_table(
        "digest_week",
        sa.Column("organisation_id", sa.String(), sa.ForeignKey(*ORGANISATION), primary_key=True),
        sa.Column("week", sa.String(), primary_key=True),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT, nullable=False),
    )
    op.create_table(
        "digest_letter",
        sa.Column("person_id", sa.String(), sa.ForeignKey(*PERSON, ondelete="CASCADE"), primary_key=True),
        sa.Column("week", sa.String(), primary_key=True),
        sa.Column("organisation_id", sa.String(), sa.ForeignKey(*ORGANISATION), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("next_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    for table in ("digest_wish", "digest_letter"):
        op.create_index(f"ix_{table}_organisation_id", table, ["organisation_id"])
    op.create_index(
        "digest_letter_due",
        "digest_letter",
        ["organisation_id", "next_at"],
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )


def downgrade() -> None:
    """Take the step back."""
    for table in ("digest_letter", "digest_week", "digest_wish"):
        op.drop_table(table)
