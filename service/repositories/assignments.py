"""Where the live run put every span, and which theme an item is about."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Subquery, and_, func, or_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import Session, col, select

from service.models import Assignment, Item, Run, Source, Span
from service.repositories.among import among

BATCH = 2000
"""Rows held in memory at once while all are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanRow:
    """A span, where it stands, and what the live run made of it."""

    source: str
    external_id: str
    span_id: str
    start: int
    end: int
    text: str
    lang: str | None
    kind: str
    theme_id: str | None
    subtheme_id: str | None
    confidence: float | None
    origin: str


def list_spans(session: Session, organisation_id: str) -> Iterator[SpanRow]:
    """Yield every span by source, external id and span id; one that no live run has read is un-themed."""
    query = (
        select(Source.name, Item.external_id, Span, Assignment)
        .join(Item, col(Item.source_id) == col(Source.id))
        .join(Span, col(Span.item_id) == col(Item.id))
        .outerjoin(
            Assignment,
            and_(
                col(Assignment.span_id) == col(Span.id),
                col(Assignment.run_id).in_(
                    select(Run.id).where(Run.organisation_id == organisation_id, Run.state == "live")
                ),
            ),
        )
        .where(Span.organisation_id == organisation_id)
        .order_by(
            col(Source.name).collate("C"), col(Item.external_id).collate("C"), col(Span.id).collate("C")
        )
        .execution_options(yield_per=BATCH)
    )
    for source, external_id, span, put in session.exec(query):
        yield SpanRow(
            source=source,
            external_id=external_id,
            span_id=span.id,
            start=span.start,
            end=span.end,
            text=span.text,
            lang=span.lang,
            kind=span.kind,
            theme_id=put.theme_id if put else None,
            subtheme_id=put.subtheme_id if put else None,
            confidence=put.confidence if put else None,
            origin=put.origin if put else "model",
        )


def in_theme(theme_id: str, *, run_id: str) -> ColumnElement[bool]:
    """Say that a run put a span into a theme or a sub-theme.

    The run is named, not looked up in the query: PostgreSQL then knows how many assignments to expect.
    """
    put = or_(col(Assignment.theme_id) == theme_id, col(Assignment.subtheme_id) == theme_id)
    return and_(col(Assignment.run_id) == run_id, put)


def theme_by_item(organisation_id: str) -> Subquery:
    """Return rows `(item_id, theme_id)` to join with: the theme of most of the item's themed characters.

    Of two themes with as many characters it is the one whose id comes first. An item without a themed
    span has no row. Only the live run counts.
    """
    characters = (
        select(
            Span.item_id,
            col(Assignment.theme_id),
            func.sum(col(Span.end) - col(Span.start)).label("characters"),
        )
        .join(Assignment, col(Assignment.span_id) == col(Span.id))
        .join(Run, col(Run.id) == col(Assignment.run_id))
        .where(Assignment.organisation_id == organisation_id, Run.organisation_id == organisation_id)
        .where(Run.state == "live", col(Assignment.theme_id).is_not(None))
        .group_by(col(Span.item_id), col(Assignment.theme_id))
        .subquery()
    )
    return (
        select(characters.c.item_id, characters.c.theme_id)
        .ext(distinct_on(characters.c.item_id))
        .order_by(characters.c.item_id, characters.c.characters.desc(), characters.c.theme_id.collate("C"))
        .subquery()
    )


def item_themes(
    session: Session, organisation_id: str, item_ids: Sequence[str] | None = None
) -> dict[str, str]:
    """Return the theme of each item that has one, of `item_ids` or of all."""
    by_item = theme_by_item(organisation_id)
    query = select(by_item.c.item_id, by_item.c.theme_id)
    if item_ids is not None:
        query = query.where(among(by_item.c.item_id, item_ids))
    return dict(session.exec(query).all())
