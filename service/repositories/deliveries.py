"""Deliveries: the outbox, in which each suggestion waits once for each target."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, type_coerce
from sqlalchemy import select as select_columns
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from connectors.outgoing import News
from connectors.target_port import ACCEPTED
from service.errors import NotFound
from service.models import Delivery, DeliveryAttempt, Suggestion, Target, Theme
from service.models.columns import digest
from service.repositories.among import among
from service.repositories.bulk import insert_rows

STATES = ("pending", "sending", "uncertain", "delivered", "paused", "dead")
WAITING = ("pending", "sending", "uncertain", "paused")
"""States of what has not arrived and is not given up."""


class Sent(NamedTuple):
    """A delivery with what it is about."""

    delivery: Delivery
    target: Target
    suggestion: Suggestion | None
    """None where something else is told of."""
    theme: Theme | None
    """The theme that it is about; None where it is about none."""
    tries: int
    """Attempts that were made so far."""

    @property
    def title(self) -> str:
        """The title of the theme that it is about, empty without one."""
        return self.theme.title if self.theme else ""

    @property
    def what(self) -> str:
        """What is handed over: a suggestion's action, else the event."""
        return self.suggestion.action if self.suggestion else self.delivery.event

    @property
    def next_at(self) -> datetime | None:
        """When it is tried next at the earliest; None where it is not."""
        if self.delivery.state not in WAITING or self.delivery.state == "sending":
            return None
        return max(filter(None, (self.delivery.next_at, self.target.held_until)))


def put(
    session: Session, suggestion: Suggestion, target: Target, *, at: datetime, link_to: str | None = None
) -> None:
    """Let the suggestion wait for the target from `at` on, unless it does or did so already.

    With `link_to` it becomes a note under what the target calls so, and nothing is made.
    """
    values = {
        "id": digest(suggestion.organisation_id, "delivery", suggestion.id, target.id),
        "organisation_id": suggestion.organisation_id,
        "event": ACCEPTED,
        "subject_id": suggestion.id,
        "suggestion_id": suggestion.id,
        "link_to": link_to,
        "target_id": target.id,
        "state": "pending",
        "attempts": 0,
        "created_at": at,
        "next_at": at,
        "updated_at": at,
    }
    session.execute(insert(Delivery).values(values).on_conflict_do_nothing())


def put_news(
    session: Session, news: News, target: Target, *, at: datetime, link_to: str | None = None
) -> None:
    """Let news wait for the target, as they are now, unless they do or did so already.

    With `link_to` they are a note under what the target calls so.
    """
    put_all(session, [news_row(news, target, at=at, link_to=link_to)])


