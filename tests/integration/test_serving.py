"""How the web server serves: to all others while two hundred dawdle, and with a word for what failed."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest
import structlog
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from service.access import lines
from service.errors import WrongUse
from service.listening import inherited, listening
from service.serving import server_of

LIMIT = 1.0
"""Seconds that a request may take to come here."""
HEAD = b"POST / HTTP/1.1\r\nHost: koe\r\nContent-Length: 1000\r\n\r\n"


async def count(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of what was sent."""
    if scope["type"] != "http":
        return
    request = Request(scope, receive)
    try:
        length = len(await request.body())
    except ClientDisconnect:
        return
    if request.url.path == "/broken":
        raise ValueError("what a customer said")
    status = 503 if request.url.path == "/down" else 200
    await PlainTextResponse(str(length), status)(scope, receive, send)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(lines, "MOST_SECONDS", LIMIT)
    with listening("127.0.0.1", 0) as listener:
        server = server_of(ServerErrorMiddleware(count))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def connect(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((parts.hostname, parts.port or 0), timeout=60)


def is_closed(connection: socket.socket) -> bool:
    """Say whether the other side has hung up; what it said before is read."""
    connection.settimeout(0)
    try:
        return connection.recv(65536) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@pytest.mark.parametrize("sent_at_once", [b"", HEAD], ids=["head", "body"])
def test_two_hundred_who_send_a_byte_at_a_time_are_hung_up_on_and_disturb_nobody(
    address: str, sent_at_once: bytes
) -> None:
    slow = [connect(address) for _ in range(200)]
    for connection in slow:
        connection.sendall(sent_at_once)
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as others:
        answers = []
        for byte in b"GET / HTTP/1.1\r\nHost: koe\r\nX: " + 1000 * b"x":
            slow = [each for each in slow if not said_one_more(each, byte)]
            if not slow:
                break
            answers.append(others.get("/").status_code)
            time.sleep(LIMIT / 10)
    assert (slow, set(answers)) == ([], {200})


def said_one_more(connection: socket.socket, byte: int) -> bool:
    """Send one byte, and say whether nobody listens any more."""
    try:
        connection.sendall(bytes([byte]))
        closed = is_closed(connection)
    except ConnectionError:
        closed = True
    if closed:
        connection.close()
    return closed


def test_no_answer_waits_for_its_second_half() -> None:
    with listening("127.0.0.1", 0) as listener:
        assert listener.proto == socket.IPPROTO_TCP  # or asyncio leaves Nagle's algorithm on
        with inherited(os.dup(listener.fileno())) as same:
            assert (same.proto, same.getsockname()) == (socket.IPPROTO_TCP, listener.getsockname())


def test_a_socket_that_is_none_is_refused() -> None:
    with pytest.raises(WrongUse, match="There is no socket 900"), inherited(900):
        pass


def test_a_failure_is_told_by_its_place_and_never_by_what_was_asked(address: str) -> None:
    with (
        structlog.testing.capture_logs() as told,
        httpx.Client(base_url=address, trust_env=False, timeout=60) as client,
    ):
        assert client.get("/down?token=secret").status_code == 503
        assert client.get("/").status_code == 200
        assert client.get("/broken?token=secret").status_code == 500
    assert [(line["method"], line["status"]) for line in told] == [("GET", 503), ("GET", 500)]
    assert "secret" not in str(told)
