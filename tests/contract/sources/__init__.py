"""What each source is taken through: an example a file, found by its slug."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module

from connectors.ports import Event, Heard, Withdrawn
from connectors.registry import SOURCES

BODY = '{"text":"ログインできない","n":1}'.encode()
"""The body of the published test vectors."""
SECRET = "test-secret"

Sign = Callable[[bytes, str, datetime], Mapping[str, str]]
"""Returns the headers that a sender adds to a body that it sends at a time, made by a recipe of our own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """A signature that is known to be right."""

    headers: Mapping[str, str]
    at: datetime
    url: str = "https://voc.example.com/in/source"
    body: bytes = BODY
    secret: str = SECRET


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A call as the sender makes it, and what it tells."""

    content: object
    """What is sent as JSON, or bytes as they are."""
    tells: Sequence[Event]
    headers: Mapping[str, str] = field(default_factory=dict)
    """Those that it is read by."""
    naming: Mapping[str, str] = field(default_factory=dict)
    """Those that give it its id alone."""
    named: str = ""
    """The sender's id of the call."""
    url: str = "https://koe.example.com/webhooks/source"

    @property
    def body(self) -> bytes:
        """The bytes on the line."""
        if isinstance(self.content, bytes):
            return self.content
        return json.dumps(self.content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that a source is asked by, as its target (path and query) begins."""

    target: str
    answer: object
    """As JSON; `{base}` in it stands for the address of the server."""
    method: str = "GET"
    holds: str = ""
    """What the body of the request must hold."""
    status: str = "200 OK"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What a source is taken through."""

    settings: Mapping[str, str]
    """All of them; `{base}` stands for the address of the server that is asked."""
    secret: str = SECRET
    """What its calls are signed with."""
    sign: Sign | None = None
    older: Sign | None = None
    """Signs in the sender's older way, where there is one."""
    vectors: Sequence[Vector] = ()
    sent: Sequence[Sent] = ()
    own: Sequence[Sent] = ()
    """Calls that tell of what Koe itself wrote."""
    greeting: tuple[Sent, bytes] | None = None
    """A call that makes sure of the address, and the answer."""
    check: Sequence[Asked] = ()
    walk: Sequence[Asked] = ()
    walked: Sequence[Event] = ()
    """What the walk through all pages brings, in its order."""
    pages: int = 1
    since: datetime | None = None
    refused: tuple[str, str] | None = None
    """An item of the walk, and the target of the request that tells of this item alone."""
    fetch: Sequence[Asked] = ()
    fetched: tuple[str, Heard | Withdrawn] | None = None
    """An item that is asked for, and what comes."""
    gone: str | None = None
    """An item that is not there any more; `fetch` answers what is asked to see that the system still is."""


def example_of(slug: str) -> Example:
    """Return what a kind of source is taken through."""
    found: Example = import_module(f"tests.contract.sources.{slug.replace('-', '_')}").EXAMPLE
    return found


CALLING = [slug for slug in SOURCES if example_of(slug).sign is not None]
"""The kinds whose calls are signed."""
