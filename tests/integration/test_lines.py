"""Connections that say nothing, or say it too slowly, are hung up on; all others are let be."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request

from service.access import lines
from service.access.lines import Line

SECONDS = 1.0
"""That a request may take to come: long enough for one that is sent at once beside a busy machine."""
FOR_EVER = 3600
"""Seconds for which the server itself would keep a line open: it is ours that hangs up."""
PATIENCE = 60
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A server that says how long the body was; `/slow` takes longer than a line may."""
    monkeypatch.setattr(lines, "MOST_SECONDS", SECONDS)
    app = FastAPI()

    @app.post("/")
    async def count(request: Request) -> int:
        return len(await request.body())

    @app.post("/slow")
    def dawdle() -> int:
        threading.Event().wait(SECONDS * 1.5)
        return 1

    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, http=Line, log_level="critical", ws="none", timeout_keep_alive=FOR_EVER)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            thread.join(0.01)
        yield int(listener.getsockname()[1])
        server.should_exit = True
        thread.join()


def said(port: int, *parts: bytes) -> socket.socket:
    """Open a line, and send."""
    line = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    for part in parts:
        line.sendall(part)
    return line


def heard(line: socket.socket) -> bytes:
    """Return what comes back until the other side hangs up."""
    found = b""
    with closing(line), suppress(ConnectionResetError):
        while part := line.recv(65536):
            found += part
    return found


def test_whoever_says_nothing_or_half_of_it_is_hung_up_on(port: int) -> None:
    halves = ((), (b"P",), (b"POST / HTTP/1.1\r\nHost:",), (HEAD,), (HEAD, b"1234"))
    opened = [said(port, *half) for half in halves]
    assert [heard(line) for line in opened] == [b""] * len(halves)


def test_whoever_dribbles_is_hung_up_on_however_often_they_say_something(port: int) -> None:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=SECONDS / 20)) as line:
        for byte in b"POST / HTTP/1.1\r\nX: " + b"x" * 1000:
            try:
                line.sendall(bytes([byte]))
                assert line.recv(1) == b""
            except TimeoutError:
                continue
            except OSError:
                pass
            return
    raise AssertionError("nobody hung up")


def test_a_later_request_on_the_same_line_has_as_long(port: int) -> None:
    with closing(said(port, HEAD + b"12345")) as line:
        answer = b""
        while not answer.endswith(b"\r\n\r\n5"):
            answer += line.recv(65536)
        line.sendall(b"POST / HTTP/1.1\r\nX:")
        assert line.recv(1) == b""


def test_an_answer_may_take_its_time_and_a_line_is_used_again(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=PATIENCE) as client:
        for _ in range(3):
            assert client.post("/", content=b"12345").json() == 5
        assert client.post("/slow").json() == 1
        assert client.post("/", content=b"12345").json() == 5
