"""The outbox at work: which delivery is due, whose attempt it is, and how long its target is left alone.

Two processes never hand over one delivery at once: whoever takes it locks its row, writes down an attempt and
holds it until `next_at`. Only as long as that attempt is `sending` may its result be written.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from service.models import Delivery, DeliveryAttempt, Suggestion, Target
from service.repositories.among import among
from service.rules.retrying import Gate

TAKEN = ("pending", "uncertain", "paused")
"""States from which a delivery is taken when it is due; `sending` becomes `uncertain` first."""

PAUSE = text("""
    UPDATE delivery SET state = 'paused', reason = :reason, attempts = 0, updated_at = clock_timestamp()
    FROM (
        SELECT id FROM delivery
        WHERE organisation_id = :organisation_id AND target_id = :target_id
          AND state IN ('pending', 'uncertain')
        FOR UPDATE SKIP LOCKED
    ) AS waiting WHERE delivery.id = waiting.id
""")
RELEASE = text("""
    UPDATE delivery SET next_at = created_at, updated_at = clock_timestamp()
    FROM (
        SELECT id FROM delivery
        WHERE organisation_id = :organisation_id AND target_id = :target_id
          AND state IN ('pending', 'uncertain', 'paused') AND next_at > created_at
        FOR UPDATE SKIP LOCKED
    ) AS waiting WHERE delivery.id = waiting.id
""")
"""Neither waits for a lock, so that nobody waits in a circle: what others hold is changing anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that is due, locked, with all that it needs."""

    delivery: Delivery
    target: Target
    number: int
    """Of the attempt that comes now."""
    may_have_arrived: bool
    """True where one of the attempts before may have."""
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """An attempt that is still its process's own, locked with its delivery."""

    delivery: Delivery
    attempt: DeliveryAttempt
    now: datetime


def clock(session: Session) -> datetime:
    """Return the database's time: the one clock that all processes share."""
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now


def count_due(session: Session, organisation_id: str, *, until: datetime) -> int:
    """Return how many deliveries are due and may go."""
    query = select(func.count()).select_from(Delivery).join(Target, _its_target())
    return int(session.execute(query.where(*_due(organisation_id, until))).scalar_one())


def take_due(session: Session, organisation_id: str, *, until: datetime) -> Due | None:
    """Return the delivery that has been due longest and nobody else holds, locked for this transaction."""
    query = (
        select(
            Delivery,
            Target,
            select(func.coalesce(func.max(col(DeliveryAttempt.number)), 0) + 1)
            .where(_its_attempt())
            .scalar_subquery(),
            _may_have_arrived(),
            func.clock_timestamp(),
        )
        .join(Target, _its_target())
        .where(*_due(organisation_id, until))
        .order_by(col(Delivery.next_at), col(Delivery.id))
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        return None
    delivery, target, number, may_have_arrived, now = found
    return Due(
        delivery=delivery,
        target=target,
        number=number,
        may_have_arrived=may_have_arrived,
        now=now,
    )


def may_have_arrived(session: Session, delivery: Delivery) -> bool:
    """Say whether one of the attempts at a delivery may have arrived."""
    query = select(_may_have_arrived()).where(col(Delivery.id) == delivery.id)
    return bool(session.execute(query).scalar_one())


def unsure(session: Session, delivery_ids: Collection[str]) -> set[str]:
    """Return which of these deliveries may have arrived by one of the attempts at them."""
    query = select(col(Delivery.id)).where(among(col(Delivery.id), delivery_ids), _may_have_arrived())
    return set(session.execute(query).scalars())


def _may_have_arrived() -> ColumnElement[bool]:
    unknown = select(DeliveryAttempt).where(
        _its_attempt(), col(DeliveryAttempt.outcome).in_(("sending", "uncertain"))
    )
    return or_(col(Delivery.state) == "uncertain", unknown.exists())


def _its_attempt() -> ColumnElement[bool]:
    return col(DeliveryAttempt.delivery_id) == col(Delivery.id)


def _its_target() -> ColumnElement[bool]:
    return col(Target.id) == col(Delivery.target_id)


def _due(organisation_id: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.organisation_id) == organisation_id,
        col(Delivery.state).in_(TAKEN),
        col(Delivery.next_at) <= until,
        col(Target.removed_at).is_(None),
        col(Target.paused_at).is_(None),
        or_(col(Target.held_until).is_(None), col(Target.held_until) <= func.clock_timestamp()),
        or_(col(Delivery.settles_at).is_(None), col(Delivery.settles_at) <= func.clock_timestamp()),
        or_(~_is_carried_on(), _may_have_arrived()),
    )


