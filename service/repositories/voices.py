"""Voices as the pages show them: items with their source and their theme, and one item in full."""

from typing import Literal, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import Select

from service.errors import NotFound
from service.models import Coverage, Item, Message, Source, Span, Theme
from service.repositories.assignments import theme_by_item

Only = Literal["", "themed", "unthemed", "aside"]


class VoiceRow(NamedTuple):
    """An item in a list."""

    item: Item
    source: str
    theme: Theme | None


class FullVoice(NamedTuple):
    """An item with everything that is known of it."""

    item: Item
    source: str
    theme: Theme | None
    messages: list[Message]
    spans: list[Span]
    coverage: Coverage | None


def search(
    session: Session,
    organisation_id: str,
    *,
    words: str = "",
    source: str = "",
    channel: str = "",
    only: Only = "",
    limit: int,
    offset: int = 0,
) -> tuple[list[VoiceRow], int]:
    """Return the items that hold every word and pass the filters, newest first, and how many there are."""
    themes = theme_by_item(organisation_id)
    query = (
        select(Item, Source.name, Theme)
        .join(Source, col(Source.id) == col(Item.source_id))
        .outerjoin(themes, themes.c.item_id == col(Item.id))
        .outerjoin(Theme, col(Theme.id) == themes.c.theme_id)
        .where(Item.organisation_id == organisation_id)
    )
    for word in words.split()[:10]:
        query = query.where(func.strpos(func.lower(Item.text), word.lower()) > 0)
    if source:
        query = query.where(Source.name == source)
    if channel:
        query = query.where(Item.channel == channel)
    if only == "aside":
        query = query.where(col(Item.set_aside).is_not(None))
    elif only:
        query = query.where(col(Item.set_aside).is_(None))
        query = query.where(
            themes.c.theme_id.is_(None) if only == "unthemed" else themes.c.theme_id.is_not(None)
        )
    total = _count(session, query)
    ordered = query.order_by(col(Item.created_at).desc(), col(Item.id)).limit(limit).offset(offset)
    return [VoiceRow(*row) for row in session.exec(ordered)], total


def _count(session: Session, query: Select[Item, str, Theme]) -> int:
    return session.exec(
        select(func.count()).select_from(query.with_only_columns(col(Item.id)).subquery())
    ).one()


def get(session: Session, organisation_id: str, item_id: str) -> FullVoice:
    """Return one item in full. Raises NotFound where this organisation has none of this id."""
    themes = theme_by_item(organisation_id)
    query = (
        select(Item, Source.name, Theme)
        .join(Source, col(Source.id) == col(Item.source_id))
        .outerjoin(themes, themes.c.item_id == col(Item.id))
        .outerjoin(Theme, col(Theme.id) == themes.c.theme_id)
        .where(Item.organisation_id == organisation_id, Item.id == item_id)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no voice {item_id}.")
    messages = select(Message).where(Message.item_id == item_id).order_by(col(Message.position))
    spans = select(Span).where(Span.item_id == item_id).order_by(col(Span.start))
    return FullVoice(
        *found,
        messages=list(session.exec(messages)),
        spans=list(session.exec(spans)),
        coverage=session.get(Coverage, item_id),
    )


def sources(session: Session, organisation_id: str) -> list[str]:
    """Return the names of the sources that voices came from."""
    query = (
        select(Source.name)
        .where(Source.organisation_id == organisation_id)
        .where(select(Item.id).where(Item.source_id == Source.id).exists())
    )
    return list(session.exec(query.order_by(col(Source.name).collate("C"))))
