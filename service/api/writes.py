"""Writes that are done once however often they are sent: the header `Idempotency-Key`."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.types import Message

from service.access.caller import Caller
from service.api.arrivals import raw_body
from service.api.problems import Responses, documented, header
from service.errors import WrongUse
from service.models import IdempotentWrite
from service.repositories import idempotent_writes

Handler = Callable[[Request], Coroutine[Any, Any, Response]]
REPLAYED = "Idempotent-Replayed"
Key = Annotated[
    Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$")] | SkipJsonSchema[None],
    Header(
        alias="Idempotency-Key",
        description=(
            "A text of your choice that names this write. Sent again with the same key and the same content, "
            "it does nothing a second time and gets the first answer, with `Idempotent-Replayed: true`."
        ),
        examples=["8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ),
]


def written(done: str) -> Responses:
    """Return what a write may answer, as OpenAPI describes it; `done` says what its success means."""
    replayed = header("`true` where it was done before, under the same key.")
    return {
        200: {"description": done, "headers": {REPLAYED: replayed}},
        **documented(404, 408, 409, 413, 415),
    }


class JsonRoute(APIRoute):
    """Takes bodies that are JSON, and bounded in length and in time; the framework itself would take any."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            body = await raw_body(request)
            media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if body and media_type != "application/json":
                raise HTTPException(415)

            async def again() -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            return await handle(Request(request.scope, again))

        return bounded


def once(
    request: Request,
    session: Session,
    caller: Caller,
    key: str | None,
    work: Callable[[], BaseModel],
    *,
    content: BaseModel | None = None,
) -> Response:
    """Do `work` and return what it gives, or, where that was done under this key before, the answer of then.

    The answer is kept in the transaction of the work itself: both are there, or neither is. What fails is
    not kept. Raises WrongUse where the key named another request.
    """
    if key is None:
        return _json(work().model_dump_json().encode())
    said = content.model_dump_json(exclude_none=True) if content else ""
    digest = hashlib.sha256(f"{request.method} {request.scope['path']} {said}".encode()).hexdigest()
    write = IdempotentWrite(
        organisation_id=caller.organisation_id,
        caller_id=caller.id,
        key=key,
        request_digest=digest,
        status=0,
        body=b"",
        created_at=datetime.now(UTC),
    )
    before = idempotent_writes.begin(session, write)
    if before is None:
        body = work().model_dump_json().encode()
        idempotent_writes.answered(session, write, status=200, body=body)
        return _json(body)
    if before.request_digest != digest:
        raise WrongUse("This Idempotency-Key names another request; choose a new key for a new request.")
    return _json(before.body, status=before.status, replayed=True)


def _json(body: bytes, *, status: int = 200, replayed: bool = False) -> Response:
    headers = {REPLAYED: "true"} if replayed else {}
    return Response(body, status, headers, "application/json")
