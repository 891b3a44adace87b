"""A source that lets Koe read nothing any more: one alert, one word that it works again, and pages."""

from functools import partial
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import select

from connectors.errors import Refused, RetryLater
from connectors.outgoing import News
from connectors.ports import Source as SourcePort
from connectors.targets.memory import MemoryTarget
from service import connections
from service.db import Database
from service.models import MAIN, Item, Source
from service.pipeline import fetch, silence
from service.repositories import sources, targets
from service.web.home import waits
from service.web.language import Language
from tests.calling import SEAL
from tests.live import open_pages
from tests.outbox import Outbox
from tests.walking import begun, due_now, heard, scripted

REVOKED = Refused("it does not accept what Koe proves itself with, says aya@example.com")


@pytest.fixture
def outbox(db: Database) -> Outbox:
    """Two who hear of sources, and one who chose something else."""
    found = Outbox(db=db)
    for name, kind, settings in (
        ("channel", "slack", {}),
        ("program", "webhook", {"url": "https://example.com/koe"}),
        ("curious", "webhook", {"url": "https://example.com/2", "events": "theme.created"}),
    ):
        found.ports[name] = MemoryTarget()
        with db.begin() as session:
            targets.add_target(session, MAIN, name, kind, settings)
    begun(db)
    return found


def ask(outbox: Outbox, *answers: Exception | None) -> None:
    """Ask the source once for each answer, whenever it is due, and tell the news."""
    for number, error in enumerate(answers):
        listen = partial(_opened, scripted([[heard(number)]] if error is None else [error]))
        due_now(outbox.db)
        fetch.run(outbox.db, MAIN, listen, public_url="https://koe.example.com/")
        outbox.run()


def _opened(port: SourcePort, _: Source) -> SourcePort:
    return port


def told(outbox: Outbox, name: str = "channel") -> list[News]:
    port = outbox.ports[name]
    assert isinstance(port, MemoryTarget)
    return port.heard


def events(outbox: Outbox, name: str = "channel") -> list[str]:
    return [news.event for news in told(outbox, name)]


def kept(db: Database) -> Source:
    with db.begin() as session:
        return session.exec(select(Source)).one()


class TestASourceThatRefuses:
    def test_is_told_once_however_often_it_is_asked_and_once_that_it_works_again(
        self, outbox: Outbox
    ) -> None:
        ask(outbox, REVOKED)
        assert events(outbox) == [], "one refusal may be a slip"
        ask(outbox, REVOKED, REVOKED, REVOKED, REVOKED)
        assert events(outbox) == ["source.paused"]
        ask(outbox, None, None)
        assert events(outbox) == events(outbox, "program") == ["source.paused", "source.resumed"]
        assert events(outbox, "curious") == []
        assert kept(outbox.db).refuses_since is None
        ask(outbox, REVOKED, REVOKED)
        assert events(outbox)[2:] == ["source.paused"]
        assert told(outbox)[0].subject_id != told(outbox)[2].subject_id

    def test_is_told_with_its_reason_and_no_personal_data(self, outbox: Outbox) -> None:
        ask(outbox, REVOKED, REVOKED)
        (news,) = told(outbox)
        source = kept(outbox.db)
        assert news.data["source"] == source.name
        assert news.data["link"] == f"https://koe.example.com/sources/{source.id}"
        assert "what Koe proves itself with" in str(news.data["reason"])
        assert "aya@" not in str(news.data)

    def test_is_none_where_it_is_only_busy(self, outbox: Outbox) -> None:
        ask(outbox, *[RetryLater("busy")] * 5)
        assert events(outbox) == []

    def test_is_none_where_it_was_busy_before_it_refused_once(self, outbox: Outbox) -> None:
        ask(outbox, RetryLater("busy"), RetryLater("busy"), REVOKED)
        assert events(outbox) == []
        ask(outbox, RetryLater("busy"), REVOKED)
        assert events(outbox) == ["source.paused"]

    def test_is_none_where_it_answers_between_two_refusals(self, outbox: Outbox) -> None:
        ask(outbox, REVOKED, None, REVOKED)
        assert events(outbox) == []

    def test_is_none_where_koe_stumbles(self, outbox: Outbox) -> None:
        ask(outbox, *[KeyError("told otherwise than we thought")] * 4, REVOKED)
        assert events(outbox) == []

    def test_is_told_no_more_where_nothing_is_asked_any_more(self, outbox: Outbox) -> None:
        ask(outbox, REVOKED, REVOKED)
        with outbox.db.begin() as session:
            source = session.exec(select(Source)).one()
            filled = connections.read(connections.kind_of(source), {"address": "https://example.zendesk.com"})
            connections.change(session, SEAL, source, filled, now=source.created_at)
        assert kept(outbox.db).refuses_since is None

    def test_is_shown_where_people_look(self, outbox: Outbox) -> None:
        ask(outbox, REVOKED, REVOKED)
        with open_pages(outbox.db) as address, httpx.Client(base_url=address, trust_env=False) as client:
            page = client.get(f"/sources/{kept(outbox.db).id}").text
            assert "It has let Koe read nothing since" in page
        with outbox.db.begin() as session:
            waiting = dict(waits(Language("ja", ZoneInfo("Asia/Tokyo")), session, MAIN))
        assert f"{kept(outbox.db).name}が Koe を受け付けていません。" in waiting


class TestWhoElseWritesMeanwhile:
    def test_what_names_a_source_is_written_while_it_is_noted_that_it_refuses(self, outbox: Outbox) -> None:
        source = kept(outbox.db)
        with outbox.db.begin() as one, outbox.db.begin() as other:
            sources.lock_source(one, source.id)
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            other.add(
                Item(
                    id="said",
                    organisation_id=MAIN,
                    source_id=source.id,
                    external_id="said",
                    channel="ticket",
                    created_at=source.created_at,
                    version="1",
                )
            )
            other.flush()

    def test_a_page_of_a_source_that_refuses_nothing_waits_for_nobody(self, outbox: Outbox) -> None:
        source = kept(outbox.db)
        with outbox.db.begin() as one, outbox.db.begin() as other:
            sources.lock_source(one, source.id)
            other.execute(text("SET LOCAL lock_timeout = '100ms'"))
            silence.end(other, source.id, public_url=None)
