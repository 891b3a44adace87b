"""A target that lets Koe do nothing any more: one alert, one word that it works again, and pages."""

from collections.abc import Callable

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.errors import ConnectorError, Refused, RetryLater
from connectors.outgoing import News, Outgoing, Receipt, Remote
from connectors.target_port import BACKLOG
from connectors.targets.memory import MemoryTarget
from service.db import Database
from service.models import MAIN, Delivery, Target
from service.pipeline import deliver, track
from service.repositories import targets
from tests.live import open_pages
from tests.outbox import Outbox, accept_suggestions

REVOKED = Refused("it does not accept what Koe proves itself with")


class Backlog(MemoryTarget):
    """One that works, or fails with an error whatever it is asked."""

    takes = BACKLOG

    def __init__(self) -> None:
        super().__init__()
        self.fails: ConnectorError | None = None
        self.refuses_to_take: ConnectorError | None = None

    def _may_fail(self) -> None:
        if self.fails is not None:
            raise self.fails

    def check(self) -> str:
        self._may_fail()
        return super().check()

    def deliver(self, outgoing: Outgoing) -> Receipt:
        self._may_fail()
        if self.refuses_to_take is not None:
            raise self.refuses_to_take
        return super().deliver(outgoing)

    def look(self, reference: str) -> Remote:
        self._may_fail()
        return super().look(reference)


@pytest.fixture
def outbox(db: Database) -> Outbox:
    return Outbox(db=db)


@pytest.fixture
def backlog(outbox: Outbox) -> Backlog:
    """A backlog, beside a channel and a program that hear of targets."""
    found = Backlog()
    outbox.target("backlog", found)
    for name, kind, settings in (
        ("channel", "slack", {}),
        ("program", "webhook", {"url": "https://example.com/koe"}),
        ("curious", "webhook", {"url": "https://example.com/2", "events": "theme.created"}),
    ):
        outbox.ports[name] = MemoryTarget()
        with outbox.db.begin() as session:
            targets.add_target(session, MAIN, name, kind, settings)
    return found


def told(outbox: Outbox, name: str) -> list[News]:
    """Return what a target was told about targets."""
    port = outbox.ports[name]
    assert isinstance(port, MemoryTarget)
    return [news for news in port.heard if news.event.startswith("target.")]


def events(outbox: Outbox, name: str = "channel") -> list[str]:
    return [news.event for news in told(outbox, name)]


def kept(outbox: Outbox) -> Target:
    with outbox.db.begin() as session:
        return session.exec(select(Target).where(Target.name == "backlog")).one()


def push(outbox: Outbox, *, first: int = 0, count: int = 1) -> None:
    """Accept suggestions, and hand over what is due."""
    accept_suggestions(outbox.db, count, first=first)
    outbox.run()


def try_again(outbox: Outbox) -> None:
    """Let as much time pass as a target is left alone for, and hand over what is due; the news at once."""
    outbox.later(hours=7)
    outbox.run()
    outbox.run()


def look(outbox: Outbox) -> None:
    with outbox.db.begin() as session:
        session.execute(text("UPDATE delivery SET look_at = clock_timestamp() WHERE look_at IS NOT NULL"))
    track.run(outbox.db, MAIN, outbox.connect, public_url="https://koe.example.com/")
    outbox.run()


