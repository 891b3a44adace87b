"""How the server listens."""

import socket

import pytest

from service.errors import Unavailable
from service.listening import listening


def test_answers_leave_at_once() -> None:
    """asyncio turns Nagle's waiting off for sockets that say that they are TCP."""
    with listening("127.0.0.1", 0, next_free=False) as listener:
        assert listener.proto == socket.IPPROTO_TCP
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.proto == socket.IPPROTO_TCP


def test_a_taken_port_is_told_and_the_demo_takes_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(Unavailable, match=f"Port {port} cannot be used"),
            listening("127.0.0.1", port, next_free=False),
        ):
            pass
        with listening("127.0.0.1", port, next_free=True) as listener:
            assert listener.getsockname()[1] > port
