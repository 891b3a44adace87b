"""Calls into voices: in their order, each once, and none holds up another."""

import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from service.db import Database
from service.exports import export
from service.imports import calls as readings
from service.models import MAIN, InboxEntry, Item, Message, WebhookCall
from service.pipeline import ingest
from service.pipeline.run import take_in
from service.pipeline.unfold import Unfolded, unfold
from service.repositories import calls, sources, waiting
from tests.calling import call, open_door


def voices(db: Database) -> dict[str, str | None]:
    """Return what each item says, by its id at its source."""
    with db.begin() as session:
        query = select(Item.external_id, Message.raw).join(Message, col(Message.item_id) == Item.id)
        return dict(session.exec(query.order_by(col(Item.external_id))).all())


def states(db: Database) -> list[tuple[str, int, str | None]]:
    with db.begin() as session:
        query = select(WebhookCall).order_by(col(WebhookCall.sequence))
        return [(c.state, c.tries, c.reason) for c in session.exec(query)]


def test_calls_become_voices(db: Database) -> None:
    door = open_door(db)
    call(db, door, {"external_id": "1", "text": "One."})
    call(db, door, {"type": "x", "timestamp": "2026-05-03T10:00:00Z", "data": [{"text": "Two."}]}, named="m")
    report = ingest.run(db, MAIN)
    assert (report.done, report.failed) == (2, 0)
    assert voices(db) == {"1": "One.", "m/1": "Two."}
    assert states(db) == [("done", 1, None)] * 2
    assert ingest.run(db, MAIN).done == 0


@pytest.mark.parametrize("reversed_order", [False, True])
def test_the_newest_version_counts_in_whatever_order_the_calls_come(
    db: Database,
    reversed_order: bool,  # noqa: FBT001
) -> None:
    door = open_door(db)
    versions = [
        {
            "type": "x",
            "timestamp": f"2026-05-0{day}T10:00:00Z",
            "data": {"external_id": "1", "text": f"Day {day}."},
        }
        for day in (3, 4, 5)
    ]
    for version in versions[::-1] if reversed_order else versions:
        call(db, door, version)
    ingest.run(db, MAIN)
    assert voices(db) == {"1": "Day 5."}


def test_of_versions_that_say_no_time_the_last_one_counts(db: Database) -> None:
    door = open_door(db)
    for said in ("First.", "Second.", "First.", "Third."):
        call(db, door, {"external_id": "1", "text": said})
    ingest.run(db, MAIN)
    assert voices(db) == {"1": "Third."}


def test_the_same_call_is_kept_once_and_another_body_under_its_id_too(db: Database) -> None:
    door = open_door(db)
    for said in ("One.", "One.", "Two."):
        call(db, door, {"text": said}, named="m")
    assert len(states(db)) == 2
    ingest.run(db, MAIN)
    assert voices(db) == {"m": "Two."}


def test_calls_that_cannot_be_read_are_dead_and_hold_up_nothing(db: Database) -> None:
    door = open_door(db)
    nasty: list[Any] = [b"\xff", b"[" * 100_000, b"{}", {"note": "x"}, [{"text": "Kept."}, 5]]
    for number, body in enumerate(nasty):
        call(db, door, body)
        call(db, door, {"external_id": str(number), "text": "Said."})
    report = ingest.run(db, MAIN)
    assert report.failed == 5
    assert "dead-letters" in report.notes[0]
    assert list(voices(db).values()).count("Said.") == 5
    assert list(voices(db).values()).count("Kept.") == 1
    assert all(reason for state, _, reason in states(db) if state == "dead")


