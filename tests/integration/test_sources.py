"""Every kind of source from the call on the line to the voice, and from what it holds to the inbox."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.asking import basic
from connectors.errors import Refused, RetryLater
from connectors.ports import (
    Call,
    Changed,
    Company,
    Customer,
    Event,
    Heard,
    Means,
    Page,
    Said,
    Unsaid,
    Withdrawn,
)
from connectors.ports import Source as SourcePort
from connectors.registry import SOURCES
from nlp.html import plain
from service.access import senders
from service.access.senders import Receivers
from service.app import create_app
from service.config import Settings
from service.db import Database
from service.errors import Unavailable
from service.models import MAIN, Hint, InboxEntry, Item, Message, Source, WebhookCall
from service.pipeline import fetch, ingest
from service.pipeline.run import take_in
from service.repositories import sources, walks
from tests.calling import SEAL
from tests.contract.sources import Sent, example_of
from tests.live import serving
from tests.sourcing import ELSEWHERE, call_of, malformed, signed

KINDS = sorted(SOURCES)
CALLING = [slug for slug in KINDS if example_of(slug).sign is not None]
FETCHING = [slug for slug in KINDS if SOURCES[slug].fetches]


def add(db: Database, slug: str, *, name: str = "source", can_ask: bool = True) -> Source:
    """Add a source as its example says."""
    kind = SOURCES[slug]
    secret = {setting.name for setting in kind.settings if setting.secret}
    told = {k: v.replace("{base}", ELSEWHERE) for k, v in example_of(slug).settings.items()}
    with db.begin() as session:
        return senders.add(
            session,
            SEAL,
            MAIN,
            name,
            kind=slug,
            proof=kind.proofs[0] if kind.proofs else None,
            settings={k: v for k, v in told.items() if k not in secret},
            secret=example_of(slug).secret,
            known={k: v for k, v in told.items() if k in secret} if can_ask else None,
            now=datetime.now(UTC),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that calls go to."""

    db: Database
    client: httpx.Client
    address: str

    def send(self, call: Call) -> httpx.Response:
        return self.client.post("/webhooks/source", content=call.body, headers=sendable(call))

    def kept(self) -> int:
        with self.db.begin() as session:
            return len(session.exec(select(WebhookCall.sequence)).all())


def sendable(call: Call) -> list[tuple[bytes, bytes]]:
    """Return headers as bytes on the line: what no header can hold is left out, as a proxy would."""
    lines = []
    for name, value in call.headers.items():
        written = value.encode("utf-8")
        if written == written.strip() and not any(byte < 32 and byte != 9 for byte in written):
            lines.append((name.encode(), written))
    return lines


@pytest.fixture
def server(db: Database) -> Iterator[Server]:
    app = create_app(db, Settings(public_url="https://koe.example.com"))
    app.state.receivers = Receivers(db, lambda: SEAL)
    with serving(app) as address, httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        client.headers["host"] = "koe.example.com"
        yield Server(db=db, client=client, address=address)


def now_signed(slug: str, sent: Sent) -> Call:
    return signed(example_of(slug), sent, at=datetime.now(UTC))


def voices(db: Database) -> dict[str, list[str]]:
    """Return what each item says, message by message."""
    with db.begin() as session:
        query = select(Item.external_id, Message.raw).join(Message, col(Message.item_id) == Item.id)
        found: dict[str, list[str]] = {}
        for item, said in session.exec(query.order_by(col(Item.external_id), col(Message.position))):
            found.setdefault(item, []).append(said or "")
        return found


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

    def test_and_walks_tell_of_one_message_once(self, server: Server, slug: str) -> None:
        example, source = example_of(slug), add(server.db, slug)
        if not SOURCES[slug].fetches:
            pytest.skip("its calls tell all there is")
        called = names_of([event for sent in example.sent for event in sent.tells])
        if not called:
            pytest.skip("its calls only name what is to be fetched")
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
            assert len(texts) == len(set(texts))

    def test_that_are_not_proven_are_refused_and_not_kept(self, server: Server, slug: str) -> None:
        add(server.db, slug)
        sent = example_of(slug).sent[0]
        right = now_signed(slug, sent)
        for name, call in malformed(right, example_of(slug), sent, at=datetime.now(UTC)).items():
            if dict(sendable(call)) == dict(sendable(right)) and call.body == right.body:
                continue
            assert server.send(call).status_code == 401, name
        assert server.kept() == 0

    def test_that_make_sure_of_the_address_are_answered(self, server: Server, slug: str) -> None:
        add(server.db, slug)
        if (greeting := example_of(slug).greeting) is None:
            pytest.skip("this sender greets nobody")
        sent, answer = greeting
        found = server.send(now_signed(slug, sent))
        assert (found.status_code, found.content) == (200, answer)
        assert server.kept() == 0


