"""Koe's own server: what it is like, who may do what in it, and how processes share it."""

import os
import shutil
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from service.config import Settings
from service.errors import Unavailable, WrongUse
from service.models import Organisation
from service.opening import open_database
from service.postgres import Server, open_server, processes, remove_home
from service.postgres.folder import Folder
from tests.conftest import AnotherKoe, ask

StartKoe = Callable[[Path], AnotherKoe]

INSUFFICIENT = psycopg.errors.InsufficientPrivilege


def show(server: Server, setting: str) -> object:
    return ask(server.url, f"SHOW {setting}")[0][0]


def processes_of(name: object) -> list[str]:
    """Return the lines in which `ps` names processes of the cluster `name`, zombies left out."""
    listed = subprocess.run(
        ["ps", "-ax", "-ww", "-o", "stat=,args="], capture_output=True, text=True, check=True
    )
    return [line for line in listed.stdout.splitlines() if str(name) in line and not line.startswith("Z")]


class TestTheServer:
    def test_is_alike_on_every_machine(self, home: Path) -> None:
        with open_server(home) as server:
            assert show(server, "server_encoding") == "UTF8"
            assert show(server, "timezone") == "UTC"
            assert show(server, "fsync") == "on"
            words = ask(
                server.url, "SELECT w FROM unnest(ARRAY['b', 'あ', 'Z', 'a', 'é', '_']) AS w ORDER BY w"
            )
            assert [word for (word,) in words] == sorted(["b", "あ", "Z", "a", "é", "_"])

    def test_listens_on_no_network_and_in_a_folder_closed_to_others(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            assert show(server, "listen_addresses") == ""
            socket = Path(str(make_url(server.url).query["host"]))
            assert stat.S_IMODE(socket.lstat().st_mode) == 0o700
            assert socket.lstat().st_uid == (used_home / "postgres" / "data").stat().st_uid

    def test_keeps_its_passwords_in_a_file_closed_to_others(self, used_home: Path) -> None:
        assert stat.S_IMODE(Folder(used_home / "postgres").passwords.stat().st_mode) == 0o600

    def test_has_pgvector(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            assert ask(server.url, "SELECT '[1, 0]'::vector <=> '[0, 1]'::vector") == [(1.0,)]

    def test_writes_no_row_and_no_statement_in_its_log(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            with pytest.raises(psycopg.errors.InvalidTextRepresentation):
                ask(server.url, "SELECT 'what a customer said'::integer")
            ask(server.owner_url, "CREATE TABLE said (words text PRIMARY KEY)")
            with pytest.raises(psycopg.errors.UniqueViolation):
                ask(server.url, "INSERT INTO said VALUES ('what a customer said'), ('what a customer said')")
        log = Folder(used_home / "postgres").log.read_text("utf-8")
        assert "shut down" in log
        assert "customer" not in log

    def test_shows_no_password_where_it_is_printed(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            assert str(make_url(server.url).password) not in repr(server)


class TestTheRoles:
    def test_koe_works_with_rows_and_cannot_change_a_table(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            ask(server.owner_url, "CREATE TABLE voice (id bigserial PRIMARY KEY, words text)")
            ask(server.url, "INSERT INTO voice (words) VALUES ('one'), ('two')")
            ask(server.url, "UPDATE voice SET words = 'three' WHERE words = 'two'")
            ask(server.url, "DELETE FROM voice WHERE words = 'one'")
            assert ask(server.url, "SELECT words FROM voice") == [("three",)]
            for statement in (
                "CREATE TABLE mine (id int)",
                "ALTER TABLE voice ADD x int",
                "DROP TABLE voice",
            ):
                with pytest.raises(INSUFFICIENT):
                    ask(server.url, statement)

    def test_row_level_security_holds_for_koe(self, used_home: Path) -> None:
        with open_server(used_home) as server:
            ask(server.owner_url, "CREATE TABLE voice (organisation_id text)")
            ask(server.owner_url, "ALTER TABLE voice ENABLE ROW LEVEL SECURITY")
            ask(server.owner_url, "CREATE POLICY own ON voice USING (organisation_id = 'main')")
            ask(server.owner_url, "INSERT INTO voice VALUES ('main'), ('other')")
            assert ask(server.url, "SELECT * FROM voice") == [("main",)]

    def test_only_one_role_is_a_superuser_and_none_else_may_make_roles_or_databases(
        self, used_home: Path
    ) -> None:
        query = (
            "SELECT rolname, rolsuper, rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls"
            " FROM pg_roles WHERE rolcanlogin ORDER BY rolname"
        )
        with open_server(used_home) as server:
            assert ask(server.url, query) == [
                ("koe", False, False),
                ("koe_owner", False, False),
                ("koe_superuser", True, True),
            ]

    @pytest.mark.parametrize("password", ["wrong", ""])
    def test_nobody_comes_in_without_the_password(self, used_home: Path, password: str) -> None:
        with open_server(used_home) as server:
            for url in (server.url, server.owner_url, server.superuser_url):
                wrong = make_url(url).set(password=password)
                with pytest.raises(psycopg.OperationalError, match="password"):
                    ask(wrong.render_as_string(hide_password=False), "SELECT 1")


class TestSharing:
    def test_the_last_to_leave_stops_the_server_and_leaves_nothing_behind(self, home: Path) -> None:
        with open_server(home) as first:
            name = show(first, "cluster_name")
            socket = Path(str(make_url(first.url).query["host"]))
            with open_server(home) as second:
                assert second == first
            assert ask(first.url, "SELECT 1") == [(1,)]
        assert processes_of(name) == []
        assert not socket.exists()

    def test_rows_are_there_after_a_stop(self, home: Path) -> None:
        with open_server(home) as server:
            ask(server.owner_url, "CREATE TABLE voice AS SELECT 'still here' AS words")
        with open_server(home) as server:
            assert ask(server.url, "SELECT words FROM voice") == [("still here",)]

    def test_commands_that_come_at_once_to_a_new_home_share_one_server(
        self, home: Path, another_koe: StartKoe
    ) -> None:
        started = [another_koe(home) for _ in range(3)]
        urls = {koe.url() for koe in started}
        assert len(urls) == 1
        name = ask(urls.pop(), "SHOW cluster_name")[0][0]
        assert len([line for line in processes_of(name) if "postgres -D" in line]) == 1
        assert [koe.leave() for koe in started] == [0, 0, 0]
        assert processes_of(name) == []

    def test_whoever_started_it_may_leave_first(self, used_home: Path, another_koe: StartKoe) -> None:
        first = another_koe(used_home)
        url = first.url()
        with open_server(used_home) as server:
            first.leave()
            assert server.url == url
            assert ask(server.url, "SELECT 1") == [(1,)]
            name = show(server, "cluster_name")
        assert processes_of(name) == []

    def test_ctrl_c_ends_koe_and_then_the_server(self, used_home: Path, another_koe: StartKoe) -> None:
        koe = another_koe(used_home)
        name = ask(koe.url(), "SHOW cluster_name")[0][0]
        koe.signal(signal.SIGINT)
        assert processes_of(name) == []


class TestProcesses:
    def test_are_told_alike_by_ps_where_there_is_no_proc(self) -> None:
        by_ps = next(processes.by_ps("-p", str(os.getpid())))
        assert (by_ps.pid, by_ps.uid) == (os.getpid(), os.geteuid())
        assert processes.find(os.getpid()) is not None
        assert os.getpid() in {process.pid for process in processes.by_ps("-ax")}

    def test_that_have_ended_run_no_more_even_before_they_are_reaped(self) -> None:
        child = subprocess.Popen(["true"])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        assert processes.find(child.pid) is None
        assert list(processes.by_ps("-p", str(child.pid))) == []
        child.wait()


class TestHomes:
    def test_a_home_may_have_a_long_name_with_spaces_and_kanji(self, home: Path) -> None:
        parts = ("顧客の 声 と 'quotes'", "x" * 60, "a folder of the third floor", "y" * 80)
        long = home.joinpath(*parts)
        assert len(str(long)) >= 200
        with open_server(long) as server:
            assert ask(server.url, "SELECT 1") == [(1,)]

    def test_a_home_that_was_made_is_closed_to_others(self, home: Path) -> None:
        with open_server(home):
            assert stat.S_IMODE(home.stat().st_mode) & 0o066 == 0

    def test_a_home_that_cannot_be_made_is_a_clear_error(self) -> None:
        home = Path("/dev/null/koe")
        with pytest.raises(Unavailable, match="/dev/null"), open_server(home):
            pass

    def test_a_database_that_was_removed_by_hand_is_made_anew(self, used_home: Path) -> None:
        shutil.rmtree(used_home / "postgres" / "data")
        with open_server(used_home) as server:
            assert ask(server.url, "SELECT 1") == [(1,)]

    def test_the_data_of_another_version_is_a_clear_error(self, used_home: Path) -> None:
        (used_home / "postgres" / "data" / "PG_VERSION").write_text("16\n")
        with (
            pytest.raises(Unavailable, match=r"PostgreSQL 16, and this Koe brings PostgreSQL 18"),
            open_server(used_home),
        ):
            pass

    def test_a_server_that_does_not_start_is_a_clear_error_with_its_last_words(self, used_home: Path) -> None:
        with (used_home / "postgres" / "data" / "postgresql.auto.conf").open("a") as settings:
            settings.write("shared_buffers = 'many'\n")
        with pytest.raises(Unavailable, match="shared_buffers"), open_server(used_home):
            pass


class TestOpening:
    def test_without_a_url_it_is_koes_own_as_the_role_for_rows(self, used_home: Path) -> None:
        settings = Settings(home=used_home, database_url=None)
        with open_database(settings, announce=pytest.fail) as database, database.begin() as session:
            assert session.get(Organisation, "main") is not None
            assert database.engine.url.username == "koe"

    @pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
    def test_any_other_postgresql_is_migrated_and_used(self, blank_url: str, scheme: str) -> None:
        url = scheme + blank_url.removeprefix("postgresql+psycopg")
        settings = Settings(database_url=url)
        with open_database(settings, announce=pytest.fail) as database, database.begin() as session:
            assert session.get(Organisation, "main") is not None

    def test_a_url_that_leads_nowhere_is_a_clear_error_without_the_password(self) -> None:
        settings = Settings(database_url="postgresql://koe:s3cret@127.0.0.1:1/koe")
        with (
            pytest.raises(Unavailable, match="cannot be reached") as caught,
            open_database(settings, announce=pytest.fail),
        ):
            pass
        assert "s3cret" not in str(caught.value)

    @pytest.mark.parametrize("url", ["mysql://somewhere/koe", "no url"])
    def test_a_url_of_something_else_is_wrong_use(self, url: str) -> None:
        with (
            pytest.raises(WrongUse, match="KOE_DATABASE_URL"),
            open_database(Settings(database_url=url), announce=pytest.fail),
        ):
            pass


def test_a_home_is_removed_once_nobody_uses_its_server(used_home: Path) -> None:
    with open_server(used_home):
        assert not remove_home(used_home)
    assert remove_home(used_home)
    assert not used_home.exists()
