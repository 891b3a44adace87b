"""Effects: what interventions did."""

from datetime import UTC, datetime

from sqlmodel import Session, col, delete, select

from service.models import Effect


def effects_of_theme(session: Session, organisation_id: str, theme_id: str) -> list[Effect]:
    """Return a theme's effects, by intervention."""
    query = select(Effect).where(Effect.organisation_id == organisation_id, Effect.theme_id == theme_id)
    return list(session.exec(query.order_by(col(Effect.intervention_id))))


def keep(session: Session, effect: Effect) -> None:
    """Write an effect in the place of what was known; a verdict that stays is not told anew."""
    known = session.get(Effect, effect.intervention_id)
    stays = known is not None and (known.theme_id, known.verdict) == (effect.theme_id, effect.verdict)
    effect.told_at = known.told_at if known is not None and stays else datetime.now(UTC)
    session.merge(effect)


def forget(session: Session, organisation_id: str, intervention_id: str) -> None:
    """Remove the effect of an intervention that means no theme any more."""
    session.execute(
        delete(Effect).where(
            col(Effect.organisation_id) == organisation_id, col(Effect.intervention_id) == intervention_id
        )
    )
