"""The rows of each export, in order; columns.py says what a row is, and shapes.py what it says."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from zoneinfo import ZoneInfo

from sqlmodel import Session

from service.exports.shapes import (
    Row,
    alarm_row,
    item_row,
    named,
    span_row,
    suggestion_row,
    theme_row,
)
from service.repositories import archive, assignments, lineage, suggestions, themes
from service.rules.effect_row import effect_row


def items(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every item once."""
    return map(item_row, archive.items(session, organisation_id))


def spans(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every span with where the live run put it."""
    return map(span_row, assignments.list_spans(session, organisation_id))


def theme_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:
    """Yield every theme of both levels, also those that retired."""
    return map(theme_row, themes.all_themes(session, organisation_id, zone=zone))


def suggestion_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield every suggestion by its id."""
    articles = archive.article_names(session, organisation_id)
    found = suggestions.list_suggestions(session, organisation_id)
    for suggestion in sorted(found, key=lambda each: each.id):
        yield suggestion_row(suggestion, articles)


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
                {**(named(names[each["article_id"]]) or {}), "score": each["score"]}
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
    return map(alarm_row, archive.alarms(session, organisation_id))


def effect_rows(session: Session, organisation_id: str, zone: ZoneInfo) -> Iterator[Row]:  # noqa: ARG001
    """Yield what came of every intervention that was measured."""
    for name, effect in archive.effects(session, organisation_id):
        yield effect_row(name, effect)


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
