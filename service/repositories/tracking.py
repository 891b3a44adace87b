"""What was delivered and is tracked at its target: which is due for a look, and what was told under it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, func, text, update
from sqlmodel import Session, col, select

from connectors.target_port import GROWN
from service.models import Delivery, Target
from service.repositories.deliveries import WAITING

_LOOK_SOON = text(
    """
    UPDATE delivery SET look_at = greatest(clock_timestamp(), looked_at + :apart)
    FROM (
        SELECT id FROM delivery
        WHERE organisation_id = :organisation_id AND target_id = :target_id
          AND (:is_vague OR reference = ANY(:named) OR url = ANY(:named))
          AND look_at > greatest(clock_timestamp(), looked_at + :apart)
        ORDER BY id FOR NO KEY UPDATE
    ) AS concerned WHERE delivery.id = concerned.id
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """A delivery that is due for a look, and where it lies."""

    delivery_id: str
    suggestion_id: str
    reference: str
    target: Target
    held_until: datetime
    """Where it is due earlier after the look, somebody has told meanwhile that it changed."""


def organisations_to_track(session: Session) -> list[str]:
    """Return the organisations of which something that was delivered is due for a look."""
    query = select(Delivery.organisation_id).join(Target, _its_target()).where(*_due()).distinct()
    return list(session.exec(query.order_by(Delivery.organisation_id)))


def count_due(session: Session, organisation_id: str) -> int:
    """Return how many deliveries are due for a look."""
    query = select(func.count()).select_from(Delivery).join(Target, _its_target())
    return session.exec(query.where(Delivery.organisation_id == organisation_id, *_due())).one()


def take_due(session: Session, organisation_id: str, *, hold: timedelta) -> Tracked | None:
    """Return the delivery that has been due for a look for longest, and keep it from others for a while."""
    query = (
        select(Delivery, Target)
        .join(Target, _its_target())
        .where(Delivery.organisation_id == organisation_id, *_due())
        .order_by(col(Delivery.look_at), col(Delivery.id))
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    found = session.exec(query).one_or_none()
    if found is None:
        return None
    delivery, target = found
    delivery.looked_at = clock(session)
    delivery.look_at = until = delivery.looked_at + hold
    return Tracked(
        delivery_id=delivery.id,
        suggestion_id=str(delivery.suggestion_id),
        reference=str(delivery.reference),
        target=target,
        held_until=until,
    )


def look_soon(
    connection: Connection,
    organisation_id: str,
    target_id: str,
    named: Sequence[str] | None,
    *,
    apart: timedelta,
) -> int:
    """Let a target's things that have these references or addresses be due for a look, all of them if None.

    However often that is asked, they are looked at once in the time `apart` and no more. Returns how many
    became due earlier than they were.
    """
    return connection.execute(
        _LOOK_SOON,
        {
            "organisation_id": organisation_id,
            "target_id": target_id,
            "named": list(named or ()),
            "is_vague": named is None,
            "apart": apart,
        },
    ).rowcount


def leave_alone(session: Session, target: Target, *, until: datetime) -> None:
    """Look at nothing of a target before then; what somebody else looks at just now stays theirs."""
    waiting = (
        select(Delivery.id)
        .where(Delivery.organisation_id == target.organisation_id, Delivery.target_id == target.id)
        .where(col(Delivery.look_at) < until)
        .with_for_update(skip_locked=True)
    )
    session.execute(update(Delivery).where(col(Delivery.id).in_(waiting)).values(look_at=until))


def waits(session: Session, target: Target) -> bool:
    """Say whether a delivery waits for a target, whose coming attempt shows whether it takes what comes."""
    waiting = select(Delivery.id).where(
        Delivery.organisation_id == target.organisation_id,
        Delivery.target_id == target.id,
        col(Delivery.state).in_(WAITING),
    )
    return session.exec(waiting.limit(1)).first() is not None


def _its_target() -> ColumnElement[bool]:
    return col(Target.id) == col(Delivery.target_id)


def _due() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.look_at) <= func.clock_timestamp(),
        col(Delivery.reference).is_not(None),
        col(Target.removed_at).is_(None),
        col(Target.paused_at).is_(None),
    )


def clock(session: Session) -> datetime:
    """Return the database's time."""
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def last_note(session: Session, delivery: Delivery) -> Delivery | None:
    """Return the last note about more evidence that was put under a delivery; None where there was none."""
    query = (
        select(Delivery)
        .where(Delivery.organisation_id == delivery.organisation_id, Delivery.event == GROWN)
        .where(Delivery.target_id == delivery.target_id)
        .where(col(Delivery.payload)["data"]["delivery_id"].astext == delivery.id)
        .order_by(col(Delivery.created_at).desc())
        .limit(1)
    )
    return session.exec(query).one_or_none()
