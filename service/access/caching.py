"""Answers that say which version they are, so that nobody fetches the same one twice (RFC 9110, ETag)."""

import hashlib
import re
from collections.abc import Mapping

from fastapi import Request, Response
from pydantic import BaseModel

TAGS = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def tagged(request: Request, content: BaseModel) -> Response:
    """Return a thing as JSON with its version; without the thing to whoever has that version."""
    return versioned(request, content.model_dump_json().encode(), media_type="application/json")


def versioned(
    request: Request, content: bytes, *, media_type: str, headers: Mapping[str, str] | None = None
) -> Response:
    """Return content with its version; without the content to whoever has that version."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    # It may be kept, by nobody else, and has to be asked for every time.
    said = {"ETag": tag, "Cache-Control": "private, no-cache", **(headers or {})}
    known = ", ".join(request.headers.getlist("if-none-match"))
    if known.strip() == "*" or tag in TAGS.findall(known):
        return Response(status_code=304, headers=said)
    return Response(content, headers=said, media_type=media_type)
