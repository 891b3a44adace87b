"""Another system in this process, as its sheet describes it: it answers by routes, and fails on request.

It stands beside the real system, whose tests are the same (`tests/contract/target_exam.py`).
"""

import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.speaker import Call, answers, resets, says, speaker

QUESTION = re.compile(rb'\s*\{\s*"query"\s*:\s*"(?:\\n|\s)*(?:query\b|\{)')
"""How the body of a question to GraphQL begins."""
ERRORS = b'{"errors": [{"message": "Internal server error"}], "data": null}'


class Fault(Enum):
    """What goes wrong with one request; the value says whether it is done all the same."""

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
    ERRORS = ("200 with errors as GraphQL tells them", False)
    PARTLY = ("200 with errors as GraphQL tells them, though it was done", True)
    REVOKED = ("401", False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    fault: Fault | None = None

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The body as a form."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)

    @property
    def writes(self) -> bool:
        """Whether its method and body are those of a change."""
        return self.method not in ("GET", "HEAD") and QUESTION.match(self.body) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is answered."""

    content: object = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handle = Callable[..., Reply]
"""Takes the request and what the route's pattern caught."""


@dataclass(kw_only=True)
class Board:
    """Routes, tried in their order; what none takes is not there (404). One request comes after the other."""

    routes: list[tuple[str, re.Pattern[str], Handle]] = field(default_factory=list)
    choose: Callable[[Request], Fault | None] = lambda _: None
    """Says what goes wrong with a request, where nothing is in `failing`."""
    failing: deque[Fault] = field(default_factory=deque)
    """What goes wrong with the coming requests that write."""
    asking: frozenset[str] = frozenset()
    """Paths at which a question is posted, and nothing changed."""
    retry_after: str = "7"
    hang_seconds: float = 0.2
    """For which nothing is said where there is no answer; then the connection is closed."""
    talks_nonsense: bool = False
    """Whether everything is answered with 200 and an empty object."""
    asked: list[Request] = field(default_factory=list)
    address: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, method: str, pattern: str) -> Callable[[Handle], Handle]:
        """Let a function deal with the requests of a method whose whole path fits a pattern."""

        def keep(handle: Handle) -> Handle:
            self.routes.append((method, re.compile(pattern), handle))
            return handle

        return keep

    def changes(self, request: Request) -> bool:
        """Say whether a request may change something."""
        return request.writes and request.path not in self.asking

    def take(self, call: Call) -> None:
        """Deal with a call, or fail."""
        method, target, _ = call.head.split(" ", 2)
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(method=method, path=parts.path, query=query, headers=call.headers, body=call.body)
        with self.lock:
            fails = self.failing and self.changes(request)
            fault = self.failing.popleft() if fails else self.choose(request)
            self.asked.append(Request(**{**_values(request), "fault": fault}))
            reply = self._reply(request) if fault is None or fault.done else Reply()
            if self.talks_nonsense:
                reply = Reply(content={})
        self._say(fault, reply)(call)

    def _reply(self, request: Request) -> Reply:
        for method, pattern, handle in self.routes:
            found = pattern.fullmatch(request.path)
            if found and method == request.method:
                return handle(request, *(unquote(part or "") for part in found.groups()))
        return Reply(content={}, status=404)

    def _say(self, fault: Fault | None, reply: Reply) -> Callable[[Call], None]:
        page = b"<!doctype html><title>Sign in</title>"
        failures = {
            Fault.BUSY: answers("429 Too Many Requests", f"Retry-After: {self.retry_after}"),
            Fault.BROKEN: answers("500 Internal Server Error", body=b"at line 42"),
            Fault.AWAY: answers("503 Service Unavailable"),
            Fault.GATEWAY: answers("502 Bad Gateway", body=page),
            Fault.HANG: self._wait,
            Fault.LATE: self._wait,
            Fault.LOST: resets,
            Fault.CUT: says(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half'),
            Fault.PAGE: answers("200 OK", "Content-Type: text/html", body=page),
            Fault.ERRORS: answers("200 OK", "Content-Type: application/json", body=ERRORS),
            Fault.PARTLY: answers("200 OK", "Content-Type: application/json", body=ERRORS),
            Fault.REVOKED: answers("401 Unauthorized", body=b"{}"),
        }
        if fault is not None:
            return failures[fault]
        body = b"" if reply.content is None else json.dumps(reply.content, ensure_ascii=False).encode()
        told = [f"{name}: {value}" for name, value in reply.headers.items()]
        return answers(f"{reply.status} Said", "Content-Type: application/json", *told, body=body)

    def _wait(self, call: Call) -> None:
        call.over.wait(self.hang_seconds)


def _values(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in Request.__dataclass_fields__}


@contextmanager
def listening(board: Board) -> Iterator[Board]:
    """Serve a board on 127.0.0.1 until the block ends."""
    with speaker(board.take) as server:
        board.address = f"http://127.0.0.1:{server.port}"
        yield board
