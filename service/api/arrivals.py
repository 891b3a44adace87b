"""What arrives: its bytes, bounded in length and in time, are kept before anything else is done."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Annotated

from fastapi import Depends, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from service.db import Database
from service.repositories import calls

MOST_BYTES = 1 << 20
MOST_SECONDS = 20.0
"""In which the whole body must have come."""
CLOSE = {"Connection": "close"}


async def raw_body(request: Request) -> bytes:
    """Return the body as it came.

    Raises HTTPException: 413 for one that is too long, 415 for one that is packed, 408 for one that takes too
    long, 400 for one that breaks off.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in ("identity", ""):
        raise HTTPException(415, "Send the body as it is, without Content-Encoding.", headers=CLOSE)
    try:
        async with asyncio.timeout(request.app.state.body_seconds):
            body = await _read(request)
    except TimeoutError as error:
        raise HTTPException(408, headers=CLOSE) from error
    except ClientDisconnect as error:
        raise HTTPException(400, "The body broke off.", headers=CLOSE) from error
    if body is None:
        raise HTTPException(413, f"The body is longer than {MOST_BYTES:,} bytes.", headers=CLOSE)
    return body


async def _read(request: Request) -> bytes | None:
    """Return the body, or None if it is too long.

    Of a body that is a little too long the rest is taken off the line, so that its sender, who may not listen
    before all is sent, hears the answer.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > 2 * MOST_BYTES:
        return None
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > 2 * MOST_BYTES:
            return None
        if size <= MOST_BYTES:
            parts.append(part)
    return b"".join(parts) if size <= MOST_BYTES else None


RawBody = Annotated[bytes, Depends(raw_body)]


def keep(
    request: Request,
    organisation_id: str,
    source_id: str,
    *,
    named: str,
    body: bytes,
    now: datetime,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Commit a call, unless it was before, and tell whoever reads calls. Raises Unavailable.

    `named` is the sender's id of it, if it has one; `headers` are those that it cannot be read without.
    """
    db: Database = request.app.state.db
    key = calls.call_key(named, body)
    db.alone(
        lambda connection: calls.keep(
            connection, organisation_id, source_id, key=key, body=body, received_at=now, headers=headers
        )
    )
    request.app.state.ring(organisation_id)
