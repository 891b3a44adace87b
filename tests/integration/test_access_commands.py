"""`koe token`, `koe user` and `koe organisation`: who is let in, said on the command line."""

import json
import re
import signal
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlmodel import select

from service.access.hosts import address_of
from service.config import Settings
from service.db import Database
from service.models import Token
from tests.cli import Koe

TOKEN = re.compile(r"koe_[0-9a-f]{12}_[0-9a-f]{64}")
LINK = re.compile(r"http://127\.0\.0\.1:8000/sign-in/[0-9a-f]{64}")


class TestTokens:
    def test_creating_prints_the_token_and_nothing_else(self, koe: Koe) -> None:
        said = koe("token", "create", "ci", "--scope", "write")
        assert (said.status, said.err) == (0, "")
        assert TOKEN.fullmatch(said.out.removesuffix("\n"))
        answer = koe("token", "create", "reader", "--scope", "read", "--json").json
        assert TOKEN.fullmatch(answer.pop("token"))
        assert answer == {"name": "reader", "scope": "read"}

    def test_a_name_is_free_again_once_its_token_is_revoked(self, koe: Koe) -> None:
        first = koe("token", "create", "ci", "--scope", "read").out
        taken = koe("token", "create", "ci", "--scope", "read")
        assert (taken.status, taken.out) == (1, "")
        assert "There is a token called ci already" in taken.err
        assert koe("token", "revoke", "ci").out == "ci is over.\n"
        assert koe("token", "create", "ci", "--scope", "admin", "--expires", "30").out != first
        listed = koe("token", "list", "--json").json
        assert [(one["name"], one["scope"], one["state"]) for one in listed] == [
            ("ci", "read", "revoked"),
            ("ci", "admin", "in force"),
        ]
        assert listed[0]["expires_at"] is None
        assert listed[1]["expires_at"] > listed[1]["created_at"]
        assert koe("token", "revoke", "nobody").status == 1

    def test_what_is_listed_and_kept_holds_no_secret(self, koe: Koe, db: Database) -> None:
        token = koe("token", "create", "ci", "--scope", "read").out.strip()
        secret = token.rpartition("_")[2]
        listed = koe("token", "list").out + koe("token", "list", "--json").out
        with db.begin() as session:
            kept = repr(session.exec(select(Token)).one().model_dump())
        assert "ci" in listed
        assert secret not in listed + kept

    @pytest.mark.parametrize(
        ("command", "reason"),
        [
            ("token create ci", "--scope"),
            ("token create ci --scope all", "none of read, write, admin"),
            ("token create ci --scope read --expires 0", "--expires"),
            ("user add a@example.com --role boss", "none of viewer, writer"),
            ("user add nobody", "is no e-mail address"),
            ("user add a@example.com --name " + "x" * 101, "1 to 100 characters"),
            ("organisation add NORTH", "a-z, 0-9"),
            ("organisation add north --timezone Mars/Olympus", "is no time zone"),
        ],
    )
    def test_wrong_use_is_2_with_a_reason(self, koe: Koe, command: str, reason: str) -> None:
        said = koe(*command.split())
        assert (said.status, said.out) == (2, "")
        assert reason in said.err


class TestPeople:
    def test_adding_somebody_prints_a_link_that_begins_with_the_public_address(self, koe: Koe) -> None:
        said = koe("user", "add", "Aki@Example.com", "--name", "安芸", "--role", "manager")
        assert LINK.fullmatch(said.out.strip())
        assert "aki@example.com (manager) signs in by this link once" in said.err
        answer = koe(
            "user", "add", "ben@example.com", "--json", KOE_PUBLIC_URL="https://koe.example.com/"
        ).json
        assert answer.pop("link").startswith("https://koe.example.com/sign-in/")
        assert answer == {"email": "ben@example.com", "name": "ben", "role": "viewer"}
        again = koe("user", "add", "aki@example.com")
        assert again.status == 1
        assert "koe user link aki@example.com" in again.err
        assert koe("user", "list", "--json").json == [
            {"email": "aki@example.com", "name": "安芸", "role": "manager", "state": "let in"},
            {"email": "ben@example.com", "name": "ben", "role": "viewer", "state": "let in"},
        ]

    def test_who_is_disabled_gets_no_link_until_they_are_let_in_again(self, koe: Koe) -> None:
        koe("user", "add", "aki@example.com")
        assert LINK.fullmatch(koe("user", "link", "AKI@example.com").out.strip())
        assert koe("user", "disable", "aki@example.com").status == 0
        refused = koe("user", "link", "aki@example.com")
        assert (refused.status, refused.out) == (1, "")
        assert "koe user enable aki@example.com" in refused.err
        assert koe("user", "list", "--json").json[0]["state"] == "disabled"
        koe("user", "enable", "aki@example.com")
        assert LINK.fullmatch(koe("user", "link", "aki@example.com").out.strip())
        assert koe("user", "disable", "nobody@example.com").status == 1


