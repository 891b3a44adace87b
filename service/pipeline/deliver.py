"""The stage that sends what people accepted, exactly once each, whatever fails in between.

pending ─▶ sending ─▶ delivered        An attempt that is still `sending` after its time was cut off: nobody
   ▲          │                        knows whether it arrived. From then on the delivery is looked up by its
   ├──────────┤ the target is busy     marker, or sent with the same key, before anything is done twice.
   │          ├─▶ uncertain (may have arrived)     After three days of failing it is dead, with its reason,
   │          └─▶ paused (the target refused)      until a person replays it.

What waits is tried again by itself; `service/rules/retrying.py` says when, and when a target that does not
work, or asked to be left alone, is asked nothing at all. Every attempt is written down with its reason.
"""

import random
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta

from sqlmodel import Session

from connectors.registry import TARGETS
from connectors.target_port import ACCEPTED
from service.db import Database
from service.errors import Conflict, NotFound
from service.models import Delivery, Target
from service.pipeline import loop, refusing
from service.pipeline.doors import Connect, Doors
from service.pipeline.handover import Came, Handover
from service.pipeline.report import Progress, Report, silent
from service.repositories import deliveries, outbox, targets
from service.rules.retrying import RETRYING, Retrying
from service.rules.routing import SURE

STAGE = "deliver"
THREADS = 8
"""Deliveries that one process hands over at once."""
REMOVED = "the target was removed"
GIVEN_UP = ("dead", "paused")
"""States from which a person can replay a delivery."""


def run(
    db: Database,
    organisation_id: str,
    connect: Connect,
    *,
    threads: int = THREADS,
    retrying: Retrying = RETRYING,
    draw: Callable[[], float] = random.random,
    public_url: str | None = None,
    progress: Progress = silent,
) -> Report:
    """Hand over what is due by now, each delivery once; any number of processes may do so at the same time.

    Every step is committed by itself, so that a process may be killed at any moment.
    """
    handover = Handover(
        db=db,
        organisation_id=organisation_id,
        doors=Doors(connect=connect),
        retrying=retrying,
        draw=draw,
        public_url=public_url,
    )
    handover.note_cut_off()
    with db.begin() as session:
        fill_outbox(session, organisation_id)
    with db.begin() as session:
        until = outbox.clock(session)
    done, failures = 0, list[str]()
    while came := _hand_over(handover, until, threads=threads, progress=progress):
        failures += [one.failure for one in came if one.failure is not None]
        arrived = sum(one.failure is None for one in came)
        done += arrived
        if not arrived:
            break
    if done:
        with db.begin() as session:
            loop.refresh(session, organisation_id)
    return Report(stage=STAGE, done=done, failed=len(failures), notes=tuple(dict.fromkeys(failures)))


def _hand_over(handover: Handover, until: datetime, *, threads: int, progress: Progress) -> list[Came]:
    """Hand over what may go now, and say what came of it. One that arrives can open the way for others."""
    with handover.db.begin() as session:
        total = outbox.count_due(session, handover.organisation_id, until=until)
    if not total:
        return []
    with ThreadPoolExecutor(min(threads, total), thread_name_prefix=STAGE) as pool:
        under_way = [pool.submit(handover.next, until) for _ in range(total)]
        try:
            for number, ended in enumerate(as_completed(under_way), start=1):
                if ended.result() is None:
                    break  # nothing may go any more: all others would look in vain
                progress(STAGE, number, total)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)  # what is on its way is finished
    return [came for ended in under_way if not ended.cancelled() and (came := ended.result()) is not None]


def fill_outbox(session: Session, organisation_id: str) -> None:
    """Queue what was accepted for targets added since; some take what Koe is sure of without being asked."""
    now = outbox.clock(session)
    for target in targets.list_targets(session, organisation_id):
        kind = TARGETS.get(target.kind)
        if kind is None or ACCEPTED not in kind.chosen(target.settings):
            continue
        unasked_from = SURE if target.automatic else None
        waiting = deliveries.missing(session, target, actions=kind.takes, unasked_from=unasked_from)
        for place, suggestion in enumerate(waiting):
            deliveries.put(session, suggestion, target, at=now + place * timedelta(microseconds=1))


def replay(session: Session, organisation_id: str, delivery_id: str) -> Delivery:
    """Let a delivery that was given up or refused be tried at once; any other stays as it is.

    If it may have arrived, it is looked up first. Raises NotFound, and Conflict where its target was
    removed.
    """
    delivery = deliveries.lock_delivery(session, organisation_id, delivery_id)
    if delivery is None:
        raise NotFound(f"there is no delivery {delivery_id}")
    if targets.target_by_id(session, organisation_id, delivery.target_id).removed_at is not None:
        raise Conflict(f"{REMOVED}; add it again first")
    if _replay(session, delivery):
        _let_try(session, organisation_id, delivery.target_id)
    return delivery


def replay_target(
    session: Session, organisation_id: str, target_id: str, *, states: Collection[str] = GIVEN_UP
) -> int:
    """Let all that a target refused, or that was given up, be tried at once; return how many there are."""
    found = deliveries.lock_deliveries(session, organisation_id, target_id=target_id, states=states)
    replayed = sum(_replay(session, delivery) for delivery in found)
    _let_try(session, organisation_id, target_id)
    return replayed


def note_that_works(session: Session, organisation_id: str, target_id: str, *, public_url: str | None) -> int:
    """Let all that a target refused be tried, which says of itself that it takes what comes; return how many.

    Where nothing waits that could show it, it is believed.
    """
    refused = replay_target(session, organisation_id, target_id, states=("paused",))
    target = targets.target_by_id(session, organisation_id, target_id)
    refusing.believe(session, target, public_url=public_url)
    return refused


def remove_target(session: Session, target: Target, *, give_up: bool) -> int:
    """Deliver nothing to a target any more, and give up what waits for it; return how many that were.

    Raises Conflict where something waits and is not to be given up, or is on its way.
    """
    waiting = deliveries.lock_deliveries(
        session, target.organisation_id, target_id=target.id, states=deliveries.WAITING
    )
    if waiting and not give_up:
        count = "1 delivery waits" if len(waiting) == 1 else f"{len(waiting):,} deliveries wait"
        raise Conflict(f"{count} for {target.name}; --give-up gives up what waits")
    if any(delivery.state == "sending" for delivery in waiting):
        raise Conflict(f"something is on its way to {target.name} right now; try again in a minute")
    target.removed_at = outbox.clock(session)
    for delivery in waiting:
        delivery.state, delivery.reason, delivery.updated_at = "dead", REMOVED, target.removed_at
    return len(waiting)


def _replay(session: Session, delivery: Delivery) -> bool:
    if delivery.state not in GIVEN_UP:
        return False
    delivery.state = "uncertain" if outbox.may_have_arrived(session, delivery) else "pending"
    delivery.attempts = 0
    delivery.next_at = delivery.updated_at = outbox.clock(session)
    return True


def _let_try(session: Session, organisation_id: str, target_id: str) -> None:
    """Let a target that does not work be tried now. The one order of locks: deliveries, then their target."""
    target = outbox.lock_target(session, organisation_id, target_id)
    if outbox.gate_of(target).is_out_of_order(RETRYING):
        target.held_until = outbox.clock(session)
