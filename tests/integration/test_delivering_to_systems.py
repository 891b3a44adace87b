"""What happens between an approval and its delivery, and after: each theme is one thing there, and kept."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from service.db import Database
from service.models import MAIN, Assignment, Theme
from service.pipeline import decide, deliver, track
from tests.acting import GROUPS, KINDS, World
from tests.board import Fault
from tests.contract.targets import DoubledDesk, opened
from tests.live import open_pages
from tests.outbox import Outbox, accept_suggestions


@dataclass(kw_only=True)
class Pushing(Outbox):
    """An outbox of which everything goes to one system, and is tracked there."""

    desk: DoubledDesk = field(repr=False)

    @property
    def asked(self) -> int:
        """How often the system was asked so far."""
        return len(self.desk.board.asked)

    def look(self) -> None:
        """Look at what is due."""
        track.run(self.db, MAIN, self.connect)


@pytest.fixture(params=["jira", "linear"])
def pushing(request: pytest.FixtureRequest, db: Database) -> Iterator[Pushing]:
    with opened(request.param) as desk:
        outbox = Pushing(db=db, desk=desk)
        outbox.target(request.param, desk.target, kind=request.param)
        yield outbox


class TestATokenThatWasRevoked:
    def test_pauses_the_target_with_one_reason_and_is_asked_about_once_a_minute_at_most(
        self, pushing: Pushing
    ) -> None:
        accept_suggestions(pushing.db, 12)
        pushing.run()
        accept_suggestions(pushing.db, 12, first=12)
        pushing.desk.board.choose = lambda _: Fault.REVOKED
        report = pushing.run()
        assert report.failed == 1, "one was refused, and the others were not tried"
        [note] = report.notes
        assert "401" in note
        assert pushing.desk.secret not in note
        assert pushing.states() == ["delivered"] * 12 + ["paused"] * 12
        assert note.endswith(str(pushing.only_target().held_reason))
        before = pushing.asked
        for _ in range(60):
            pushing.later(minutes=1)
            pushing.run()
            pushing.look()
        assert pushing.asked - before <= 60

    def test_and_that_counts_again_lets_all_go_on_by_itself(self, pushing: Pushing) -> None:
        names = accept_suggestions(pushing.db, 5)
        pushing.desk.board.choose = lambda _: Fault.REVOKED
        for _ in range(30):
            pushing.run()
            pushing.later(minutes=1)
        assert pushing.desk.there() == []
        pushing.desk.board.choose = lambda _: None
        pushing.later(minutes=15)
        pushing.run()
        pushing.run()
        assert pushing.states() == ["delivered"] * 5
        titles = {pushing.desk.title(reference) for reference in pushing.desk.there()}
        assert titles == {f"Draft {name}" for name in names}
        assert pushing.only_target().held_reason is None


class TestWhatPeopleDoThere:
    def test_what_they_deleted_is_let_go_and_not_made_anew(self, pushing: Pushing) -> None:
        [name] = accept_suggestions(pushing.db, 1)
        pushing.run()
        [reference] = pushing.desk.there()
        pushing.desk.remove(reference)
        for _ in range(3):
            pushing.later(hours=2)
            pushing.look()
            with pushing.db.begin() as session:
                decide.accept(session, MAIN, name, by="Bo")
            pushing.run()
        assert pushing.desk.there() == []
        [delivery] = pushing.deliveries()
        assert (delivery.state, delivery.remote_state, delivery.look_at) == ("delivered", "gone", None)

    def test_what_they_wrote_stays(self, pushing: Pushing) -> None:
        accept_suggestions(pushing.db, 1)
        pushing.run()
        [reference] = pushing.desk.there()
        pushing.desk.change(reference, "Ours now.")
        for _ in range(3):
            pushing.later(hours=2)
            pushing.look()
            pushing.run()
        assert "Ours now." in pushing.desk.text(reference)
        assert pushing.desk.there() == [reference]


class TestTwoAtOnce:
    def test_who_accept_the_same_make_one_thing(self, pushing: Pushing) -> None:
        [name] = accept_suggestions(pushing.db, 1)
        with pushing.db.begin() as session:
            session.execute(text("UPDATE suggestion SET status = 'open', decided_by = NULL"))
        together = threading.Barrier(2)

        def accept(by: str) -> None:
            together.wait()
            with pushing.db.begin() as session:
                decide.accept(session, MAIN, name, by=by)
            pushing.run()

        people = [threading.Thread(target=accept, args=(by,)) for by in ("Aki", "Bo")]
        for person in people:
            person.start()
        for person in people:
            person.join()
        assert len(pushing.desk.there()) == 1
        assert pushing.states() == ["delivered"]
        assert [outcome for outcome, _ in pushing.told()] == ["delivered"]


class Approved(World):
    """A world in which two themes want a fix, and that of the first is approved and on its way."""

    def __init__(self, pushing: Pushing) -> None:
        super().__init__(pushing.db)
        with self.db.begin() as session:
            again = [(f"{asked}またです。", answered) for asked, answered in GROUPS["crash"]]
            self._theme(session, "hang", again)
        self.route()
        self.approved = self.accept("crash")

    def part(self, old: str, new: str, *spans: str) -> None:
        """Let some of a theme's voices be another theme."""
        with self.db.begin() as session:
            kept = session.get_one(Theme, old)
            session.add(Theme(**{**kept.model_dump(), "id": new, "title": f"{kept.title} ({new})"}))
            session.flush()
            for one in session.exec(select(Assignment).where(col(Assignment.span_id).in_(spans))):
                one.theme_id = new

    def merge(self, old: str, into: str) -> None:
        """Let a theme end, and all its voices be those of another."""
        with self.db.begin() as session:
            ended = session.get_one(Theme, old)
            ended.retired, ended.successor_id = True, into
            for one in session.exec(select(Assignment).where(Assignment.theme_id == old)):
                one.theme_id = into

    def fixes(self) -> dict[str, str]:
        """Return the themes for which a fix is suggested, and how that stands."""
        return {theme: one.status for theme, one in self.route().items() if one.action == "fix_product"}


