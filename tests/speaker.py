"""A server on this machine that answers a call with whatever bytes, or silence, a test wants."""

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was read whole, and the connection that waits for an answer."""

    connection: socket.socket
    head: str
    body: bytes
    over: threading.Event
    """Set when the test is over and nobody waits any longer."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers by names in lower case."""
        lines = (line.partition(":") for line in self.head.split("\r\n")[1:])
        return {name.lower(): value.strip() for name, _, value in lines}


Say = Callable[[Call], None]
"""What a server does with a call."""


class Speaker(socketserver.ThreadingTCPServer):
    """Takes one call a connection, and closes it when all is said."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, say: Say) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.say = say
        self.over = threading.Event()
        self.calls: list[Call] = []

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1."""
        return int(self.server_address[1])


class _Listener(socketserver.BaseRequestHandler):
    server: Speaker
    request: socket.socket

    def handle(self) -> None:
        try:
            call = _listen(self.request, self.server.over)
            if call is not None:
                self.server.calls.append(call)
                self.server.say(call)
        except OSError:
            return  # the other side left, as a test may want it to


def _listen(connection: socket.socket, over: threading.Event) -> Call | None:
    heard = b""
    while b"\r\n\r\n" not in heard:
        part = connection.recv(65536)
        if not part:
            return None
        heard += part
    head, _, body = heard.partition(b"\r\n\r\n")
    call = Call(connection=connection, head=head.decode("latin-1"), body=body, over=over)
    missing = int(call.headers.get("content-length", 0)) - len(body)
    while missing > 0:
        part = connection.recv(min(missing, 65536))
        if not part:
            return None
        body += part
        missing -= len(part)
    return Call(connection=connection, head=call.head, body=body, over=over)


@contextmanager
def speaker(say: Say) -> Iterator[Speaker]:
    """A server that does `say` with every call, until the block ends."""
    with Speaker(say) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()


def says(answer: bytes) -> Say:
    """Send these bytes."""
    return lambda call: call.connection.sendall(answer)


def answers(status: str, *headers: str, body: bytes = b"") -> Say:
    """Answer with a status such as `200 OK`."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return says("\r\n".join(lines).encode("latin-1") + body)


def hangs(call: Call) -> None:
    """Say nothing until the test is over."""
    call.over.wait()


def drips(head: bytes) -> Say:
    """Send `head`, and then a byte now and then until the test is over."""

    def say(call: Call) -> None:
        call.connection.sendall(head)
        while not call.over.wait(0.01):
            call.connection.sendall(b"x")

    return say


def resets(call: Call) -> None:
    """Break the connection off."""
    call.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    call.connection.close()