class TestATargetThatRefuses:
    def test_is_told_once_however_often_it_is_tried_and_once_that_it_works_again(
        self, outbox: Outbox, backlog: Backlog
    ) -> None:
        backlog.fails = REVOKED
        push(outbox, count=3)
        outbox.run()
        assert events(outbox) == ["target.paused"]
        for _ in range(4):
            try_again(outbox)
        assert events(outbox) == ["target.paused"]
        backlog.fails = None
        try_again(outbox)
        assert events(outbox) == ["target.paused", "target.resumed"]
        assert (len(backlog.kept), kept(outbox).refuses_since, kept(outbox).held_reason) == (3, None, None)
        push(outbox, first=3)
        assert len(events(outbox)) == 2
        backlog.fails = Refused("the project is gone", status=404)
        push(outbox, first=4)
        try_again(outbox)
        assert events(outbox) == ["target.paused", "target.resumed", "target.paused"]
        backlog.fails = None
        try_again(outbox)
        assert events(outbox)[3:] == ["target.resumed"]
        assert len(backlog.kept) == 5

    def test_is_told_to_all_who_hear_of_it_with_the_reason_and_not_to_itself(
        self, outbox: Outbox, backlog: Backlog
    ) -> None:
        backlog.fails = Refused("it refused Hana <hana@example.com>")
        push(outbox)
        outbox.run()
        assert told(outbox, "channel") == told(outbox, "program")
        [news] = told(outbox, "program")
        assert news.data == {
            "target_id": kept(outbox).id,
            "target": "backlog",
            "kind": "backlog-file",
            "since": news.data["since"],
            "reason": "it refused Hana <[email]>",
            "waiting": 1,
            "link": f"https://koe.example.com/targets/{kept(outbox).id}",
        }
        assert (events(outbox, "backlog"), events(outbox, "curious")) == ([], [])

    def test_that_hears_of_targets_itself_is_not_told_of_itself(self, outbox: Outbox) -> None:
        channel = Backlog()
        outbox.target("channel", channel, kind="webhook")
        channel.fails = REVOKED
        push(outbox)
        with outbox.db.begin() as session:
            news = session.exec(select(Delivery).where(col(Delivery.event).startswith("target."))).all()
        assert list(news) == []

    @pytest.mark.parametrize("passing", [RetryLater("busy"), RetryLater("it cannot be reached")])
    def test_is_none_that_is_only_busy_or_down(
        self, outbox: Outbox, backlog: Backlog, passing: RetryLater
    ) -> None:
        backlog.fails = passing
        push(outbox, count=6)
        for _ in range(3):
            try_again(outbox)
        assert events(outbox) == []
        assert kept(outbox).setbacks >= 5

    def test_is_none_where_one_thing_alone_is_refused(self, outbox: Outbox, backlog: Backlog) -> None:
        backlog.refuses_to_take = Refused("this text is too long")
        push(outbox)
        outbox.run()
        assert (events(outbox), kept(outbox).refuses_since) == ([], None)

    def test_is_one_where_one_thing_after_the_other_is_refused(
        self, outbox: Outbox, backlog: Backlog
    ) -> None:
        backlog.refuses_to_take = Refused("a field is missing")
        push(outbox, count=5)
        outbox.run()
        assert events(outbox) == ["target.paused"]
        with outbox.db.begin() as session:
            deliver.note_that_works(session, MAIN, kept(outbox).id, public_url=None)
        try_again(outbox)
        assert events(outbox) == ["target.paused"], "it says that it works, and does not"
        backlog.refuses_to_take = None
        try_again(outbox)
        assert events(outbox) == ["target.paused", "target.resumed"]


class TestATargetToWhichNothingWaits:
    def test_is_found_out_by_looking_and_resumes_by_looking(self, outbox: Outbox, backlog: Backlog) -> None:
        push(outbox, count=2)
        backlog.fails = REVOKED
        for _ in range(3):
            look(outbox)
        assert events(outbox) == ["target.paused"]
        assert kept(outbox).held_reason == str(REVOKED)
        backlog.fails = None
        look(outbox)
        assert events(outbox) == ["target.paused", "target.resumed"]

    def test_resumes_by_what_arrives(self, outbox: Outbox, backlog: Backlog) -> None:
        push(outbox)
        backlog.fails = REVOKED
        look(outbox)
        backlog.fails = None
        push(outbox, first=1)
        outbox.run()
        assert events(outbox) == ["target.paused", "target.resumed"]

    def test_resumes_when_a_person_finds_that_it_works(self, outbox: Outbox, backlog: Backlog) -> None:
        push(outbox)
        backlog.fails = REVOKED
        look(outbox)
        backlog.fails = None
        with outbox.db.begin() as session:
            deliver.note_that_works(session, MAIN, kept(outbox).id, public_url=None)
        outbox.run()
        assert events(outbox) == ["target.paused", "target.resumed"]

    def test_is_forgotten_with_the_target(self, outbox: Outbox, backlog: Backlog) -> None:
        push(outbox)
        backlog.fails = REVOKED
        look(outbox)
        with outbox.db.begin() as session:
            deliver.remove_target(session, targets.get_target(session, MAIN, "backlog"), give_up=True)
            assert targets.refusing(session, MAIN) == []
        backlog.fails = None
        outbox.run()
        assert events(outbox) == ["target.paused"]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_pages_say_so_as_long_as_it_lasts(
    outbox: Outbox, backlog: Backlog, language: str, reader: Callable[[str], httpx.Client]
) -> None:
    backlog.fails = REVOKED
    push(outbox)
    with open_pages(outbox.db) as address:
        pages = reader(address)
        headers = {"accept-language": language}
        for path in ("/themes", "/deliveries"):
            said = pages.get(path, headers=headers).text
            assert [word in said for word in ('role="alert"', "backlog", str(REVOKED))] == [True] * 3, path
        backlog.fails = None
        try_again(outbox)
        for path in ("/themes", "/deliveries"):
            assert 'role="alert"' not in pages.get(path, headers=headers).text
