"""What one row of an export says of a thing; the API says the same."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from service.models import Alarm, Suggestion, Value
from service.repositories.archive import Heard
from service.repositories.assignments import SpanRow
from service.repositories.themes import ThemeFigures

Row = Mapping[str, object]


def moment(value: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else None


def item_row(heard: Heard) -> Row:
    """Return an item, with the theme that it is about."""
    item = heard.item
    return {
        "source": heard.source,
        "external_id": item.external_id,
        "channel": item.channel,
        "lang": item.lang,
        "created_at": moment(item.created_at),
        "customer_id": item.customer_id,
        "account_id": item.account_id,
        "text": item.text or "",
        "set_aside": item.set_aside,
        "theme_id": heard.theme_id,
    }


def span_row(span: SpanRow) -> Row:
    """Return a span, with where the live run put it."""
    return asdict(span)


def theme_row(figures: ThemeFigures) -> Row:
    """Return a theme, with everything that is counted about it."""
    theme = figures.theme
    return {
        "theme_id": theme.id,
        "parent_id": theme.parent_id,
        "successor_id": theme.successor_id,
        "title": theme.title,
        "titles": theme.titles,
        "keywords": theme.keywords,
        "kind": theme.kind,
        "stage": theme.stage,
        "spans": figures.spans,
        "items": figures.items,
        "customers": figures.customers,
        "first_seen": moment(figures.first_seen),
        "last_seen": moment(figures.last_seen),
        "weekly": [list(week) for week in figures.weekly],
        "priority": {
            "contacts": figures.contacts,
            "customers": figures.people,
            "accounts": figures.accounts,
            "repeat_rate": figures.repeat_rate,
            "revenue": {unit: float(amount) for unit, amount in figures.revenue.items()},
            "effort_days": theme.effort_days,
            **_value(figures.value),
        },
    }


def _value(value: Value | None) -> dict[str, Any]:
    """Return what solving a theme is worth; nothing but nulls where it was not weighed."""
    names = ("worth", "low", "high", "rank", "rank_low", "rank_high")
    if value is None:
        return {**dict.fromkeys((*names, "since", "until")), "terms": []}
    return {
        **{name: getattr(value, name) for name in names},
        "since": value.since.isoformat(),
        "until": value.until.isoformat(),
        "terms": [{name: term[name] for name in TERM} for term in value.terms],
    }


TERM = ("term", "points", "low", "high", "weight", "reason", "facts")
"""In this order: the database keeps none."""


def suggestion_row(suggestion: Suggestion, articles: Mapping[str, tuple[str, str]]) -> Row:
    """Return a suggestion; `articles` are names by id, of all that it may point to."""
    return {
        "suggestion_id": suggestion.id,
        "theme_id": suggestion.theme_id,
        "action": suggestion.action,
        "audience": suggestion.audience,
        "confidence": suggestion.confidence,
        "reasons": suggestion.reasons,
        "article": named(articles.get(suggestion.article_id or "")),
        "draft": _draft(suggestion),
        "status": suggestion.status,
    }


def named(article: tuple[str, str] | None) -> dict[str, str] | None:
    """Return how an article is named: its source and the id that it has there."""
    return {"source": article[0], "external_id": article[1]} if article else None


def _draft(suggestion: Suggestion) -> dict[str, Any] | None:
    draft = suggestion.draft
    if draft is None:
        return None
    return {name: draft[name] for name in ("title", "body", "citations")}


def alarm_row(alarm: Alarm) -> Row:
    """Return an alarm."""
    return {
        "alarm_id": alarm.id,
        "theme_id": alarm.theme_id,
        "kind": alarm.kind,
        "onset": moment(alarm.onset),
        "raised_at": moment(alarm.raised_at),
        "contacts": alarm.contacts,
        "expected": alarm.expected,
        "items": [
            {"source": source, "external_id": external_id}
            for source, external_id in sorted((each["source"], each["external_id"]) for each in alarm.items)
        ],
    }
