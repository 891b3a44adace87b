"""The socket of one exchange: it leads to checked addresses, and nothing on it outlasts the deadline."""

import ssl
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

import httpcore

from connectors.addresses import Address

PIECE = 16 * 1024
"""Bytes that are written before the clock is looked at again."""


class Deadline:
    """The moment at which an exchange must be over, on a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self.at = monotonic() + seconds

    def left(self, most: float | None = None) -> float:
        """Return how many seconds are left, at most `most`; 0 or less once it is over."""
        left = self.at - monotonic()
        return left if most is None else min(left, most)


class Wire(httpcore.NetworkBackend):
    """Opens connections to the given addresses alone, in turn, whatever host it is asked for.

    httpcore's own time-outs hold for one read each: a byte now and then would hold an exchange for ever.
    """

    def __init__(self, addresses: Sequence[Address], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self._sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002  it was looked up already, and is not looked up again
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectTimeout("no time was left to connect")
        for address in self._addresses:
            left = self._deadline.left(timeout)
            if left <= 0:
                break
            try:
                stream = self._sockets.connect_tcp(str(address), port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream, self._deadline)
        raise failure


class _Stream(httpcore.NetworkStream):
    """A connection on which every wait ends with the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ReadTimeout("the deadline is over")
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            left = self._deadline.left(timeout)
            if left <= 0:
                raise httpcore.WriteTimeout("the deadline is over")
            self._stream.write(buffer[start : start + PIECE], left)

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(timeout)
        if left <= 0:
            raise httpcore.ConnectTimeout("the deadline is over")
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
