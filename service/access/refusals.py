"""Why the gate refuses a request, in words; for programs as `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

PROBLEM = "application/problem+json"
RETRY_AFTER = "5"
"""Seconds after which to ask again a Koe that cannot answer now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """One reason; pages have their own words for it under `name`."""

    name: str
    status: int
    detail: str


OTHER_NAME = Refusal(
    name="421", status=421, detail="This server has another name (Host); KOE_PUBLIC_URL gives it one."
)
NUL = Refusal(name="400", status=400, detail="An address cannot hold the character NUL.")
UNKNOWN = Refusal(
    name="401",
    status=401,
    detail="Send a token that is in force: `Authorization: Bearer koe_…`. `koe token create` makes one.",
)
FOREIGN = Refusal(name="403", status=403, detail="This was sent from a page of another site.")
READS_ONLY = Refusal(
    name="read_only", status=403, detail="The scope of this token is `read`; changes need `write`."
)
FILE_TOO_LONG = Refusal(
    name="file_too_long", status=413, detail="The file is larger than KOE_UPLOAD_MB allows."
)
TOO_LONG = Refusal(
    name="413", status=413, detail="The form is longer than 64 KiB, or does not say its length."
)


def asked_for(request: Request) -> str:
    """Return the path that was asked for, without the secret that the address of a webhook may hold."""
    path = "/" + request.scope["path"].lstrip("/")
    if path.startswith("/webhooks/"):
        path = "/".join(path.split("/")[:3])
    return quote(path, errors="replace")


def problem(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer that tells a program what is wrong."""
    told = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": asked_for(request),
    }
    body = json.dumps(told, ensure_ascii=False).encode()
    later = {"Retry-After": RETRY_AFTER} if status == 503 else {}
    return Response(body, status, {**later, **(headers or {})}, PROBLEM)
