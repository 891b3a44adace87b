"""What a request proves its caller with: a browser's session, or a token that a program sends along.

A token counts in the header `Authorization` alone. In an address it would stand in logs and histories.
"""

import base64
import binascii
from dataclasses import dataclass, field
from datetime import UTC, datetime

from starlette.requests import HTTPConnection

from service.access import sign_ins, tokens
from service.access.visit import Means, Visit
from service.db import Database

COOKIE = "koe_session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A secret, and the way it came."""

    means: Means
    secret: str = field(repr=False)


def credential_of(request: HTTPConnection) -> Credential | None:
    """Return what a request shows; a token goes before a session.

    An `Authorization` that holds no token of ours was meant for a proxy on the way.
    """
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and tokens.looks_like_one(value.strip()):
        return Credential(means="bearer", secret=value.strip())
    if scheme.lower() == "basic" and tokens.looks_like_one(password := _password(value)):
        return Credential(means="basic", secret=password)
    cookie = request.cookies.get(COOKIE)
    return Credential(means="session", secret=cookie) if cookie else None


def prove(db: Database, credential: Credential) -> Visit | None:
    """Return whose credential it is and what they may do, or None. Nothing is remembered between requests."""
    now = datetime.now(UTC)
    if credential.means == "session":
        return sign_ins.prove(db, credential.secret, now=now)
    return tokens.prove(db, credential.secret, means=credential.means, now=now)


def _password(encoded: str) -> str:
    """Return the password of HTTP Basic, whatever the user is called; empty if it cannot be read."""
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    return decoded.partition(":")[2]
