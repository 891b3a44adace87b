"""Targets are told which themes became others than they were: by a run, by its names, or by a person."""

from collections.abc import Mapping

from sqlmodel import Session

from service.pipeline import news
from service.repositories import outbox, themes
from service.repositories.themes import Standing

EVENT = "theme.updated"


def remember(session: Session, organisation_id: str) -> Mapping[str, Standing] | None:
    """Return how all themes stand, to be told of what changes; None where nobody hears of it."""
    session.flush()
    return (
        themes.standings(session, organisation_id) if news.is_heard(session, organisation_id, EVENT) else None
    )


def tell(
    session: Session, organisation_id: str, before: Mapping[str, Standing] | None, *, origin: str
) -> None:
    """Tell of every theme that stands otherwise than before, once; a sub-theme that stays one is left out."""
    if before is None:
        return
    session.flush()
    at = outbox.clock(session)
    now = themes.standings(session, organisation_id)
    changed = {
        theme_id: [name for name in Standing._fields if getattr(was, name) != getattr(now[theme_id], name)]
        for theme_id, was in before.items()
        if was.parent_id is None or now[theme_id].parent_id is None
    }
    changed = {theme_id: fields for theme_id, fields in changed.items() if fields}
    found = themes.named(session, organisation_id, changed.keys())
    told = [
        news.of_update(theme, changed=changed[theme_id], origin=origin, at=at)
        for theme_id, theme in sorted(found.items())
    ]
    news.tell(session, organisation_id, *told)
