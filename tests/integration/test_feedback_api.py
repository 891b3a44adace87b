"""`POST /api/v1/feedback`: the bodies of webhooks by token, checked at once."""

import json

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Item, Source, WebhookCall
from service.pipeline import ingest, redact
from tests.api import API, asking, make_token
from tests.calling import open_door

FEEDBACK = f"{API}/feedback"


def kept(db: Database) -> list[tuple[str, bytes]]:
    """Return the name of the source and the body of all calls."""
    with db.begin() as session:
        query = select(Source.name, WebhookCall.body).join(
            WebhookCall, col(WebhookCall.source_id) == col(Source.id)
        )
        return [(name, body) for name, body in session.exec(query.order_by(col(WebhookCall.sequence)))]


def test_every_form_is_kept_as_it_came_and_becomes_voices(db: Database) -> None:
    forms = [
        {"external_id": "1", "text": "One."},
        [{"external_id": "2", "text": "Two."}, {"external_id": "3", "text": "Three."}],
        {"type": "x", "timestamp": "2026-05-03T00:00:00Z", "data": {"external_id": "4", "text": "Four."}},
    ]
    with asking(db, "write") as client:
        answers = [client.post(FEEDBACK, content=json.dumps(form)) for form in forms]
        assert [(a.status_code, a.json()) for a in answers] == [(200, {"received": n}) for n in (1, 2, 1)]
    assert kept(db) == [("api", json.dumps(form).encode()) for form in forms]
    ingest.run(db, MAIN)
    with db.begin() as session:
        assert sorted(session.exec(select(Item.external_id))) == ["1", "2", "3", "4"]


def test_what_is_wrong_is_told_record_by_record_and_nothing_is_stored(db: Database) -> None:
    with asking(db, "write") as client:
        wrong = [{"text": "One."}, {"text": " "}, 5, {"text": "x", "created_at": "soon, taro@example.com"}]
        for body, path in ((wrong, ""), ({"type": "x", "data": wrong}, "/data")):
            answer = client.post(FEEDBACK, json=body)
            assert answer.status_code == 422
            assert [each["pointer"] for each in answer.json()["errors"]] == [
                f"#/body{path}/{n}" for n in (1, 2, 3)
            ]
            assert "taro" not in answer.text
        assert client.post(FEEDBACK, json={"note": "x"}).json()["errors"][0]["pointer"] == "#/body"
    assert kept(db) == []


NASTY = {
    "empty": (b"", 400),
    "no JSON": (b"{", 400),
    "invalid UTF-8": (b'{"text":"\xff"}', 400),
    "UTF-16": ('{"text":"x"}'.encode("utf-16"), 400),
    "deep": (b"[" * 100_000, 400),
    "long number": (b'{"text":' + b"9" * 5000 + b"}", 400),
    "NaN": (b'{"text":NaN}', 422),
    "too long": (b" " * (1 << 20) + b"1", 413),
    "lone surrogate": (rb'{"text":"a\ud800b"}', 200),
    "NUL": (rb'{"text":"a\u0000b"}', 200),
    "twice": (b'{"text":"a","text":"b"}', 200),
    "none at all": (b"[]", 200),
}


def test_nasty_bodies_are_answered_in_words(db: Database) -> None:
    with asking(db, "write") as client:
        for name, (body, status) in NASTY.items():
            answer = client.post(FEEDBACK, content=body)
            assert (name, answer.status_code) == (name, status)
            assert answer.json()
        packed = client.post(FEEDBACK, content=b"{}", headers={"Content-Encoding": "gzip"})
        assert packed.status_code == 415


def test_a_key_makes_a_request_count_once(db: Database) -> None:
    with asking(db, "write") as client:
        key = {"Idempotency-Key": "k-1"}
        for _ in range(3):
            assert client.post(FEEDBACK, json={"text": "One."}, headers=key).json() == {"received": 1}
        assert len(kept(db)) == 1
        client.post(FEEDBACK, json={"text": "One."}, headers={"Idempotency-Key": "k-2"})
        assert len(kept(db)) == 2
        assert (
            client.post(FEEDBACK, json={"text": "One."}, headers={"Idempotency-Key": "a b"}).status_code
            == 422
        )
    ingest.run(db, MAIN)
    with db.begin() as session:
        assert len(set(session.exec(select(Item.external_id)))) == 2


def test_another_body_under_a_key_is_refused_and_a_key_is_its_callers_own(db: Database) -> None:
    key = {"Idempotency-Key": "k-1"}
    with asking(db, "write") as first, asking(db, "write") as second:
        assert first.post(FEEDBACK, json={"text": "One."}, headers=key).status_code == 200
        again = first.post(FEEDBACK, json={"text": "One."}, headers=key)
        assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
        assert first.post(FEEDBACK, json={"text": "Two."}, headers=key).status_code == 422
        assert second.post(FEEDBACK, json={"text": "Three."}, headers=key).status_code == 200
    ingest.run(db, MAIN)
    redact.run(db, MAIN)
    with db.begin() as session:
        assert sorted(item.text or "" for item in session.exec(select(Item))) == ["One.", "Three."]


def test_feedback_goes_to_the_source_that_is_named_with_its_mapping(db: Database) -> None:
    open_door(db, mapping={"text": "ticket.description"})
    with asking(db, "write") as client:
        answer = client.post(FEEDBACK, params={"source": "desk"}, json={"ticket": {"description": "One."}})
        assert answer.json() == {"received": 1}
        for name in ("nobody", "", "é", "x" * 600, "a\0b"):
            assert client.post(FEEDBACK, params={"source": name}, json={"text": "x"}).status_code in (
                400,
                404,
                422,
            )
    assert [name for name, _ in kept(db)] == ["desk"]


@pytest.mark.parametrize("scope", ["read", "revoked", "nobody"])
def test_whoever_may_not_write_is_told_so(db: Database, scope: str) -> None:
    with asking(db, "read" if scope == "read" else "write") as client:
        if scope == "revoked":
            with db.begin() as session:
                session.execute(text("UPDATE token SET revoked_at = now()"))
        headers = {"Authorization": ""} if scope == "nobody" else {}
        answer = client.post(FEEDBACK, json={"text": "One."}, headers=headers)
        assert answer.status_code == (403 if scope == "read" else 401)
    assert kept(db) == []


def test_a_token_of_another_organisation_reaches_no_source_of_ours(db: Database) -> None:
    open_door(db)
    with db.begin() as session:
        session.execute(
            text("INSERT INTO organisation (id, name, timezone) VALUES ('other', 'Other', 'UTC')")
        )
    with asking(db, "write") as client:
        client.post(FEEDBACK, json={"text": "Ours."})
        headers = {"Authorization": f"Bearer {make_token(db, 'write', organisation_id='other')}"}
        for name in ("desk", "api", "nobody"):
            answer = client.post(FEEDBACK, params={"source": name}, json={"text": "x"}, headers=headers)
            assert answer.status_code == 404
        assert client.post(FEEDBACK, json={"text": "Theirs."}, headers=headers).json() == {"received": 1}
    assert [name for name, _ in kept(db)] == ["api", "api-other"]
