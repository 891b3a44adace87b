"""Corrections by several people at once, and those that cannot be."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from nlp.labelers import FirstTextLabeler
from nlp.ports import Label
from service.errors import Conflict, NotFound, WrongUse
from service.models import MAIN, Organisation, Theme
from service.pipeline import correct, themes
from service.pipeline.undo import undo
from service.repositories import places
from service.rules.corrections import Wanted
from tests.desk import A, B, Desk, hear, members
from tests.waiting import one_waits, until


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
