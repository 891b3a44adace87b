"""Dead letters: webhook calls and records of files that could not be read, each with its reason."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import text
from sqlmodel import Session

from service.errors import NotFound
from service.repositories.changes import Wanted

Kind = Literal["call", "record"]
SEEN = 4096
"""Bytes of a body that a list looks at."""

_FILTERED = {"dead_letter_id": "id", "source": "source", "kind": "kind"}
"""Column by filter."""
_ID = re.compile(r"(call|record)-([1-9]\d{0,17})", re.ASCII)
_ALL = """
    SELECT 'call' AS kind, 'call-' || c.sequence AS id, s.name AS source,
           c.received_at, c.tries, c.reason, c.body
    FROM webhook_call c JOIN source s ON s.id = c.source_id
    WHERE c.organisation_id = :of AND c.state = 'dead'
    UNION ALL
    SELECT 'record', 'record-' || i.sequence, s.name, i.received_at, i.tries, i.reason, i.body
    FROM inbox i JOIN source s ON s.id = i.source_id
    WHERE i.organisation_id = :of AND i.state = 'dead'
"""
_REPLAY_CALLS = """
    UPDATE webhook_call c SET state = CASE WHEN s.paused_at IS NULL THEN 'pending' ELSE 'held' END
    FROM source s WHERE s.id = c.source_id AND c.organisation_id = :of AND c.state = 'dead'
"""
_REPLAY_RECORDS = """
    UPDATE inbox c SET state = 'pending'
    FROM source s WHERE s.id = c.source_id AND c.organisation_id = :of AND c.state = 'dead'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """Something that was received and could not be read."""

    kind: Kind
    """A call of a webhook, or a record of a file."""
    id: str
    source: str
    received_at: datetime
    tries: int
    reason: str | None
    body: bytes
    """As it was received, or the beginning of it: for no eyes before it is redacted."""


def newest(
    session: Session, organisation_id: str, *, source: str = "", limit: int, offset: int = 0
) -> list[DeadLetter]:
    """Return dead letters, the last received first, each with the beginning of its body."""
    query = f"""
        SELECT kind, id, source, received_at, tries, reason, substring(body FROM 1 FOR {SEEN}) AS body
        FROM ({_ALL}) AS dead WHERE :source IN ('', source)
        ORDER BY received_at DESC, id COLLATE "C" DESC LIMIT :limit OFFSET :offset
    """
    values = {"of": organisation_id, "source": source, "limit": limit, "offset": offset}
    return [DeadLetter(**row) for row in session.execute(text(query), values).mappings()]


def following(session: Session, organisation_id: str, wanted: Wanted) -> list[DeadLetter]:
    """Return what is wanted in the order in which it was received, and one more where the list goes on."""
    values: dict[str, object] = {"of": organisation_id, "limit": wanted.limit + 1}
    conditions = ["true"]
    for name, value in wanted.filters.items():
        conditions.append(f"{_FILTERED[name]} IS NOT DISTINCT FROM CAST(:{name} AS text)")
        values[name] = value
    if wanted.since is not None:
        conditions.append("received_at >= :since")
        values["since"] = wanted.since
    if wanted.after is not None:
        conditions.append('(received_at, id COLLATE "C") > (:after_time, :after_id)')
        values |= {"after_time": wanted.after.changed_at, "after_id": wanted.after.id}
    query = f"""
        SELECT kind, id, source, received_at, tries, reason, substring(body FROM 1 FOR {SEEN}) AS body
        FROM ({_ALL}) AS dead WHERE {" AND ".join(conditions)}
        ORDER BY received_at, id COLLATE "C" LIMIT :limit
    """
    return [DeadLetter(**row) for row in session.execute(text(query), values).mappings()]


def get(session: Session, organisation_id: str, letter_id: str) -> DeadLetter:
    """Return a dead letter with the whole of its body. Raises NotFound."""
    query = f"SELECT * FROM ({_ALL}) AS dead WHERE id = :id"
    row = session.execute(text(query), {"of": organisation_id, "id": letter_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no dead letter {letter_id}; koe dead-letters list shows those there are.")
    return DeadLetter(**row)


def count_by_source(session: Session, organisation_id: str) -> dict[str, int]:
    """Return how many dead letters each source has that has any, by its name, the most first."""
    query = f"""
        SELECT source, count(*) AS letters FROM ({_ALL}) AS dead
        GROUP BY source ORDER BY letters DESC, source COLLATE "C"
    """
    return {row.source: row.letters for row in session.execute(text(query), {"of": organisation_id})}


def replay(session: Session, organisation_id: str, letter_ids: Collection[str]) -> int:
    """Let dead letters be read once more, and return how many did so. Those that are none are left alone."""
    sequences: dict[str, list[int]] = {"call": [], "record": []}
    for found in filter(None, map(_ID.fullmatch, letter_ids)):
        sequences[found[1]].append(int(found[2]))
    chosen = " AND c.sequence = ANY(CAST(:chosen AS bigint[]))"
    return _replay(session, _REPLAY_CALLS + chosen, of=organisation_id, chosen=sequences["call"]) + _replay(
        session, _REPLAY_RECORDS + chosen, of=organisation_id, chosen=sequences["record"]
    )


def replay_all(session: Session, organisation_id: str, *, source: str = "") -> int:
    """Let all dead letters be read once more, or those of the source of this name; return how many."""
    named = " AND :source IN ('', s.name)"
    return sum(
        _replay(session, query + named, of=organisation_id, source=source)
        for query in (_REPLAY_CALLS, _REPLAY_RECORDS)
    )


def _replay(session: Session, query: str, **values: object) -> int:
    return session.connection().execute(text(query), values).rowcount
