"""A sender as support tools are: it repeats until it hears 200, sends things twice, and not in their order.

What it heard 200 for it writes into a file, line by line; nobody else knows what was acknowledged.
"""

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from connectors.signatures import key_of, sign

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

    item: str
    version: int
    delivery: str
    """The sender's id of the delivery."""

    @property
    def marker(self) -> str:
        """The words that only this version says."""
        return f"{self.item} v{self.version}"

    def body(self) -> bytes:
        """The bytes that are sent, each time the same."""
        place = int(self.item.partition("-")[2])
        record = {
            "external_id": self.item,
            "text": f"{CONCERNS[place % len(CONCERNS)]}\n\n{self.marker}",
            "customer_id": f"customer-{place % 997}",
            "created_at": SINCE.isoformat(),
            "updated_at": (SINCE + timedelta(minutes=self.version)).isoformat(),
        }
        return json.dumps(record, ensure_ascii=False).encode()


def storm(count: int, *, seed: int) -> list[Event]:
    """Return so many deliveries: 20 % again, 5 % with the id of another body, 10 % not in their order."""
    chance = random.Random(seed)
    again, other, early = count // 5, count // 20, count // 20
    first = [Event(item=f"t-{n}", version=1, delivery=f"d-{n}") for n in range(count - again - other - early)]
    events = list(first)
    changed = chance.sample(first, other + early)
    for event in changed[:other]:  # the same id with another body, later
        newer = Event(item=event.item, version=2, delivery=event.delivery)
        events.insert(chance.randrange(events.index(event) + 1, len(events) + 1), newer)
    for event in changed[other:]:  # the newer version first
        newer = Event(item=event.item, version=2, delivery=f"{event.delivery}-2")
        events.insert(chance.randrange(events.index(event) + 1), newer)
    for event in chance.sample(events, again):
        events.insert(chance.randrange(events.index(event) + 1, len(events) + 1), event)
    return events


class Sender:
    """Sends every event until it is acknowledged, over several connections at once."""

    def __init__(self, url: str, secret: str, acknowledged: Path) -> None:
        self._url = url
        self._key = key_of(secret)
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
        body, now = event.body(), int(time.time())
        headers = {
            "webhook-id": event.delivery,
            "webhook-timestamp": str(now),
            "webhook-signature": sign(self._key, event.delivery, now, body),
            "content-type": "application/json",
        }
        try:
            status = client.post(self._url, content=body, headers=headers).status_code
        except httpx.TransportError:
            return False
        with self._guard:
            if status == 200:
                self.acknowledged += 1
                self._file.write(f"{event.item} {event.version} {event.delivery}\n")
            elif status != 503:
                self.refused.append(status)
        return status == 200
