"""The tables of the loop."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import Vector
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the step."""
    # pgvector is a trusted extension: the owner of the database may create it.
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.create_table(
        "organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=True),
        sa.Column("revenue", sa.Numeric(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("renews_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "account_id"),
    )
    op.create_index(op.f("ix_account_organisation_id"), "account", ["organisation_id"], unique=False)
    op.create_table(
        "embedding",
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("vector", Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("organisation_id", "embedder", "content_hash"),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("input_digest", sa.Text(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("clusterer", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("figures", JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_run_organisation_id"), "run", ["organisation_id"], unique=False)
    op.create_index("run_live", "run", ["organisation_id"], unique=True, postgresql_where="state = 'live'")
    op.create_table(
        "source",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", JSONB(none_as_null=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_index(op.f("ix_source_organisation_id"), "source", ["organisation_id"], unique=False)
    op.create_table(
        "target",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("settings", JSONB(none_as_null=True), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "name"),
    )
    op.create_index(op.f("ix_target_organisation_id"), "target", ["organisation_id"], unique=False)
    op.create_table(
        "theme",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=True),
        sa.Column("successor_id", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("titles", JSONB(none_as_null=True), nullable=False),
        sa.Column("keywords", JSONB(none_as_null=True), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["theme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_theme_organisation_id"), "theme", ["organisation_id"], unique=False)
    op.create_table(
        "alarm",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("onset", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("items", JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_alarm_organisation_id"), "alarm", ["organisation_id"], unique=False)
    op.create_table(
        "article",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("lang", sa.Text(), nullable=True),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("views", sa.Integer(), nullable=True),
        sa.Column("helpful", sa.Integer(), nullable=True),
        sa.Column("unhelpful", sa.Integer(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "external_id"),
    )
    op.create_index(op.f("ix_article_organisation_id"), "article", ["organisation_id"], unique=False)
    op.create_table(
        "centroid",
        sa.Column("theme_id", sa.Text(), nullable=False),
        sa.Column("embedder", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("vector", Vector(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(["theme_id"], ["theme.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("theme_id", "embedder"),
    )
    op.create_index(op.f("ix_centroid_organisation_id"), "centroid", ["organisation_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=True),
        sa.Column("amount", sa.Numeric(), nullable=True),
        sa.Column("has_text", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_event_occurred_at"), "event", ["occurred_at"], unique=False)
    op.create_index(op.f("ix_event_organisation_id"), "event", ["organisation_id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("delivery_key", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
        ),
        sa.PrimaryKeyConstraint("sequence"),
        sa.UniqueConstraint("source_id", "delivery_key"),
    )
    op.create_index(
        "inbox_waiting",
        "inbox",
        ["organisation_id", "sequence"],
        unique=False,
        postgresql_where="state = 'pending'",
    )
    op.create_index(op.f("ix_inbox_external_id"), "inbox", ["external_id"], unique=False)
    op.create_index(op.f("ix_inbox_organisation_id"), "inbox", ["organisation_id"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=True),
        sa.Column("lang_given", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("tags", JSONB(none_as_null=True), nullable=False),
        sa.Column("product_area", sa.Text(), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("raw_title", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("title_end", sa.Integer(), nullable=False),
        sa.Column("set_aside", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_id", "external_id"),
    )
    op.create_index("item_by_time", "item", ["organisation_id", "created_at"], unique=False)
    op.create_index(
        "item_to_redact", "item", ["organisation_id", "id"], unique=False, postgresql_where="text IS NULL"
    )
    op.create_index(op.f("ix_item_account_id"), "item", ["account_id"], unique=False)
    op.create_index(op.f("ix_item_customer_id"), "item", ["customer_id"], unique=False)
    op.create_index(op.f("ix_item_organisation_id"), "item", ["organisation_id"], unique=False)
    op.create_table(
        "lineage",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("from_ids", JSONB(none_as_null=True), nullable=False),
        sa.Column("to_ids", JSONB(none_as_null=True), nullable=False),
        sa.Column("overlap", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_lineage_organisation_id"), "lineage", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_lineage_run_id"), "lineage", ["run_id"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("answered", sa.Float(), nullable=False),
        sa.Column("articles", JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_index(op.f("ix_coverage_organisation_id"), "coverage", ["organisation_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("author_role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raw", sa.Text(), nullable=True),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("reopens", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("item_id", "position"),
    )
    op.create_index(op.f("ix_message_item_id"), "message", ["item_id"], unique=False)
    op.create_index(op.f("ix_message_organisation_id"), "message", ["organisation_id"], unique=False)
    op.create_index(
        "message_reopens", "message", ["organisation_id"], unique=False, postgresql_where="reopens"
    )
    op.create_table(
        "passage",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("article_id", "position"),
    )
    op.create_index(op.f("ix_passage_article_id"), "passage", ["article_id"], unique=False)
    op.create_index(op.f("ix_passage_content_hash"), "passage", ["content_hash"], unique=False)
    op.create_index(op.f("ix_passage_organisation_id"), "passage", ["organisation_id"], unique=False)
    op.create_table(
        "span",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("kind_confidence", sa.Float(), nullable=False),
        sa.Column("kind_reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_span_content_hash"), "span", ["content_hash"], unique=False)
    op.create_index(op.f("ix_span_organisation_id"), "span", ["organisation_id"], unique=False)
    op.create_index("span_by_item", "span", ["item_id", "start"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("reasons", JSONB(none_as_null=True), nullable=False),
        sa.Column("article_id", sa.Text(), nullable=True),
        sa.Column("draft", JSONB(none_as_null=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("published_url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["article_id"], ["article.id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("theme_id", "action"),
    )
    op.create_index(op.f("ix_suggestion_organisation_id"), "suggestion", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_suggestion_theme_id"), "suggestion", ["theme_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("span_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("group_number", sa.Integer(), nullable=True),
        sa.Column("subgroup_number", sa.Integer(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("theme_id", sa.Text(), nullable=True),
        sa.Column("subtheme_id", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["span_id"], ["span.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subtheme_id"],
            ["theme.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "span_id"),
    )
    op.create_index("assignment_by_theme", "assignment", ["run_id", "theme_id"], unique=False)
    op.create_index(op.f("ix_assignment_organisation_id"), "assignment", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_assignment_span_id"), "assignment", ["span_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("suggestion_id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
        ),
        sa.ForeignKeyConstraint(
            ["target_id"],
            ["target.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("suggestion_id", "target_id"),
    )
    op.create_index(op.f("ix_delivery_organisation_id"), "delivery", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_delivery_suggestion_id"), "delivery", ["suggestion_id"], unique=False)
    op.create_table(
        "intervention",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("intervention_id", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("segment", sa.Text(), nullable=True),
        sa.Column("suggestion_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("organisation_id", "intervention_id"),
    )
    op.create_index(
        op.f("ix_intervention_organisation_id"), "intervention", ["organisation_id"], unique=False
    )
    op.create_table(
        "effect",
        sa.Column("intervention_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("theme_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("relative_effect", sa.Float(), nullable=True),
        sa.Column("low", sa.Float(), nullable=True),
        sa.Column("high", sa.Float(), nullable=True),
        sa.Column("naive", sa.Float(), nullable=True),
        sa.Column("observed", sa.Float(), nullable=True),
        sa.Column("expected", sa.Float(), nullable=True),
        sa.Column("weeks_needed", sa.Integer(), nullable=True),
        sa.Column("reasons", JSONB(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(["intervention_id"], ["intervention.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["theme_id"],
            ["theme.id"],
        ),
        sa.PrimaryKeyConstraint("intervention_id"),
    )
    op.create_index(op.f("ix_effect_organisation_id"), "effect", ["organisation_id"], unique=False)
    op.execute("INSERT INTO organisation (id, name, timezone) VALUES ('main', 'main', 'Asia/Tokyo')")


def downgrade() -> None:
    """Undo the step."""
    op.drop_index(op.f("ix_effect_organisation_id"), table_name="effect")
    op.drop_table("effect")
    op.drop_index(op.f("ix_intervention_organisation_id"), table_name="intervention")
    op.drop_table("intervention")
    op.drop_index(op.f("ix_delivery_suggestion_id"), table_name="delivery")
    op.drop_index(op.f("ix_delivery_organisation_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_assignment_span_id"), table_name="assignment")
    op.drop_index(op.f("ix_assignment_organisation_id"), table_name="assignment")
    op.drop_index("assignment_by_theme", table_name="assignment")
    op.drop_table("assignment")
    op.drop_index(op.f("ix_suggestion_theme_id"), table_name="suggestion")
    op.drop_index(op.f("ix_suggestion_organisation_id"), table_name="suggestion")
    op.drop_table("suggestion")
    op.drop_index("span_by_item", table_name="span")
    op.drop_index(op.f("ix_span_organisation_id"), table_name="span")
    op.drop_index(op.f("ix_span_content_hash"), table_name="span")
    op.drop_table("span")
    op.drop_index(op.f("ix_passage_organisation_id"), table_name="passage")
    op.drop_index(op.f("ix_passage_content_hash"), table_name="passage")
    op.drop_index(op.f("ix_passage_article_id"), table_name="passage")
    op.drop_table("passage")
    op.drop_index("message_reopens", table_name="message", postgresql_where="reopens")
    op.drop_index(op.f("ix_message_organisation_id"), table_name="message")
    op.drop_index(op.f("ix_message_item_id"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("ix_coverage_organisation_id"), table_name="coverage")
    op.drop_table("coverage")
    op.drop_index(op.f("ix_lineage_run_id"), table_name="lineage")
    op.drop_index(op.f("ix_lineage_organisation_id"), table_name="lineage")
    op.drop_table("lineage")
    op.drop_index(op.f("ix_item_organisation_id"), table_name="item")
    op.drop_index(op.f("ix_item_customer_id"), table_name="item")
    op.drop_index(op.f("ix_item_account_id"), table_name="item")
    op.drop_index("item_to_redact", table_name="item", postgresql_where="text IS NULL")
    op.drop_index("item_by_time", table_name="item")
    op.drop_table("item")
    op.drop_index(op.f("ix_inbox_organisation_id"), table_name="inbox")
    op.drop_index(op.f("ix_inbox_external_id"), table_name="inbox")
    op.drop_index("inbox_waiting", table_name="inbox", postgresql_where="state = 'pending'")
    op.drop_table("inbox")
    op.drop_index(op.f("ix_event_organisation_id"), table_name="event")
    op.drop_index(op.f("ix_event_occurred_at"), table_name="event")
    op.drop_table("event")
    op.drop_index(op.f("ix_centroid_organisation_id"), table_name="centroid")
    op.drop_table("centroid")
    op.drop_index(op.f("ix_article_organisation_id"), table_name="article")
    op.drop_table("article")
    op.drop_index(op.f("ix_alarm_organisation_id"), table_name="alarm")
    op.drop_table("alarm")
    op.drop_index(op.f("ix_theme_organisation_id"), table_name="theme")
    op.drop_table("theme")
    op.drop_index(op.f("ix_target_organisation_id"), table_name="target")
    op.drop_table("target")
    op.drop_index(op.f("ix_source_organisation_id"), table_name="source")
    op.drop_table("source")
    op.drop_index("run_live", table_name="run", postgresql_where="state = 'live'")
    op.drop_index(op.f("ix_run_organisation_id"), table_name="run")
    op.drop_table("run")
    op.drop_table("embedding")
    op.drop_index(op.f("ix_account_organisation_id"), table_name="account")
    op.drop_table("account")
    op.drop_table("organisation")