@pytest.mark.parametrize("slug", [slug for slug in KINDS if SOURCES[slug].proofs[:1] == ("bearer",)])
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


@dataclass(kw_only=True)
class Scripted(SourcePort):
    """A source that holds what a test says."""

    slug = "scripted"
    title = "Scripted"
    pages: list[list[Event] | Exception]
    asked: list[tuple[datetime | None, str | None]]
    items: dict[str, Heard | Withdrawn | Exception]

    @classmethod
    def open(cls, settings: object, means: Means, /) -> "Scripted":
        raise NotImplementedError

    def read(self, call: Call) -> Iterator[Event]:
        raise NotImplementedError

    def page(self, since: datetime | None, cursor: str | None) -> Page:
        self.asked.append((since, cursor))
        place = int(cursor or 0)
        found = self.pages[place]
        if isinstance(found, Exception):
            raise found
        last = place + 1 == len(self.pages)
        return Page(events=found, cursor=None if last else str(place + 1), total=3)

    def fetch(self, external_id: str) -> Heard | Withdrawn:
        found = self.items[external_id]
        if isinstance(found, Exception):
            raise found
        return found


def scripted(
    pages: Sequence[list[Event] | Exception], items: dict[str, Heard | Withdrawn | Exception] | None = None
) -> Scripted:
    return Scripted(pages=list(pages), asked=[], items=items or {})


def heard(number: int, words: str = "It is broken.") -> Heard:
    at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=number)
    return Heard(
        external_id=str(number),
        said=[Said(external_id="first", text=f"{words} {number}", created_at=at)],
        created_at=at,
        updated_at=at,
        customer=Customer(id=f"c{number}"),
    )


def begun(db: Database, *, proof: bool = True) -> Source:
    """Add a source that is to be walked from ever."""
    source = add(db, "zendesk")
    with db.begin() as session:
        found = sources.get_source(session, MAIN, source.name)
        if not proof:
            found.proof = None
        walks.begin(session, found, since=None, now=datetime.now(UTC))
    return source


def due_now(db: Database) -> None:
    with db.begin() as session:
        for table in ("walk", "hint"):
            session.execute(text(f"UPDATE {table} SET next_at = clock_timestamp()"))


