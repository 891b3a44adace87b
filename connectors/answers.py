"""What another system answered, and what its status means for what to do next."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.errors import Refused, RetryLater, Uncertain

Unsure = type[RetryLater] | type[Uncertain]
"""What is raised where it may have been done: Uncertain, but RetryLater for what only reads."""

BUSY = frozenset({408, 425, 429, 503})
"""Statuses that say that nothing was done and that it may be asked again."""
LONGEST_PAUSE = timedelta(days=1)
"""The most that a Retry-After is obeyed; the other side may have mistyped it."""
REASONS = {
    401: ": it does not accept what Koe proves itself with",
    403: ": it does not allow this",
    404: ": there is nothing at this address",
    410: ": it wants nothing more at this address",
    413: ": it was too much for it",
}
COOKIES = "set-cookie"
"""The one header whose values stand each for itself, here a line each."""
PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)[\s>]", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a call that was taken."""

    name: str
    """Who answered, as in messages to people."""
    status: int
    headers: Mapping[str, str]
    """By names in lower case."""
    body: bytes
    whole: bool
    """False where the body is longer than what was kept of it."""

    @property
    def is_page(self) -> bool:
        """Whether it is a web page for people, as of a sign-in or a proxy that stands before the system."""
        return PAGE.match(self.body) is not None

    @property
    def cookies(self) -> Mapping[str, str]:
        """What it wants to be told with the next call."""
        told = (line.partition(";")[0].partition("=") for line in self.headers.get(COOKIES, "").split("\n"))
        return {name.strip(): value.strip() for name, _, value in told if name.strip()}

    def json(self) -> Any:
        """Return the body read as JSON; raises Uncertain where it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Uncertain(f"{self.name} answered {self.status} with something that is no JSON") from error


def judge(name: str, status: int, headers: Mapping[str, str], unsure: Unsure) -> None:
    """Raise what a status other than success means: RetryLater, Refused or `unsure`.

    The message names the host and the status, and holds nothing of what was sent or answered.
    """
    if 200 <= status < 300:
        return
    if status in BUSY or (status == 403 and _is_spent(headers)):
        raise RetryLater(f"{name} is busy (status {status})", after=_pause(headers, now=datetime.now(UTC)))
    if 300 <= status < 400:
        message = f"{name} answered with a redirect (status {status}); give the address that it leads to"
        raise Refused(message, status=status)
    if 400 <= status < 500:
        raise Refused(f"{name} refused (status {status}){REASONS.get(status, '')}", status=status)
    raise unsure(f"{name} failed (status {status})")


def _is_spent(headers: Mapping[str, str]) -> bool:
    """Whether a refusal means that too much was asked: some systems say so with 403."""
    return "retry-after" in headers or headers.get("x-ratelimit-remaining", "").strip() == "0"


def _pause(headers: Mapping[str, str], *, now: datetime) -> timedelta | None:
    """Return how long to wait: what the other side asks for, or else until it counts anew."""
    asked = retry_after(headers.get("retry-after"), now=now)
    anew = headers.get("x-ratelimit-reset", "").strip()
    if asked is not None or not (anew.isascii() and anew.isdigit()):
        return asked
    left = int(anew[:12]) - now.timestamp()
    return min(timedelta(seconds=left), LONGEST_PAUSE) if left > 0 else None


def retry_after(value: str | None, *, now: datetime) -> timedelta | None:
    """Read a Retry-After header, in seconds or as a date; None where it says nothing that can be obeyed."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), LONGEST_PAUSE)
    try:
        date = parsedate_to_datetime(text)
        pause = (date if date.tzinfo else date.replace(tzinfo=UTC)) - now
    except (ValueError, OverflowError):
        return None
    return min(pause, LONGEST_PAUSE) if pause > timedelta() else None