def test_a_fault_of_our_own_in_one_call_does_not_hold_up_the_others(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = open_door(db)
    true_read = readings.read

    def read(body: bytes, *args: Any, **kwargs: Any) -> readings.Read:
        if b"poison" in body:
            raise KeyError("poison")
        return true_read(body, *args, **kwargs)

    monkeypatch.setattr(readings, "read", read)
    for said in ("One.", "poison", "Three."):
        call(db, door, {"text": said}, named=said)
    assert unfold(db, MAIN) == Unfolded(done=2, dead=1)
    assert "KeyError" in str(states(db)[1][2])


def test_a_mapping_and_a_replay_bring_back_what_fitted_none_and_double_nothing(db: Database) -> None:
    door = open_door(db)
    call(db, door, [{"ticket": {"id": 1, "description": "Mapped."}}, {"external_id": "2", "text": "Fits."}])
    ingest.run(db, MAIN)
    assert voices(db) == {"2": "Fits."}
    with db.begin() as session:
        sources.remember(
            session, door.source.id, map={"text": "ticket.description", "external_id": "ticket.id"}
        )
        session.execute(text("UPDATE webhook_call SET state = 'pending'"))
    ingest.run(db, MAIN)
    assert voices(db) == {"1": "Mapped.", "2": "Fits."}
    assert states(db) == [("done", 2, None)]
    with db.begin() as session:
        assert len(session.exec(select(InboxEntry.sequence)).all()) == 2


def test_a_paused_source_holds_its_calls_until_it_goes_on_in_their_order(db: Database) -> None:
    door = open_door(db)
    with db.begin() as session:
        session.execute(text("UPDATE source SET paused_at = now()"))
    for said in ("First.", "Second."):
        call(db, door, {"external_id": "1", "text": said})
    assert unfold(db, MAIN) == Unfolded()
    with db.begin() as session:
        assert calls.heard(session, MAIN)[door.source.id].held == 2
        calls.stop_arrivals(session)
        session.execute(text("UPDATE source SET paused_at = NULL"))
        assert calls.release(session, door.source.id) == 2
    ingest.run(db, MAIN)
    assert voices(db) == {"1": "Second."}


def test_a_transaction_that_breaks_off_loses_and_doubles_nothing(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = open_door(db)
    for number in range(5):
        call(db, door, {"external_id": str(number), "text": "Said."})
    settle = calls.settle
    monkeypatch.setattr(calls, "settle", _break)
    with pytest.raises(ConnectionError):
        unfold(db, MAIN)
    monkeypatch.setattr(calls, "settle", settle)
    assert states(db) == [("pending", 0, None)] * 5
    with db.begin() as session:
        assert session.exec(select(InboxEntry.sequence)).all() == []
    ingest.run(db, MAIN)
    assert len(voices(db)) == 5


def _break(*_: object) -> None:
    raise ConnectionError


def test_several_processes_at_once_store_each_call_once_and_in_order(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.pipeline.unfold.BATCH", 3)
    door = open_door(db)
    for number in range(60):
        call(db, door, {"external_id": str(number % 7), "text": f"Version {number}."})
    crowd = [threading.Thread(target=ingest.run, args=(db, MAIN)) for _ in range(4)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert sorted(voices(db).values(), key=str) == [f"Version {number}." for number in range(53, 60)]
    with db.begin() as session:
        order = select(InboxEntry.body).order_by(col(InboxEntry.sequence))
        assert [int(str(body).split("Version ")[1].split(".")[0]) for body in session.exec(order)] == list(
            range(60)
        )


def test_a_batch_is_as_long_as_its_bytes_allow_and_never_empty(db: Database) -> None:
    door = open_door(db)
    for number in range(4):
        call(db, door, b"%d" % number * 1000)
    with db.begin() as session:
        assert [len(c.body) for c in calls.waiting(session, MAIN, most=10, most_bytes=1)] == [1000]
        assert len(calls.waiting(session, MAIN, most=10, most_bytes=2000)) == 2
        assert len(calls.waiting(session, MAIN, most=3, most_bytes=1 << 20)) == 3


def test_calls_of_another_organisation_are_left_alone(db: Database) -> None:
    with db.begin() as session:
        session.execute(
            text("INSERT INTO organisation (id, name, timezone) VALUES ('other', 'Other', 'UTC')")
        )
    call(db, open_door(db, "theirs", organisation_id="other"), {"text": "Theirs."})
    assert unfold(db, MAIN) == Unfolded()
    assert unfold(db, "other") == Unfolded(done=1)


def test_texts_come_through_to_the_export_as_they_were_sent(db: Database, tmp_path: Path) -> None:
    said = {
        "composed": "Café と ガ",
        "decomposed": "Cafe\u0301 と カ\u3099",
        "joined": "👩‍👩‍👧‍👦 は 🇯🇵 で 𠮷野家",
        "bidi": "abc \u202eabc\u202c and \u2067אבג\u2069",
        "zero width": "zero\u200bwidth\u200dand\ufeff",
        "signs": 'a < b & c > d, 50 % "quoted" \\ and \u2028 too',
    }
    door = open_door(db)
    call(db, door, [{"external_id": name, "text": text} for name, text in said.items()])
    call(db, door, rb'{"external_id": "mended", "text": "a\u0000b\ud800c \ud83d\ude00"}')
    take_in(db, MAIN)
    out = tmp_path / "items.jsonl"
    export(db, MAIN, "items", out, zone=ZoneInfo("Asia/Tokyo"))
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").split("\n") if line]
    assert {row["external_id"]: row["text"] for row in rows} == {**said, "mended": "a\ufffdb\ufffdc 😀"}


def test_what_was_said_in_calls_that_were_read_long_ago_is_forgotten_and_that_they_came_is_not(
    db: Database,
) -> None:
    door = open_door(db)
    for number, days in enumerate((29, 31)):
        call(db, door, {"external_id": str(number), "text": f"{number}"}, named=f"m{number}", at=ago(days))
    ingest.run(db, MAIN)
    with db.begin() as session:
        waiting.forget_what_ended(session)
    call(db, door, {"external_id": "1", "text": "1"}, named="m1")
    with db.begin() as session:
        bodies = session.exec(select(WebhookCall.body).order_by(col(WebhookCall.sequence))).all()
    assert [bool(body) for body in bodies] == [True, False]
    assert voices(db) == {"0": "0", "1": "1"}


def ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)
