"""The stage that sends what people accepted, exactly once each, whatever fails in between.

pending ─▶ sending ─▶ delivered        A delivery that is found `sending` was cut off: nobody knows whether
   ▲          │                        it arrived, so it is looked up by its marker before it is sent again.
   ├──────────┤ the target is busy     After MOST_ATTEMPTS it is dead, with its reason, until a person
   │          ├─▶ uncertain (looked up before it is repeated)      replays it.
   │          └─▶ paused (the target refused; the next run asks it again)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlmodel import Session

from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.ports import Outgoing, Receipt
from connectors.ports import Target as TargetPort
from service.db import Database
from service.models import Delivery, Target
from service.pipeline import loop
from service.pipeline.decide import put_in_outbox
from service.pipeline.outgoing import outgoing_of
from service.pipeline.report import Progress, Report, silent
from service.repositories import deliveries, suggestions, targets

MOST_ATTEMPTS = 8
"""Attempts that may fail for reasons that pass by themselves."""

Connect = Callable[[Target], TargetPort]


def run(db: Database, organisation_id: str, connect: Connect, *, progress: Progress = silent) -> Report:
    """Send everything that waits; each step is committed by itself, and one process sends at a time."""
    with db.begin() as guard:
        if not deliveries.lock_outbox(guard, organisation_id):
            return Report(stage="deliver", done=0, notes=("Another process is delivering.",))
        with db.begin() as session:
            _fill_outbox(session, organisation_id)
            waiting = deliveries.waiting_ids(session, organisation_id)
        sender = _Sender(db=db, organisation_id=organisation_id, connect=connect)
        for number, delivery_id in enumerate(waiting, start=1):
            sender.send(delivery_id)
            progress("deliver", number, len(waiting))
        with db.begin() as session:
            loop.refresh(session, organisation_id)
    return Report(
        stage="deliver", done=sender.arrived, failed=len(sender.failures), notes=tuple(sender.failures)
    )


def replay(session: Session, organisation_id: str, delivery_id: str) -> Delivery | None:
    """Let a delivery that was given up wait again; it is looked up before it is sent."""
    delivery = deliveries.lock_delivery(session, organisation_id, delivery_id)
    if delivery is not None and delivery.state in ("dead", "paused"):
        delivery.state, delivery.attempts = "uncertain", 0
    return delivery


def _fill_outbox(session: Session, organisation_id: str) -> None:
    """Queue what was accepted for targets added since, and what targets take without being asked."""
    for suggestion in suggestions.list_suggestions(session, organisation_id, status="accepted"):
        put_in_outbox(session, suggestion)
    for suggestion in suggestions.list_suggestions(session, organisation_id, status="open"):
        put_in_outbox(session, suggestion, automatic_only=True)


@dataclass(kw_only=True)
class _Sender:
    """Sends deliveries one by one and remembers which targets said no."""

    db: Database
    organisation_id: str
    connect: Connect
    open_targets: dict[str, TargetPort] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    """Why a target takes nothing in this run, by target id."""
    arrived: int = 0
    failures: list[str] = field(default_factory=list)

    def send(self, delivery_id: str) -> None:
        """Take one delivery as far as it goes now."""
        begun = self._begin(delivery_id)
        if begun is None:
            return
        outgoing, target, looked_up = begun
        try:
            receipt = self._hand_over(outgoing, target, looked_up=looked_up)
        except ConnectorError as error:
            self._fail(delivery_id, target, error)
        else:
            self._arrive(delivery_id, outgoing.suggestion_id, receipt)

    def _begin(self, delivery_id: str) -> tuple[Outgoing, Target, bool] | None:
        with self.db.begin() as session:
            delivery = deliveries.lock_delivery(session, self.organisation_id, delivery_id)
            if delivery is None or delivery.state not in deliveries.WAITING:
                return None
            suggestion = suggestions.get_suggestion(session, self.organisation_id, delivery.suggestion_id)
            target = targets.target_by_id(session, self.organisation_id, delivery.target_id)
            if target.id in self.closed:
                _note(delivery, "paused", self.closed[target.id])
                return None
            looked_up = delivery.state in ("sending", "uncertain")
            _note(delivery, "sending", delivery.reason)
            delivery.attempts += 1
            return outgoing_of(session, suggestion), target, looked_up

    def _hand_over(self, outgoing: Outgoing, target: Target, *, looked_up: bool) -> Receipt:
        if target.id not in self.open_targets:
            self.open_targets[target.id] = self.connect(target)
        port = self.open_targets[target.id]
        found = port.find(outgoing.suggestion_id) if looked_up else None
        return found or port.deliver(outgoing)

    def _arrive(self, delivery_id: str, suggestion_id: str, receipt: Receipt) -> None:
        with self.db.begin() as session:
            # The suggestion before its delivery: whoever decides locks them in this order.
            suggestion = suggestions.lock_suggestion(session, self.organisation_id, suggestion_id)
            delivery = deliveries.lock_delivery(session, self.organisation_id, delivery_id)
            if delivery is None:
                return
            _note(delivery, "delivered", None)
            delivery.reference, delivery.url = receipt.reference, receipt.url
            self.arrived += 1
            session.flush()
            everything = deliveries.list_deliveries(
                session, self.organisation_id, suggestion_id=suggestion_id
            )
            if suggestion.status in ("open", "accepted") and all(
                one.state == "delivered" for one in everything
            ):
                suggestion.status = "delivered"

    def _fail(self, delivery_id: str, target: Target, error: ConnectorError) -> None:
        reason = str(error) or type(error).__doc__ or type(error).__name__
        self.failures.append(f"{target.name}: {reason}")
        if isinstance(error, Refused) and not self._still_works(target):
            self.closed[target.id] = reason
        with self.db.begin() as session:
            delivery = deliveries.lock_delivery(session, self.organisation_id, delivery_id)
            if delivery is None:
                return
            if isinstance(error, Refused):
                delivery.attempts -= 1
                _note(delivery, "paused", reason)
            elif delivery.attempts >= MOST_ATTEMPTS:
                _note(delivery, "dead", reason)
            else:
                _note(delivery, "pending" if isinstance(error, RetryLater) else "uncertain", reason)

    def _still_works(self, target: Target) -> bool:
        """Say whether the target refused this one delivery only."""
        if target.id not in self.open_targets:
            return False
        try:
            self.open_targets[target.id].check()
        except ConnectorError:
            return False
        return True


def _note(delivery: Delivery, state: str, reason: str | None) -> None:
    delivery.state, delivery.reason, delivery.updated_at = state, reason, datetime.now(UTC)
