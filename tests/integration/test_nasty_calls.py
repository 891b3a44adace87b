"""Calls that hold something else than they should, of every kind of source: none holds up another one."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from connectors.ports import Call, Company, Event, Heard
from connectors.registry import SOURCES
from nlp.html import plain
from service.db import Database
from service.models import MAIN, Source, WebhookCall
from service.pipeline import ingest
from service.pipeline.unfold import Unfolded, unfold
from service.repositories import calls
from tests.callers import Server, now_signed
from tests.contract.sources import CALLING, Sent, example_of
from tests.sourcing import NOW, UNDATED, WORDLESS, signed
from tests.walking import add, voices

GOOD = 20
NO_JSON, STUMBLING = b'{"broken":', b'{"stumble":1}'
NASTY = {
    "65 levels": b"[" * 65 + b"]" * 65,
    "100,000 levels": b"[" * 100_000 + b"]" * 100_000,
    "100,000 names": b"{" + b",".join(b'"%d":0' % number for number in range(100_000)) + b"}",
    "a number of 5,000 digits": b'{"id":' + b"1" * 5_000 + b',"n":1' + b"e" + b"9" * 5_000 + b"}",
    "no number": b'{"id":NaN,"n":Infinity}',
    "half a surrogate": b'{"id":"\\ud800","type":"\\udfff"}',
    "NUL": b'{"id":"\\u0000","type":"a\\u0000b"}',
    "no UTF-8": b'{"id":"\xff\xfe"}',
    "UTF-16": '{"id":"1"}'.encode("utf-16"),
    "a BOM": b"\xef\xbb\xbf{}",
    "a name twice": b'{"id":1,"id":2}',
    "no object": b'"text"',
    "nothing": b"",
}
ODD = "a\u202eb\u200bc\u2066d\u00ad 絵文字👩‍👩‍👧 ｶﾞ が"
"""Words that turn round, that show nothing, and that are several letters of one."""


def keep(db: Database, source_id: str, sent: Sent, body: bytes, *, named: str) -> None:
    """Keep a call as the route does once it is proven."""
    db.alone(
        lambda connection: calls.keep(
            connection,
            MAIN,
            source_id,
            key=calls.call_key(named, body),
            body=body,
            received_at=NOW,
            headers=sent.headers,
        )
    )


def written(words: str) -> bytes:
    """Return words as a call holds them."""
    return json.dumps(words, ensure_ascii=False).encode()


def outcomes(db: Database) -> list[tuple[str, str | None]]:
    with db.begin() as session:
        found = session.execute(text("SELECT state, reason FROM webhook_call ORDER BY sequence"))
        return [(state, reason) for state, reason in found]


@pytest.mark.parametrize("slug", CALLING)
class TestOneBadCall:
    def test_is_set_aside_with_a_reason_and_all_others_are_done(
        self, db: Database, slug: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, sent, kind = add(db, slug), example_of(slug).sent[0], SOURCES[slug]
        right = kind.read

        def read(self: object, call: Call) -> Iterator[Event]:
            if call.body == STUMBLING:
                raise KeyError("a fault of our own")
            if call.body == STUMBLING + b" ":
                yield Company(account_id="acme", name="\0")
            yield from right(self, call)  # type: ignore[arg-type]

        monkeypatch.setattr(kind, "read", read)
        bad = (NO_JSON, STUMBLING, STUMBLING + b" ")
        for number in range(GOOD):
            keep(db, source.id, sent, sent.body, named=f"a{number}")
        for body in bad:
            keep(db, source.id, sent, body, named="bad")
        for number in range(GOOD):
            keep(db, source.id, sent, sent.body, named=f"b{number}")
        assert unfold(db, MAIN) == Unfolded(done=2 * GOOD, dead=len(bad))
        told = outcomes(db)
        assert [state for state, _ in told] == ["done"] * GOOD + ["dead"] * len(bad) + ["done"] * GOOD
        assert all(reason for state, reason in told if state == "dead")
        assert ingest.run(db, MAIN).failed == 0


@pytest.mark.parametrize("slug", CALLING)
class TestProvenCalls:
    def test_may_hold_whatever_they_like(self, server: Server, slug: str) -> None:
        add(server.db, slug)
        for name, body in NASTY.items():
            answer = server.send(now_signed(slug, replace(example_of(slug).sent[0], content=body)))
            assert answer.status_code == 200, name
        ingest.run(server.db, MAIN)
        told = outcomes(server.db)
        assert len(told) == server.kept()
        assert {state for state, _ in told} <= {"done", "dead"}

    def test_bring_nothing_new_when_they_are_sent_again(self, server: Server, slug: str) -> None:
        add(server.db, slug)
        example, sent = example_of(slug), example_of(slug).sent[0]
        caught = signed(example, sent, at=datetime.now(UTC) - timedelta(minutes=4))
        for _ in range(3):
            assert server.send(caught).status_code == 200
        assert server.kept() == 1
        a_day_ago = signed(example, sent, at=datetime.now(UTC) - timedelta(days=1))
        assert server.send(a_day_ago).status_code == (200 if slug in UNDATED else 401)
        assert server.kept() == 1


@pytest.mark.parametrize("slug", [slug for slug in CALLING if slug not in WORDLESS])
def test_words_of_calls_come_as_they_were_written(server: Server, slug: str) -> None:
    add(server.db, slug)
    sent, words = next(
        (sent, one.text)
        for sent in example_of(slug).sent
        for event in sent.tells
        if isinstance(event, Heard)
        for one in event.said
        if one.author_role == "customer" and written(one.text) in sent.body
    )
    body = sent.body.replace(written(words), written(f"{words} {ODD}"))
    assert server.send(now_signed(slug, replace(sent, content=body))).status_code == 200
    ingest.run(server.db, MAIN)
    said = [one for texts in voices(server.db).values() for one in texts]
    assert [one for one in said if one.startswith(plain(words)) and one.endswith(ODD)]


@pytest.mark.parametrize("slug", [slug for slug in CALLING if slug not in UNDATED])
def test_calls_count_for_five_minutes(server: Server, slug: str) -> None:
    add(server.db, slug)
    example, sent = example_of(slug), example_of(slug).sent[0]
    for seconds, status in ((-290, 200), (290, 200), (-310, 401), (310, 401), (-86_400, 401)):
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        assert server.send(signed(example, sent, at=at)).status_code == status, seconds


def test_a_call_of_a_connector_that_does_not_open_waits_for_it(server: Server) -> None:
    source = add(server.db, "zendesk")
    with server.db.begin() as session:
        session.get_one(Source, source.id).settings = {}
    sent = example_of("zendesk").sent[0]
    assert server.send(now_signed("zendesk", replace(sent, content={"text": "Mine."}))).status_code == 200
    ingest.run(server.db, MAIN)
    assert voices(server.db) == {}
    with server.db.begin() as session:
        (call,) = session.exec(select(WebhookCall)).all()
        assert call.state == "dead"
        assert "koe source test source" in (call.reason or "")
