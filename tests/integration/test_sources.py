"""Every kind of source from the call on the line to the voice, and from what it holds to the inbox."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlmodel import select

from connectors.asking import basic
from connectors.ports import (
    Changed,
    Event,
    Heard,
    Said,
)
from connectors.registry import SOURCES
from nlp.html import plain
from service.models import MAIN, Hint, WebhookCall
from service.pipeline import fetch, ingest
from service.repositories import sources, walks
from tests.callers import Server, now_signed, sendable
from tests.contract.sources import CALLING, Sent, example_of
from tests.contract.sources.line import line_calls
from tests.sourcing import GREETING, WORDLESS, call_of, malformed
from tests.walking import add, scripted, voices

TOLD_TWICE = [slug for slug in CALLING if SOURCES[slug].fetches and slug not in WORDLESS]
"""Kinds of which calls and walks tell the same messages."""


def names_of(told: Sequence[Event]) -> set[tuple[str, str]]:
    """Return the items and messages that are told of."""
    return {
        (event.external_id, one.external_id)
        for event in told
        if isinstance(event, Heard)
        for one in event.said
    }


def left_and_gone(told: Sequence[Sent]) -> tuple[set[str], set[str]]:
    """Return the words of the newest versions of all messages, and those that were changed or taken back."""
    versions: dict[tuple[str, str], list[Said]] = {}
    for event in [event for sent in told for event in sent.tells if isinstance(event, Heard)]:
        for one in event.said:
            versions.setdefault((event.external_id, one.external_id), []).append(one)
    never = datetime.min.replace(tzinfo=UTC)
    # max() takes the first of equals, and of versions without a time the last one counts.
    newest = [max(reversed(of_one), key=lambda one: one.updated_at or never) for of_one in versions.values()]
    left = {plain(one.text) for one in newest if one.text}
    return left, {plain(one.text) for of_one in versions.values() for one in of_one if one.text} - left


@pytest.mark.parametrize("slug", CALLING)
class TestCalls:
    def test_become_voices_each_once(self, server: Server, slug: str) -> None:
        add(server.db, slug)
        told = [sent for sent in example_of(slug).sent if any(isinstance(e, Heard) for e in sent.tells)]
        for sent in told:
            for _ in range(2):  # senders repeat what they are not sure of
                answer = server.send(now_signed(slug, sent))
                assert (answer.status_code, answer.content) == (200, b"")
        assert server.kept() == len({(sent.named, sent.body) for sent in told})
        ingest.run(server.db, MAIN)
        said = {text for texts in voices(server.db).values() for text in texts}
        left, gone = left_and_gone(told)
        assert all(any(words[:10] in text for text in said) for words in left)
        assert not [words for words in gone if any(words in text for text in said)]
        before = voices(server.db)
        with server.db.begin() as session:
            session.execute(text("UPDATE webhook_call SET state = 'pending'"))
        ingest.run(server.db, MAIN)
        assert voices(server.db) == before

    def test_that_are_not_proven_are_refused_and_not_kept(self, server: Server, slug: str) -> None:
        add(server.db, slug)
        sent = example_of(slug).sent[0]
        right = now_signed(slug, sent)
        for name, call in malformed(right, example_of(slug), sent, at=datetime.now(UTC)).items():
            if dict(sendable(call)) == dict(sendable(right)) and call.body == right.body:
                continue
            assert server.send(call).status_code == 401, name
        assert server.kept() == 0


@pytest.mark.parametrize("slug", TOLD_TWICE)
def test_calls_and_walks_tell_of_one_message_once(server: Server, slug: str) -> None:
    example, source = example_of(slug), add(server.db, slug)
    called = names_of([event for sent in example.sent for event in sent.tells])
    assert called & names_of(example.walked), "one message must be told in both ways"
    for sent in example.sent:
        server.send(now_signed(slug, sent))
    with server.db.begin() as session:
        found = sources.get_source(session, MAIN, source.name)
        walks.begin(session, found, since=None, now=datetime.now(UTC))
    port = scripted([list(example.walked)], {})
    fetch.run(server.db, MAIN, lambda _: port)
    ingest.run(server.db, MAIN)
    for texts in voices(server.db).values():
        said = [plain(one) for one in texts]
        assert len(said) == len(set(said))


@pytest.mark.parametrize("slug", sorted(GREETING))
def test_calls_that_make_sure_of_the_address_are_answered(server: Server, slug: str) -> None:
    add(server.db, slug)
    greeting = example_of(slug).greeting
    assert greeting is not None
    sent, answer = greeting
    found = server.send(now_signed(slug, sent))
    assert (found.status_code, found.content) == (200, answer)
    assert server.kept() == 0


@pytest.mark.parametrize("slug", [slug for slug in SOURCES if SOURCES[slug].proofs[:1] == ("bearer",)])
class TestCallsWithAPassword:
    def test_name_what_is_to_be_fetched_and_those_without_are_refused(
        self, server: Server, slug: str
    ) -> None:
        source, right = add(server.db, slug), example_of(slug).secret
        assert source.proof == "bearer"
        told = [sent for sent in example_of(slug).sent if any(isinstance(e, Changed) for e in sent.tells)]
        assert told
        for sent in told:
            for password in (right, "another"):
                answer = server.send(call_of(sent, {"authorization": basic("koe", password)}))
                assert answer.status_code == (200 if password == right else 401)
        assert server.kept() == len({sent.body for sent in told})
        ingest.run(server.db, MAIN)
        with server.db.begin() as session:
            waiting = set(session.exec(select(Hint.external_id)))
        assert waiting == {e.external_id for sent in told for e in sent.tells if isinstance(e, Changed)}


class TestTakingBackByCall:
    @pytest.mark.parametrize("late", [False, True])
    def test_leaves_nothing_in_the_calls_that_told_of_it(
        self,
        server: Server,
        late: bool,  # noqa: FBT001
    ) -> None:
        add(server.db, "line")
        sent = example_of("line").sent[0]
        calls = line_calls("秘密です")
        for content in reversed(calls) if late else calls:
            assert server.send(now_signed("line", replace(sent, content=content))).status_code == 200
            ingest.run(server.db, MAIN)
        with server.db.begin() as session:
            bodies = session.exec(select(WebhookCall.body)).all()
        assert len(bodies) == 2
        assert not [body for body in bodies if "秘密".encode() in body]
