"""Previews: what a run beside the live one would make of the themes, and what hangs on these."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from service.errors import NotFound
from service.models import (
    Assignment,
    Delivery,
    Intervention,
    Item,
    Lineage,
    PreviewTheme,
    Run,
    Source,
    Span,
    Suggestion,
    Theme,
)
from service.repositories.among import among

EVENTS = ("continue", "split", "merge", "birth", "death")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A span as a preview has put it, with where it was heard."""

    span: Span
    item: Item
    source: str
    confidence: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hanging:
    """How much leads to a theme."""

    suggestions: int = 0
    deliveries: int = 0
    interventions: int = 0

    def __bool__(self) -> bool:
        return bool(self.suggestions or self.deliveries or self.interventions)


def list_themes(session: Session, organisation_id: str, run_id: str) -> list[PreviewTheme]:
    """Return the themes of both levels that a preview would make, larger groups first."""
    query = select(PreviewTheme).where(
        PreviewTheme.organisation_id == organisation_id, PreviewTheme.run_id == run_id
    )
    return list(session.exec(query.order_by(col(PreviewTheme.level).desc(), col(PreviewTheme.number))))


def get_theme(session: Session, organisation_id: str, run_id: str, theme_id: str) -> PreviewTheme:
    """Return an upper theme that a preview would make. Raises NotFound."""
    query = select(PreviewTheme).where(
        PreviewTheme.organisation_id == organisation_id,
        PreviewTheme.run_id == run_id,
        PreviewTheme.level == "upper",
        PreviewTheme.theme_id == theme_id,
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"This preview makes no theme {theme_id}.")
    return found


def events(session: Session, organisation_id: str, run_id: str) -> list[Lineage]:
    """Return what a run did to the themes, or would do, by what it was."""
    query = select(Lineage).where(Lineage.organisation_id == organisation_id, Lineage.run_id == run_id)
    return list(session.exec(query.order_by(col(Lineage.id).collate("C"))))


def count_events(names: Iterable[str]) -> dict[str, int]:
    """Return how often each event happens, also those that do not."""
    counts = Counter(names)
    return {name: counts[name] for name in EVENTS}


def hanging(session: Session, organisation_id: str, theme_ids: Collection[str]) -> dict[str, Hanging]:
    """Return how much leads to each of these themes; one to which nothing leads is left out."""
    suggested = select(Suggestion.theme_id).where(
        Suggestion.organisation_id == organisation_id, among(col(Suggestion.theme_id), theme_ids)
    )
    sent = suggested.join(Delivery, col(Delivery.suggestion_id) == col(Suggestion.id))
    done = (
        select(Theme.id)
        .join(Intervention, col(Intervention.theme_id) == col(Theme.id))
        .where(Intervention.organisation_id == organisation_id, among(col(Theme.id), theme_ids))
    )
    suggestions, deliveries = _counted(session, suggested), _counted(session, sent)
    interventions = _counted(session, done)
    found = {
        theme: Hanging(
            suggestions=suggestions[theme], deliveries=deliveries[theme], interventions=interventions[theme]
        )
        for theme in theme_ids
    }
    return {theme: each for theme, each in found.items() if each}


def _counted(session: Session, query: SelectOfScalar[str]) -> Counter[str]:
    return Counter(session.exec(query))


def unread(session: Session, organisation_id: str, run: Run) -> int:
    """Return how many voices there are of which a run has not read all: they came later, or changed."""
    seen = select(Assignment.span_id).where(
        Assignment.run_id == run.id, col(Assignment.span_id) == col(Span.id)
    )
    query = (
        select(func.count(func.distinct(Span.item_id)))
        .join(Item, col(Item.id) == col(Span.item_id))
        .where(Span.organisation_id == organisation_id, col(Item.set_aside).is_(None), ~seen.exists())
    )
    if run.as_of is not None:
        query = query.where(Item.created_at <= run.as_of)
    return session.exec(query).one()


def voices(
    session: Session,
    organisation_id: str,
    run_id: str,
    number: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int,
    offset: int = 0,
) -> tuple[list[Voice], int]:
    """Return the spans of an upper group of a preview, those that surely belong to it first, and how many.

    With `since` and `until`, only those of items that came from then on and before then.
    """
    conditions = [
        Assignment.organisation_id == organisation_id,
        Assignment.run_id == run_id,
        Assignment.group_number == number,
    ]
    if since is not None:
        conditions.append(Item.created_at >= since)
    if until is not None:
        conditions.append(Item.created_at < until)
    query = (
        select(Span, Item, Source.name, Assignment.confidence)
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .join(Item, col(Item.id) == col(Span.item_id))
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(*conditions)
    )
    total = session.exec(select(func.count()).select_from(query.subquery())).one()
    ordered = query.order_by(col(Assignment.confidence).desc().nulls_last(), col(Span.id).collate("C"))
    found = session.exec(ordered.limit(limit).offset(offset))
    return [
        Voice(span=span, item=item, source=source, confidence=confidence)
        for span, item, source, confidence in found
    ], total
