"""The rows of each export, in order; columns.py says what a row is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.models import Suggestion
from service.repositories import archive, assignments, lineage, suggestions, themes
from service.repositories.themes import ThemeFigures

Row = Mapping[str, object]


def moment(value: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC."""
    return value.astimezone(UTC).isoformat(timespec="seconds") if value else None


def items(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every item once."""
    for source, item, theme_id in archive.items(session, organisation_id):
        yield {
            "source": source,
            "external_id": item.external_id,
            "channel": item.channel,
            "lang": item.lang,
            "created_at": moment(item.created_at),
            "customer_id": item.customer_id,
            "account_id": item.account_id,
            "text": item.text or "",
            "set_aside": item.set_aside,
            "theme_id": theme_id,
        }


def spans(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every span with where the live run put it."""
    for span in assignments.list_spans(session, organisation_id):
        yield asdict(span)


def theme_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:
    """Yield every theme of both levels, also those that retired."""
    for figures in themes.all_themes(session, organisation_id, zone=zone):
        yield _theme(figures)


def _theme(figures: ThemeFigures) -> Row:
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
        },
    }


def suggestion_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every suggestion by its id."""
    articles = archive.article_names(session, organisation_id)
    for suggestion in _by_id(session, organisation_id):
        yield {
            "suggestion_id": suggestion.id,
            "theme_id": suggestion.theme_id,
            "action": suggestion.action,
            "audience": suggestion.audience,
            "confidence": suggestion.confidence,
            "reasons": suggestion.reasons,
            "article": _named(articles.get(suggestion.article_id or "")),
            "draft": _draft(suggestion),
            "status": suggestion.status,
        }


def _by_id(session: Session, organisation_id: str) -> list[Suggestion]:
    return sorted(suggestions.list_suggestions(session, organisation_id), key=lambda each: each.id)


def _named(article: tuple[str, str] | None) -> dict[str, str] | None:
    return {"source": article[0], "external_id": article[1]} if article else None


def _draft(suggestion: Suggestion) -> dict[str, Any] | None:
    draft = suggestion.draft
    if draft is None:
        return None
    return {name: draft[name] for name in ("title", "body", "citations")}


def coverage_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield a row for every item: those that no article was compared with are answered by none."""
    names = archive.article_names(session, organisation_id)
    known = {(c.source, c.external_id): c.coverage for c in archive.coverages(session, organisation_id)}
    for source, item, _ in archive.items(session, organisation_id):
        coverage = known.get((source, item.external_id))
        yield {
            "source": source,
            "external_id": item.external_id,
            "answered": coverage.answered if coverage else 0.0,
            "articles": [
                {**(_named(names[each["article_id"]]) or {}), "score": each["score"]}
                for each in (coverage.articles if coverage else [])
                if each["article_id"] in names
            ],
        }


def lineage_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield everything that happened to themes."""
    rows = [
        (e.run_id, e.event, e.from_ids, e.to_ids, e.overlap)
        for e in lineage.list_lineage(session, organisation_id)
    ]
    for run_id, event, before, after, overlap in sorted(rows):
        yield {"run_id": run_id, "event": event, "from": before, "to": after, "overlap": overlap}


def alarm_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every alarm."""
    for alarm in archive.alarms(session, organisation_id):
        yield {
            "alarm_id": alarm.id,
            "theme_id": alarm.theme_id,
            "kind": alarm.kind,
            "onset": moment(alarm.onset),
            "raised_at": moment(alarm.raised_at),
            "contacts": alarm.contacts,
            "expected": alarm.expected,
            "items": alarm.items,
        }


def effect_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield what came of every intervention that was measured."""
    for name, effect in archive.effects(session, organisation_id):
        yield {
            "intervention_id": name,
            "theme_id": effect.theme_id,
            "verdict": effect.verdict,
            "relative_effect": effect.relative_effect,
            "low": effect.low,
            "high": effect.high,
            "naive": effect.naive,
            "observed": effect.observed,
            "expected": effect.expected,
            "weeks_needed": effect.weeks_needed,
            "reasons": effect.reasons,
        }


def faq_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:
    """Yield the questions with an answer that nobody dismissed, as FAQ systems import them.

    These are the drafts of new articles. What changes an article that exists is none, for it quotes
    customers, and neither is a draft whose answer a person has yet to write.
    """
    keywords = {
        figures.theme.id: figures.theme.keywords
        for figures in themes.list_themes(session, organisation_id, zone=zone)
    }
    rows = [
        {
            "question": suggestion.draft["title"],
            "answer": _without_heading(suggestion.draft["body"]),
            "section": suggestion.draft.get("section"),
            "keywords": keywords.get(suggestion.theme_id, []),
            "lang": suggestion.lang,
            "audience": suggestion.audience,
            "suggestion_id": suggestion.id,
        }
        for suggestion in suggestions.list_suggestions(session, organisation_id)
        if suggestion.action == "write_article"
        and suggestion.status != "dismissed"
        and suggestion.draft
        and suggestion.draft.get("answered")
    ]
    yield from sorted(
        rows, key=lambda row: tuple(str(row[name]) for name in ("question", "answer", "suggestion_id"))
    )


def _without_heading(body: str) -> str:
    """Return a draft without a heading in its first line: that this is the answer, the column says."""
    first, _, rest = body.partition("\n")
    return (rest if first.startswith("## ") else body).strip()


ROWS: Mapping[str, Callable[[Session, str, ZoneInfo], Iterable[Row]]] = {
    "items": items,
    "assignments": spans,
    "themes": theme_rows,
    "suggestions": suggestion_rows,
    "coverage": coverage_rows,
    "lineage": lineage_rows,
    "alarms": alarm_rows,
    "effects": effect_rows,
    "faq": faq_rows,
}
