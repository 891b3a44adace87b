"""What a person says was done about a theme: an intervention by hand, and how it is taken back."""

from datetime import datetime

from sqlmodel import Session

from service.models import Intervention, Notice, Theme
from service.models.columns import digest
from service.repositories import effects
from service.rules.refusals import conflict


def enter(
    session: Session, theme: Theme, *, kind: str, at: datetime, segment: str | None = None
) -> Intervention:
    """Return something that was done about a theme from a day on; the same said twice is one.

    A sub-theme is measured with its theme. What came of it is known after the next run.
    """
    upper = theme.parent_id or theme.id
    name = digest(upper, at.isoformat(), kind, segment or "")
    key = digest(theme.organisation_id, "intervention", name)
    entered = session.get(Intervention, key) or Intervention(
        id=key,
        organisation_id=theme.organisation_id,
        intervention_id=name,
        theme=upper,
        theme_id=upper,
        occurred_at=at,
        kind=kind,
        segment=segment,
    )
    session.add(entered)
    session.flush()
    return entered


def withdraw(session: Session, organisation_id: str, intervention_id: str) -> Intervention:
    """Take back that something was done, and return what that was.

    Raises NotFound, and Conflict where it came of a suggestion, which is what has to be opened again, or
    where those who asked are told of it already.
    """
    intervention = effects.one_done(session, organisation_id, intervention_id).intervention
    if intervention.suggestion_id is not None:
        raise conflict("came_of_suggestion")
    if session.get(Notice, intervention.id) is not None:
        raise conflict("being_told")
    effects.forget(session, organisation_id, intervention.id)
    session.delete(intervention)
    session.flush()
    return intervention
