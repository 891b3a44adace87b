"""What is known of every theme that decides its stage in the loop."""

from sqlalchemy import func, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from service.models import Assignment, Delivery, Effect, Item, Span, Suggestion, Theme
from service.rules.stage import Standing

DECIDED = ("accepted", "dismissed", "delivered", "done")
DELIVERED = ("delivered", "done")


def standings(session: Session, organisation_id: str, run_id: str) -> list[tuple[Theme, Standing]]:
    """Return every theme of both levels that is not retired, with what the loop has done about it."""
    heard: dict[str, tuple[int, int]] = {}
    for level in (Assignment.theme_id, Assignment.subtheme_id):
        heard |= _heard(session, organisation_id, run_id, level)
    decided = _themes(session, _suggested(organisation_id).where(col(Suggestion.status).in_(DECIDED)))
    arrived = or_(col(Suggestion.status).in_(DELIVERED), col(Delivery.state) == "delivered")
    delivered = _themes(
        session,
        _suggested(organisation_id)
        .outerjoin(Delivery, col(Delivery.suggestion_id) == col(Suggestion.id))
        .where(arrived),
    )
    effects = select(Effect.theme_id).where(Effect.organisation_id == organisation_id)
    measured = _themes(session, effects.where(Effect.verdict != "cannot_tell"))
    themes = select(Theme).where(Theme.organisation_id == organisation_id, col(Theme.retired).is_(False))
    found = []
    for theme in session.exec(themes.order_by(col(Theme.id).collate("C"))):
        people, items = heard.get(theme.id, (0, 0))
        standing = Standing(
            people=people,
            items=items,
            titled=bool(theme.title),
            decided=theme.id in decided,
            delivered=theme.id in delivered,
            measured=theme.id in measured,
        )
        found.append((theme, standing))
    return found


def _heard(
    session: Session, organisation_id: str, run_id: str, level: str | None
) -> dict[str, tuple[int, int]]:
    """Return how many people and items each theme of a level has."""
    voices = (
        select(col(level).label("theme_id"), Span.item_id)
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
        .where(col(level).is_not(None))
        .distinct()
        .subquery()
    )
    known = func.count(func.distinct(Item.customer_id))
    unknown = func.count().filter(col(Item.customer_id).is_(None))
    query = select(voices.c.theme_id, known + unknown, func.count()).join(
        Item, col(Item.id) == voices.c.item_id
    )
    rows = session.exec(query.group_by(voices.c.theme_id))
    return {theme_id: (people, items) for theme_id, people, items in rows}


def _suggested(organisation_id: str) -> SelectOfScalar[str]:
    return select(Suggestion.theme_id).where(Suggestion.organisation_id == organisation_id)


def _themes(session: Session, query: SelectOfScalar[str]) -> set[str]:
    return set(session.exec(query))