class TestOrganisations:
    def test_each_keeps_its_people_and_tokens_to_itself(self, koe: Koe) -> None:
        added = koe("organisation", "add", "north", "--timezone", "Europe/Berlin", "--json").json
        assert added == {"organisation": "north", "timezone": "Europe/Berlin"}
        assert koe("organisation", "add", "north").status == 1
        koe("token", "create", "ci", "--scope", "read")
        koe("token", "create", "ci", "--scope", "read", KOE_ORGANISATION="north")
        koe("user", "add", "aki@example.com", KOE_ORGANISATION="north")
        assert koe("user", "list", "--json").json == []
        assert koe("token", "revoke", "ci", KOE_ORGANISATION="north").status == 0
        assert [one["state"] for one in koe("token", "list", "--json").json] == ["in force"]
        assert [one["organisation"] for one in koe("organisation", "list", "--json").json] == [
            "main",
            "north",
        ]

    def test_every_command_works_with_the_one_that_was_chosen_and_in_its_time_zone(
        self, koe: Koe, tmp_path: Path
    ) -> None:
        koe("organisation", "add", "north", "--timezone", "America/New_York")
        rows = [f"{n},The export fails,2026-05-01 23:30,c{n}\n" for n in range(4)]
        (tmp_path / "t.csv").write_text("id,text,created_at,customer_id\n" + "".join(rows))
        feedback = ("import", "feedback", tmp_path / "t.csv", "--source", "tickets")
        in_north = replace(koe, settings={**koe.settings, "KOE_ORGANISATION": "north"})
        assert in_north(*feedback).status == 0
        taken = koe(*feedback)
        assert (taken.status, "is taken" in taken.err) == (1, True)
        came = in_north("run", "--json").json
        assert (came["items"], came["themes"]) == (4, 1)
        assert koe("run", "--json").json["items"] == 0
        assert len(in_north("runs", "list", "--json").json) == 1
        assert len(in_north("source", "list", "--json").json) == 1
        assert koe("runs", "list", "--json").json == koe("source", "list", "--json").json == []
        assert koe("export", "items", "--out", tmp_path / "main.jsonl", "--json").json["rows"] == 0
        in_north("export", "items", "--out", tmp_path / "north.jsonl")
        (first, *_) = (tmp_path / "north.jsonl").read_text().splitlines()
        assert datetime.fromisoformat(json.loads(first)["created_at"]) == datetime(
            2026, 5, 1, 23, 30, tzinfo=ZoneInfo("America/New_York")
        )

    def test_one_that_does_not_exist_is_told_with_the_way_to_make_it(self, koe: Koe) -> None:
        for command in ("token list", "user list", "source list", "run", "serve"):
            said = koe(*command.split(), KOE_ORGANISATION="nowhere")
            assert (said.status, said.out) == (1, ""), command
            assert "koe organisation add nowhere" in said.err

    def test_the_zone_of_main_follows_the_setting_and_those_of_others_do_not(self, koe: Koe) -> None:
        koe("organisation", "add", "north", "--timezone", "Europe/Berlin")
        listed = koe("organisation", "list", "--json", KOE_TIMEZONE="America/New_York").json
        assert [one["timezone"] for one in listed] == ["America/New_York", "Europe/Berlin"]


class TestServing:
    def test_beyond_this_machine_it_refuses_to_start_without_a_person_or_a_token(self, koe: Koe) -> None:
        for host in ("0.0.0.0", "::", "192.0.2.1"):
            said = koe("serve", KOE_HOST=host, KOE_PORT="0")
            assert (said.status, said.out) == (1, "")
            assert "koe user add EMAIL --role admin" in said.err

    def test_with_a_person_it_starts_and_prints_no_link(self, koe: Koe) -> None:
        koe("user", "add", "aki@example.com")
        serving = koe.start("serve", "--json", KOE_HOST="0.0.0.0", KOE_PORT="0")
        assert serving.stdout is not None
        url = json.loads(serving.stdout.readline())["url"]
        try:
            assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+", url)
            with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
                assert client.get("/themes").status_code == 401
                assert client.get("/healthz", headers={"Host": "192.0.2.1"}).status_code == 200
                assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 421
        finally:
            serving.send_signal(signal.SIGTERM)
            serving.communicate()


def test_links_begin_where_a_browser_can_go() -> None:
    assert address_of(Settings(host="0.0.0.0", port=80)) == "http://127.0.0.1:80"
    assert address_of(Settings(host="::1", port=80), 81) == "http://[::1]:81"
    assert address_of(Settings(public_url="https://koe.example.com/")) == "https://koe.example.com"
