"""When people were here: each visit to what changed begins where the one before ended."""

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session

PAUSE = timedelta(minutes=30)
"""Looks less than this apart are one visit: whoever reloads, or comes back from a theme, loses no news."""
_LOOK = text(
    """
    INSERT INTO presence (person_id, organisation_id, seen_at) VALUES (:person_id, :organisation_id, :now)
    ON CONFLICT (person_id) DO UPDATE SET
        since = CASE
            WHEN presence.seen_at <= CAST(:now AS timestamptz) - CAST(:pause AS interval)
            THEN presence.seen_at ELSE presence.since END,
        seen_at = greatest(presence.seen_at, excluded.seen_at)
    RETURNING since
    """
)


def look(session: Session, organisation_id: str, person_id: str, *, now: datetime) -> datetime | None:
    """Note that a person looks; return when their visit before this one ended, None for the first."""
    values = {"person_id": person_id, "organisation_id": organisation_id, "now": now, "pause": PAUSE}
    since: datetime | None = session.execute(_LOOK, values).scalar_one()
    return since
