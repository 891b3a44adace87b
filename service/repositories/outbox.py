"""The outbox at work: which delivery is due, whose attempt it is, and how long its target is left alone.

Two processes never hand over one delivery at once: whoever takes it locks its row, writes down an attempt and
holds it until `next_at`. Only as long as that attempt is `sending` may its result be written.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from service.models import Delivery, DeliveryAttempt, Suggestion, Target
from service.repositories.deliveries import lock_delivery
from service.rules.retrying import Gate

TAKEN = ("pending", "uncertain", "paused")
"""States from which a delivery is taken when it is due; `sending` becomes `uncertain` first."""

HOLD_BACK = text("""
    WITH held AS (
        SELECT id, next_at FROM delivery
        WHERE organisation_id = :organisation_id AND target_id = :target_id
          AND state IN ('pending', 'uncertain', 'paused') AND next_at < :until
        FOR UPDATE SKIP LOCKED
    ), ordered AS (
        SELECT id, row_number() OVER (ORDER BY next_at, id) AS place FROM held
    )
    UPDATE delivery SET
        updated_at = clock_timestamp(),
        next_at = :until + place * interval '1 microsecond',
        reason = :reason,
        state = CASE WHEN :paused THEN 'paused' ELSE state END,
        attempts = CASE WHEN :paused THEN 0 ELSE attempts END
    FROM ordered WHERE delivery.id = ordered.id
""")
"""A microsecond between them keeps them in order. What somebody else has locked is about to meet the gate."""

RELEASE = text("""
    UPDATE delivery SET next_at = created_at, updated_at = clock_timestamp()
    FROM (
        SELECT id FROM delivery
        WHERE organisation_id = :organisation_id AND target_id = :target_id
          AND state IN ('pending', 'uncertain', 'paused') AND next_at > created_at
        FOR UPDATE SKIP LOCKED
    ) AS held WHERE delivery.id = held.id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A delivery that is due, locked, with all that it needs."""

    delivery: Delivery
    suggestion: Suggestion
    target: Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What is known of the attempts at a delivery before the next one."""

    last: int
    """The number of the last one; 0 where there was none."""
    may_have_arrived: bool


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
        select(Delivery, Suggestion, Target)
        .join(Target, _its_target())
        .join(Suggestion, col(Suggestion.id) == col(Delivery.suggestion_id))
        .where(*_due(organisation_id, until))
        .order_by(col(Delivery.next_at), col(Delivery.id))
        .limit(1)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    found = session.execute(query.execution_options(populate_existing=True)).one_or_none()
    return None if found is None else Due(delivery=found[0], suggestion=found[1], target=found[2])


def _its_target() -> ColumnElement[bool]:
    return col(Target.id) == col(Delivery.target_id)


def _due(organisation_id: str, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Delivery.organisation_id) == organisation_id,
        col(Delivery.state).in_(TAKEN),
        col(Delivery.next_at) <= until,
        col(Target.removed_at).is_(None),
        or_(col(Target.held_until).is_(None), col(Target.held_until) <= func.clock_timestamp()),
    )


def take_probe(session: Session, target: Target, *, until: datetime) -> bool:
    """Hold a target that is out of order for one delivery that tries it; False where another one does."""
    mine = (
        update(Target)
        .where(col(Target.id) == target.id, col(Target.held_until).is_not_distinct_from(target.held_until))
        .values(held_until=until)
        .returning(col(Target.id))
    )
    return session.execute(mine).one_or_none() is not None


def before(session: Session, delivery: Delivery) -> Before:
    """Return what is known of the attempts at a delivery so far."""
    query = select(
        func.coalesce(func.max(col(DeliveryAttempt.number)), 0),
        func.coalesce(func.bool_or(col(DeliveryAttempt.outcome).in_(("sending", "uncertain"))), False),
    ).where(col(DeliveryAttempt.delivery_id) == delivery.id)
    last, unknown = session.execute(query).one()
    return Before(last=last, may_have_arrived=unknown or delivery.state == "uncertain")


def begin_attempt(session: Session, delivery: Delivery, number: int, *, at: datetime) -> None:
    """Write down that an attempt begins."""
    session.execute(
        insert(DeliveryAttempt).values(
            delivery_id=delivery.id,
            number=number,
            organisation_id=delivery.organisation_id,
            began_at=at,
            outcome="sending",
        )
    )


def lock_attempt(
    session: Session, organisation_id: str, delivery_id: str, number: int
) -> tuple[Delivery, DeliveryAttempt] | None:
    """Return a delivery and its attempt, locked; None where somebody else has taken it over since."""
    delivery = lock_delivery(session, organisation_id, delivery_id)
    attempt = session.get(DeliveryAttempt, (delivery_id, number), populate_existing=True)
    if delivery is None or attempt is None or attempt.outcome != "sending":
        return None
    return delivery, attempt


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
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).one()


def hold_back(session: Session, target: Target, *, paused: bool) -> None:
    """Let all that waits for a target wait until it may be asked again, in the order in which it stood.

    Where it refused, they are paused, and the days in which they may fail begin anew.
    """
    if target.held_until is not None:
        values = {
            "organisation_id": target.organisation_id,
            "target_id": target.id,
            "until": target.held_until,
            "reason": target.held_reason,
            "paused": paused,
        }
        session.execute(HOLD_BACK, values)


def release(session: Session, organisation_id: str, target_id: str) -> None:
    """Let all that waits for a target go on at once, what was accepted first before all else."""
    session.execute(RELEASE, {"organisation_id": organisation_id, "target_id": target_id})
