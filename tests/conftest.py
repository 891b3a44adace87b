"""What tests share: a server, an empty migrated database for each test, and who may run what.

- `KOE_TEST_DATABASE_URL` names a server whose role may create databases; unset, Koe's own starts.
- `KOE_TEST_DATA` names the folder of the real sets; unset, the tests marked `data` are skipped.
- `KOE_TEST_SEED` repeats a run that failed; the seed is printed at the top.
- `KOE_TEST_CHROMIUM` names a Chromium that is not on the PATH.
"""

import fcntl
import gc
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import NullPool, create_engine, make_url, text

from scripts.chromium import find_chromium
from service.db import Database, migrate
from service.postgres import create_database, open_server
from service.postgres.binaries import find_binaries
from tests.cli import LoadedKoe

MEMORY = Path("/dev/shm")
"""Where Linux keeps files in memory."""
ROOM = 2 << 30
"""Bytes that the servers of the tests find there at least, else they go to the disk."""


ANOTHER_KOE = """
import sys
from pathlib import Path
from service.postgres import open_server

with open_server(Path(sys.argv[1])) as server:
    print(server.url, flush=True)
    sys.stdin.readline()
"""


class AnotherKoe:
    """A Koe process that uses the server of a home until it is told to leave."""

    def __init__(self, home: Path) -> None:
        command = [sys.executable, "-c", ANOTHER_KOE, str(home)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def url(self) -> str:
        """Wait until it has the server, and return the server's URL. To be asked once."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def leave(self) -> int:
        """Let it leave, and return its exit status."""
        self.process.communicate()
        return self.process.returncode

    def signal(self, number: int) -> None:
        """Send it a signal that ends it, and wait for its end."""
        self.process.send_signal(number)
        self.process.wait()


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement as the role of `url`, and return the rows it gives."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def libpq_url(url: str) -> str:
    """Return the URL as PostgreSQL's own programs read it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A server for tests: one URL for each role, all of them at a database that stays empty."""

    admin: str
    """May create databases."""
    owner: str
    """Owns the tables."""
    app: str
    """Works with the rows. All three are one where the server was given from outside."""

    def run(self, statement: str) -> None:
        """Run a statement that no transaction may hold, as the administrator."""
        engine = create_engine(self.admin, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))

    @contextmanager
    def copy(self, original: str) -> Iterator[str]:
        """The name of a copy of a database, dropped in the end. Files are quicker to copy than rows."""
        name = f"koe_test_{secrets.token_hex(6)}"
        owner = make_url(self.owner).username
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{original}" OWNER "{owner}" STRATEGY FILE_COPY')
        yield name
        self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def opened(self, name: str) -> closing[Database]:
        """A database as Koe works with it."""
        return closing(Database.at(_at(self.app, name)))

    def keep(self, name: str, file: Path) -> None:
        """Write a database into a file."""
        self._program("pg_dump", name, "--format=custom", f"--file={file}")

    def fill(self, name: str, file: Path) -> None:
        """Make a database what was written into a file."""
        self._program("pg_restore", name, "--clean", "--if-exists", "--single-transaction", str(file))

    def _program(self, program: str, name: str, *arguments: str) -> None:
        command = [str(find_binaries().bin / program), f"--dbname={libpq_url(_at(self.admin, name))}"]
        subprocess.run([*command, *arguments], check=True)

    @contextmanager
    def open_copy(self, original: str) -> Iterator[Database]:
        """A copy of a database, as Koe works with it."""
        with self.copy(original) as name, self.opened(name) as database:
            yield database


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of all that is random, unless one was given; let child processes hear every signal.

    What tests are found and loaded leaves no garbage, so none is looked for meanwhile.

    A shell starts what runs in its background with Ctrl-C ignored, `nohup` ignores the terminal's end, and
    children inherit both.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    given = config.getoption("hypothesis_seed", None) or os.environ.get("KOE_TEST_SEED")
    config.option.hypothesis_seed = str(given or secrets.randbelow(2**32))
    gc.disable()


def pytest_collection_finish() -> None:
    """Look for garbage again, but not among the million things that were loaded: they all stay."""
    gc.freeze()
    gc.enable()


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to repeat this run."""
    return f"seed: KOE_TEST_SEED={config.option.hypothesis_seed}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here; the closing line counts it, and says why."""
    if item.get_closest_marker("root") and os.geteuid() != 0:
        pytest.skip("only root can do this")
    if item.get_closest_marker("data") and not os.environ.get("KOE_TEST_DATA"):
        pytest.skip("KOE_TEST_DATA names no folder of real sets")
    if item.get_closest_marker("browser") and find_chromium() is None:
        pytest.skip("no Chromium was found")


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of this run, as printed at its top."""
    return int(pytestconfig.option.hypothesis_seed)


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    """A PostgreSQL server: the one that was named, else Koe's own in a home that is thrown away."""
    given = os.environ.get("KOE_TEST_DATABASE_URL")
    if given:
        yield Place(admin=given, owner=given, app=given)
        return
    with _passable_folder() as folder, open_server(folder / "home") as server:
        place = Place(admin=server.superuser_url, owner=server.owner_url, app=server.url)
        place.run("ALTER SYSTEM SET fsync = off")  # nobody keeps a test's rows
        place.run("ALTER SYSTEM SET full_page_writes = off")
        place.run("ALTER SYSTEM SET max_wal_size = '256MB'")  # nor the way to them, which may lie in memory
        place.run("SELECT pg_reload_conf()")
        yield place


