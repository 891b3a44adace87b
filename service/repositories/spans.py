"""Items that wait to be redacted, and the spans that come out of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from service.models import Item, Message, Span
from service.repositories.among import among
from service.repositories.bulk import insert_rows
from service.repositories.places import lock_places

WAITING = """
    SELECT id FROM (
        SELECT item.id, sum(coalesce(length(item.raw_title), 0) + coalesce(said.characters, 0))
            OVER (ORDER BY item.id) AS characters, row_number() OVER (ORDER BY item.id) AS place
        FROM (
            SELECT id, raw_title FROM item
            WHERE organisation_id = :organisation_id AND text IS NULL
            ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED
        ) AS item
        LEFT JOIN LATERAL (
            SELECT sum(length(raw)) AS characters FROM message WHERE item_id = item.id
        ) AS said ON true
    ) AS waiting
    WHERE place = 1 OR characters <= :most_characters
    ORDER BY id
"""
OLDER = """
    SELECT id FROM (
        SELECT id, reading, sum(length(text)) OVER (ORDER BY reading, id) AS characters,
            row_number() OVER (ORDER BY reading, id) AS place
        FROM (
            SELECT id, reading, text FROM item
            WHERE organisation_id = :organisation_id AND reading < :reading AND text IS NOT NULL
            ORDER BY reading, id LIMIT :most FOR UPDATE SKIP LOCKED
        ) AS item
    ) AS older
    WHERE place = 1 OR characters <= :most_characters
"""
READ = """
    UPDATE item SET text = new.text, title_end = new.title_end, lang = new.lang, set_aside = new.set_aside,
        raw_title = NULL, unplaced = new.set_aside IS NULL, reading = new.reading
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS new (id text, text text, title_end integer, lang text, set_aside text, reading integer)
    WHERE item.id = new.id
"""
PLACE = """
    UPDATE message SET start = new.start, "end" = new."end", reopens = new.reopens, raw = NULL
    FROM jsonb_to_recordset(CAST(:rows AS jsonb))
        AS new (id text, start integer, "end" integer, reopens boolean)
    WHERE message.id = new.id
"""
GIVE_UP = """
    WITH gone AS (DELETE FROM item WHERE organisation_id = :organisation_id AND id = :id RETURNING *)
    UPDATE inbox SET state = 'dead', reason = :reason, tries = tries + 1 FROM gone
    WHERE inbox.source_id = gone.source_id AND inbox.external_id = gone.external_id
"""
NO_LONGER_SAID = """
    DELETE FROM span WHERE item_id = ANY(:items) AND NOT id = ANY(:said)
"""


@dataclass(frozen=True, slots=True)
class Unread:
    """An item as it was received, with its messages in their order."""

    item: Item
    messages: Sequence[Message]


def count_waiting(session: Session, organisation_id: str) -> int:
    """Return how many items wait to be redacted."""
    query = select(func.count()).where(Item.organisation_id == organisation_id, col(Item.text).is_(None))
    return session.exec(query).one()


def count_older(session: Session, organisation_id: str, *, reading: int) -> int:
    """Return how many items an earlier reading cut into spans."""
    query = select(func.count()).where(Item.organisation_id == organisation_id)
    return session.exec(query.where(Item.reading < reading, col(Item.text).is_not(None))).one()


def waiting(session: Session, organisation_id: str, *, most: int, most_characters: int) -> list[Unread]:
    """Return the next items that wait, by id, and keep them from any other worker until the commit.

    At most `most` items, and no more than `most_characters` in all unless the first alone has more.
    """
    given = {"organisation_id": organisation_id, "most": most, "most_characters": most_characters}
    return _with_messages(session, list(session.execute(text(WAITING), given).scalars()))


def older(
    session: Session, organisation_id: str, *, reading: int, most: int, most_characters: int
) -> list[Unread]:
    """Return the next items whose spans an earlier reading made, and keep them from any other worker.

    Their texts are redacted, and where their messages stand in them is known.
    """
    given = {
        "organisation_id": organisation_id,
        "reading": reading,
        "most": most,
        "most_characters": most_characters,
    }
    return _with_messages(session, list(session.execute(text(OLDER), given).scalars()))


def _with_messages(session: Session, ids: Sequence[str]) -> list[Unread]:
    items = session.exec(select(Item).where(among(col(Item.id), ids)).order_by(col(Item.id))).all()
    said: dict[str, list[Message]] = {item_id: [] for item_id in ids}
    query = select(Message).where(among(col(Message.item_id), ids))
    for message in session.exec(query.order_by(col(Message.item_id), col(Message.position))):
        said[message.item_id].append(message)
    return [Unread(item, said[item.id]) for item in items]


def store(
    session: Session,
    organisation_id: str,
    items: Sequence[Mapping[str, Any]],
    messages: Sequence[Mapping[str, Any]],
    spans: Sequence[Mapping[str, Any]],
) -> None:
    """Write what items say once they are redacted, and their spans; one that is said again stays itself."""
    if not items:
        return
    lock_places(session, organisation_id)
    session.execute(text(READ), {"rows": json.dumps(items)})
    session.execute(text(PLACE), {"rows": json.dumps(messages)})
    given = {"items": [item["id"] for item in items], "said": [span["id"] for span in spans]}
    session.execute(text(NO_LONGER_SAID), given)
    insert_rows(session, Span, spans, replace=True)


def give_up(session: Session, organisation_id: str, item_id: str, *, reason: str) -> None:
    """Set aside an item that cannot be read: what was received of it waits as dead letters."""
    lock_places(session, organisation_id)
    given = {"organisation_id": organisation_id, "id": item_id, "reason": reason}
    session.execute(text(GIVE_UP), given)
