"""`POST /feedback`: voices by token. They are checked at once, and go the way of every webhook call."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from service.access.caller import Caller
from service.api.arrivals import RawBody, keep
from service.api.deps import WriterDep
from service.api.fields import Name
from service.api.problems import Mistake, answer, documented
from service.api.writes import Key, once
from service.db import Database
from service.imports.calls import Read, Sender, read
from service.models import MAIN
from service.models.columns import digest
from service.models.item import CHANNELS
from service.repositories import calls, organisations, sources

router = APIRouter(prefix="/feedback", tags=["feedback"])

DAY = r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
CLOCK = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(Z|[+-]0\d:00)"
TIME = {"type": "string", "pattern": f"^{DAY}T{CLOCK}$", "description": "ISO 8601."}
WORDS = {"type": "string", "pattern": r"[^\s\x00-\x1f\x7f-\x9f]{4}"}
NAME = {"type": "string", "maxLength": 500}
RECORD: dict[str, Any] = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "external_id": {
            **NAME,
            "description": "Your id of it: sent again with other content, it is updated.",
        },
        "text": {**WORDS, "description": "What the customer said, as plain text or HTML."},
        "title": {"type": "string"},
        "created_at": TIME,
        "updated_at": {**TIME, "description": "Of several versions the newest counts."},
        "customer_id": NAME,
        "customer_email": {
            **NAME,
            "description": "By it one person counts once over all sources. Items do not hold it; "
            "it stays in the record as it was received.",
        },
        "account_id": NAME,
        "channel": {"enum": list(CHANNELS)},
        "lang": {"type": "string", "description": "ISO 639-1."},
        "status": {"type": "string"},
        "rating": {"type": "number", "minimum": 1, "maximum": 5},
        "url": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "messages": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["text"],
                "properties": {
                    "external_id": NAME,
                    "author_role": {"enum": ["customer", "agent", "bot", "interviewer"]},
                    "text": WORDS,
                    "created_at": TIME,
                },
            },
        },
    },
}
EXAMPLE = {
    "external_id": "ticket-4711",
    "text": "The invoice does not show our VAT number.",
    "customer_id": "c-42",
    "created_at": "2026-05-03T10:00:00+09:00",
    "channel": "ticket",
}
BODY = {
    "requestBody": {
        "required": True,
        "description": "One record, a list of them, or the Standard Webhooks envelope; see docs/webhooks.md.",
        "content": {
            "application/json": {
                "schema": {"oneOf": [RECORD, {"type": "array", "items": RECORD, "minItems": 1}]},
                "example": EXAMPLE,
            }
        },
    }
}


class Taken(BaseModel):
    """What became of a request: all of its records are kept."""

    received: int = Field(description="How many records there are; some may be known already.", examples=[1])


class Sent(BaseModel):
    """What makes a request the same as another."""

    source: str
    body: str
    """A digest of its bytes."""


@router.post(
    "",
    summary="Send feedback",
    response_model=Taken,
    openapi_extra=BODY,
    responses=documented(404, 408, 409, 413, 415),
)
def send_feedback(
    request: Request,
    caller: WriterDep,
    body: RawBody,
    source: Annotated[
        Name | None, Query(description="The source that it is kept under; without one, `api`.")
    ] = None,
    key: Key = None,
) -> Response | Taken:
    """Keep records of feedback: all of them, or, if one is wrong, none. They are voices within seconds.

    Under an `Idempotency-Key` they are kept once; another body under the same key is refused.
    """
    db: Database = request.app.state.db
    now = datetime.now(UTC)
    sender = _sender(db, caller, source)
    # The key of one caller means nothing to another, also where it stands in for the id of a voice.
    named = digest(caller.id, key) if key else ""
    found = read(body, sender, named=named, received_at=now)
    if found.wrong:
        return _refused(request, found)
    taken = Taken(received=len(found.records))
    if key is None:
        keep(request, caller.organisation_id, sender.source_id, named=named, body=body, now=now)
        return taken

    def keep_once() -> Taken:
        call = calls.call_key(named, body)
        connection = session.connection()
        calls.keep(connection, caller.organisation_id, sender.source_id, key=call, body=body, received_at=now)
        return taken

    sent = Sent(source=sender.name, body=hashlib.sha256(body).hexdigest())
    with db.begin() as session:
        answered = once(request, session, caller, key, keep_once, content=sent)
    request.app.state.ring(caller.organisation_id)
    return answered


def _sender(db: Database, caller: Caller, name: str | None) -> Sender:
    """Return the source that was named, else the one that is made when it is first used. Raises NotFound."""
    with db.begin() as session:
        if name is None:
            own = "api" if caller.organisation_id == MAIN else f"api-{caller.organisation_id}"
            source = sources.open_source(session, caller.organisation_id, own, kind="api")
        else:
            source = sources.get_source(session, caller.organisation_id, name)
        return Sender(
            organisation_id=caller.organisation_id,
            source_id=source.id,
            name=source.name,
            mapping=source.settings.get("map", {}),
            zone=organisations.zone_of(session, caller.organisation_id),
        )


def _refused(request: Request, found: Read) -> Response:
    if found.mistakes[0].place == 0:
        raise HTTPException(400, found.mistakes[0].reason)
    total = len(found.records) + found.wrong
    return answer(
        request,
        422,
        f"{found.wrong:,} of {total:,} records cannot be used; nothing was stored.",
        errors=[Mistake(pointer=f"#/body{each.pointer}", detail=each.reason) for each in found.mistakes],
    )
