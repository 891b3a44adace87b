"""What people say about voices: at once, in every later run, and taken back."""

import pytest
from sqlmodel import select

from service.errors import Conflict
from service.models import Assignment, Span
from service.models.columns import digest
from tests.desk import A, B, Desk, members, place_on_a_line


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
