"""One delivery handed over: taken, sent, and what came of it written down, each step committed by itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from sqlmodel import Session

from connectors.changes import changing
from connectors.errors import ConnectorError, Refused, RetryLater, Uncertain, Unknowable
from connectors.files.encodings import clean
from connectors.outgoing import News, Receipt
from connectors.target_port import AGREED, NOTES
from connectors.target_port import Target as TargetPort
from service.db import Database
from service.models import Suggestion, Target
from service.pipeline import news, refusing, replies
from service.pipeline.doors import Doors
from service.pipeline.outgoing import news_of, note_of, note_of_news, outgoing_of, reply_of_news
from service.repositories import deliveries, outbox, suggestions, targets
from service.rules.retrying import (
    Failure,
    Gate,
    Outcome,
    Retrying,
    after_failure,
    gate_after_failure,
    gate_after_success,
)

CUT_OFF = "Koe was cut off while it sent this"
FAULT = "a fault of Koe's own, or of the connector"
UNTOLD = "it may have arrived, which this system cannot be asked, and must not be said again"
LATE = "Koe was held up, and did not send this"


class WithheldError(Exception):
    """It must not be sent after all; nobody tries again by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt that has begun: what is sent, and where to."""

    delivery_id: str
    number: int
    suggestion_id: str | None
    """None where something else is told of."""
    news: News | None
    link_to: str | None
    """What is there already and gets a note, where nothing is to be made."""
    target: Target
    may_have_arrived: bool
    """True where an earlier attempt may have, so that this one looks first."""
    probing: bool
    """True where it shows whether a target works again."""
    send_before: float
    """By this process's own clock: later, another process may soon take it for cut off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of an attempt."""

    failure: str | None = None
    """The target's name and the reason; None where the delivery arrived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Hands over what is due; any number of threads and processes may do so at the same time."""

    db: Database
    organisation_id: str
    doors: Doors
    retrying: Retrying
    draw: Callable[[], float]
    """Gives numbers from 0 to 1 by chance."""
    public_url: str | None = None
    """Where people find the pages, for the way back from what is delivered."""

    def next(self, until: datetime) -> Came | None:
        """Take one delivery that was due at `until` as far as it goes now; None where there is none."""
        attempt = self._begin(until)
        if attempt is None:
            return None
        with changing(attempt.send_before) as changes:
            try:
                receipt, found = self._send(attempt)
            except WithheldError as error:
                self._give_up(attempt, str(error))
                return Came(failure=f"{attempt.target.name}: {error}")
            except ConnectorError as error:
                self._fail(attempt, error, partly=changes.done > 0)
                return Came(failure=f"{attempt.target.name}: {_reason(error)}")
            except Exception as error:
                self._fail(attempt, Uncertain(f"{FAULT} ({type(error).__name__})"), partly=False)
                raise
        self._arrive(attempt, receipt, found=found)
        return Came()

    def note_cut_off(self) -> None:
        """Let deliveries whose process ended in the middle wait to be looked up."""
        with self.db.begin() as session:
            found = outbox.cut_off(session, self.organisation_id)
        for delivery_id, number in found:
            with self.db.begin() as session:
                error = Uncertain(CUT_OFF)
                self._note_failure(session, delivery_id, number, error, doubtful=True, partly=False)

    def _begin(self, until: datetime) -> Attempt | None:
        while True:
            with self.db.begin() as session:
                began = monotonic()
                due = outbox.take_due(session, self.organisation_id, until=until)
                if due is None:
                    return None
                lease = self.retrying.real(self.retrying.lease)
                probing = outbox.gate_of(due.target).is_out_of_order(self.retrying)
                if probing and not outbox.take_probe(session, due.target, until=due.now + lease):
                    continue  # somebody else tries this target
                outbox.begin_attempt(session, due)
                due.delivery.state, due.delivery.updated_at = "sending", due.now
                due.delivery.next_at = due.now + lease
                due.delivery.attempts += 1
                return Attempt(
                    delivery_id=due.delivery.id,
                    number=due.number,
                    suggestion_id=due.delivery.suggestion_id,
                    news=news_of(due.delivery),
                    link_to=due.delivery.link_to,
                    target=due.target,
                    may_have_arrived=due.may_have_arrived,
                    probing=probing,
                    send_before=began + lease.total_seconds() / 2,
                )

    def _send(self, attempt: Attempt) -> tuple[Receipt, bool]:
        """Return the receipt, and whether it is one of an earlier attempt."""
        port = self.doors.to(attempt.target)
        if attempt.probing:
            port.check()
        if attempt.news is not None and attempt.news.event == AGREED:
            return self._reply(port, attempt, attempt.news)
        if attempt.news is not None:
            _still_in_time(attempt)
            if attempt.news.event in NOTES:
                return port.note(str(attempt.link_to), note_of_news(attempt.news)), False
            return port.tell(attempt.news), False
        suggestion_id = str(attempt.suggestion_id)
        found = port.find(suggestion_id) if attempt.may_have_arrived and attempt.link_to is None else None
        if found is not None:
            return found, True
        with self.db.begin() as session:
            suggestion = suggestions.get_suggestion(session, self.organisation_id, suggestion_id)
            outgoing = outgoing_of(session, suggestion, public_url=self.public_url)
        _still_in_time(attempt)
        if attempt.link_to is not None:
            return port.note(attempt.link_to, note_of(outgoing)), False
        return port.deliver(outgoing), False

    def _reply(self, port: TargetPort, attempt: Attempt, told: News) -> tuple[Receipt, bool]:
        """Say something to a customer, unless it was said before or must not be said any more.

        Raises WithheldError as well where this conversation takes no reply, though others do.
        """
        conversation, reply = str(attempt.link_to), reply_of_news(told)
        # Whoever refuses a question has not refused the reply: that is asked again.
        try:
            found = port.replied(conversation, reply) if attempt.may_have_arrived else None
        except Unknowable as error:
            raise WithheldError(_reason(error)) from error
        if found is not None:
            return found, True
        with self.db.begin() as session:
            forbids = replies.withheld(session, self.organisation_id, told.subject_id)
        if forbids is not None:
            is_untold = attempt.may_have_arrived and port.idempotent
            raise WithheldError(UNTOLD if is_untold else replies.WITHHELD[forbids])
        _still_in_time(attempt)
        try:
            return port.reply(conversation, reply), False
        except Refused as error:
            if self._works(attempt.target):
                raise WithheldError(_reason(error)) from error
            raise

    def _arrive(self, attempt: Attempt, receipt: Receipt, *, found: bool) -> None:
        with self.db.begin() as session:
            # The suggestion before its delivery: whoever decides locks them in this order.
            suggestion = attempt.suggestion_id and suggestions.lock_suggestion(
                session, self.organisation_id, attempt.suggestion_id
            )
            mine = outbox.lock_attempt(session, self.organisation_id, attempt.delivery_id, attempt.number)
            if mine is None:
                return
            delivery = mine.delivery
            mine.attempt.outcome, mine.attempt.ended_at = "found" if found else "delivered", mine.now
            delivery.state, delivery.reason, delivery.updated_at = "delivered", None, mine.now
            delivery.reference = clean(receipt.reference)
            delivery.url = receipt.url and clean(receipt.url)
            if suggestion and self.doors.to(attempt.target).follows:
                delivery.look_at = mine.now
            session.flush()
            if suggestion:
                self._note_delivered(session, suggestion)
                told = news.of_delivery(delivery, suggestion, attempt.target)
                news.tell(session, self.organisation_id, told)
            self._move_gate(
                session,
                attempt.target.id,
                lambda gate: gate_after_success(gate, self.retrying, probing=attempt.probing),
            )
            if attempt.target.refuses_since is not None and self._is_open(session, attempt.target.id):
                refusing.end(session, attempt.target, public_url=self.public_url)
        if attempt.probing:
            with self.db.begin() as session:
                outbox.release(session, self.organisation_id, attempt.target.id)

    def _note_delivered(self, session: Session, suggestion: Suggestion) -> None:
        """Let a suggestion be delivered once it is everywhere."""
        everything = deliveries.list_deliveries(session, self.organisation_id, suggestion_id=suggestion.id)
        if suggestion.status in ("open", "accepted") and all(one.state == "delivered" for one in everything):
            suggestion.status = "delivered"

    def _give_up(self, attempt: Attempt, reason: str) -> None:
        """Write down that something is not sent after all; it says nothing of whether the target works."""
        with self.db.begin() as session:
            mine = outbox.lock_attempt(session, self.organisation_id, attempt.delivery_id, attempt.number)
            if mine is None:
                return
            mine.attempt.outcome, mine.attempt.reason, mine.attempt.ended_at = "refused", reason, mine.now
            mine.delivery.state, mine.delivery.reason = "dead", reason
            mine.delivery.updated_at = mine.now

    def _fail(self, attempt: Attempt, error: ConnectorError, *, partly: bool) -> None:
        """Write down why an attempt failed, and let its target rest where it is time for that.

        Where it was `partly` done before it failed, nobody knows what there is.
        """
        broken = isinstance(error, Refused) and not attempt.probing and not self._works(attempt.target)
        held = None
        with self.db.begin() as session:
            now = self._note_failure(
                session,
                attempt.delivery_id,
                attempt.number,
                error,
                doubtful=attempt.may_have_arrived,
                partly=partly,
            )
            if now is not None:
                held = self._move_gate(
                    session,
                    attempt.target.id,
                    lambda gate: gate_after_failure(
                        gate,
                        self.retrying,
                        now=now,
                        probing=attempt.probing,
                        after=_asked_for(error),
                        broken=broken,
                    ),
                    reason=_reason(error),
                )
            if isinstance(error, Refused) and held is not None:
                refusing.begin(session, held, reason=_reason(error), public_url=self.public_url)
        if isinstance(error, Refused) and held is not None:
            # Apart, so that what waits is locked by nobody who holds anything else.
            with self.db.begin() as session:
                outbox.pause(session, held)

    def _note_failure(
        self,
        session: Session,
        delivery_id: str,
        number: int,
        error: ConnectorError,
        *,
        doubtful: bool,
        partly: bool,
    ) -> datetime | None:
        """Write down why an attempt failed, and return when; None where somebody else took it over since."""
        mine = outbox.lock_attempt(session, self.organisation_id, delivery_id, number)
        if mine is None:
            return None
        delivery, tried, now = mine.delivery, mine.attempt, mine.now
        outcome = _outcome(error, partly=partly)
        failure = Failure(
            outcome=outcome,
            tries=delivery.attempts,
            failing_for=now - outbox.failing_since(session, delivery, number),
            may_have_arrived=doubtful or outcome == "uncertain",
            after=_asked_for(error),
        )
        following = after_failure(failure, self.retrying, draw=self.draw())
        tried.outcome, tried.reason, tried.ended_at = failure.outcome, _reason(error), now
        delivery.state, delivery.reason, delivery.updated_at = following.state, tried.reason, now
        delivery.next_at = now + following.wait
        if failure.outcome == "uncertain":
            target = targets.target_by_id(session, self.organisation_id, delivery.target_id)
            delivery.settles_at = now + self.retrying.real(self._settles(target))
        return now

    def _move_gate(
        self, session: Session, target_id: str, move: Callable[[Gate], Gate], *, reason: str | None = None
    ) -> Target | None:
        """Move a target's gate; return the target where it is left alone for longer now."""
        before = outbox.gate(session, self.organisation_id, target_id)
        if move(before) == before:
            return None
        target = outbox.lock_target(session, self.organisation_id, target_id)
        before = outbox.gate_of(target)
        after = move(before)
        target.setbacks, target.held_until = after.setbacks, after.held_until
        if after.held_until is None:
            target.held_reason = None
        elif before.held_until is None or after.held_until > before.held_until:
            target.held_reason = reason
            return target
        return None

    def _is_open(self, session: Session, target_id: str) -> bool:
        """Say whether everything goes to a target, and not one delivery at a time that tries it."""
        return not outbox.gate(session, self.organisation_id, target_id).is_out_of_order(self.retrying)

    def _settles(self, target: Target) -> timedelta:
        """Return how long what was made at a target may be missing where it is looked up."""
        try:
            return self.doors.to(target).settles
        except Refused:
            return timedelta()

    def _works(self, target: Target) -> bool:
        """Say whether a target that refused a delivery would take others, as far as it can be told."""
        try:
            self.doors.to(target).check()
        except Refused:
            return False
        except ConnectorError:
            return True
        return True


def _still_in_time(attempt: Attempt) -> None:
    """Raise RetryLater where another process may soon take the attempt for cut off."""
    if monotonic() > attempt.send_before:
        raise RetryLater(LATE)


def _outcome(error: ConnectorError, *, partly: bool) -> Outcome:
    if partly:
        return "uncertain"
    if isinstance(error, Refused):
        return "refused"
    return "busy" if isinstance(error, RetryLater) else "uncertain"


def _reason(error: ConnectorError) -> str:
    return clean(str(error) or type(error).__doc__ or type(error).__name__)


def _asked_for(error: ConnectorError) -> timedelta | None:
    return error.after if isinstance(error, RetryLater) else None
