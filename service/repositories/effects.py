"""Effects: what interventions did, and the bounds of what was heard at all."""

from datetime import date, tzinfo

from sqlalchemy import func
from sqlmodel import Session, col, delete, select

from service.models import Effect, Item
from service.models.item import CONTACT_CHANNELS


def effects_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[Effect]:
    """Return a theme's effects, by intervention."""
    query = select(Effect).where(Effect.organisation_id == organisation_id, Effect.theme_id == theme_id)
    return list(session.exec(query.order_by(col(Effect.intervention_id))))


def keep(session: Session, effect: Effect) -> None:
    """Write an effect in the place of what was known of its intervention."""
    session.merge(effect)


def forget(session: Session, organisation_id: str, intervention_id: str) -> None:
    """Remove the effect of an intervention that means no theme any more."""
    session.execute(
        delete(Effect).where(
            col(Effect.organisation_id) == organisation_id, col(Effect.intervention_id) == intervention_id
        )
    )


def heard_between(session: Session, organisation_id: str, *, zone: tzinfo) -> tuple[date, date] | None:
    """Return the first and the last day on which anybody reached out; None where nobody ever did."""
    query = select(func.min(Item.created_at), func.max(Item.created_at)).where(
        Item.organisation_id == organisation_id, col(Item.channel).in_(CONTACT_CHANNELS)
    )
    bounds = session.exec(query).one()
    if None in bounds:
        return None
    first, last = (bound.astimezone(zone).date() for bound in bounds)
    return first, last
