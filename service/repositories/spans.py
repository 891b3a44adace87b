"""Items that wait to be redacted, and the spans that come out of them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from service.models import Item, Message, Span
from service.repositories import map_points, tallies
from service.repositories.among import among
from service.repositories.bulk import insert_rows
from service.repositories.lexemes import lexemes
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
KEEP_WORDS = """
    INSERT INTO span_words (id, organisation_id, source_id, said_at, lang, kind, words)
    SELECT span.id, span.organisation_id, item.source_id, item.created_at, span.lang, span.kind,
        CAST(new.words AS tsvector)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id text, words text)
    JOIN span ON span.id = new.id AND span.organisation_id = :organisation_id
    JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
    ON CONFLICT (id) DO UPDATE SET source_id = excluded.source_id, said_at = excluded.said_at,
        lang = excluded.lang, kind = excluded.kind, words = excluded.words
"""
WORDLESS = """
    SELECT span.id, span.text FROM span
    JOIN item ON item.id = span.item_id AND item.set_aside IS NULL
    WHERE span.organisation_id = :organisation_id AND span.id COLLATE "C" > :after
        AND NOT EXISTS (SELECT FROM span_words WHERE span_words.id = span.id)
    ORDER BY span.id COLLATE "C" LIMIT :limit
"""
NOT_SEARCHED = """
    DELETE FROM span_words USING span, item
    WHERE span.id = span_words.id AND item.id = span.item_id AND item.id = ANY(:items)
        AND item.set_aside IS NOT NULL
"""
NO_LONGER_SAID = """
    DELETE FROM span WHERE item_id = ANY(:items) AND NOT id = ANY(:said)
"""


class Wordless(NamedTuple):
    """A span that no search by words can find yet."""

    id: str
    text: str


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
    words: Mapping[str, Sequence[str]],
) -> None:
    """Write what items say once they are redacted, and their spans with their words, by the spans' ids.

    A span that is said again stays itself.
    """
    if not items:
        return
    lock_places(session, organisation_id)
    session.execute(text(READ), {"rows": json.dumps(items)})
    session.execute(text(PLACE), {"rows": json.dumps(messages)})
    tallies.doubt(session, [item["id"] for item in items])
    given = {"items": [item["id"] for item in items], "said": [span["id"] for span in spans]}
    session.execute(text(NO_LONGER_SAID), given)
    insert_rows(session, Span, spans, replace=True)
    session.execute(text(NOT_SEARCHED), {"items": given["items"]})
    map_points.say_anew(session, organisation_id, given["items"])
    keep_words(session, organisation_id, words)


def wordless(session: Session, organisation_id: str, *, after: str, limit: int) -> list[Wordless]:
    """Return spans whose words were not read yet, by id, the first whose id is greater than `after`."""
    given = {"organisation_id": organisation_id, "after": after, "limit": limit}
    return [Wordless(*row) for row in session.execute(text(WORDLESS), given)]


def keep_words(session: Session, organisation_id: str, words: Mapping[str, Sequence[str]]) -> None:
    """Store the words of spans, by their ids; those of items that are set aside are left out."""
    rows = [{"id": span_id, "words": lexemes(said)} for span_id, said in words.items()]
    given = {"organisation_id": organisation_id, "rows": json.dumps(rows, ensure_ascii=False)}
    session.execute(text(KEEP_WORDS), given)


def give_up(session: Session, organisation_id: str, item_id: str, *, reason: str) -> None:
    """Set aside an item that cannot be read: what was received of it waits as dead letters."""
    lock_places(session, organisation_id)
    tallies.doubt(session, [item_id])
    given = {"organisation_id": organisation_id, "id": item_id, "reason": reason}
    session.execute(text(GIVE_UP), given)
