"""A run that waits beside the live one: what it changes (nothing), and what taking it does."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import col, select

from nlp.labelers import FirstTextLabeler
from service.db import Database
from service.errors import Conflict, NotFound
from service.exports import EXPORTS
from service.models import (
    Assignment,
    Delivery,
    Intervention,
    Item,
    Lineage,
    PreviewTheme,
    Run,
    Suggestion,
    Target,
    Theme,
)
from service.pipeline import cluster, correct, preview
from service.repositories import lineage, previews, runs, waiting
from service.repositories.themes import current_theme
from service.rules.freshness import is_run_due
from tests.integration.test_cluster import EMBEDDERS, ORG, Said, hear
from tests.integration.test_loop import digests
from tests.previewing import Company, Scripted


@pytest.fixture
def company(db: Database) -> Company:
    return Company(db)


def events(company: Company, run_id: str) -> list[tuple[str, int, int]]:
    """Return each event of a run with how many themes it had before and after."""
    with company.db.begin() as session:
        return sorted(
            (each.event, len(each.from_ids), len(each.to_ids))
            for each in previews.events(session, ORG, run_id)
        )


class TestMaking:
    def test_changes_nothing_that_anybody_sees(self, company: Company, tmp_path: Path) -> None:
        before = digests(company.db, tmp_path / "before")
        company.preview({**company.apart("a"), **company.together("b", "c")})
        assert len(before) == len(EXPORTS)
        assert digests(company.db, tmp_path / "after") == before
        assert company.live().ordinal == 1

    def test_tells_what_would_become_of_the_themes(self, company: Company) -> None:
        report = company.preview({**company.apart("a"), **company.together("b", "c")})
        assert events(company, company.waiting().id) == [("merge", 2, 1), ("split", 1, 2)]
        assert "0 would go on, 1 would split, 1 would be made of several" in report.notes[1]

    def test_names_the_themes_that_would_be_born(self, company: Company) -> None:
        company.preview(company.apart("a"))
        with company.db.begin() as session:
            found = previews.list_themes(session, ORG, company.waiting().id)
            known = set(session.exec(select(Theme.id)))
        assert len(found) == 4
        assert len([each for each in found if each.theme_id not in known]) == 1
        assert len({each.title for each in found}) == 4

    def test_a_second_one_takes_the_place_of_the_first(self, company: Company) -> None:
        company.preview(company.apart("a"))
        first = company.waiting()
        report = company.preview(company.apart("b"), seed=98)
        assert company.waiting().id != first.id
        assert report.notes[-1] == "It takes the place of the preview that waited."
        with company.db.begin() as session:
            gone = runs.get_run(session, ORG, first.id)
            left = session.exec(select(PreviewTheme).where(PreviewTheme.run_id == first.id)).all()
        assert (gone.state, gone.decided_by, list(left)) == ("discarded", None, [])

    def test_is_not_made_twice_of_the_very_same(self, company: Company) -> None:
        company.preview(company.apart("a"))
        made = company.waiting()
        again = company.preview(company.apart("a"))
        assert again.notes == ("The preview that waits has read the very same.",)
        assert company.waiting().created_at == made.created_at
        company.discard()
        company.preview(company.apart("a"))
        assert company.waiting().id == made.id, "what was thrown away can be made again"

    def test_says_where_nothing_would_change(self, company: Company) -> None:
        report = company.preview({}, seed=company.seed)
        assert report.notes == ("Nothing would change: the live run has read the very same.",)
        with company.db.begin() as session:
            assert runs.preview_run(session, ORG) is None

    def test_of_nothing_is_none(self, db: Database) -> None:
        report = preview.run(db, ORG, EMBEDDERS, Scripted({}), FirstTextLabeler())
        assert report.notes == ("There is no span to group yet.",)

    def test_may_come_before_the_first_run(self, db: Database) -> None:
        hear(db, [Said(f"a{number}") for number in range(5)])
        scripted = Scripted({f"a{number}": 0 for number in range(5)})
        preview.run(db, ORG, EMBEDDERS, scripted, FirstTextLabeler())
        with db.begin() as session:
            found = runs.preview_run(session, ORG)
            assert found is not None
            taken = preview.accept_at_once(session, ORG, found.id, by="Aki")
            assert (taken.state, taken.ordinal) == ("live", 1)


class TestTaking:
    def test_makes_it_the_live_run_under_the_old_ids(self, company: Company) -> None:
        before = company.where()
        company.preview({**company.apart("a"), **company.together("b", "c")})
        taken = company.accept()
        after = company.where()
        assert (taken.state, taken.ordinal, taken.decided_by) == ("live", 2, "Aki")
        assert company.live().id == taken.id
        assert after["a0"] == before["a0"] != after["a9"]
        assert after["a9"] not in before.values()
        assert after["b0"] == after["c0"] in (before["b0"], before["c0"])
        with company.db.begin() as session:
            assert {each.run_id for each in lineage.list_lineage(session, ORG)} >= {taken.id}
            states = list(session.exec(select(Run.state).order_by(col(Run.ordinal))))
        assert states == ["superseded", "live"]

    def test_gives_the_names_that_were_shown(self, company: Company) -> None:
        company.preview(company.apart("a"))
        with company.db.begin() as session:
            shown = {
                each.theme_id: each.title for each in previews.list_themes(session, ORG, company.waiting().id)
            }
        company.accept()
        with company.db.begin() as session:
            named = {theme.id: theme.title for theme in session.exec(select(Theme)) if not theme.retired}
            assert list(session.exec(select(PreviewTheme))) == []
        assert named == shown

    def test_does_what_the_run_itself_would_have_done(
        self, company: Company, second_url: str, tmp_path: Path
    ) -> None:
        database = Database.at(second_url)
        other = Company(database)
        groups = {**company.apart("a"), **company.together("b", "c")}
        company.preview(groups)
        company.accept()
        other.said |= groups
        other.seed = 98
        other.run()
        ours, theirs = digests(company.db, tmp_path / "ours"), digests(database, tmp_path / "theirs")
        assert {name for name in ours if ours[name] != theirs[name]} == {"lineage"}, "it names the run"
        database.close()

    def test_twice_changes_nothing(self, company: Company) -> None:
        company.preview(company.apart("a"))
        waiting = company.waiting().id
        first = company.accept()
        second = company.accept(waiting)
        assert (second.ordinal, second.decided_at) == (first.ordinal, first.decided_at)

    def test_matches_with_the_themes_of_that_day_where_a_run_came_in_between(self, company: Company) -> None:
        before = company.where()
        company.preview(company.apart("a"))
        company.say("d0", "d1", "d2", "d3")
        company.run()
        between = company.where()
        with company.db.begin() as session:
            assert preview.is_behind(session, company.waiting())
        taken = company.accept()
        assert (taken.ordinal, company.live().id) == (3, taken.id)
        after = company.where()
        assert after["a0"] == before["a0"]
        with company.db.begin() as session:
            gone = session.get_one(Theme, between["d0"])
            assert (gone.retired, gone.successor_id) == (True, None)

    def test_leaves_what_came_since_to_be_placed_one_by_one(self, company: Company) -> None:
        company.preview(company.apart("a"))
        company.say("a10")
        with company.db.begin() as session:
            assert previews.unread(session, ORG, company.waiting()) == 1
        company.accept()
        with company.db.begin() as session:
            assert [item.text for item in session.exec(select(Item).where(col(Item.unplaced)))] == ["a10"]

    def test_is_refused_where_people_changed_themes_since(self, company: Company) -> None:
        company.preview(company.apart("a"))
        where = company.where()
        with company.db.begin() as session:
            correct.merge(session, ORG, where["b0"], where["c0"], by="Aki")
        with company.db.begin() as session:
            assert preview.is_behind(session, company.waiting())
        with pytest.raises(Conflict, match=r"People have changed themes since.*koe run --preview"):
            company.accept()
        assert company.live().ordinal == 1

    def test_obeys_the_corrections_of_before(self, company: Company) -> None:
        where = company.where()
        with company.db.begin() as session:
            correct.merge(session, ORG, where["b0"], where["c0"], by="Aki")
        company.preview(company.apart("a"))
        company.accept()
        after = company.where()
        assert after["b0"] == after["c0"]
        assert after["a9"] != after["a0"]

    def test_does_not_wait_for_a_run_that_is_at_work(self, company: Company) -> None:
        company.preview(company.apart("a"))
        with company.db.begin() as at_work:
            runs.lock_runs(at_work, ORG, wait=True)
            with pytest.raises(Conflict, match="A run is at work"):
                company.accept()
        assert company.accept().state == "live"

    def test_lets_what_follows_on_themes_be_done_soon(self, company: Company) -> None:
        with company.db.begin() as session:
            assert not is_run_due(waiting.freshness(session, ORG))
        company.preview(company.apart("a"))
        company.accept()
        with company.db.begin() as session:
            assert is_run_due(waiting.freshness(session, ORG))
            preview.note_followed(session, ORG)
        with company.db.begin() as session:
            assert not is_run_due(waiting.freshness(session, ORG))

    def test_lasts_until_something_is_new(self, company: Company) -> None:
        groups = company.apart("a")
        company.preview(groups)
        company.accept()
        report = cluster.run(company.db, ORG, EMBEDDERS, Scripted({**company.said, **groups}))
        assert report.notes == ("No span has changed since the last run.",), "the next run keeps its seed"

    def test_lets_old_links_lead_on(self, company: Company) -> None:
        before = company.where()
        company.preview(company.together("b", "c"))
        company.accept()
        with company.db.begin() as session:
            led = {current_theme(session, ORG, before[letter]).id for letter in ("b0", "c0")}
        assert led == {company.where()["b0"]}


class TestThrowingAway:
    def test_leaves_nothing_but_that_it_was_there(self, company: Company, tmp_path: Path) -> None:
        before = digests(company.db, tmp_path / "before")
        company.preview(company.apart("a"))
        gone = company.discard()
        assert (gone.state, gone.decided_by) == ("discarded", "Aki")
        assert company.discard(gone.id).decided_at == gone.decided_at
        with company.db.begin() as session:
            for table in (Assignment, Lineage, PreviewTheme):
                assert list(session.exec(select(table).where(col(table.run_id) == gone.id))) == []
        assert digests(company.db, tmp_path / "after") == before

    def test_cannot_be_undone_and_says_so(self, company: Company) -> None:
        company.preview(company.apart("a"))
        gone = company.discard()
        with pytest.raises(Conflict, match=r"thrown away\. Make another: koe run --preview"):
            company.accept(gone.id)


class TestWhatIsNoPreview:
    def test_is_neither_taken_nor_thrown_away(self, company: Company) -> None:
        first = company.live().id
        company.run()
        for decide in (company.accept, company.discard):
            with pytest.raises(Conflict, match="was live before"):
                decide(first)
            with pytest.raises(NotFound, match="no run nope"):
                decide("nope")
        with pytest.raises(Conflict, match="no preview"):
            company.discard(company.live().id)

    def test_runs_go_on_beside_a_preview_and_leave_it_as_it_is(self, company: Company) -> None:
        company.preview(company.apart("a"))
        waits = company.waiting()
        company.say("d0", "d1", "d2", "d3")
        company.run()
        assert company.waiting().model_dump(exclude={"changed_at"}) == waits.model_dump(
            exclude={"changed_at"}
        )
        assert company.live().ordinal == 2


def test_what_hangs_on_themes_is_counted(company: Company) -> None:
    where = company.where()
    now = datetime.now(UTC)
    with company.db.begin() as session:
        suggestion = Suggestion(
            id="s", organisation_id=ORG, theme_id=where["b0"], action="no_action", lang="en", confidence=1.0
        )
        target = Target(id="t", organisation_id=ORG, name="t", kind="memory")
        session.add_all([suggestion, target])
        session.flush()
        session.add(
            Delivery(
                id="d",
                organisation_id=ORG,
                subject_id="s",
                suggestion_id="s",
                target_id="t",
                created_at=now,
                next_at=now,
                updated_at=now,
            )
        )
        for name in ("first", "second"):
            session.add(
                Intervention(
                    id=name,
                    organisation_id=ORG,
                    intervention_id=name,
                    theme=where["b0"],
                    theme_id=where["b0"],
                    occurred_at=now,
                )
            )
    with company.db.begin() as session:
        found = previews.hanging(session, ORG, [where["a0"], where["b0"]])
        assert previews.hanging(session, "another", [where["b0"]]) == {}
    assert found == {where["b0"]: previews.Hanging(suggestions=1, deliveries=1, interventions=2)}
