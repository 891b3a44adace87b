"""What people make of themes: by hand, in parts, under names; at once, in every later run, and taken back."""

from datetime import UTC, datetime

import pytest
from sqlmodel import select

from service.errors import Conflict
from service.models import MAIN, Correction, Span, ThemePair
from service.models.columns import digest
from service.repositories import alarms, overview, pairs
from service.repositories.lineage import list_lineage
from service.repositories.runs import live_run
from service.repositories.themes import current_theme, list_themes
from tests.desk import A, B, Desk, members, place_on_a_line
from tests.integration.test_themes import TOKYO


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

    def test_a_merge_whose_theme_a_run_ended_can_be_taken_back_and_later_runs_do_not_obey_it(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        made = desk.correct("create", spans=["x"], title="Something else")
        merged = desk.correct("merge", invoices, *made.theme_ids)
        desk.group([[*A, *B, "x"]])
        desk.take()
        assert (desk.theme(invoices).retired, desk.theme(invoices).successor_id) == (True, login)
        assert desk.undo(merged).undone_by == "Bo"
        desk.group([A, B], unthemed=["x"])
        where = desk.take()
        assert members(where, where["b00"]) == B
        assert members(where, *made.theme_ids) == ["x"]

    def test_a_split_that_is_taken_back_says_nothing_about_a_pair_that_others_decided(
        self, desk: Desk, login: str, invoices: str
    ) -> None:
        pair = ThemePair(
            id=pairs.pair_id(MAIN, login, invoices),
            organisation_id=MAIN,
            theme_id=login,
            other_id=invoices,
            likeness=0.5,
        )
        with desk.db.begin() as session:
            session.add(pair)
        desk.correct("merge", login, invoices)
        split = desk.correct("split", login, spans=B)
        assert set(split.theme_ids) == {login, invoices}, "it comes back under its id"
        desk.undo(split)
        with desk.db.begin() as session:
            assert pairs.get_pair(session, MAIN, pair.id).status == "merged"


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

    def test_where_it_became_nothing_that_is_told(self, desk: Desk, invoices: str) -> None:
        renamed = desk.correct("rename", invoices, title="Bills")
        desk.group([A], unthemed=[*B, "x"])
        desk.take()
        assert desk.conflict(renamed) == (
            "Its theme ended in a run; what was said about it is in no theme now."
        )

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
