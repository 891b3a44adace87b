"""Interventions: the days on which something changed for customers."""

from datetime import datetime

from sqlmodel import Session, col, select

from service.models import Intervention, Suggestion
from service.models.columns import digest


def list_interventions(
    session: Session, organisation_id: str, *, theme_id: str | None = None
) -> list[Intervention]:
    """Return the interventions, by the name they were given."""
    query = select(Intervention).where(Intervention.organisation_id == organisation_id)
    if theme_id is not None:
        query = query.where(Intervention.theme_id == theme_id)
    return list(session.exec(query.order_by(col(Intervention.intervention_id))))


def open_intervention(session: Session, suggestion: Suggestion, *, kind: str, at: datetime) -> Intervention:
    """Return the intervention that a suggestion became; the first day that was told stays."""
    name = f"suggestion-{suggestion.id}"
    intervention_id = digest(suggestion.organisation_id, "intervention", name)
    known = session.get(Intervention, intervention_id)
    if known is not None:
        return known
    opened = Intervention(
        id=intervention_id,
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
