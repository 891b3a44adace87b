"""Webhook calls: kept byte for byte before they are answered, and which of them wait to be read."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from sqlalchemy import Connection, text
from sqlmodel import Session

from service.repositories import locks

SHORTEST_NAME = 4
"""Characters of an id that tells the calls it stands in from others."""
LONGEST_NAME = 256
"""Characters of a sender's id of a call that are kept as they are."""

_KEEP = text(
    """
    INSERT INTO webhook_call (organisation_id, source_id, call_key, headers, body, received_at, state, tries)
    VALUES (:organisation_id, :source_id, :call_key, CAST(:headers AS jsonb), :body, :received_at,
            (SELECT CASE WHEN paused_at IS NULL THEN 'pending' ELSE 'held' END
             FROM source WHERE id = :source_id), 0)
    ON CONFLICT (source_id, call_key) DO NOTHING
    """
)


class Waiting(NamedTuple):
    """A call that waits to be read."""

    sequence: int
    source_id: str
    call_key: str
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What has become of a source's calls."""

    waiting: int = 0
    held: int = 0
    dead: int = 0
    last_at: datetime | None = None
    """When the last one came."""


_UNREAD = "state IN ('pending', 'held')"


def call_key(named: str, body: bytes) -> str:
    """Return what makes a call itself: the sender's id of it, if there is one, and a digest of its body."""
    short = named if len(named) <= LONGEST_NAME else hashlib.sha256(named.encode()).hexdigest()
    return f"{short} {hashlib.sha256(body).hexdigest()}"


def named(key: str) -> str:
    """Return the sender's id of the call that has this key; empty where it named none."""
    return key.rpartition(" ")[0]


def keep(
    connection: Connection,
    organisation_id: str,
    source_id: str,
    *,
    key: str,
    body: bytes,
    received_at: datetime,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> bool:
    """Keep a call; a paused source's is held. Returns False, and does nothing, if it was kept before."""
    values = {
        "organisation_id": organisation_id,
        "source_id": source_id,
        "call_key": key,
        "headers": json.dumps(dict(headers)),
        "body": body,
        "received_at": received_at,
    }
    return connection.execute(_KEEP, values).rowcount == 1


def waiting(session: Session, organisation_id: str, *, most: int, most_bytes: int) -> list[Waiting]:
    """Return the next calls to be read, in their order of arrival: as many as the limits allow, at least one.

    Until the end of the transaction no other process gets any: versions of one thing go into the inbox in
    the order in which they came.
    """
    locks.hold(session, "webhook calls", organisation_id)
    query = text(
        """
        WITH first AS (
            SELECT sequence, octet_length(body) AS size FROM webhook_call
            WHERE organisation_id = :of AND state = 'pending' ORDER BY sequence LIMIT :most
        ), chosen AS (
            SELECT sequence, sum(size) OVER (ORDER BY sequence) - size AS before FROM first
        )
        SELECT c.sequence, c.source_id, c.call_key, c.headers, c.body, c.received_at
        FROM webhook_call c JOIN chosen USING (sequence)
        WHERE chosen.before < :most_bytes ORDER BY c.sequence
        """
    )
    found = session.execute(query, {"of": organisation_id, "most": most, "most_bytes": most_bytes})
    return [Waiting(*row) for row in found]


def settle(session: Session, done: Collection[int], dead: Mapping[int, str]) -> None:
    """Say what became of calls that were read: they are done, or dead for a reason."""
    session.execute(
        text(
            "UPDATE webhook_call SET state = 'done', reason = NULL, tries = tries + 1"
            " WHERE sequence = ANY(CAST(:done AS bigint[]))"
        ),
        {"done": list(done)},
    )
    session.execute(
        text(
            "UPDATE webhook_call c SET state = 'dead', reason = d.reason, tries = tries + 1"
            " FROM unnest(CAST(:dead AS bigint[]), CAST(:reasons AS text[])) AS d (sequence, reason)"
            " WHERE c.sequence = d.sequence"
        ),
        {"dead": list(dead), "reasons": list(dead.values())},
    )


def forget_said(session: Session, source_id: str, names: Collection[str]) -> None:
    """Forget what was said in calls of a source that were read and in which one of the names stands.

    It was taken back. That the calls came stays known, so that none counts twice. A very short name stands
    everywhere, and nothing is forgotten for it.
    """
    told = [name for name in names if len(name) >= SHORTEST_NAME]
    if not told:
        return
    query = text(
        """
        UPDATE webhook_call SET body = '' WHERE source_id = :source AND state = 'done' AND body <> ''
            AND EXISTS (
                SELECT FROM unnest(CAST(:names AS text[])) AS name
                WHERE position(convert_to(name, 'UTF8') in body) > 0
            )
        """
    )
    session.execute(query, {"source": source_id, "names": told})


def stop_arrivals(session: Session) -> None:
    """Let calls that arrive wait until the end of the transaction, so that none is held by mistake."""
    session.execute(text("LOCK TABLE webhook_call IN SHARE ROW EXCLUSIVE MODE"))


def release(session: Session, source_id: str) -> int:
    """Let the calls that a source held be read, and return how many these are."""
    query = text("UPDATE webhook_call SET state = 'pending' WHERE source_id = :source AND state = 'held'")
    return session.connection().execute(query, {"source": source_id}).rowcount


def waits(session: Session, source_id: str) -> int:
    """Return how many calls of a source wait to be read, or are held."""
    query = text(f"SELECT count(*) FROM webhook_call WHERE source_id = :source AND {_UNREAD}")
    return int(session.execute(query, {"source": source_id}).scalar_one())


def give_up(session: Session, source_id: str) -> None:
    """Delete the calls of a source that wait to be read, or are held."""
    session.execute(
        text(f"DELETE FROM webhook_call WHERE source_id = :source AND {_UNREAD}"), {"source": source_id}
    )


def heard(session: Session, organisation_id: str, *, source_id: str | None = None) -> dict[str, Heard]:
    """Return what has become of the calls of each source (or one) ever called, by the source's id."""
    whose = {"of": organisation_id, "source": source_id}
    counts: dict[str, dict[str, int]] = {}
    for state in ("pending", "held", "dead"):  # one by one: each has an index of its own
        query = text(
            "SELECT source_id, count(*) FROM webhook_call"
            f" WHERE organisation_id = :of AND state = '{state}'"
            " AND source_id = coalesce(:source, source_id) GROUP BY source_id"
        )
        for called, count in session.execute(query, whose):
            counts.setdefault(called, {})[state] = count
    last = text(
        """
        SELECT s.id, (SELECT received_at FROM webhook_call WHERE source_id = s.id
                      ORDER BY sequence DESC LIMIT 1) AS last_at
        FROM source s WHERE s.organisation_id = :of AND s.id = coalesce(:source, s.id)
        """
    )
    found: dict[str, Heard] = {}
    for called, last_at in session.execute(last, whose):
        if last_at is not None:
            of = counts.get(called, {})
            found[called] = Heard(
                waiting=of.get("pending", 0), held=of.get("held", 0), dead=of.get("dead", 0), last_at=last_at
            )
    return found


def dead(session: Session, source_id: str) -> list[tuple[bytes, datetime]]:
    """Return the body of each of a source's calls that could not be read, and when it came."""
    query = text(
        "SELECT body, received_at FROM webhook_call"
        " WHERE source_id = :source AND state = 'dead' ORDER BY sequence"
    )
    return [(row.body, row.received_at) for row in session.execute(query, {"source": source_id})]
