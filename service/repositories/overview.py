"""How much of what was heard is in a theme."""

from collections.abc import Mapping
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
    aside: Mapping[str, int]
    """Those that were set aside, by reason: `empty`, `spam`, `bot`."""

    @property
    def set_aside(self) -> int:
        """How many were set aside."""
        return sum(self.aside.values())


def share(session: Session, organisation_id: str) -> Share:
    """Return how many items were set aside, and how many of the others are in a theme."""
    ours = Item.organisation_id == organisation_id
    counted = select(Item.set_aside, func.count()).where(ours).group_by(col(Item.set_aside))
    by_reason = dict(session.exec(counted.order_by(func.count().desc(), col(Item.set_aside))).all())
    with_content = by_reason.pop(None, 0)
    run = live_run(session, organisation_id)
    themed = 0
    if run is not None:
        in_theme = (
            select(func.count(func.distinct(col(Span.item_id))))
            .join(Assignment, col(Assignment.span_id) == col(Span.id))
            .where(Assignment.run_id == run.id, col(Assignment.theme_id).is_not(None))
        )
        themed = session.exec(in_theme).one()
    return Share(
        with_content=with_content,
        themed=themed,
        aside={reason: count for reason, count in by_reason.items() if reason},
    )