class TestWalks:
    def test_bring_all_that_a_source_holds(self, db: Database) -> None:
        source = begun(db)
        steps: list[tuple[str, int, int]] = []
        port = scripted([[heard(1), heard(2)], [heard(3)]])
        report = fetch.run(db, MAIN, lambda _: port, progress=lambda *step: steps.append(step))
        assert (report.done, report.failed, steps) == (3, 0, [("fetch", 2, 3), ("fetch", 3, 3)])
        ingest.run(db, MAIN)
        assert sorted(voices(db)) == ["1", "2", "3"]
        with db.begin() as session:
            walk = walks.walk_of(session, source.id)
            assert walk is not None
            assert walk.through is not None
            assert (walk.cursor, walk.began_at, walk.items, walk.repaired) == (None, None, 3, 0)

    def test_go_on_where_they_were_cut_off(self, db: Database) -> None:
        begun(db)
        port = scripted([[heard(1)], RetryLater("busy"), [heard(3)]])
        report = fetch.run(db, MAIN, lambda _: port)
        assert (report.done, report.notes) == (1, ("source: busy",))
        port.pages[1] = [heard(2)]
        due_now(db)
        fetch.run(db, MAIN, lambda _: port)
        ingest.run(db, MAIN)
        assert sorted(voices(db)) == ["1", "2", "3"]
        assert [cursor for _, cursor in port.asked] == [None, "1", "1", "2"]

    def test_find_what_calls_lost(self, db: Database) -> None:
        source = begun(db)
        fetch.run(db, MAIN, lambda _: scripted([[heard(1)]]))
        due_now(db)
        later = scripted([[heard(1), heard(2)]])
        fetch.run(db, MAIN, lambda _: later)
        with db.begin() as session:
            walk = walks.walk_of(session, source.id)
            assert walk is not None
            assert walk.repaired == 1
        ((since, _),) = later.asked
        assert since is not None
        assert timedelta(minutes=29) < datetime.now(UTC) - since < timedelta(hours=1)

    def test_are_not_begun_before_they_are_due(self, db: Database) -> None:
        begun(db)
        port = scripted([[heard(1)]])
        for _ in range(3):
            fetch.run(db, MAIN, lambda _: port)
        assert len(port.asked) == 1

    @pytest.mark.parametrize(
        ("error", "least"),
        [
            (RetryLater("busy", after=timedelta(hours=2)), timedelta(hours=2)),
            (RetryLater("busy"), timedelta(seconds=30)),
            (Refused("the token was withdrawn"), timedelta(minutes=15)),
            (KeyError("a fault of our own"), timedelta(minutes=15)),
        ],
    )
    def test_say_why_they_wait(self, db: Database, error: Exception, least: timedelta) -> None:
        source = begun(db)
        began = datetime.now(UTC)
        report = fetch.run(db, MAIN, lambda _: scripted([error]))
        assert report.failed == 1
        with db.begin() as session:
            walk = walks.walk_of(session, source.id)
            assert walk is not None
            assert walk.reason
            assert walk.tries == 1
            assert walk.next_at >= began + least
        assert fetch.run(db, MAIN, lambda _: scripted([[heard(1)]])).done == 0

    @pytest.mark.parametrize("same", ["the cursor", "the items"])
    def test_that_have_no_end_are_told_of(self, db: Database, same: str) -> None:
        source = begun(db)

        class Endless(Scripted):
            def page(self, since: datetime | None, cursor: str | None) -> Page:
                self.asked.append((since, cursor))
                number = len(self.asked)
                if same == "the items":
                    return Page(events=[heard(1)], cursor=str(number))
                return Page(events=[heard(number)], cursor="next")

        port = Endless(pages=[], asked=[], items={})
        report = fetch.run(db, MAIN, lambda _: port, seconds=5)
        assert (len(port.asked), report.failed) == (2, 1)
        with db.begin() as session:
            walk = walks.walk_of(session, source.id)
            assert walk is not None
            assert walk.reason is not None
            assert "again and again" in walk.reason
            assert walk.next_at > datetime.now(UTC) + timedelta(minutes=10)

    def test_whose_page_cannot_be_stored_hold_up_no_other_source(self, db: Database) -> None:
        begun(db)
        add(db, "zendesk", name="z-other")
        with db.begin() as session:
            other = sources.get_source(session, MAIN, "z-other")
            walks.begin(session, other, since=None, now=datetime.now(UTC))
        poison = scripted([[Company(account_id="acme", name="\0"), heard(1)]])
        right = scripted([[heard(2)]])
        report = fetch.run(db, MAIN, lambda source: right if source.name == "z-other" else poison)
        assert (report.done, report.failed) == (1, 1)
        assert "stumbled" in report.notes[0]
        assert fetch.run(db, MAIN, lambda _: poison).failed == 0, "it waits until it is tried again"

    def test_of_a_paused_source_wait(self, db: Database) -> None:
        begun(db)
        with db.begin() as session:
            sources.get_source(session, MAIN, "source").paused_at = datetime.now(UTC)
        port = scripted([[heard(1)]])
        fetch.run(db, MAIN, lambda _: port)
        assert port.asked == []

    def test_a_page_that_two_took_counts_once(self, db: Database) -> None:
        begun(db)
        other = scripted([[heard(1)], [heard(2)]])

        class Overtaken(Scripted):
            def page(self, since: datetime | None, cursor: str | None) -> Page:
                if cursor is None:
                    fetch.run(db, MAIN, lambda _: other)
                return super().page(since, cursor)

        port = Overtaken(pages=other.pages, asked=[], items={})
        assert fetch.run(db, MAIN, lambda _: port).done == 0
        ingest.run(db, MAIN)
        assert sorted(voices(db)) == ["1", "2"]


