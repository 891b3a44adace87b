"""What tests share: a browser without a face, servers to ask, and the command line."""

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import httpx
import pytest

from service.access.links import first_link
from service.access.senders import Receivers
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from tests.callers import Server
from tests.calling import SEAL
from tests.cli import QUICK, Koe, LoadedKoe
from tests.conftest import Place
from tests.daily import QUIET_VOICES, Daily
from tests.desk import A, B, Desk
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """A server that asks who one is, and the link that it would print."""

    address: str
    client: httpx.Client
    link: str


@pytest.fixture
def guarded(db: Database, reader: Reader) -> Iterator[Guarded]:
    """A server that lets nobody in who is not known."""
    link = first_link(db, MAIN)
    assert link
    with serving(create_app(db, Settings())) as address:
        yield Guarded(address=address, client=reader(address), link=link)


@pytest.fixture
def koe(tmp_path: Path, url: str, loaded: LoadedKoe) -> Koe:
    """The commands over an empty database."""
    return Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url, **QUICK}, loaded=loaded)


@pytest.fixture
def nowhere(tmp_path: Path, loaded: LoadedKoe) -> Koe:
    """The commands over a database that does not answer: those that need none work all the same."""
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://koe@127.0.0.1:{taken.getsockname()[1]}/koe"
    return Koe(folder=tmp_path, settings={"KOE_DATABASE_URL": url, **QUICK}, loaded=loaded)


@pytest.fixture
def desk(db: Database) -> Desk:
    """Twenty voices about login (a00…) and ten about invoices (b00…) in two themes, and one in none."""
    desk = Desk(db)
    for number in range(20):
        desk.say(f"a{number:02d}", f"Cannot log in {number}")
    for number in range(10):
        desk.say(f"b{number:02d}", f"Invoice is wrong {number}")
    desk.say("x", "Something else")
    desk.group([A, B], unthemed=["x"])
    desk.take()
    return desk


@pytest.fixture(scope="session")
def quiet_weeks(place: Place, template: str) -> Iterator[str]:
    """The name of a database in which nothing out of the ordinary was heard for weeks."""
    with place.copy(template) as name:
        with place.opened(name) as database:
            Daily(db=database).begin()
        yield name


@pytest.fixture
def daily(place: Place, quiet_weeks: str) -> Iterator[Daily]:
    """This test's own copy of the quiet weeks."""
    with place.open_copy(quiet_weeks) as database:
        yield Daily(db=database, numbers=count(QUIET_VOICES))


@pytest.fixture
def login(desk: Desk) -> str:
    return desk.where("theme_id")["a00"]


@pytest.fixture
def invoices(desk: Desk) -> str:
    return desk.where("theme_id")["b00"]


@pytest.fixture
def server(db: Database) -> Iterator[Server]:
    app = create_app(db, Settings(public_url="https://koe.example.com"))
    app.state.receivers = Receivers(db, lambda: SEAL)
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        client.headers["host"] = "koe.example.com"
        yield Server(db=db, client=client, address=address)
