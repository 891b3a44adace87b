"""What tests of the pages over HTTP share: a browser without a face, and servers to ask."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from service.app import LOOPBACK, create_app
from service.config import Settings
from service.db import Database
from service.web.access import Gate
from tests.live import open_pages, serving

Reader = Callable[..., httpx.Client]


@pytest.fixture
def reader() -> Iterator[Reader]:
    """Gives a browser without a face: it keeps cookies and follows no redirect by itself."""
    opened = []

    def open_client(address: str, lang: str = "en") -> httpx.Client:
        headers = {"Accept-Language": lang}
        opened.append(httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=60))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


@pytest.fixture
def demo_pages(demo_db: Database, reader: Reader) -> Iterator[httpx.Client]:
    with open_pages(demo_db) as address:
        yield reader(address)


@pytest.fixture
def empty_pages(db: Database, reader: Reader) -> Iterator[httpx.Client]:
    with open_pages(db) as address:
        yield reader(address)


@pytest.fixture
def guarded_pages(db: Database, reader: Reader) -> Iterator[tuple[httpx.Client, Gate]]:
    """A server that asks for its one-time link."""
    gate = Gate(hosts=LOOPBACK, demo=False)
    with serving(create_app(db, Settings(), gate=gate)) as address:
        yield reader(address), gate