def put_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Let all of these wait, but for what does or did so already."""
    insert_rows(session, Delivery, rows, keep=True)


def news_row(news: News, target: Target, *, at: datetime, link_to: str | None = None) -> dict[str, Any]:
    """Return news as they wait for a target from `at` on."""
    return {
        "id": digest(target.organisation_id, "delivery", news.event, news.subject_id, target.id),
        "organisation_id": target.organisation_id,
        "event": news.event,
        "subject_id": news.subject_id,
        "payload": {"at": news.at.isoformat(), "data": dict(news.data)},
        "link_to": link_to,
        "target_id": target.id,
        "state": "pending",
        "attempts": 0,
        "created_at": at,
        "next_at": at,
        "updated_at": at,
    }


def missing(
    session: Session, target: Target, *, actions: Collection[str], unasked_from: float | None
) -> list[Suggestion]:
    """Return the suggestions with a draft that do not wait for a target yet, in the order of decision.

    These are those that somebody accepted and, from a confidence on (None for no such), those that nobody has
    decided about; not what was chosen to go elsewhere, unless it carries on for one that goes here. They stay
    as they are until the transaction ends; those that somebody is deciding on are left out.
    """
    carried = aliased(Suggestion)
    for_another = select(carried.id).where(
        col(carried.carried_on_by) == col(Suggestion.id), _goes_to(carried, target), ~_waits(carried, target)
    )
    wanted = col(Suggestion.status) == "accepted"
    if unasked_from is not None:
        sure = and_(col(Suggestion.status) == "open", col(Suggestion.confidence) >= unasked_from)
        wanted = or_(wanted, sure)
    query = (
        select(Suggestion)
        .where(Suggestion.organisation_id == target.organisation_id, col(Suggestion.draft).is_not(None))
        .where(or_(_goes_to(Suggestion, target), for_another.exists()))
        .where(col(Suggestion.action).in_(actions), wanted, ~_waits(Suggestion, target))
        .where(col(Suggestion.carried_on_by).is_(None))
        .order_by(col(Suggestion.decided_at), col(Suggestion.id))
        .with_for_update(read=True, skip_locked=True)
    )
    return list(session.exec(query))


def _goes_to(suggestion: type[Suggestion], target: Target) -> ColumnElement[bool]:
    """Say that it is sent to each target, or that this one was chosen."""
    chosen = type_coerce(col(suggestion.sent_to), JSONB)
    return or_(chosen.is_(None), chosen.contains([target.id]))


def _waits(suggestion: type[Suggestion], target: Target) -> ColumnElement[bool]:
    """Say that it waits for a target, or has arrived there."""
    there = select(Delivery.id).where(
        Delivery.target_id == target.id, col(Delivery.suggestion_id) == col(suggestion.id)
    )
    return there.exists()


def lock_delivery(session: Session, organisation_id: str, delivery_id: str) -> Delivery | None:
    """Return one delivery as it is now and keep it from others until the transaction ends."""
    query = select(Delivery).where(Delivery.organisation_id == organisation_id, Delivery.id == delivery_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(locked).one_or_none()


def lock_deliveries(
    session: Session, organisation_id: str, *, target_id: str, states: Collection[str]
) -> list[Delivery]:
    """Return a target's deliveries in these states as they are now, and keep them from others."""
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id,
        Delivery.target_id == target_id,
        col(Delivery.state).in_(states),
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    return list(session.exec(locked))


def lock_named(session: Session, organisation_id: str, delivery_ids: Collection[str]) -> list[Delivery]:
    """Return these deliveries as they are now, and keep them from others."""
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id, among(col(Delivery.id), delivery_ids)
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    return list(session.exec(locked))


def of_subject(session: Session, organisation_id: str, event: str, subject_id: str) -> Delivery | None:
    """Return the news of something, on their way or not."""
    query = select(Delivery).where(Delivery.organisation_id == organisation_id, Delivery.event == event)
    return session.exec(query.where(Delivery.subject_id == subject_id)).first()


def list_deliveries(
    session: Session, organisation_id: str, *, suggestion_id: str | None = None, state: str | None = None
) -> list[Delivery]:
    """Return the deliveries that fit the filters, by id."""
    query = select(Delivery).where(Delivery.organisation_id == organisation_id)
    if suggestion_id is not None:
        query = query.where(Delivery.suggestion_id == suggestion_id)
    if state is not None:
        query = query.where(Delivery.state == state)
    return list(session.exec(query.order_by(col(Delivery.id))))


def search(
    session: Session,
    organisation_id: str,
    *,
    state: str = "",
    target_id: str = "",
    delivery_id: str = "",
    limit: int,
    offset: int = 0,
) -> tuple[list[Sent], int]:
    """Return the deliveries that fit every filter given, what changed last first, and how many there are."""
    told_theme = col(Delivery.payload)["data"]["theme_id"].astext
    tries = select(func.count()).where(col(DeliveryAttempt.delivery_id) == col(Delivery.id)).scalar_subquery()
    conditions = [col(Delivery.organisation_id) == organisation_id]
    for column, wanted in (("state", state), ("target_id", target_id), ("id", delivery_id)):
        if wanted:
            conditions.append(getattr(Delivery, column) == wanted)
    query = (
        select_columns(Delivery, Target, Suggestion, Theme, tries)
        .join(Target, col(Target.id) == col(Delivery.target_id))
        .outerjoin(Suggestion, col(Suggestion.id) == col(Delivery.suggestion_id))
        .outerjoin(Theme, col(Theme.id) == func.coalesce(col(Suggestion.theme_id), told_theme))
        .where(*conditions)
        .order_by(col(Delivery.updated_at).desc(), col(Delivery.id))
    )
    total = session.exec(select(func.count()).select_from(Delivery).where(*conditions)).one()
    return [Sent(*row) for row in session.execute(query.limit(limit).offset(offset))], total


