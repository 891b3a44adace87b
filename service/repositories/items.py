"""Items and their messages."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Assignment, Coverage, Item, Message, Run, Source, Span
from service.repositories.bulk import insert_rows


def list_items(
    session: Session,
    organisation_id: str,
    *,
    limit: int = 50,
    offset: int = 0,
    source: str | None = None,
    channel: str | None = None,
    lang: str | None = None,
    theme_id: str | None = None,
    q: str | None = None,
) -> list[tuple[Item, str]]:
    """Return items with their source's name, newest first.

    `theme_id` (upper or sub-theme) is looked up in the live run; `q` is a piece of the redacted text or the
    whole of an external id.
    """
    query = (
        select(Item, Source.name)
        .join(Source, col(Source.id) == Item.source_id)
        .where(*_wanted(organisation_id, source=source, channel=channel, lang=lang, theme_id=theme_id, q=q))
        .order_by(col(Item.created_at).desc(), col(Item.id))
        .limit(limit)
        .offset(offset)
    )
    return list(session.exec(query))


def count_items(
    session: Session,
    organisation_id: str,
    *,
    source: str | None = None,
    channel: str | None = None,
    lang: str | None = None,
    theme_id: str | None = None,
    q: str | None = None,
) -> int:
    """Return how many items `list_items` would give without a limit."""
    query = (
        select(func.count())
        .select_from(Item)
        .join(Source, col(Source.id) == Item.source_id)
        .where(*_wanted(organisation_id, source=source, channel=channel, lang=lang, theme_id=theme_id, q=q))
    )
    return session.exec(query).one()


def get(session: Session, organisation_id: str, item_id: str) -> Item:
    """Return an item. Raises NotFound."""
    found = session.get(Item, item_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("There is no such item.")
    return found


def by_external_id(session: Session, organisation_id: str, source: str, external_id: str) -> Item:
    """Return an item by its source's name and its id there. Raises NotFound."""
    query = (
        select(Item)
        .join(Source, col(Source.id) == Item.source_id)
        .where(
            Item.organisation_id == organisation_id, Source.name == source, Item.external_id == external_id
        )
    )
    found = session.exec(query).one_or_none()
    if found is None:
        raise NotFound(f"There is no item “{external_id}” in {source}.")
    return found


def messages(session: Session, organisation_id: str, item_id: str) -> list[Message]:
    """Return an item's messages in their order."""
    query = (
        select(Message)
        .where(Message.organisation_id == organisation_id, Message.item_id == item_id)
        .order_by(col(Message.position))
    )
    return list(session.exec(query))


def versions(session: Session, organisation_id: str, item_ids: Collection[str]) -> dict[str, str]:
    """Return the version of each of these items that is known."""
    query = select(Item.id, Item.version).where(
        Item.organisation_id == organisation_id, col(Item.id).in_(item_ids)
    )
    return dict(session.exec(query).all())


def forget_contents(session: Session, organisation_id: str, item_ids: Collection[str]) -> None:
    """Remove what was read out of these items: their messages and answers.

    Their spans stay until the items are redacted anew: one that is said again keeps its place in its theme.
    """
    for table in (Message, Coverage):
        session.execute(
            delete(table).where(
                col(table.organisation_id) == organisation_id, col(table.item_id).in_(item_ids)
            )
        )


def store(session: Session, items: Sequence[Mapping[str, Any]], said: Sequence[Mapping[str, Any]]) -> None:
    """Write items (new, or in place of their older version) and all of their messages."""
    insert_rows(session, Item, items, replace=True)
    insert_rows(session, Message, said)


def _wanted(
    organisation_id: str,
    *,
    source: str | None,
    channel: str | None,
    lang: str | None,
    theme_id: str | None,
    q: str | None,
) -> list[ColumnElement[bool]]:
    conditions = [col(Item.organisation_id) == organisation_id]
    if source is not None:
        conditions.append(col(Source.name) == source)
    if channel is not None:
        conditions.append(col(Item.channel) == channel)
    if lang is not None:
        conditions.append(col(Item.lang) == lang)
    if theme_id is not None:
        conditions.append(_in_theme(theme_id))
    if q:
        conditions.append(or_(col(Item.text).icontains(q, autoescape=True), col(Item.external_id) == q))
    return conditions


def _in_theme(theme_id: str) -> ColumnElement[bool]:
    return exists().where(
        and_(
            col(Span.item_id) == Item.id,
            col(Assignment.span_id) == Span.id,
            col(Run.id) == Assignment.run_id,
            col(Run.state) == "live",
            or_(col(Assignment.theme_id) == theme_id, col(Assignment.subtheme_id) == theme_id),
        )
    )
