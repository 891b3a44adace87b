"""How far sources were asked for what they hold, which items are to be fetched, and how fast."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import text
from sqlmodel import Session, col, select

from service.models import Source, Walk
from service.repositories import locks
from service.rules.asking import next_since

DUE = """
    SELECT DISTINCT due.organisation_id FROM (
        SELECT organisation_id, source_id FROM walk WHERE next_at <= clock_timestamp()
        UNION ALL
        SELECT organisation_id, source_id FROM hint WHERE next_at <= clock_timestamp()
    ) AS due JOIN source ON source.id = due.source_id
        AND source.paused_at IS NULL AND source.sealed_credentials IS NOT NULL
    {whose} ORDER BY due.organisation_id
"""
_HINT = text(
    """
    INSERT INTO hint (source_id, external_id, organisation_id, told_at, tries, next_at)
    SELECT :source_id, told, :organisation_id, clock_timestamp(), 0, clock_timestamp()
    FROM unnest(CAST(:told AS text[])) AS told
    ON CONFLICT (source_id, external_id) DO UPDATE SET
        told_at = excluded.told_at, next_at = least(hint.next_at, excluded.next_at), tries = 0
    """
)
_RESERVE = text(
    """
    INSERT INTO pace (key, organisation_id, free_at)
    VALUES (:key, :organisation_id, clock_timestamp() + :every)
    ON CONFLICT (key) DO UPDATE SET
        free_at = greatest(pace.free_at, clock_timestamp() - :burst * CAST(:every AS interval)) + :every
    RETURNING extract(epoch FROM free_at - CAST(:every AS interval) - clock_timestamp())
    """
)


class Asked(NamedTuple):
    """An item that a source is to be asked for."""

    external_id: str
    told_at: datetime
    tries: int


def organisations_to_fetch(session: Session) -> list[str]:
    """Return the organisations of which a source is due to be asked for something."""
    return list(session.execute(text(DUE.format(whose=""))).scalars())


def is_due(session: Session, organisation_id: str) -> bool:
    """Say whether a source of an organisation is due to be asked for something."""
    query = text(DUE.format(whose="WHERE due.organisation_id = :of"))
    return session.execute(query, {"of": organisation_id}).first() is not None


def is_source_due(session: Session, source_id: str) -> bool:
    """Say whether a source is due to be asked for something."""
    query = text(
        "SELECT EXISTS (SELECT 1 FROM walk WHERE source_id = :source AND next_at <= clock_timestamp())"
        " OR EXISTS (SELECT 1 FROM hint WHERE source_id = :source AND next_at <= clock_timestamp())"
    )
    return bool(session.execute(query, {"source": source_id}).scalar_one())


def sources_that_can(session: Session, organisation_id: str) -> list[Source]:
    """Return the sources that Koe can ask and that are not paused: those first that are due for longest."""
    since = text(
        """
        (
            SELECT min(due.next_at) FROM (
                SELECT next_at FROM walk WHERE source_id = source.id
                UNION ALL
                SELECT next_at FROM hint WHERE source_id = source.id
            ) AS due
        )
        """
    )
    query = select(Source).where(
        Source.organisation_id == organisation_id,
        col(Source.sealed_credentials).is_not(None),
        col(Source.paused_at).is_(None),
    )
    return list(session.exec(query.order_by(since, col(Source.name).collate("C"))))


def begin(session: Session, source: Source, *, since: datetime | None, now: datetime) -> Walk:
    """Let a source be walked from a day on (or from ever), at once; a walk that was begun begins anew."""
    walk = lock_walk(session, source.id) or Walk(
        source_id=source.id, organisation_id=source.organisation_id, next_at=now
    )
    walk.since, walk.began_at, walk.cursor, walk.through = since, now, None, None
    walk.items, walk.total, walk.tries, walk.reason, walk.next_at = 0, None, 0, None, now
    walk.misfits, walk.reasons, walk.refusals = 0, [], 0
    session.add(walk)
    return walk


def walk_of(session: Session, source_id: str) -> Walk | None:
    """Return how far a source was walked; None where it never was."""
    return session.get(Walk, source_id)


def walks_of(session: Session, organisation_id: str, *, source_id: str | None = None) -> dict[str, Walk]:
    """Return how far each source (or one) was walked, by the source's id."""
    query = select(Walk).where(Walk.organisation_id == organisation_id)
    if source_id is not None:
        query = query.where(Walk.source_id == source_id)
    return {walk.source_id: walk for walk in session.exec(query)}


