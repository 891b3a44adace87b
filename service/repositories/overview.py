"""How much of what was heard is in a theme."""

from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from service.models import Assignment, Item, Span
from service.repositories.runs import live_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Items by what became of them."""

    with_content: int
    """Items that were not set aside."""
    themed: int
    """Of these, those with a span in a theme."""
    set_aside: int


def share(session: Session, organisation_id: str) -> Share:
    """Return how many items were set aside, and how many of the others are in a theme."""
    ours = Item.organisation_id == organisation_id
    counted = select(func.count(), func.count(col(Item.set_aside))).where(ours)
    total, set_aside = session.exec(counted).one()
    run = live_run(session, organisation_id)
    themed = 0
    if run is not None:
        in_theme = (
            select(func.count(func.distinct(col(Span.item_id))))
            .join(Assignment, col(Assignment.span_id) == col(Span.id))
            .where(Assignment.run_id == run.id, col(Assignment.theme_id).is_not(None))
        )
        themed = session.exec(in_theme).one()
    return Share(with_content=total - set_aside, themed=themed, set_aside=set_aside)
