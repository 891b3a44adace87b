"""Items and their messages."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import delete, func, tuple_
from sqlmodel import Session, col, select

from service.models import Coverage, Item, Message
from service.repositories import tallies
from service.repositories.among import among
from service.repositories.bulk import insert_rows
from service.repositories.inbox import Belonging


def messages(session: Session, organisation_id: str, item_id: str) -> list[Message]:
    """Return an item's messages in their order."""
    query = (
        select(Message)
        .where(Message.organisation_id == organisation_id, Message.item_id == item_id)
        .order_by(col(Message.position))
    )
    return list(session.exec(query))


def commonest_language(session: Session, organisation_id: str) -> str | None:
    """Return the language of most items; None where none is known."""
    query = (
        select(Item.lang)
        .where(Item.organisation_id == organisation_id, col(Item.lang).is_not(None))
        .group_by(col(Item.lang))
        .order_by(func.count().desc(), col(Item.lang))
    )
    return session.exec(query.limit(1)).first()


def versions(session: Session, organisation_id: str, item_ids: Collection[str]) -> dict[str, str]:
    """Return the version of each of these items that is known."""
    query = select(Item.id, Item.version).where(
        Item.organisation_id == organisation_id, among(col(Item.id), item_ids)
    )
    return dict(session.exec(query).all())


def forget_contents(session: Session, organisation_id: str, item_ids: Collection[str]) -> None:
    """Remove what was read out of these items: their messages and answers.

    Their spans stay until the items are redacted anew: one that is said again keeps its place in its theme.
    """
    for table in (Message, Coverage):
        session.execute(
            delete(table).where(
                col(table.organisation_id) == organisation_id, among(col(table.item_id), item_ids)
            )
        )


def erase(session: Session, organisation_id: str, told: Collection[Belonging]) -> int:
    """Remove items with all that is known of them; return how many there were.

    Their themes are counted anew where they are shown. The caller keeps others from changing where spans are.
    """
    query = select(Item.id).where(
        Item.organisation_id == organisation_id, tuple_(col(Item.source_id), col(Item.external_id)).in_(told)
    )
    ids = session.exec(query).all()
    tallies.doubt(session, ids)
    session.execute(delete(Item).where(among(col(Item.id), ids)))
    return len(ids)


def store(session: Session, items: Sequence[Mapping[str, Any]], said: Sequence[Mapping[str, Any]]) -> None:
    """Write items (new, or in place of their older version) and all of their messages."""
    insert_rows(session, Item, items, replace=True)
    insert_rows(session, Message, said)