def next_step(session: Session, source_id: str) -> Walk | None:
    """Return a walk whose next page is due; one that was through begins anew. None where none is due."""
    walk = lock_walk(session, source_id)
    now = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    if walk is None or walk.next_at > now:
        return None
    if walk.began_at is None:
        walk.since = next_since(walk.through) if walk.through else walk.since
        walk.began_at, walk.cursor, walk.items, walk.total = now, None, 0, None
        walk.misfits, walk.reasons = 0, []
    return walk


def lock_walk(session: Session, source_id: str) -> Walk | None:
    """Return a walk that nobody else changes until the end of the transaction."""
    query = select(Walk).where(Walk.source_id == source_id).with_for_update()
    # What this session read before may be older than what another has committed since.
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def tell(session: Session, organisation_id: str, source_id: str, external_ids: Collection[str]) -> None:
    """Note that these items have changed and are to be fetched at once."""
    locks.hold_source(session, source_id)
    told = sorted(set(external_ids))
    session.execute(_HINT, {"organisation_id": organisation_id, "source_id": source_id, "told": told})


def told(session: Session, source_id: str, *, most: int) -> list[Asked]:
    """Return the next items of a source that are due to be fetched."""
    query = text(
        "SELECT external_id, told_at, tries FROM hint"
        " WHERE source_id = :source AND next_at <= clock_timestamp()"
        " ORDER BY next_at, external_id LIMIT :most"
    )
    return [Asked(*row) for row in session.execute(query, {"source": source_id, "most": most})]


def count_told(session: Session, organisation_id: str, *, source_id: str | None = None) -> dict[str, int]:
    """Return how many items of each source (or one) wait to be fetched, by the source's id."""
    query = text(
        "SELECT source_id, count(*) FROM hint WHERE organisation_id = :of"
        " AND source_id = coalesce(:source, source_id) GROUP BY source_id"
    )
    rows = session.execute(query, {"of": organisation_id, "source": source_id})
    return {told: count for told, count in rows}  # noqa: C416  rows are no pairs


def forget(session: Session, source_id: str, asked: Asked) -> None:
    """Forget that an item is to be fetched, unless it was told of once more since."""
    locks.hold_source(session, source_id)
    session.execute(
        text("DELETE FROM hint WHERE source_id = :source AND external_id = :item AND told_at = :told_at"),
        {"source": source_id, "item": asked.external_id, "told_at": asked.told_at},
    )


def postpone(session: Session, source_id: str, items: Sequence[str], *, wait: timedelta, reason: str) -> None:
    """Let items that could not be fetched wait; the first of them was asked for, the others were not."""
    locks.hold_source(session, source_id)
    session.execute(
        text(
            "UPDATE hint SET tries = tries + CAST(external_id = :asked AS integer), reason = :reason,"
            " next_at = clock_timestamp() + :wait"
            " WHERE source_id = :source AND external_id = ANY(CAST(:items AS text[]))"
        ),
        {"source": source_id, "asked": items[0], "items": list(items), "wait": wait, "reason": reason},
    )


def ask_now(session: Session, source_id: str) -> None:
    """Let all that waits be asked for at once: a person has seen to what stood against it."""
    locks.hold_source(session, source_id)
    for table, more in (("walk", ", refusals = 0"), ("hint", "")):
        session.execute(
            text(
                f"UPDATE {table} SET next_at = clock_timestamp(), tries = 0, reason = NULL{more}"
                " WHERE source_id = :source"
            ),
            {"source": source_id},
        )


def stop(session: Session, source_id: str) -> None:
    """Forget what a source was to be asked for: it cannot be asked any more."""
    locks.hold_source(session, source_id)
    for table in ("walk", "hint"):
        session.execute(text(f"DELETE FROM {table} WHERE source_id = :source"), {"source": source_id})


def rest(session: Session, source_id: str, pause: timedelta) -> None:
    """Ask a source for nothing for a while, whatever is due."""
    locks.hold_source(session, source_id)
    for table in ("walk", "hint"):
        session.execute(
            text(
                f"UPDATE {table} SET next_at = greatest(next_at, clock_timestamp() + :pause)"
                " WHERE source_id = :source"
            ),
            {"source": source_id, "pause": pause},
        )


def reserve(session: Session, organisation_id: str, key: str, *, every: timedelta, burst: int) -> float:
    """Take the next turn of a credential, and return in how many seconds it is (zero or less: now).

    This is the generic cell rate algorithm (ITU-T I.371): turns lie `every` apart, but for a `burst` after a
    rest. One mark in the database counts for all processes.
    """
    values = {"key": key, "organisation_id": organisation_id, "every": every, "burst": burst}
    return float(session.execute(_RESERVE, values).scalar_one())
