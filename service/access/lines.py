"""Connections: whoever opens one must say within a time what they ask for, or is hung up on."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST_SECONDS = 30.0
"""From opening a connection, or from the first byte of a later request, to the last byte of the request."""


class Line(H11Protocol):
    """A connection that is not held for ever. The server itself waits as long as a request is not whole."""

    _limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; what is still missing of a request must come in time."""
        super().data_received(data)
        whole = self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body
        if whole:
            self._stop_waiting()
        elif self._limit is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._limit = self.loop.call_later(MOST_SECONDS, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
