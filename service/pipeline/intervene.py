"""What a person says was done about a theme: an intervention by hand, and how it is taken back."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session

from service.models import Intervention, Notice, Theme
from service.models.columns import digest
from service.repositories import effects, organisations, themes
from service.rules.refusals import conflict


def enter(
    session: Session, theme: Theme, *, kind: str, at: datetime, segment: str | None = None
) -> Intervention:
    """Return something that was done about a theme from a day on; the same said twice of a day is one.

    A sub-theme is measured with its theme. What came of it is known after the next run.
    """
    upper = theme.parent_id or theme.id
    day = at.astimezone(organisations.zone_of(session, theme.organisation_id)).date()
    name = digest(upper, day.isoformat(), kind, segment or "")
    return _kept(
        session,
        Intervention(
            id=_key(theme.organisation_id, name),
            organisation_id=theme.organisation_id,
            intervention_id=name,
            theme=upper,
            theme_id=upper,
            occurred_at=at,
            kind=kind,
            segment=segment,
        ),
    )


def restore(
    session: Session,
    organisation_id: str,
    *,
    name: str,
    theme: str,
    kind: str,
    at: datetime,
    segment: str | None,
) -> Intervention:
    """Put back what was withdrawn, under the name that it had: a file that tells of it again means the same.

    Which theme it means is found by the next run, where none has this id.
    """
    found = themes.named(session, organisation_id, [theme]).get(theme)
    return _kept(
        session,
        Intervention(
            id=_key(organisation_id, name),
            organisation_id=organisation_id,
            intervention_id=name,
            theme=theme,
            theme_id=(found.parent_id or found.id) if found else None,
            occurred_at=at,
            kind=kind,
            segment=segment,
        ),
    )


def _key(organisation_id: str, name: str) -> str:
    return digest(organisation_id, "intervention", name)


def _kept(session: Session, intervention: Intervention) -> Intervention:
    """Keep an intervention, if there is none of its id; of two at once, one is kept."""
    row = intervention.model_dump(exclude={"foreseen", "suggestion_id"})
    session.execute(insert(Intervention).values(row).on_conflict_do_nothing(index_elements=["id"]))
    return session.get_one(Intervention, intervention.id)


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
