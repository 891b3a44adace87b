"""`/deliveries`: suggestions on their way to targets, each exactly once."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.access.caching import tagged
from service.api.decisions import WRITTEN
from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, Instant, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.api.writes import JsonRoute, Key, once
from service.exports.shapes import moment
from service.pipeline import deliver
from service.repositories import followed
from service.repositories.followed import Sent

router = APIRouter(prefix="/deliveries", tags=["deliveries"], route_class=JsonRoute)

STATES = ("pending", "sending", "uncertain", "delivered", "paused", "dead")


class Delivery(BaseModel):
    """One suggestion, or the news of an event, on its way to one target."""

    delivery_id: str
    event: str = Field(description="`suggestion.accepted`, `alarm.raised`, `theme.created`, …")
    subject_id: str = Field(description="The id of the suggestion, the alarm, …")
    suggestion_id: str | None = Field(description="Null where it is about something else.")
    target_id: str
    target: str = Field(description="The target's name.")
    state: Annotated[str, word(STATES)]
    attempts: int
    reason: str | None = Field(description="Why the last attempt did not succeed.")
    reference: str | None = Field(description="What the target calls it.")
    url: str | None
    link_to: str | None = Field(description="What was there already and was given a note; null: it was made.")
    remote_state: str | None = Field(
        description="How it stands there: `open`, `done`, `dropped` or `gone`; null where it was not asked."
    )
    remote_status: str | None = Field(description="What the target calls that.")
    remote_at: str | None = Field(description="Since when, as far as that is known.")
    created_at: str | None
    next_at: str | None = Field(description="When it is tried next, while it waits.")
    updated_at: UpdatedAt

    @classmethod
    def of(cls, sent: Sent) -> "Delivery":
        """Return a delivery as the API tells it."""
        delivery = sent.delivery
        return cls(
            delivery_id=delivery.id,
            event=delivery.event,
            subject_id=delivery.subject_id,
            suggestion_id=delivery.suggestion_id,
            target_id=delivery.target_id,
            target=sent.target,
            state=delivery.state,
            attempts=delivery.attempts,
            reason=delivery.reason,
            reference=delivery.reference,
            url=delivery.url,
            link_to=delivery.link_to,
            remote_state=delivery.remote_state,
            remote_status=delivery.remote_status,
            remote_at=moment(delivery.remote_at),
            created_at=moment(delivery.created_at),
            next_at=moment(delivery.next_at),
            updated_at=stamp(changed(delivery)),
        )


class DeliveryQuery(ListQuery):
    """Which deliveries."""

    delivery_id: Text = None
    event: Text = None
    subject_id: Text = None
    suggestion_id: Text = None
    target_id: Text = None
    target: Text = None
    state: Annotated[Text, *one_of(STATES)] = Field(default=None, examples=["dead"])
    attempts: Number = None
    reason: Text = None
    reference: Text = None
    url: Text = None
    link_to: Text = None
    remote_state: Text = Field(default=None, examples=["done"])
    remote_status: Text = None
    remote_at: Instant = None
    created_at: Instant = None
    next_at: Instant = None


@router.get("", summary="List deliveries")
def list_deliveries(
    caller: ReaderDep, session: SessionDep, query: Annotated[DeliveryQuery, Query()]
) -> Page[Delivery]:
    """What was sent, what waits, and what was given up, with the reason. One that is taken back is gone."""
    fetch = partial(followed.deliveries, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda sent: (changed(sent.delivery), sent.delivery.id))
    return found.page([Delivery.of(sent) for sent in found.rows])


@router.get("/{delivery_id}", summary="Get a delivery", response_model=Delivery, responses=single())
def get_delivery(request: Request, caller: ReaderDep, session: SessionDep, delivery_id: Id) -> Response:
    """One delivery."""
    fetch = partial(followed.deliveries, session, caller.organisation_id)
    return tagged(request, Delivery.of(find_one(fetch, delivery_id=delivery_id)))


@router.post(
    "/{delivery_id}/replay",
    summary="Try a delivery again",
    response_model=Delivery,
    responses=WRITTEN,
)
def replay_delivery(
    request: Request, caller: WriterDep, session: SessionDep, delivery_id: Id, key: Key = None
) -> Response:
    """Let a delivery that was given up or refused be tried at once; any other stays as it is. Where it may
    have arrived, it is looked up at the target before it is sent again."""

    def work() -> Delivery:
        replayed = deliver.replay(session, caller.organisation_id, delivery_id)
        session.flush()
        session.refresh(replayed)  # the database notes when it changed
        fetch = partial(followed.deliveries, session, caller.organisation_id)
        return Delivery.of(find_one(fetch, delivery_id=delivery_id))

    return once(request, session, caller, key, work)
