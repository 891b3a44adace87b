"""Where each theme stands in the loop, kept up to date by every stage that moves one on."""

from datetime import UTC, datetime

from sqlmodel import Session

from service.repositories.runs import live_run
from service.repositories.standings import standings
from service.rules.stage import stage_of


def refresh(session: Session, organisation_id: str) -> int:
    """Write down every theme's stage as it is now, in the caller's transaction; return how many moved."""
    run = live_run(session, organisation_id)
    if run is None:
        return 0
    moved = 0
    for theme, standing in standings(session, organisation_id, run.id):
        stage = stage_of(standing)
        if theme.stage != stage:
            theme.stage, theme.stage_since = stage, datetime.now(UTC)
            moved += 1
    session.flush()
    return moved
