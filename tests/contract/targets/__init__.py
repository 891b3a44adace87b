"""Doubles of the systems that targets write to, one file each: `opened()` gives a desk with its board."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module

from connectors.http import Http
from connectors.registry import TARGETS
from tests.board import Board, Handle, Reply, Request
from tests.contract.target_exam import Desk

SECONDS = 15.0
"""For an exchange with a double."""
WAYS_OF_OUR_OWN = frozenset({"backlog-file", "markdown-git", "slack", "webhook"})
"""Kinds that are no system of issues or articles; their exams are test_targets.py and test_news.py."""
SYSTEMS = sorted(TARGETS.keys() - WAYS_OF_OUR_OWN)


class DoubledDesk(Desk):
    """A desk of a double."""

    board: Board
    secret: str
    """What the target proves itself with."""


def door() -> Http:
    """Return the door to doubles."""
    return Http(private_hosts=("127.0.0.1",), seconds=SECONDS, most_body=32 << 20)


def utf16(text: str) -> int:
    """Return the length of a text as systems in Java count it."""
    return len(text.encode("utf-16-le")) // 2


def proven(handle: Handle, proof: str) -> Handle:
    """Return what deals with requests whose header `Authorization` is the proof; others get 401."""

    def answer(request: Request, *caught: str) -> Reply:
        if request.headers.get("authorization") != proof:
            return Reply(status=401)
        return handle(request, *caught)

    return answer


def opened(slug: str) -> AbstractContextManager[DoubledDesk]:
    """Return the double of a kind of target, as its file makes it."""
    module = import_module(f"{__name__}.{slug.replace('-', '_')}")
    make: Callable[[], AbstractContextManager[DoubledDesk]] = module.opened
    return make()
