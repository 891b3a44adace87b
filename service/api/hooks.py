"""The calls of targets: proven on their raw bytes, they make Koe look there soon. No more is believed."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, Response

from connectors.ports import Call
from connectors.target_port import Hints
from service.access.senders import Receiver, prove
from service.api.arrivals import RawBody
from service.api.problems import documented
from service.api.webhooks import call_at, found, refusing
from service.db import Database
from service.repositories import tracking
from service.rules.tracking import APART, VAGUELY_APART

router = APIRouter(prefix="/hooks", tags=["webhooks"])
ANSWERS = {
    200: {"description": "Heard; Koe looks there soon. The body is empty.", "content": {}},
    **documented(400, 401, 404, 408, 413, 415, 503),
}


@router.post("/{target_id}/", include_in_schema=False)
@router.post("/{target_id}", responses=ANSWERS)
def hear(request: Request, target_id: str, body: RawBody) -> Response:
    """Hear that something changed at a target, which proves itself by a signature or by a token."""
    return _hear(request, target_id, body, in_address=None)


@router.head("/{target_id}/", include_in_schema=False)
@router.head("/{target_id}", include_in_schema=False)
def show(request: Request, target_id: str) -> Response:
    """Say that calls of a target may come here."""
    with refusing("A question for a target"):
        found(request.app.state.target_receivers, target_id)
    return Response()


@router.post("/{target_id}/{secret}/", include_in_schema=False)
@router.post("/{target_id}/{secret}", responses=ANSWERS)
def hear_at_secret_address(request: Request, target_id: str, secret: str, body: RawBody) -> Response:
    """Hear that something changed at a target whose address holds its secret."""
    return _hear(request, target_id, body, in_address=secret)


def _hear(request: Request, target_id: str, body: bytes, *, in_address: str | None) -> Response:
    with refusing(f"A call of the target {target_id[:100]!r}"):
        receiver = found(request.app.state.target_receivers, target_id)
        call = call_at(request, f"/hooks/{target_id}", body)
        prove(receiver, call, in_address=in_address, now=datetime.now(UTC))
        if receiver.greet(call) is None:
            _look_soon(request, receiver, call)
    return Response()


def _look_soon(request: Request, receiver: Receiver, call: Call) -> None:
    """Let what a call says has changed be looked at soon, and tell whoever looks."""
    db: Database = request.app.state.db
    named = receiver.port.changed(call) if receiver.port and issubclass(receiver.port, Hints) else None
    apart = VAGUELY_APART if named is None else APART
    if named is not None and not named:
        return
    due = db.alone(
        lambda connection: tracking.look_soon(
            connection, receiver.organisation_id, receiver.id, named, apart=apart
        )
    )
    if due:
        request.app.state.ring_to_track(receiver.organisation_id)
