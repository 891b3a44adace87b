"""Webhooks: a call is proven on its raw bytes and committed, and only then answered. None is read here."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from connectors.errors import Unproven
from connectors.ports import Call
from service.access.hosts import address_of
from service.access.senders import Receiver, Receivers, prove
from service.api.arrivals import RawBody, keep
from service.api.problems import documented
from service.errors import Unavailable

log = logging.getLogger(__name__)

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
UNPROVEN = "It is not shown who sent this."
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="Koe webhooks"'}
ANSWERS = {
    200: {"description": "Kept, for good. The body is empty.", "content": {}},
    **documented(400, 401, 404, 408, 413, 415, 503),
}


@router.post("/{source}/", include_in_schema=False)
@router.post("/{source}", responses=ANSWERS)
def take(request: Request, source: str, body: RawBody) -> Response:
    """Keep a call of a source, which proves itself by a signature or by a token."""
    return _take(request, source, body, in_address=None)


@router.head("/{source}/", include_in_schema=False)
@router.head("/{source}", include_in_schema=False)
def show(request: Request, source: str) -> Response:
    """Say that calls of a source may come here: some senders ask, without proof, before they send any."""
    with refusing("A question for a source"):
        found(request.app.state.receivers, source)
    return Response()


@router.post("/{source}/{secret}/", include_in_schema=False)
@router.post("/{source}/{secret}", responses=ANSWERS)
def take_at_secret_address(request: Request, source: str, secret: str, body: RawBody) -> Response:
    """Keep a call of a source whose address holds its secret."""
    return _take(request, source, body, in_address=secret)


def _take(request: Request, name: str, body: bytes, *, in_address: str | None) -> Response:
    receivers: Receivers = request.app.state.receivers
    now = datetime.now(UTC)
    with refusing(f"A call of {name[:100]!r}"):
        source = found(receivers, name)
        call = call_at(request, f"/webhooks/{quote(name, safe='')}", body)
        named = prove(source, call, in_address=in_address, now=now)
        greeting = source.greet(call)
        if greeting is not None:
            return Response(greeting.body, media_type=greeting.media_type)
        if source.is_full:
            raise Unavailable(f"{receivers.most_waiting:,} calls wait to be read; send it again later")
        keep(
            request,
            source.organisation_id,
            source.id,
            named=named,
            body=body,
            now=now,
            headers=source.kept(call.headers),
        )
    return Response()


@contextmanager
def refusing(what: str) -> Iterator[None]:
    """Answer 401 to a call that is not proven, whatever is wrong, and 503 to one that cannot be taken."""
    try:
        yield
    except Unproven as error:
        log.warning("%s was refused: %s", what, error)
        raise HTTPException(401, UNPROVEN, headers=CHALLENGE) from error
    except Unavailable as error:
        log.error("%s could not be taken: %s", what, error)
        raise HTTPException(503) from error


def found(receivers: Receivers, name: str) -> Receiver:
    """Return whoever calls come to under a name; there is 404 for any other."""
    receiver = receivers.find(name)
    if receiver is None:
        raise HTTPException(404)
    return receiver


def call_at(request: Request, path: str, body: bytes) -> Call:
    """Return a call as its sender made it: behind a proxy the request alone does not tell the address."""
    base = address_of(request.app.state.settings)
    return Call(url=f"{base}{path}", headers=request.headers, body=body)
