"""Calls of a webhook, as tests make and sign them."""

import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from connectors.signatures import key_of, sign
from service.access.senders import close_secrets, make_secret
from service.db import Database
from service.models import MAIN, Source
from service.models.columns import digest
from service.repositories import calls, sources
from service.sealing import Seal

SEAL = Seal("a key for tests alone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A source that calls come to, and its secret."""

    source: Source
    secret: str

    def signed(
        self, body: bytes, *, named: str | None = None, at: datetime | None = None, secret: str | None = None
    ) -> dict[str, str]:
        """Return the headers that prove a body."""
        message_id = named or f"msg_{secrets.token_hex(8)}"
        timestamp = int((at or datetime.now(UTC)).timestamp())
        return {
            "webhook-id": message_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(key_of(secret or self.secret), message_id, timestamp, body),
        }


def open_door(
    db: Database,
    name: str = "desk",
    *,
    proof: str = "signature",
    mapping: dict[str, str] | None = None,
    organisation_id: str = MAIN,
) -> Door:
    """Add a source that calls come to."""
    secret = make_secret(proof)
    source_id = digest(organisation_id, "source", name)
    source = Source(
        id=source_id,
        organisation_id=organisation_id,
        name=name,
        kind="generic",
        settings={"map": mapping or {}},
        proof=proof,
        sealed_secrets=close_secrets(SEAL, source_id, [secret]),
        created_at=datetime.now(UTC),
    )
    with db.begin() as session:
        sources.add_source(session, source)
    return Door(source=source, secret=secret)


def call(db: Database, door: Door, body: object, *, named: str = "", at: datetime | None = None) -> None:
    """Keep a call, as the endpoint does."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    db.alone(
        lambda connection: calls.keep(
            connection,
            door.source.organisation_id,
            door.source.id,
            key=calls.call_key(named, sent),
            body=sent,
            received_at=at or datetime.now(UTC),
        )
    )
