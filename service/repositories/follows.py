"""Which themes somebody follows: those they chose, and what became of those that ended."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, delete, select

from service.models import Follow, Theme
from service.repositories.among import among
from service.repositories.lineage import heirs


def followed(session: Session, organisation_id: str, caller_id: str) -> frozenset[str]:
    """Return the living themes that somebody follows."""
    return frozenset(_followed(session, organisation_id, caller_id))


def follow(session: Session, theme: Theme, caller_id: str, *, at: datetime) -> None:
    """Let somebody follow a theme; whoever follows it already, or what became it, goes on as they did."""
    if theme.id not in _followed(session, theme.organisation_id, caller_id):
        session.merge(
            Follow(theme_id=theme.id, follower_id=caller_id, organisation_id=theme.organisation_id, since=at)
        )


def unfollow(session: Session, theme: Theme, caller_id: str) -> None:
    """Let somebody follow a theme no longer, whether they chose it or one that became it."""
    chosen = _followed(session, theme.organisation_id, caller_id).get(theme.id, [])
    session.execute(
        delete(Follow).where(
            col(Follow.organisation_id) == theme.organisation_id,
            col(Follow.follower_id) == caller_id,
            among(col(Follow.theme_id), chosen),
        )
    )


def _followed(session: Session, organisation_id: str, caller_id: str) -> Mapping[str, list[str]]:
    """Return each living theme that is followed, and the chosen themes that are it, or became it."""
    query = (
        select(Theme)
        .join(Follow, col(Follow.theme_id) == col(Theme.id))
        .where(Follow.organisation_id == organisation_id, Follow.follower_id == caller_id)
        .order_by(col(Theme.id).collate("C"))
    )
    chosen = list(session.exec(query))
    became = heirs(session, organisation_id, chosen)
    found: dict[str, list[str]] = {}
    for theme in chosen:
        for living in became.get(theme.id, []) if theme.retired else [theme]:
            found.setdefault(living.id, []).append(theme.id)
    return found
