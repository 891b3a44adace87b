"""A target that lets Koe do nothing any more: others are told of it once, and once more when it does again.

It refuses where what proves Koe there counts no more, where the project is gone, or where one delivery after
the other is refused. However often it is tried meanwhile, nobody is told again.
"""

from sqlmodel import Session

from service.models import Target
from service.pipeline import news
from service.repositories import deliveries, outbox, tracking
from service.rules.retrying import RETRYING


def begin(session: Session, target: Target, *, reason: str, public_url: str | None) -> None:
    """Note that a target refuses, and tell the others, unless that was noted before."""
    locked = outbox.lock_target(session, target.organisation_id, target.id)
    if locked.refuses_since is not None or locked.removed_at is not None:
        return
    locked.refuses_since = outbox.clock(session)
    locked.held_reason = locked.held_reason or reason
    counts = deliveries.count_by_target(session, target.organisation_id).get(target.id, {})
    waiting = deliveries.waiting_of(counts)
    told = news.of_refusal(locked, reason=reason, waiting=waiting, public_url=public_url)
    news.tell(session, target.organisation_id, told, but=target.id)


def end(session: Session, target: Target, *, public_url: str | None) -> None:
    """Note that a target takes what comes again, and tell the others; nothing where it did not refuse."""
    locked = outbox.lock_target(session, target.organisation_id, target.id)
    if locked.refuses_since is None:
        return
    told = news.of_return(locked, at=outbox.clock(session), public_url=public_url)
    locked.refuses_since = None
    locked.held_reason = locked.held_reason if locked.held_until else None
    if locked.removed_at is None:
        news.tell(session, target.organisation_id, told, but=target.id)


def believe(session: Session, target: Target, *, public_url: str | None) -> None:
    """Take a target's word that it takes what comes again, unless a delivery waits that shows it."""
    is_closed = outbox.gate(session, target.organisation_id, target.id).is_out_of_order(RETRYING)
    if is_closed and tracking.waits(session, target):
        return
    end(session, target, public_url=public_url)