class TestAThemeThatChangesOnTheWay:
    @pytest.fixture
    def approved(self, pushing: Pushing, monkeypatch: pytest.MonkeyPatch) -> Approved:
        monkeypatch.setitem(KINDS, "hang", "pain_point")
        return Approved(pushing)

    def arrives_once(self, pushing: Pushing, approved: Approved) -> None:
        """See that what was approved is one thing there, known here, with the way back."""
        for _ in range(2):
            deliver.run(pushing.db, MAIN, pushing.connect, public_url="https://koe.example.com")
        [delivery] = pushing.deliveries()
        assert (delivery.state, delivery.suggestion_id) == ("delivered", approved.approved)
        [reference] = pushing.desk.there()
        assert reference == delivery.reference
        assert f"koe.example.com/suggestions/{approved.approved}" in pushing.desk.text(reference)

    def test_by_splitting_is_one_thing_there(self, pushing: Pushing, approved: Approved) -> None:
        approved.part("crash", "crash-b", "crash-0", "crash-1", "crash-2")
        assert approved.fixes()["crash"] == "accepted"
        self.arrives_once(pushing, approved)

    def test_by_merging_into_another_is_one_thing_there_and_not_suggested_again(
        self, pushing: Pushing, approved: Approved
    ) -> None:
        approved.merge("crash", into="hang")
        assert approved.fixes() == {"crash": "accepted"}
        self.arrives_once(pushing, approved)
        assert approved.fixes() == {"crash": "delivered"}
        with open_pages(pushing.db) as address:
            page = httpx.get(f"{address}/themes/hang", trust_env=False, timeout=60).text
        assert f'href="/suggestions/{approved.approved}"' in page

    def test_by_taking_another_in_is_one_thing_there(self, pushing: Pushing, approved: Approved) -> None:
        approved.merge("hang", into="crash")
        assert approved.fixes() == {"crash": "accepted"}
        self.arrives_once(pushing, approved)

    def test_and_is_done_may_be_suggested_anew(self, pushing: Pushing, approved: Approved) -> None:
        approved.merge("crash", into="hang")
        self.arrives_once(pushing, approved)
        [reference] = pushing.desk.there()
        pushing.desk.finish(reference)
        pushing.later(hours=2)
        pushing.look()
        assert approved.fixes() == {"crash": "done", "hang": "open"}
