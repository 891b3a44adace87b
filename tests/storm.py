"""Senders as support tools are: each repeats until it hears 200, sends things twice, and not in their order.

What they heard 200 for they write into a file, line by line; nobody else knows what was acknowledged.
"""

import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx

SINCE = datetime(2026, 5, 4, tzinfo=UTC)
CONCERNS = (
    "The export fails with error 42",
    "Cannot log in after changing my password",
    "請求書が届きません",
    "Where can I change my address?",
    "アプリがすぐに落ちます",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A version of a ticket, as one delivery tells it."""

    kind: str
    """The kind of system that sends it."""
    place: int
    """Which ticket of all."""
    version: int
    delivery: str
    """The sender's id of the delivery."""

    @property
    def ticket(self) -> tuple[str, int]:
        """The ticket, whatever its version."""
        return self.kind, self.place

    @property
    def marker(self) -> str:
        """The words that only this version says."""
        return f"t-{self.place} v{self.version}"

    @property
    def words(self) -> str:
        """What the customer says in this version."""
        return f"{self.marker}: {CONCERNS[self.place % len(CONCERNS)]}"

    @property
    def at(self) -> datetime:
        """When this version was made."""
        return SINCE + timedelta(minutes=self.version)


def storm(count: int, kinds: Sequence[str], *, seed: int) -> list[Event]:
    """Return so many deliveries of some kinds.

    20 % come again, 5 % have the id of another body, 10 % are not in their order.
    """
    chance = random.Random(seed)
    again, other, early = count // 5, count // 20, count // 20
    first = [
        Event(kind=kinds[place % len(kinds)], place=place, version=1, delivery=f"d-{place}")
        for place in range(count - again - other - early)
    ]
    events = list(first)
    changed = chance.sample(first, other + early)
    for event in changed[:other]:  # the same id with another body, later
        newer = replace(event, version=2)
        events.insert(chance.randrange(events.index(event) + 1, len(events) + 1), newer)
    for event in changed[other:]:  # the newer version first
        newer = replace(event, version=2, delivery=f"{event.delivery}-2")
        events.insert(chance.randrange(events.index(event) + 1), newer)
    for event in chance.sample(events, again):
        events.insert(chance.randrange(events.index(event) + 1, len(events) + 1), event)
    return events


def newest(events: Sequence[Event]) -> dict[tuple[str, int], Event]:
    """Return the newest version of each ticket."""
    found: dict[tuple[str, int], Event] = {}
    for event in events:
        if event.ticket not in found or event.version > found[event.ticket].version:
            found[event.ticket] = event
    return found


class Way(Protocol):
    """How a kind of system tells of an event."""

    def body(self, event: Event, /) -> bytes:
        """Return the bytes that are sent, each time the same."""
        ...

    def headers(self, event: Event, body: bytes, secret: str, /) -> Mapping[str, str]:
        """Return what proves a body now, and what else is sent with it."""
        ...


class Sender:
    """Sends every event until it is acknowledged, over several connections at once."""

    def __init__(
        self, address: str, ways: Mapping[str, Way], secrets: Mapping[str, str], acknowledged: Path
    ) -> None:
        """Send to the sources at an address, which are called after their kinds and have these secrets."""
        self._address = address
        self._ways = ways
        self._secrets = secrets
        self._file = acknowledged.open("a", encoding="utf-8", buffering=1)
        self._guard = threading.Lock()
        self.acknowledged = 0
        self.refused: list[int] = []
        """Answers other than 200 and 503."""

    def send_all(self, events: Sequence[Event], *, connections: int) -> None:
        """Send them in their order, as far as that holds over several connections."""
        waiting = iter(events)
        threads = [threading.Thread(target=self._work, args=(waiting,)) for _ in range(connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self._file.close()

    def _work(self, waiting: Iterator[Event]) -> None:
        with httpx.Client(timeout=15, trust_env=False) as client:
            while True:
                with self._guard:
                    event = next(waiting, None)
                if event is None:
                    return
                self._until_acknowledged(client, event)

    def _until_acknowledged(self, client: httpx.Client, event: Event) -> None:
        pause = 0.05
        while not self._send(client, event):
            time.sleep(pause)
            pause = min(2 * pause, 1.0)

    def _send(self, client: httpx.Client, event: Event) -> bool:
        way, url = self._ways[event.kind], f"{self._address}/webhooks/{event.kind}"
        body = way.body(event)
        proof = way.headers(event, body, self._secrets[event.kind])
        try:
            headers = {"content-type": "application/json", **proof}
            status = client.post(url, content=body, headers=headers).status_code
        except httpx.TransportError:
            return False
        with self._guard:
            if status == 200:
                self.acknowledged += 1
                self._file.write(f"{event.kind} {event.place} {event.version} {event.delivery}\n")
            elif status != 503:
                self.refused.append(status)
        return status == 200