def get(session: Session, organisation_id: str, delivery_id: str) -> Sent:
    """Return one delivery. Raises NotFound where this organisation has none of this id."""
    found, _ = search(session, organisation_id, delivery_id=delivery_id, limit=1) if delivery_id else ([], 0)
    if not found:
        raise NotFound(f"there is no delivery {delivery_id}")
    return found[0]


def attempts_at(session: Session, organisation_id: str, delivery_id: str) -> list[DeliveryAttempt]:
    """Return the attempts at a delivery, the first one first."""
    query = select(DeliveryAttempt).where(
        DeliveryAttempt.organisation_id == organisation_id, DeliveryAttempt.delivery_id == delivery_id
    )
    return list(session.exec(query.order_by(col(DeliveryAttempt.number))))


def count_by_state(session: Session, organisation_id: str) -> dict[str, int]:
    """Return how many deliveries there are in each state."""
    query = select(Delivery.state, func.count()).where(Delivery.organisation_id == organisation_id)
    return dict(session.exec(query.group_by(Delivery.state)).all())


def count_by_target(session: Session, organisation_id: str) -> dict[str, dict[str, int]]:
    """Return how many deliveries each target has in each state."""
    query = select(Delivery.target_id, Delivery.state, func.count()).where(
        Delivery.organisation_id == organisation_id
    )
    counts: dict[str, dict[str, int]] = {}
    for target_id, state, count in session.exec(query.group_by(Delivery.target_id, Delivery.state)):
        counts.setdefault(target_id, {})[state] = count
    return counts


def waiting_of(counts: Mapping[str, int]) -> int:
    """Return how many deliveries wait, of how many there are in each state."""
    return sum(counts.get(state, 0) for state in WAITING)


def withdraw(session: Session, organisation_id: str, suggestion_id: str) -> bool:
    """Take back the deliveries of a suggestion; False where one of them has arrived, or may have."""
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id, Delivery.suggestion_id == suggestion_id
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    waiting = list(session.exec(locked))
    if any(delivery.state in ("sending", "uncertain", "delivered") for delivery in waiting):
        return False
    unknown = select(DeliveryAttempt.delivery_id).where(
        col(DeliveryAttempt.delivery_id).in_([delivery.id for delivery in waiting]),
        DeliveryAttempt.outcome == "uncertain",
    )
    if session.exec(unknown.limit(1)).first() is not None:
        return False
    for delivery in waiting:
        session.delete(delivery)
    return True


def withdraw_plain(session: Session, organisation_id: str, suggestion_id: str) -> None:
    """Take back those deliveries of a suggestion that wait and could be made anew as they are.

    What may have arrived stays, and so does what a person put under something of the target's, or has yet to
    look into because it was given up.
    """
    unknown = select(DeliveryAttempt.number).where(
        col(DeliveryAttempt.delivery_id) == col(Delivery.id), DeliveryAttempt.outcome == "uncertain"
    )
    query = select(Delivery).where(
        Delivery.organisation_id == organisation_id,
        Delivery.suggestion_id == suggestion_id,
        col(Delivery.state).in_(("pending", "paused")),
        col(Delivery.link_to).is_(None),
        ~unknown.exists(),
    )
    locked = query.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    for delivery in session.exec(locked):
        session.delete(delivery)
