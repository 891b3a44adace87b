"""What agents answered, and what the items of a theme are known to have become."""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.models import Assignment, Item, Message, Source, Span
from service.repositories.among import among


class ThemeItem(NamedTuple):
    """An item that a theme holds a span of."""

    item_id: str
    source: str
    external_id: str
    lang: str | None
    status: str | None
    resolved_at: datetime | None
    customer_id: str | None = None
    created_at: datetime | None = None


class Reply(NamedTuple):
    """One message of an agent."""

    item_id: str
    position: int
    start: int
    """Where it begins in the item's text, in code points."""
    text: str


def items_by_theme(session: Session, organisation_id: str, run_id: str) -> dict[str, list[str]]:
    """Return the ids of each upper theme's items, in their order."""
    query = (
        select(Assignment.theme_id, Span.item_id)
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
        .where(col(Assignment.theme_id).is_not(None))
        .group_by(col(Assignment.theme_id), col(Span.item_id))
        .order_by(col(Span.item_id).collate("C"))
    )
    found: dict[str, list[str]] = defaultdict(list)
    for theme_id, item_id in session.exec(query):
        found[theme_id or ""].append(item_id)
    return dict(found)


def items(session: Session, organisation_id: str, item_ids: list[str]) -> dict[str, ThemeItem]:
    """Return these items by id."""
    columns = (
        Item.id,
        Source.name,
        Item.external_id,
        Item.lang,
        Item.status,
        Item.resolved_at,
        Item.customer_id,
        Item.created_at,
    )
    query = (
        select(*columns)  # type: ignore[call-overload]
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(Item.organisation_id == organisation_id, among(col(Item.id), item_ids))
    )
    return {row[0]: ThemeItem(*row) for row in session.execute(query)}


def texts(session: Session, organisation_id: str, item_ids: list[str]) -> list[str]:
    """Return all that was said in each of these items, redacted."""
    query = select(Item.text).where(Item.organisation_id == organisation_id, among(col(Item.id), item_ids))
    return [text for text in session.exec(query.where(col(Item.text).is_not(None))) if text]


def replies(session: Session, organisation_id: str, item_ids: list[str]) -> list[Reply]:
    """Return what agents wrote in these items, redacted, by item and position."""
    text = func.substr(Item.text, col(Message.start) + 1, col(Message.end) - col(Message.start))
    query = (
        select(Message, text)
        .join(Item, col(Item.id) == col(Message.item_id))
        .where(Message.organisation_id == organisation_id, among(col(Message.item_id), item_ids))
        .where(Message.author_role == "agent", col(Item.text).is_not(None))
        .order_by(col(Message.item_id).collate("C"), col(Message.position))
    )
    return [
        Reply(item_id=message.item_id, position=message.position, start=message.start, text=said)
        for message, said in session.exec(query)
    ]