@pytest.fixture(scope="session")
def template(place: Place) -> Iterator[str]:
    """The name of a migrated database that every test's own is a copy of."""
    name = f"koe_test_{secrets.token_hex(6)}"
    _create(place, name)
    migrate(_at(place.owner, name))
    yield name
    place.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def own_database(place: Place, template: str) -> Iterator[str]:
    """The name of a migrated, empty database, made for this test and dropped after it."""
    with place.copy(template) as name:
        yield name


@pytest.fixture
def blank_url(place: Place) -> Iterator[str]:
    """The URL of a database without a table, for the role that will own them."""
    name = f"koe_test_{secrets.token_hex(6)}"
    _create(place, name)
    yield _at(place.owner, name)
    place.run(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def url(place: Place, own_database: str) -> str:
    """The URL of a migrated, empty database, for the role that Koe works as."""
    return _at(place.app, own_database)


@pytest.fixture
def second_url(place: Place, template: str) -> Iterator[str]:
    """The URL of a second migrated, empty database."""
    with place.copy(template) as name:
        yield _at(place.app, name)


@pytest.fixture
def owner_url(place: Place, own_database: str) -> str:
    """The URL of the same database, for the role that owns the tables."""
    return _at(place.owner, own_database)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A migrated, empty database."""
    database = Database.at(url)
    yield database
    database.close()


@pytest.fixture(scope="session")
def demo_template(place: Place, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database in which the demo company's voices went through the whole loop.

    Of several test processes the first takes them through it, and the others copy what came of it.
    """
    with place.copy(template) as name:
        together = os.environ.get("PYTEST_XDIST_TESTRUNUID")
        if together is None or place.admin == place.owner:  # another server may need other programs
            _take_the_demo_through(place, name)
        else:
            kept = tmp_path_factory.getbasetemp().parent / f"demo-{together}"
            with kept.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if kept.exists():
                    place.fill(name, kept)
                else:
                    _take_the_demo_through(place, name)
                    place.keep(name, kept)
        yield name


def _take_the_demo_through(place: Place, name: str) -> None:
    from tests.demo import take_through_the_loop  # loads the whole of Koe, which most tests do without

    with place.opened(name) as database:
        take_through_the_loop(database)


@pytest.fixture(scope="module")
def read_demo_db(place: Place, demo_template: str) -> Iterator[Database]:
    """A copy of the demo that the tests of one file share, because they only read it."""
    with place.open_copy(demo_template) as database:
        yield database


@pytest.fixture
def demo_url(place: Place, demo_template: str) -> Iterator[str]:
    """The URL of this test's own copy of the demo."""
    with place.copy(demo_template) as name:
        yield _at(place.app, name)


@pytest.fixture
def demo_db(demo_url: str) -> Iterator[Database]:
    """This test's own copy of the demo."""
    database = Database.at(demo_url)
    yield database
    database.close()


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that does not exist yet, in a place where Koe's own server can run."""
    with _passable_folder() as folder:
        yield folder / "home"


@pytest.fixture(scope="session")
def used_once() -> Iterator[Path]:
    """A home whose server has run once, and was stopped. It trusts the disk's cache: tests are in a hurry."""
    with _passable_folder() as folder:
        with open_server(folder / "home") as server:
            Place(admin=server.superuser_url, owner="", app="").run("ALTER SYSTEM SET fsync = off")
        yield folder / "home"


@pytest.fixture
def used_home(home: Path, used_once: Path) -> Path:
    """This test's own copy of a home whose server has run once, and was stopped."""
    subprocess.run(["cp", "-a", str(used_once), str(home)], check=True)
    return home


@pytest.fixture(scope="session")
def loaded() -> Iterator[LoadedKoe]:
    """The command line, loaded once for all commands, and for the scripts that are killed."""
    process = LoadedKoe()
    yield process
    process.close()


@pytest.fixture
def another_koe() -> Iterator[Callable[[Path], AnotherKoe]]:
    """Starts a further Koe process that uses the server of a home."""
    started: list[AnotherKoe] = []

    def start(home: Path) -> AnotherKoe:
        started.append(AnotherKoe(home))
        return started[-1]

    yield start
    for koe in started:
        koe.leave()


@pytest.fixture
def real() -> Callable[[str], Path]:
    """Gives the file or folder `name` of the real sets; that it is missing is a failure."""
    folder = Path(os.environ["KOE_TEST_DATA"])

    def find(name: str) -> Path:
        path = folder / name
        if not path.exists():
            pytest.fail(f"KOE_TEST_DATA is set, but {path} does not exist")
        return path

    return find


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The Chromium that pages are looked at with."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium was found")
    return found


@contextmanager
def _passable_folder() -> Iterator[Path]:
    """A folder that the database's OS user can pass, which pytest's own are not."""
    folder = Path(tempfile.mkdtemp(prefix="koe-test-", dir=_memory()))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _memory() -> Path | None:
    """Return a folder in memory, if there is one with room where programs may run.

    A database is hundreds of files, and nearly every test has its own: on a disk they take ten times as long.
    """
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK) or os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM else None


def _create(place: Place, name: str) -> None:
    if place.admin == place.owner:
        place.run(f'CREATE DATABASE "{name}"')
    else:
        create_database(place.admin, name)


def _at(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