def _is_carried_on() -> ColumnElement[bool]:
    """Say whether another suggestion carries on for that of a delivery, which is not sent then."""
    mine = select(Suggestion).where(
        col(Suggestion.id) == col(Delivery.suggestion_id), col(Suggestion.carried_on_by).is_not(None)
    )
    return mine.exists()


def take_probe(session: Session, target: Target, *, until: datetime) -> bool:
    """Hold a target that is out of order for one delivery that tries it; False where another one does."""
    mine = (
        update(Target)
        .where(col(Target.id) == target.id, col(Target.held_until).is_not_distinct_from(target.held_until))
        .values(held_until=until)
        .returning(col(Target.id))
    )
    return session.execute(mine).one_or_none() is not None


def begin_attempt(session: Session, due: Due) -> None:
    """Write down that an attempt begins."""
    session.execute(
        insert(DeliveryAttempt).values(
            delivery_id=due.delivery.id,
            number=due.number,
            organisation_id=due.delivery.organisation_id,
            began_at=due.now,
            outcome="sending",
        )
    )


def lock_attempt(session: Session, organisation_id: str, delivery_id: str, number: int) -> UnderWay | None:
    """Return an attempt as long as it is under way; None where another process has taken it for cut off."""
    query = (
        select(Delivery, DeliveryAttempt, func.clock_timestamp())
        .join(DeliveryAttempt, _its_attempt())
        .where(col(Delivery.organisation_id) == organisation_id, col(Delivery.id) == delivery_id)
        .where(col(DeliveryAttempt.number) == number)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.execute(query).one_or_none()
    if found is None or found[1].outcome != "sending":
        return None
    return UnderWay(delivery=found[0], attempt=found[1], now=found[2])


def cut_off(session: Session, organisation_id: str) -> list[tuple[str, int]]:
    """Return the deliveries whose attempt must have ended with its process, and the attempt's number."""
    query = (
        select(col(Delivery.id), func.max(col(DeliveryAttempt.number)))
        .join(DeliveryAttempt, col(DeliveryAttempt.delivery_id) == col(Delivery.id))
        .where(col(Delivery.organisation_id) == organisation_id, col(Delivery.state) == "sending")
        .where(col(Delivery.next_at) <= func.clock_timestamp())
        .group_by(col(Delivery.id))
    )
    return [(delivery_id, number) for delivery_id, number in session.execute(query)]


def failing_since(session: Session, delivery: Delivery, number: int) -> datetime:
    """Return when the first began of the attempts up to `number` that failed in a row.

    A refusal begins a new row, and so does a replay, which sets `delivery.attempts` back.
    """
    its = col(DeliveryAttempt.delivery_id) == delivery.id
    refused = select(func.coalesce(func.max(col(DeliveryAttempt.number)), 0)).where(
        its, col(DeliveryAttempt.outcome) == "refused"
    )
    first = max(number - delivery.attempts, 0)
    query = select(func.min(col(DeliveryAttempt.began_at))).where(
        its, col(DeliveryAttempt.number) > func.greatest(first, refused.scalar_subquery())
    )
    since: datetime = session.execute(query).scalar_one()
    return since


def gate(session: Session, organisation_id: str, target_id: str) -> Gate:
    """Return whether a target is asked at all, as it was a moment ago."""
    query = select(col(Target.setbacks), col(Target.held_until)).where(
        col(Target.organisation_id) == organisation_id, col(Target.id) == target_id
    )
    setbacks, held_until = session.execute(query).one()
    return Gate(setbacks=setbacks, held_until=held_until)


def gate_of(target: Target) -> Gate:
    """Return whether a target is asked at all."""
    return Gate(setbacks=target.setbacks, held_until=target.held_until)


def lock_target(session: Session, organisation_id: str, target_id: str) -> Target:
    """Return a target as it is now, and keep its gate from others until the transaction ends."""
    query = select_rows(Target).where(Target.organisation_id == organisation_id, Target.id == target_id)
    # Its key stays as it is, so news may be put into its outbox meanwhile: nobody waits in a circle.
    locked = query.with_for_update(key_share=True)
    return session.exec(locked.execution_options(populate_existing=True)).one()


def pause(session: Session, target: Target) -> None:
    """Pause all that waits for a target that refuses; the days in which it may fail begin anew."""
    session.execute(
        PAUSE,
        {
            "organisation_id": target.organisation_id,
            "target_id": target.id,
            "reason": target.held_reason,
        },
    )


def release(session: Session, organisation_id: str, target_id: str) -> None:
    """Let all that waits for a target go on at once, what was accepted first before all else."""
    session.execute(RELEASE, {"organisation_id": organisation_id, "target_id": target_id})
