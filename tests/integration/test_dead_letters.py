"""Dead letters: shown without personal data, replayed once they are mended, and nobody else's."""

from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import text

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.errors import NotFound
from service.models import MAIN
from service.pipeline import ingest
from service.repositories import dead_letters, sources
from service.repositories.changes import Wanted
from tests.api import API, asking, make_token, program, rows
from tests.calling import Door, call, open_door
from tests.live import serving

UNMAPPED = {"ticket": {"description": "Call Taro at 090-1234-5678 or taro@example.com."}}


def fill(db: Database) -> Door:
    """Leave two dead calls of a source, one of another, one of another organisation, and a dead record."""
    door = open_door(db)
    with db.begin() as session:
        session.execute(
            text("INSERT INTO organisation (id, name, timezone) VALUES ('other', 'Other', 'UTC')")
        )
    call(db, door, UNMAPPED, named="one", at=datetime(2026, 5, 1, tzinfo=UTC))
    call(db, door, b"\xff", named="two", at=datetime(2026, 5, 2, tzinfo=UTC))
    call(db, open_door(db, "shop"), UNMAPPED, at=datetime(2026, 5, 3, tzinfo=UTC))
    call(db, open_door(db, "theirs", organisation_id="other"), UNMAPPED)
    with db.begin() as session:
        session.execute(
            text(
                "INSERT INTO inbox (organisation_id, source_id, delivery_key, external_id, body, received_at,"
                " state, tries)"
                " VALUES ('main', :source, 'k', 'x', 'taro@example.com', '2026-05-04', 'pending', 0)"
            ),
            {"source": door.source.id},
        )
    ingest.run(db, MAIN)
    ingest.run(db, "other")
    return door


class TestRepository:
    def test_the_last_received_come_first_and_another_organisations_never(self, db: Database) -> None:
        fill(db)
        with db.begin() as session:
            found = dead_letters.newest(session, MAIN, limit=10)
            assert [(letter.kind, letter.source) for letter in found] == [
                ("record", "desk"),
                ("call", "shop"),
                ("call", "desk"),
                ("call", "desk"),
            ]
            assert dead_letters.count_by_source(session, MAIN) == {"desk": 3, "shop": 1}
            (theirs,) = dead_letters.newest(session, "other", limit=10)
            with pytest.raises(NotFound):
                dead_letters.get(session, MAIN, theirs.id)
            assert dead_letters.replay(session, MAIN, [theirs.id]) == 0

    def test_only_what_is_asked_for_is_replayed(self, db: Database) -> None:
        fill(db)
        with db.begin() as session:
            first = dead_letters.newest(session, MAIN, source="shop", limit=1)[0]
            odd = [
                "call-0",
                "call-99999999999999999999",
                "record-",
                "x",
                "call-1; DROP TABLE inbox",
                first.id,
            ]
            assert dead_letters.replay(session, MAIN, odd) == 1
            assert dead_letters.replay(session, MAIN, [first.id]) == 0
            assert dead_letters.replay_all(session, MAIN, source="desk") == 3
            assert dead_letters.replay_all(session, MAIN) == 0

    def test_a_paused_source_holds_what_is_replayed(self, db: Database) -> None:
        door = fill(db)
        with db.begin() as session:
            session.execute(
                text("UPDATE source SET paused_at = now() WHERE id = :id"), {"id": door.source.id}
            )
            dead_letters.replay_all(session, MAIN)
        report = ingest.run(db, MAIN)
        assert (report.done, report.failed) == (0, 2)

    def test_a_mapping_and_a_replay_make_voices(self, db: Database) -> None:
        door = fill(db)
        with db.begin() as session:
            sources.remember(session, door.source.id, map={"text": "ticket.description"})
            dead_letters.replay_all(session, MAIN)
        assert ingest.run(db, MAIN).done == 1
        with db.begin() as session:
            assert dead_letters.count_by_source(session, MAIN) == {"desk": 2, "shop": 1}
            assert {letter.tries for letter in dead_letters.newest(session, MAIN, limit=9)} == {2}

    def test_programs_find_every_one_page_by_page(self, db: Database) -> None:
        fill(db)
        with db.begin() as session:
            found = dead_letters.following(session, MAIN, Wanted(limit=2, filters={"source": "desk"}))
            assert len(found) == 3
            none = Wanted(limit=2, filters={"source": None})
            assert dead_letters.following(session, MAIN, none) == []


class TestApi:
    def test_a_program_lists_and_replays_them(self, db: Database) -> None:
        fill(db)
        rung: list[str] = []
        app = create_app(db, Settings(), ring=rung.append)
        with serving(app) as address, program(address, make_token(db, "write")) as client:
            found = rows(client, "dead-letters", limit=1)
            assert [row["source"] for row in found] == ["desk", "desk", "shop", "desk"]
            assert rows(client, "dead-letters", source="desk", kind="record")[0]["glimpse"] == "[email]"
            first = found[0]["dead_letter_id"]
            whole = client.get(f"{API}/dead-letters/{first}")
            assert "[phone]" in whole.json()["glimpse"]
            assert "taro" not in whole.text + str(found)
            again = client.post(f"{API}/dead-letters/{first}/replay")
            assert (again.status_code, again.json()["state"]) == (200, "pending")
            assert client.post(f"{API}/dead-letters/{first}/replay").status_code == 404
            assert rung == [MAIN]
            assert len(rows(client, "dead-letters")) == 3
            assert rows(client, "dead-letters", updated_since="2026-05-03T00:00:00Z")[0]["source"] == "shop"

    def test_nobody_sees_or_replays_those_of_another_organisation(self, db: Database) -> None:
        fill(db)
        with db.begin() as session:
            ours = dead_letters.newest(session, MAIN, limit=1)[0].id
        with asking(db) as client:
            headers = {"Authorization": f"Bearer {make_token(db, 'write', organisation_id='other')}"}
            assert client.get(f"{API}/dead-letters/{ours}", headers=headers).status_code == 404
            assert client.post(f"{API}/dead-letters/{ours}/replay", headers=headers).status_code == 404
            read_only = client.post(f"{API}/dead-letters/{ours}/replay")
            assert read_only.status_code == 403


def test_a_letter_that_is_asked_for_by_an_odd_name_is_not_there(db: Database) -> None:
    with asking(db) as client:
        for name in ("x", "call-0", "call-999999999999999999999", "call--1", "é", "%ED%A0%80"):
            answer: httpx.Response = client.get(f"{API}/dead-letters/{name}")
            assert answer.status_code == 404