class TestHints:
    def told(self, db: Database, *items: str) -> None:
        source = add(db, "zendesk")
        with db.begin() as session:
            walks.tell(session, MAIN, source.id, items)

    def waiting(self, db: Database) -> list[str]:
        with db.begin() as session:
            return list(session.exec(select(Hint.external_id).order_by(col(Hint.external_id))))

    def test_are_fetched_once(self, db: Database) -> None:
        self.told(db, "1", "2", "1")
        port = scripted([], {"1": heard(1), "2": Withdrawn(external_id="2")})
        assert fetch.run(db, MAIN, lambda _: port).done == 2
        assert self.waiting(db) == []
        ingest.run(db, MAIN)
        assert sorted(voices(db)) == ["1"]

    def test_one_that_is_refused_holds_up_no_other(self, db: Database) -> None:
        self.told(db, "1", "2")
        fetch.run(db, MAIN, lambda _: scripted([], {"1": Refused("forbidden"), "2": heard(2)}))
        assert self.waiting(db) == ["1"]
        ingest.run(db, MAIN)
        assert sorted(voices(db)) == ["2"]

    def test_one_that_cannot_be_stored_holds_up_no_other(self, db: Database) -> None:
        self.told(db, "1", "2")
        odd = Heard(external_id="\0", title="It broke.")
        fetch.run(db, MAIN, lambda _: scripted([], {"1": odd, "2": heard(2)}))
        assert self.waiting(db) == ["1"]
        ingest.run(db, MAIN)
        assert sorted(voices(db)) == ["2"]

    def test_a_database_that_goes_away_meanwhile_says_nothing_of_the_source(self, db: Database) -> None:
        self.told(db, "1")
        with pytest.raises(Unavailable):
            fetch.run(db, MAIN, lambda _: scripted([], {"1": Unavailable("The connection is lost.")}))
        assert fetch.run(db, MAIN, lambda _: scripted([], {"1": heard(1)})).done == 1

    def test_a_busy_source_is_left_alone(self, db: Database) -> None:
        self.told(db, "1", "2")
        busy = RetryLater("busy", after=timedelta(minutes=5))
        assert fetch.run(db, MAIN, lambda _: scripted([], {"1": busy, "2": heard(2)})).failed == 1
        assert self.waiting(db) == ["1", "2"]
        assert fetch.run(db, MAIN, lambda _: scripted([], {"1": heard(1), "2": heard(2)})).done == 0

    def test_one_that_is_told_again_while_it_is_fetched_is_fetched_again(self, db: Database) -> None:
        self.told(db, "1")

        class Meanwhile(Scripted):
            def fetch(self, external_id: str) -> Heard | Withdrawn:
                with db.begin() as session:
                    walks.tell(session, MAIN, sources.get_source(session, MAIN, "source").id, ["1"])
                return super().fetch(external_id)

        fetch.run(db, MAIN, lambda _: Meanwhile(pages=[], asked=[], items={"1": heard(1)}), seconds=0.2)
        assert self.waiting(db) == ["1"]


class TestWithdrawing:
    def test_leaves_nothing_of_an_item_and_lets_nothing_old_come_back(self, db: Database) -> None:
        begun(db)
        at = datetime(2026, 5, 2, tzinfo=UTC)
        fetch.run(db, MAIN, lambda _: scripted([[heard(1, "My secret.")]]))
        ingest.run(db, MAIN)
        assert voices(db) == {"1": ["My secret. 1"]}
        due_now(db)
        fetch.run(db, MAIN, lambda _: scripted([[Withdrawn(external_id="1", at=at)]]))
        ingest.run(db, MAIN)
        due_now(db)
        fetch.run(db, MAIN, lambda _: scripted([[heard(1, "My secret.")]]))
        ingest.run(db, MAIN)
        take_in(db, MAIN)
        assert voices(db) == {}
        with db.begin() as session:
            kept = session.exec(select(InboxEntry.body)).all()
            assert not [body for body in kept if b"secret" in body]
            assert session.exec(select(Item.text)).all() == [""]


class TestTakingBack:
    def tell(self, db: Database, event: Event) -> None:
        fetch.run(db, MAIN, lambda _: scripted([[event]]))

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    def test_leaves_nothing_of_a_message_in_whatever_order_it_is_told(
        self, db: Database, order: Sequence[int]
    ) -> None:
        begun(db)
        at = datetime(2026, 5, 2, tzinfo=UTC)
        day = "aya/2026-05-02"
        told: list[Event] = [
            Heard(external_id=day, said=[Said(external_id="1", text="My secret.", created_at=at)]),
            Heard(external_id=day, said=[Said(external_id="2", text="It broke.", created_at=at)]),
            Unsaid(external_id="1", items=[day, "aya/2026-05-01"], at=at + timedelta(hours=1)),
        ]
        for event in [told[place] for place in order]:
            self.tell(db, event)
            ingest.run(db, MAIN)
            due_now(db)
        assert voices(db) == {day: ["It broke."]}
        with db.begin() as session:
            assert session.exec(select(Item.external_id)).all() == [day]
            kept = session.exec(select(InboxEntry.body)).all()
            assert not [body for body in kept if b"secret" in body]

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


def line_calls(words: str) -> tuple[object, object]:
    """Return a message on LINE, and the call by which its author takes it back."""
    source = {"type": "user", "userId": "U0000000001"}
    common = {"mode": "active", "source": source, "deliveryContext": {"isRedelivery": False}}
    message = {"id": "444473", "type": "text", "text": words}
    first = {
        **common,
        "type": "message",
        "timestamp": 1767000000000,
        "webhookEventId": "E1",
        "message": message,
    }
    second = {**common, "type": "unsend", "timestamp": 1767000060000, "webhookEventId": "E2"}
    return (
        {"destination": "U1", "events": [first]},
        {"destination": "U1", "events": [{**second, "unsend": {"messageId": "444473"}}]},
    )
