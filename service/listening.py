"""The socket that the pages are served on: made here, or inherited from whoever keeps it."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from service.errors import Unavailable, WrongUse

ROUND = 0.1
"""Seconds between two attempts to have a port."""


@contextmanager
def listening(
    host: str, port: int, *, next_free: bool = False, patience: float = 0.0
) -> Iterator[socket.socket]:
    """Give a socket that listens on the port; with `next_free`, on it or the next free one of twenty.

    `patience` are the seconds that a taken port has to become free in. Raises Unavailable, naming the port.
    """
    deadline = time.monotonic() + patience
    while True:
        for number in range(port, port + (20 if next_free else 1)):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            # Named, or asyncio leaves Nagle on, and every answer in two parts waits 40 ms for its second.
            listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((host, number))
                listener.listen()
            except OSError as error:
                listener.close()
                reason = error
                continue
            with listener:
                yield listener
            return
        if time.monotonic() >= deadline:
            raise Unavailable(f"Port {port} cannot be used ({reason.strerror}); set KOE_PORT to a free one.")
        time.sleep(ROUND)


@contextmanager
def inherited(descriptor: int) -> Iterator[socket.socket]:
    """Give the listening socket that this process was started with. Raises WrongUse where there is none."""
    try:
        listener = socket.socket(fileno=descriptor)
    except OSError as error:
        raise WrongUse(f"There is no socket {descriptor} ({error.strerror}).") from error
    with listener:
        yield listener
