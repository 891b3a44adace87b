"""The stage that counts what is heard of each theme and at each touchpoint, and keeps it for the pages."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlmodel import Session

from service.db import Database
from service.pipeline.report import Progress, Report, silent
from service.repositories import matrix, organisations, overview, places, tallies

STAGE = "tally"


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Count every upper theme that lives."""
    with db.begin() as session:
        places.lock_places(session, organisation_id)
        done = refresh(session, organisation_id)
    _count_touchpoints(db, organisation_id, anew=True)
    progress(STAGE, done, done)
    return Report(stage=STAGE, done=done)


def catch_up(db: Database, organisation_id: str) -> None:
    """Count the themes again to which voices came, or from which they left, since they were counted."""
    with db.begin() as session:
        places.lock_places(session, organisation_id)
        refresh(session, organisation_id, tallies.stale(session, organisation_id))
    _count_touchpoints(db, organisation_id, anew=False)


def _count_touchpoints(db: Database, organisation_id: str, *, anew: bool) -> None:
    """Count what was heard where, while voices may go on to their places."""
    with db.begin() as session:
        matrix.keep(session, organisation_id, now=datetime.now(UTC), anew=anew)


def refresh(session: Session, organisation_id: str, theme_ids: Collection[str] | None = None) -> int:
    """Count all themes, or some, and what became of all items, in the caller's transaction.

    The caller keeps others from changing where spans are. Return how many themes were counted.
    """
    session.flush()
    zone = organisations.zone_of(session, organisation_id)
    done = tallies.count(session, organisation_id, zone=zone, theme_ids=theme_ids)
    overview.keep_share(session, organisation_id, now=datetime.now(UTC))
    return done
