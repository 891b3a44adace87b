"""What people change about themes: at once, in every later run, and taken back."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlmodel import select

from nlp.labelers import FirstTextLabeler
from nlp.ports import Label
from service.db import Database
from service.errors import Conflict, NotFound, WrongUse
from service.models import MAIN, Assignment, Correction, Organisation, Span, Theme
from service.models.columns import digest
from service.pipeline import correct, themes
from service.pipeline.correct import Done
from service.pipeline.undo import undo
from service.repositories import alarms, corrections, embeddings, overview, places
from service.repositories.lineage import list_lineage
from service.repositories.runs import live_run
from service.repositories.themes import current_theme, list_themes
from service.rules.corrections import Wanted, in_words
from tests.integration.test_themes import EMBEDDER, TOKYO, World, voices
from tests.waiting import one_waits, until


class Desk(World):
    """A world with people who correct things."""

    def correct(
        self,
        op: str,
        *themes: str,
        spans: Sequence[str] = (),
        title: str | None = None,
        by: str = "Aki",
        seen: dict[str, int] | None = None,
    ) -> Correction:
        return self.make(op, *themes, spans=spans, title=title, by=by, seen=seen).correction

    def make(
        self,
        op: str,
        *themes: str,
        spans: Sequence[str] = (),
        title: str | None = None,
        by: str = "Aki",
        seen: dict[str, int] | None = None,
    ) -> Done:
        wanted = Wanted(
            op=op, theme_ids=themes, span_ids=tuple(self.spans[name] for name in spans), title=title
        )
        with self.db.begin() as session:
            return correct.make(session, MAIN, wanted, by=by, seen=seen)

    def undo(self, correction: Correction, by: str = "Bo") -> Correction:
        with self.db.begin() as session:
            return undo(session, MAIN, correction.id, by=by)

    def conflict(self, correction: Correction) -> str | None:
        """Why a correction does not hold, in words."""
        with self.db.begin() as session:
            stored = corrections.get_correction(session, MAIN, correction.id)
        return in_words(stored.conflict) if stored.conflict else None

    def origins(self) -> dict[str, str]:
        """Where every voice is by whose word."""
        names = {span_id: name for name, span_id in self.spans.items()}
        with self.db.begin() as session:
            run = live_run(session, MAIN)
            assert run is not None
            rows = session.exec(select(Assignment).where(Assignment.run_id == run.id)).all()
        return {names[row.span_id]: row.origin for row in rows}


A, B = voices("a", 0, 20), voices("b", 0, 10)


@pytest.fixture
def desk(db: Database) -> Desk:
    """Twenty voices about login (a00…) and ten about invoices (b00…) in two themes, and one in none."""
    desk = Desk(db)
    for number in range(20):
        desk.say(f"a{number:02d}", f"Cannot log in {number}")
    for number in range(10):
        desk.say(f"b{number:02d}", f"Invoice is wrong {number}")
    desk.say("x", "Something else")
    desk.group([A, B], unthemed=["x"])
    desk.take()
    return desk


@pytest.fixture
def login(desk: Desk) -> str:
    return desk.where("theme_id")["a00"]


@pytest.fixture
def invoices(desk: Desk) -> str:
    return desk.where("theme_id")["b00"]


def members(where: dict[str, str], theme: str) -> list[str]:
    return sorted(name for name, found in where.items() if found == theme)


class TestVoicesGoElsewhere:
    def test_moved_voices_are_there_at_once_in_every_run_and_back_when_it_is_taken_back(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        before = desk.where("theme_id")
        moved = desk.correct("move", invoices, spans=["a00", "a01", "x"])
        assert members(desk.where("theme_id"), invoices) == sorted(["a00", "a01", "x", *B])
        assert {name for name, origin in desk.origins().items() if origin == "person"} == {"a00", "a01", "x"}
        for groups in ([A, B, ["x"]], [B, A, ["x"]], [A[:10], [*A[10:], "x"], B]):
            desk.group(groups)
            where = desk.take()
            assert set(members(where, invoices)) == {"a00", "a01", "x", *B}
            assert desk.origins()["a00"] == "person"
            assert desk.conflict(moved) is None
        desk.undo(moved)
        assert desk.where("theme_id")["a00"] == login
        desk.group([A, B], unthemed=["x"])
        assert desk.take() == before
        assert set(desk.origins().values()) == {"model"}

    def test_moved_to_none_voices_stay_in_none(self, desk: Desk) -> None:
        desk.correct("move", spans=["a00"])
        desk.group([A, B], unthemed=["x"])
        assert "a00" not in desk.take()

    def test_a_theme_that_is_left_without_voices_leads_on_and_comes_back(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        moved = desk.correct("move", login, spans=B)
        gone = desk.theme(invoices)
        assert (gone.retired, gone.successor_id) == (True, login)
        desk.undo(moved)
        assert not desk.theme(invoices).retired
        assert members(desk.where("theme_id"), invoices) == B

    def test_of_two_moves_the_later_counts_and_taken_back_in_any_order_all_is_as_it_was(
        self, desk: Desk, invoices: str
    ) -> None:
        before = desk.where("theme_id")
        first = desk.correct("move", invoices, spans=["a00", "a01"])
        second = desk.correct("move", spans=["a00"])
        desk.group([A, B], unthemed=["x"])
        desk.take()
        assert desk.conflict(first) == (
            f"1 of its 2 voices were put elsewhere by the later correction {second.id}."
        )
        desk.undo(first)
        assert "a00" not in desk.where("theme_id")
        desk.undo(second)
        assert desk.where("theme_id") == before

    def test_what_a_later_correction_holds_stays_when_the_earlier_is_taken_back(self, desk: Desk) -> None:
        before = desk.where("theme_id")
        moved = desk.correct("move", spans=["a00", "a01"])
        ignored = desk.correct("ignore", spans=["a00"])
        again = desk.correct("move", spans=["a00"])
        desk.undo(moved)
        assert "a00" not in desk.where("theme_id")
        assert desk.where("theme_id")["a01"] == before["a01"]
        desk.undo(again)
        assert "a00" not in desk.where("theme_id")
        with desk.db.begin() as session:
            rows = session.exec(select(Assignment).where(Assignment.ignored)).all()
        assert [row.span_id for row in rows] == [desk.spans["a00"]]
        desk.undo(ignored)
        assert desk.where("theme_id") == before

    def test_what_belongs_together_by_a_later_correction_stays_together(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        moved = desk.correct("move", invoices, spans=["a00"])
        linked = desk.correct("must_link", spans=["a00", "b00"])
        desk.undo(moved)
        assert desk.where("theme_id")["a00"] == invoices
        desk.undo(linked)
        assert desk.where("theme_id")["a00"] == login

    def test_a_theme_that_is_taken_back_keeps_no_voice(self, desk: Desk, login: str) -> None:
        made = desk.correct("create", spans=["a00", "a01"], title="Odd logins")
        desk.correct("must_link", spans=["a00", "a01"])
        desk.undo(made)
        assert members(desk.where("theme_id"), login) == A

    def test_a_voice_that_was_cut_anew_is_known_by_what_it_says(self, desk: Desk, invoices: str) -> None:
        moved = desk.correct("move", invoices, spans=["a00"])
        with desk.db.begin() as session:
            old = session.exec(select(Span).where(Span.id == desk.spans["a00"])).one()
            new = Span.model_validate({**old.model_dump(), "id": digest("cut anew")})
            session.delete(old)
            session.flush()
            session.add(new)
        desk.spans["a00"] = digest("cut anew")
        desk.group([A, B], unthemed=["x"])
        assert desk.take()["a00"] == invoices
        assert desk.conflict(moved) is None

    def test_voices_that_are_gone_are_told_and_the_correction_is_kept(
        self, desk: Desk, invoices: str
    ) -> None:
        moved = desk.correct("move", invoices, spans=["a00"])
        with desk.db.begin() as session:
            session.delete(session.exec(select(Span).where(Span.id == desk.spans.pop("a00"))).one())
        desk.group([A[1:], B], unthemed=["x"])
        desk.take()
        assert desk.conflict(moved) == "1 of its 1 voices are no longer there."

    def test_ignored_voices_are_in_no_theme_and_no_figure(self, desk: Desk, login: str) -> None:
        ignored = desk.correct("ignore", spans=["a00", "a01"])
        desk.group([A, B], unthemed=["x"])
        assert members(desk.take(), login) == A[2:]
        with desk.db.begin() as session:
            rows = session.exec(select(Assignment).where(Assignment.ignored)).all()
        assert {row.span_id for row in rows} >= {desk.spans["a00"], desk.spans["a01"]}
        desk.undo(ignored)
        assert members(desk.where("theme_id"), login) == A


class TestLinks:
    def test_voices_that_belong_together_are_together_in_every_run(self, desk: Desk, login: str) -> None:
        linked = desk.correct("must_link", spans=["a00", "a01", "b00"])
        assert desk.where("theme_id")["b00"] == login
        desk.group([A, B], unthemed=["x"])
        assert desk.take()["b00"] == login
        desk.undo(linked)
        assert desk.where("theme_id")["b00"] != login

    def test_voices_that_do_not_are_not(self, desk: Desk) -> None:
        desk.correct("cannot_link", spans=["a00", "a05"])
        assert len({"a00", "a05"} & set(desk.where("theme_id"))) == 1
        desk.group([A, B], unthemed=["x"])
        assert len({"a00", "a05"} & set(desk.take())) == 1

    def test_who_says_the_opposite_of_another_is_told(self, desk: Desk) -> None:
        desk.correct("must_link", spans=["a00", "b00"])
        desk.correct("must_link", spans=["b00", "x"])
        with pytest.raises(Conflict, match=r"Aki said the opposite on .* take that back first"):
            desk.correct("cannot_link", spans=["x", "a00"], by="Bo")

    def test_themes_that_are_not_one_stay_two(self, desk: Desk, login: str, invoices: str) -> None:
        apart = desk.correct("cannot_link", login, invoices)
        desk.group([[*A, *B]], unthemed=["x"])
        where = desk.take()
        assert members(where, login) == A
        assert members(where, invoices) == B
        desk.undo(apart)
        desk.group([[*A, *B]], unthemed=["x"])
        assert len(set(desk.take().values())) == 1


class TestThemesMadeByHand:
    def test_a_theme_made_by_hand_lasts_and_goes_when_it_is_taken_back(self, desk: Desk) -> None:
        before = desk.where("theme_id")
        made = desk.correct("create", spans=["a00", "a01", "x"], title="Odd logins")
        (theme_id,) = made.theme_ids
        assert members(desk.where("theme_id"), theme_id) == ["a00", "a01", "x"]
        assert desk.theme(theme_id).title == "Odd logins"
        desk.group([B, A], unthemed=["x"])
        assert members(desk.take(), theme_id) == ["a00", "a01", "x"]
        assert desk.theme(theme_id).title == "Odd logins"
        assert desk.conflict(made) is None
        desk.undo(made)
        assert desk.theme(theme_id).retired
        desk.group([A, B], unthemed=["x"])
        assert desk.take() == before

    def test_it_is_filled_with_the_voices_like_the_chosen_ones(self, desk: Desk, login: str) -> None:
        place_on_a_line(desk, {name: 0.5 if name in A[10:] else 0.0 for name in A})
        made = desk.correct("create", spans=A[10:13], title="Second half")
        assert members(desk.where("theme_id"), made.theme_ids[0]) == A[10:]
        assert {desk.origins()[name] for name in A[10:13]} == {"person"}
        assert {desk.origins()[name] for name in A[13:]} == {"model"}
        desk.undo(made)
        assert members(desk.where("theme_id"), login) == A

    def test_what_rests_on_it_is_taken_back_first(self, desk: Desk) -> None:
        made = desk.correct("create", spans=["a00", "x"], title="Odd logins")
        renamed = desk.correct("rename", *made.theme_ids, title="Odder logins", by="Chi")
        with pytest.raises(Conflict, match="Chi corrected “Odder logins” since"):
            desk.undo(made)
        desk.undo(renamed)
        assert desk.theme(made.theme_ids[0]).title == "Odd logins"
        assert desk.undo(made).undone_by == "Bo"
        assert desk.undo(made, by="Chi").undone_by == "Bo"

    def test_chosen_voices_leave_their_theme_and_stay_away(self, desk: Desk, login: str) -> None:
        split = desk.correct("split", login, spans=A[:4])
        part = split.theme_ids[1]
        assert members(desk.where("theme_id"), part) == A[:4]
        desk.group([A, B], unthemed=["x"])
        assert members(desk.take(), part) == A[:4]
        assert desk.conflict(split) is None
        desk.undo(split)
        assert members(desk.where("theme_id"), login) == A

    def test_a_sub_theme_becomes_a_theme_and_keeps_its_id(self, desk: Desk, login: str) -> None:
        desk.group([A, B], unthemed=["x"], subgroups=[A[:5], A[5:]])
        desk.take()
        part = desk.where("subtheme_id")["a00"]
        split = desk.correct("split", part)
        assert split.theme_ids == [login, part]
        assert members(desk.where("theme_id"), part) == A[:5]
        assert desk.theme(part).parent_id is None
        desk.group([A, B], unthemed=["x"], subgroups=[A[:5], A[5:]])
        assert members(desk.take(), part) == A[:5]
        desk.undo(split)
        assert desk.theme(part).parent_id == login
        assert members(desk.where("theme_id"), login) == A

    @pytest.mark.parametrize("when", ["at once", "after a run"])
    @pytest.mark.parametrize("op", ["create", "merge", "split"])
    def test_what_was_taken_back_is_not_in_the_lineage(
        self, desk: Desk, login: str, invoices: str, op: str, when: str
    ) -> None:
        def told() -> list[tuple[str, list[str], list[str], float]]:
            with desk.db.begin() as session:
                rows = list_lineage(session, MAIN)
            return sorted((row.event, row.from_ids, row.to_ids, row.overlap) for row in rows)

        before = told()
        made = {
            "create": lambda: desk.correct("create", spans=["a00", "a01"], title="Odd logins"),
            "merge": lambda: desk.correct("merge", login, invoices),
            "split": lambda: desk.correct("split", login, spans=A[:4]),
        }[op]()
        with_it = told()
        assert len(with_it) == len(before) + 1
        (event,) = [each for each in with_it if each not in before]
        if when == "after a run":
            desk.group([A, B], unthemed=["x"])
            desk.take()
        count = told().count(event)
        desk.undo(made)
        assert told().count(event) == count - 1

    def test_a_merge_into_a_pinned_theme_lasts(self, desk: Desk, login: str, invoices: str) -> None:
        desk.correct("pin", invoices)
        merged = desk.correct("merge", login, invoices)
        assert merged.theme_ids == [invoices, login]
        for _ in range(2):
            desk.group([A, B], unthemed=["x"])
            assert members(desk.take(), invoices) == [*A, *B]
            assert desk.conflict(merged) is None

    def test_a_merged_theme_can_be_split_again_and_a_split_that_is_merged_is_told(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        desk.correct("merge", login, invoices)
        split = desk.correct("split", login, spans=B)
        merged = desk.correct("merge", login, split.theme_ids[1], by="Chi")
        desk.group([A, B], unthemed=["x"])
        assert members(desk.take(), login) == [*A, *B]
        assert desk.conflict(split) == (
            f"Its theme was merged into another by the later correction {merged.id}."
        )


class TestWords:
    def test_a_name_that_a_person_gave_lasts(self, desk: Desk, login: str) -> None:
        own = desk.theme(login).title
        renamed = desk.correct("rename", login, title="Signing in fails")
        assert desk.theme(login).title == "Signing in fails"
        assert desk.theme(login).titles == {"en": "Signing in fails", "ja": None}
        again = desk.correct("rename", login, title="Login fails")
        desk.group([B, A], unthemed=["x"])
        desk.take()
        assert desk.theme(login).title == "Login fails"
        desk.undo(renamed)
        assert desk.theme(login).title == "Login fails"
        desk.undo(again)
        assert desk.theme(login).title == own

    def test_where_the_theme_has_ended_the_name_is_told_with_what_it_became(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        renamed = desk.correct("rename", invoices, title="Bills")
        desk.group([[*A, *B]], unthemed=["x"])
        desk.take()
        assert desk.conflict(renamed) == f"Its theme ended in a run; most of it is in the theme {login} now."

    def test_a_pinned_theme_is_never_merged_away_and_never_dies(self, desk: Desk, invoices: str) -> None:
        pinned = desk.correct("pin", invoices)
        desk.group([[*A, *B]], unthemed=["x"])
        assert members(desk.take(), invoices) == B
        with desk.db.begin() as session:
            for name in B:
                session.delete(session.exec(select(Span).where(Span.id == desk.spans.pop(name))).one())
        desk.group([A], unthemed=["x"])
        desk.take()
        assert not desk.theme(invoices).retired
        assert desk.conflict(pinned) is None
        assert ("death", [invoices], [], 0.0) not in desk.events()
        desk.undo(pinned)
        desk.group([A[::-1]], unthemed=["x"])
        desk.take()
        assert desk.theme(invoices).retired

    @pytest.mark.parametrize("op", ["pin", "ignore"])
    def test_what_was_not_carried_out_leaves_no_mark(self, desk: Desk, invoices: str, op: str) -> None:
        with desk.db.begin() as session:
            refused = Correction(
                id=digest("refused"),
                organisation_id=MAIN,
                op=op,
                theme_ids=[invoices],
                by="Chi",
                at=datetime.now(UTC),
                conflict={"reason": "refused", "words": "It was refused."},
            )
            session.add(refused)
        desk.undo(desk.correct(op, invoices))
        theme = desk.theme(invoices)
        assert (theme.pinned, theme.ignored) == (False, False)

    def test_an_ignored_theme_is_in_no_list_and_still_there(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        ignored = desk.correct("ignore", invoices)
        desk.group([[*A, *B]], unthemed=["x"])
        desk.take()
        with desk.db.begin() as session:
            listed = [each.theme.id for each in list_themes(session, MAIN, zone=TOKYO)]
            assert current_theme(session, MAIN, invoices).id == invoices
            run = live_run(session, MAIN)
            assert run is not None
            long_ago, one_day = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
            rests_on = alarms.said(session, MAIN, run.id, since=long_ago, until=one_day)
            assert overview.share(session, MAIN).ignored == len(B)
        assert listed == [login]
        assert {each.theme_id for each in rests_on} == {login}
        desk.undo(ignored)
        with desk.db.begin() as session:
            assert len(list_themes(session, MAIN, zone=TOKYO)) == 2


class TestSeveralPeople:
    def test_a_theme_that_was_merged_a_moment_ago_is_followed_and_it_is_said(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        desk.correct("merge", login, invoices)
        done = desk.make("rename", invoices, title="All of it", by="Bo", seen={invoices: 0})
        assert [(old.id, new.id) for old, new in done.followed] == [(invoices, login)]
        assert desk.theme(login).title == "All of it"

    def test_the_second_is_told_and_nothing_is_overwritten(self, desk: Desk, login: str) -> None:
        seen = {login: desk.theme(login).version}
        desk.correct("rename", login, title="First", seen=seen)
        with pytest.raises(Conflict, match="Somebody else has just changed “First”"):
            desk.correct("rename", login, title="Second", by="Bo", seen=seen)
        assert desk.theme(login).title == "First"

    def test_of_two_at_the_same_moment_one_is_told(self, desk: Desk, login: str) -> None:
        seen = {login: desk.theme(login).version}

        def rename(title: str) -> str:
            try:
                desk.correct("rename", login, title=title, seen=seen)
            except Conflict:
                return "told"
            return "done"

        with ThreadPoolExecutor() as pool:
            with desk.db.begin() as session:
                places.lock_places(session, MAIN)
                both = [pool.submit(rename, title) for title in ("First", "Second")]
                until(lambda: one_waits(desk.db))
            assert sorted(each.result() for each in both) == ["done", "told"]

    def test_a_correction_made_while_a_run_gives_names_is_obeyed(self, desk: Desk, invoices: str) -> None:
        class Slow(FirstTextLabeler):
            corrected = False

            def label(self, groups: Sequence[Sequence[str]], *, lang: str) -> list[Label]:
                if not self.corrected:
                    self.corrected = True
                    desk.correct("move", invoices, spans=["a00"])
                return super().label(groups, lang=lang)

        desk.group([A, B], unthemed=["x"])
        themes.run(desk.db, MAIN, Slow())
        assert desk.where("theme_id")["a00"] == invoices

    def test_a_theme_that_is_found_while_a_run_gives_names_is_known_to_it(self, desk: Desk) -> None:
        class Slow(FirstTextLabeler):
            asked = 0

            def label(self, groups: Sequence[Sequence[str]], *, lang: str) -> list[Label]:
                self.asked += 1
                if self.asked == 1:
                    with desk.db.begin() as session:
                        session.add(Theme(id="found", organisation_id=MAIN, title="Found", lang="en"))
                return super().label(groups, lang=lang)

        desk.group([A, B], unthemed=["x"])
        themes.run(desk.db, MAIN, labeler := Slow())
        assert labeler.asked == 2
        with desk.db.begin() as session:
            assert session.get_one(Theme, "found").retired


class TestWhatCannotBe:
    def test_what_makes_no_sense_is_told(self, desk: Desk, login: str) -> None:
        desk.group([A, B], unthemed=["x"], subgroups=[A[:5], A[5:]])
        desk.take()
        part = desk.where("subtheme_id")["a00"]
        attempts: list[tuple[str, str, list[str], list[str]]] = [
            ("with itself", "merge", [login, login], []),
            ("part of a theme", "merge", [login, part], []),
            ("part of a theme", "pin", [part], []),
            ("part of a theme", "split", [part], ["a00"]),
            ("which voices", "split", [login], []),
            ("all of it", "split", [login], A),
            ("1 of these voices are not in", "split", [login], ["a00", "b00"]),
        ]
        for told, op, ids, spans in attempts:
            with pytest.raises(WrongUse, match=told):
                desk.make(op, *ids, spans=spans)
        with pytest.raises(NotFound):
            desk.make("rename", "nothing", title="T")
        assert desk.where("theme_id")["a00"] == login

    def test_themes_that_are_one_already_are_told(self, desk: Desk, login: str, invoices: str) -> None:
        merged = desk.correct("merge", login, invoices)
        assert desk.correct("merge", login, invoices).id == merged.id
        desk.undo(merged)
        desk.correct("move", login, spans=B)
        with pytest.raises(Conflict, match="one already"):
            desk.correct("merge", login, invoices)

    def test_another_merge_is_not_taken_for_the_one_that_is_asked_for(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        with desk.db.begin() as session:
            session.add(
                Theme(
                    id="old", organisation_id=MAIN, title="Old", lang="en", retired=True, successor_id=login
                )
            )
        desk.correct("merge", login, invoices)
        with pytest.raises(Conflict, match="one already"):
            desk.correct("merge", login, "old")

    def test_two_pinned_themes_are_not_merged(self, desk: Desk, login: str, invoices: str) -> None:
        desk.correct("pin", login)
        desk.correct("pin", invoices)
        with pytest.raises(Conflict, match="take the pin off"):
            desk.correct("merge", login, invoices)

    def test_what_belongs_to_another_organisation_is_not_there(self, desk: Desk, login: str) -> None:
        with desk.db.begin() as session:
            session.add(Organisation(id="north", name="North"))
        for wanted in (
            Wanted(op="rename", theme_ids=(login,), title="Ours"),
            Wanted(op="move", span_ids=(desk.spans["a00"],)),
        ):
            with desk.db.begin() as session, pytest.raises(NotFound):
                correct.make(session, "north", wanted, by="Eve")
        moved = desk.correct("move", spans=["a00"])
        with desk.db.begin() as session, pytest.raises(NotFound):
            undo(session, "north", moved.id, by="Eve")

    def test_thousands_of_voices_are_moved_at_once(self, desk: Desk, login: str) -> None:
        many = [f"m{number:04d}" for number in range(5000)]
        hear(desk, many)
        desk.group([A, B, many], unthemed=["x"])
        desk.take()
        moved = desk.correct("move", login, spans=many)
        assert len(members(desk.where("theme_id"), login)) == 5020
        desk.group([A, B, many], unthemed=["x"])
        assert len(members(desk.take(), login)) == 5020
        assert desk.conflict(moved) is None


def hear(desk: Desk, names: Sequence[str]) -> None:
    """Store so many voices in one item, by one statement each thousand."""
    desk.say(names[0], "many")
    with desk.db.begin() as session:
        item_id = session.exec(select(Span.item_id).where(Span.id == desk.spans[names[0]])).one()
        for number, name in enumerate(names[1:], start=1):
            desk.spans[name] = digest(item_id, str(number))
            session.add(
                Span(
                    id=desk.spans[name],
                    organisation_id=MAIN,
                    item_id=item_id,
                    start=number,
                    end=number + 1,
                    text=f"many {number}",
                    lang="en",
                    content_hash=digest(f"many {number}", length=32),
                )
            )


def place_on_a_line(desk: Desk, places_of: dict[str, float]) -> None:
    """Give voices vectors of so different directions, and the live run the reach of its groups."""
    with desk.db.begin() as session:
        rows = {
            session.exec(select(Span.content_hash).where(Span.id == desk.spans[name])).one(): place
            for name, place in places_of.items()
        }
        turned = np.array([[np.cos(place), np.sin(place)] for place in rows.values()], np.float32)
        embeddings.store(session, MAIN, EMBEDDER, list(rows), turned)
        run = live_run(session, MAIN)
        assert run is not None
        run.figures = {"reach": {EMBEDDER: 0.9}}


class TestTeaching:
    def test_voices_like_those_that_were_moved_follow_in_later_runs(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        place_on_a_line(desk, {name: 0.5 if name in A[10:] else 0.0 for name in A})
        moved = desk.correct("move", invoices, spans=A[10:14])
        for _ in range(2):
            desk.group([A, B], unthemed=["x"])
            where = desk.take()
            assert members(where, login) == A[:10]
            assert members(where, invoices) == [*A[10:], *B]
            assert {desk.origins()[name] for name in A[14:]} == {"model"}
        desk.undo(moved)
        desk.group([A, B], unthemed=["x"])
        assert members(desk.take(), login) == A

    def test_what_a_person_left_there_by_name_does_not_follow(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        place_on_a_line(desk, {name: 0.5 if name in A[10:] else 0.0 for name in A})
        desk.correct("move", invoices, spans=A[10:14])
        desk.correct("move", login, spans=[A[15]])
        desk.group([A, B], unthemed=["x"])
        assert A[15] in members(desk.take(), login)
