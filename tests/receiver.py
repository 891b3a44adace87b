"""A receiver of webhooks, as somebody else would write it, that can fail in every way a receiver fails.

It proves each message by a recipe of its own, does what it says once for each `webhook-id`, and records all.
"""

import base64
import hmac
import json
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from connectors.signatures import new_secret
from tests.speaker import Call, Say, answers, resets, says, speaker


class Fault(Enum):
    """What goes wrong with one attempt; the value says whether the message is acted on all the same."""

    def __init__(self, _: str, done: bool) -> None:  # noqa: FBT001  an enum's value is positional
        self.done = done

    BUSY = ("429 with Retry-After", False)
    BROKEN = ("500", False)
    AWAY = ("503", False)
    GATEWAY = ("502 from a proxy, though it was done", True)
    HANG = ("no answer", False)
    LATE = ("done, and no answer", True)
    LOST = ("done, and the connection broken off", True)
    CUT = ("done, and the answer cut off", True)
    PAGE = ("200 with a sign-in page", False)
    GONE = ("410", False)
    MOVED = ("307 to another address", False)


Choose = Callable[[str], Fault | None]
"""Says what goes wrong with an attempt to deliver the message of that id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One request that arrived."""

    key: str
    """Its `webhook-id`."""
    headers: Mapping[str, str]
    body: bytes
    proven: bool
    fault: Fault | None


@dataclass(kw_only=True)
class Receiver:
    """What was received, and what came of it."""

    secret: str
    choose: Choose
    retry_after: str
    hang_seconds: float
    attempts: list[Attempt] = field(default_factory=list)
    executed: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The event of every message that was acted on, by key, in the order in which that happened."""
    url: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def attempts_of(self, key: str) -> int:
        """How often the message of that id arrived."""
        return Counter(attempt.key for attempt in self.attempts)[key]

    def take(self, call: Call) -> None:
        """Do with a call what a receiver does, or fail as chosen."""
        key, proven = call.headers.get("webhook-id", ""), self._prove(call)
        with self._lock:
            fault = self.choose(key) if proven else None
            self.attempts.append(
                Attempt(key=key, headers=call.headers, body=call.body, proven=proven, fault=fault)
            )
            if proven and (fault is None or fault.done):
                self.executed.setdefault(key, json.loads(call.body))
        if not proven:
            answers("401 Unauthorized")(call)
        elif fault is None:
            answers("200 OK")(call)
        else:
            self._fail(fault)(call)

    def _fail(self, fault: Fault) -> Say:
        page = b"<!doctype html><title>Sign in</title>"
        return {
            Fault.BUSY: answers("429 Too Many Requests", f"Retry-After: {self.retry_after}"),
            Fault.BROKEN: answers("500 Internal Server Error", body=b"at line 42"),
            Fault.AWAY: answers("503 Service Unavailable"),
            Fault.GATEWAY: answers("502 Bad Gateway", body=page),
            Fault.HANG: self._wait,
            Fault.LATE: self._wait,
            Fault.LOST: resets,
            Fault.CUT: says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
            Fault.PAGE: answers("200 OK", "Content-Type: text/html", body=page),
            Fault.GONE: answers("410 Gone"),
            Fault.MOVED: answers("307 Temporary Redirect", f"Location: {self.url}"),
        }[fault]

    def _wait(self, call: Call) -> None:
        call.over.wait(self.hang_seconds)

    def _prove(self, call: Call) -> bool:
        names = ("webhook-id", "webhook-timestamp", "webhook-signature")
        key, timestamp, signature = (call.headers.get(name, "") for name in names)
        content = f"{key}.{timestamp}.".encode() + call.body
        digest = hmac.digest(base64.b64decode(self.secret.removeprefix("whsec_")), content, "sha256")
        on_time = abs(datetime.now(UTC).timestamp() - int(timestamp or 0)) <= 300
        return on_time and f"v1,{base64.b64encode(digest).decode()}" in signature.split(" ")


@contextmanager
def receiver(
    choose: Choose | None = None,
    *,
    secret: str | None = None,
    retry_after: str = "0",
    hang_seconds: float = 30,
) -> Iterator[Receiver]:
    """A receiver that listens on 127.0.0.1 until the block ends, and fails as `choose` says."""
    taker = Receiver(
        secret=secret or new_secret(),
        choose=choose or scripted(),
        retry_after=retry_after,
        hang_seconds=hang_seconds,
    )
    with speaker(taker.take) as server:
        taker.url = f"http://127.0.0.1:{server.port}/hooks"
        yield taker


def scripted(*faults: Fault | None) -> Choose:
    """Fail in this order, whatever arrives, and then no more."""
    coming = iter(faults)
    return lambda _: next(coming, None)


def at_random(seed: int, shares: Mapping[Fault, float], *, most: int = 5) -> Choose:
    """Let each kind of failure happen to its share of the attempts, `most` times to one message at most.

    What happens to a message depends on the seed, its id and its attempt, and not on the order of arrival.
    """
    met = Counter[str]()

    def choose(key: str) -> Fault | None:
        met[key] += 1
        if met[key] > most:
            return None
        lot = random.Random(f"{seed}/{key}/{met[key]}").random()
        for fault, share in shares.items():
            if lot < share:
                return fault
            lot -= share
        return None

    return choose
