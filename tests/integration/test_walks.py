"""Sources that are asked for what they hold: all of it, what calls told of, and what was taken back."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from connectors.errors import Refused, RetryLater
from connectors.ports import Company, Event, Heard, Page, Said, Unsaid, Withdrawn
from service.connections import fetch_now
from service.db import Database
from service.errors import Unavailable
from service.models import MAIN, Hint, InboxEntry, Item
from service.pipeline import fetch, ingest
from service.pipeline.run import take_in
from service.repositories import sources, walks
from tests.walking import Scripted, add, begun, due_now, heard, scripted, voices


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

    @pytest.mark.parametrize(("same", "asked"), [("the cursor", 2), ("the items", 3)])
    def test_that_have_no_end_are_told_of(self, db: Database, same: str, asked: int) -> None:
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
        assert (len(port.asked), report.failed) == (asked, 1)
        with db.begin() as session:
            walk = walks.walk_of(session, source.id)
            assert walk is not None
            assert walk.reason is not None
            assert "again and again" in walk.reason
            assert walk.next_at > datetime.now(UTC) + timedelta(minutes=10)

    def test_whose_page_tells_all_of_the_one_before_once_more_go_on(self, db: Database) -> None:
        begun(db)
        port = scripted([[heard(1), heard(2)], [heard(1), heard(2)], [heard(3)], [heard(3)], [heard(4)]])
        report = fetch.run(db, MAIN, lambda _: port)
        assert (report.done, report.failed, report.notes) == (7, 0, ())

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

    def test_of_several_sources_take_turns(self, db: Database) -> None:
        for name in ("alpha", "zeta"):
            begun(db, name=name)
        asked: list[str] = []

        class Noting(Scripted):
            def page(self, since: datetime | None, cursor: str | None) -> Page:
                asked.append(self.title)
                return super().page(since, cursor)

        ports = {
            name: Noting(pages=[[heard(1)], [heard(2)]], asked=[], items={}) for name in ("alpha", "zeta")
        }
        for name, port in ports.items():
            port.title = name
        fetch.run(db, MAIN, lambda source: ports[source.name])
        assert asked == ["alpha", "zeta", "alpha", "zeta"]

    def test_begin_with_whoever_is_due_for_longest(self, db: Database) -> None:
        for name in ("alpha", "zeta"):
            begun(db, name=name)
        with db.begin() as session:
            session.execute(
                text(
                    "UPDATE walk SET next_at = next_at - interval '1 hour'"
                    " FROM source WHERE source.id = source_id AND source.name = 'zeta'"
                )
            )
            assert [each.name for each in walks.sources_that_can(session, MAIN)] == ["zeta", "alpha"]

    def test_from_a_day_on_leave_nothing_out_that_is_owed(self, db: Database) -> None:
        source = begun(db)
        busy = scripted([[heard(1)], RetryLater("busy")])
        fetch.run(db, MAIN, lambda _: busy)
        with db.begin() as session:
            found = sources.get_source(session, MAIN, source.name)
            fetch_now(session, found, since=datetime.now(UTC) - timedelta(days=1), now=datetime.now(UTC))
        port = scripted([[heard(1), heard(2)]])
        fetch.run(db, MAIN, lambda _: port)
        assert port.asked == [(None, None)]


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
