"""A server that calls of any kind of source go to, and calls that are signed now."""

from dataclasses import dataclass
from datetime import UTC, datetime

import httpx
from sqlmodel import select

from connectors.ports import Call
from service.db import Database
from service.models import WebhookCall
from tests.contract.sources import Sent, example_of
from tests.sourcing import signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that calls go to."""

    db: Database
    client: httpx.Client
    address: str

    def send(self, call: Call) -> httpx.Response:
        return self.client.post("/webhooks/source", content=call.body, headers=sendable(call))

    def kept(self) -> int:
        with self.db.begin() as session:
            return len(session.exec(select(WebhookCall.sequence)).all())


def sendable(call: Call) -> list[tuple[bytes, bytes]]:
    """Return headers as bytes on the line: what no header can hold is left out, as a proxy would."""
    lines = []
    for name, value in call.headers.items():
        written = value.encode("utf-8")
        if written == written.strip() and not any(byte < 32 and byte != 9 for byte in written):
            lines.append((name.encode(), written))
    return lines


def now_signed(slug: str, sent: Sent) -> Call:
    return signed(example_of(slug), sent, at=datetime.now(UTC))
