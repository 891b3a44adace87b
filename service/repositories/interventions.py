"""Interventions: the days on which something changed for customers."""

from datetime import datetime

from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Intervention, Item, Source, Suggestion, Theme
from service.models.columns import digest
from service.repositories.assignments import item_themes
from service.repositories.themes import current_theme


def list_interventions(
    session: Session, organisation_id: str, *, theme_id: str | None = None
) -> list[Intervention]:
    """Return the interventions, by the name they were given."""
    query = select(Intervention).where(Intervention.organisation_id == organisation_id)
    if theme_id is not None:
        query = query.where(Intervention.theme_id == theme_id)
    return list(session.exec(query.order_by(col(Intervention.intervention_id))))


def open_intervention(
    session: Session, suggestion: Suggestion, *, kind: str, at: datetime, again: bool = False
) -> Intervention:
    """Return the intervention that a suggestion became; the first day that was told stays.

    One that was opened `again` and is done another time becomes another, if that is on a later day.
    """
    last = of_suggestion(session, suggestion.organisation_id, suggestion.id)
    if last is not None and not (again and at > last.occurred_at):
        return last
    name = f"suggestion-{suggestion.id}" if last is None else f"{last.intervention_id}-again"
    opened = Intervention(
        id=digest(suggestion.organisation_id, "intervention", name),
        organisation_id=suggestion.organisation_id,
        intervention_id=name,
        theme=suggestion.theme_id,
        theme_id=suggestion.theme_id,
        occurred_at=at,
        kind=kind,
        suggestion_id=suggestion.id,
    )
    session.add(opened)
    session.flush()
    return opened


def of_suggestion(session: Session, organisation_id: str, suggestion_id: str) -> Intervention | None:
    """Return the last intervention that a suggestion became; None while customers do not have it."""
    query = select(Intervention).where(
        Intervention.organisation_id == organisation_id, Intervention.suggestion_id == suggestion_id
    )
    return session.exec(query.order_by(col(Intervention.occurred_at).desc())).first()


def meant_theme(session: Session, intervention: Intervention) -> str | None:
    """Return the id of the upper theme that an intervention's name means in the live run.

    The name is a theme's id (which leads on to its successor), a theme's title, or a voice
    `SOURCE/EXTERNAL_ID`; None where it means nothing that is there.
    """
    organisation_id, name = intervention.organisation_id, intervention.theme.strip()
    try:
        theme = current_theme(session, organisation_id, name)
    except NotFound:
        named = _titled(session, organisation_id, name)
        return named.parent_id or named.id if named else _theme_of_voice(session, organisation_id, name)
    return None if theme.retired else theme.parent_id or theme.id


def _titled(session: Session, organisation_id: str, title: str) -> Theme | None:
    """Return the theme of a title, an upper one before a sub-theme."""
    query = select(Theme).where(
        Theme.organisation_id == organisation_id, Theme.title == title, col(Theme.retired).is_(False)
    )
    return session.exec(query.order_by(col(Theme.parent_id).nulls_first(), col(Theme.id))).first()


def _theme_of_voice(session: Session, organisation_id: str, name: str) -> str | None:
    source, _, external_id = name.partition("/")
    query = (
        select(Item.id)
        .join(Source, col(Source.id) == col(Item.source_id))
        .where(Item.organisation_id == organisation_id, Source.name == source)
        .where(Item.external_id == external_id)
    )
    item_id = session.exec(query).first()
    return item_themes(session, organisation_id, [item_id]).get(item_id) if item_id else None
