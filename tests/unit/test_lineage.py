"""Identity over runs: scripted stories first, then what must hold for any regrouping."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.rules.lineage import Event, Matching, Step, heirs, match
from service.rules.matching import Grouping, Nearness


def voices(first: int, last: int) -> set[str]:
    return {f"v{number:04d}" for number in range(first, last)}


def regroup(
    themes: Mapping[str, set[str]],
    groups: Mapping[int, set[str]],
    *,
    unthemed_before: AbstractSet[str] = frozenset(),
    unthemed_now: AbstractSet[str] = frozenset(),
) -> Grouping:
    before = set().union(*themes.values(), unthemed_before)
    now = set().union(*groups.values(), unthemed_now)
    return Grouping(themes=themes, groups=groups, before=before, now=now)


def told(matching: Matching) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    return [(event.name, event.themes, event.groups) for event in matching.events]


class TestStories:
    def test_the_same_groups_again_continue_with_full_overlap(self) -> None:
        found = match(
            regroup({"a": voices(0, 50), "b": voices(50, 80)}, {0: voices(50, 80), 1: voices(0, 50)})
        )
        assert found.theme_of == {0: "b", 1: "a"}
        assert [(event.name, event.overlap) for event in found.events] == [("continue", 1.0)] * 2

    def test_new_voices_do_not_count_against_a_theme(self) -> None:
        found = match(regroup({"a": voices(0, 20)}, {0: voices(0, 200)}))
        assert found.events == (Event(name="continue", themes=("a",), groups=(0,), overlap=1.0),)

    def test_a_group_of_new_voices_is_born(self) -> None:
        found = match(regroup({"a": voices(0, 20)}, {0: voices(0, 20), 1: voices(20, 40)}))
        assert ("birth", (), (1,)) in told(found)
        assert 1 not in found.theme_of

    def test_a_group_of_voices_that_were_unthemed_is_born(self) -> None:
        grouping = regroup(
            {"a": voices(0, 20)}, {0: voices(0, 20), 1: voices(20, 40)}, unthemed_before=voices(20, 40)
        )
        assert ("birth", (), (1,)) in told(match(grouping))

    def test_a_theme_that_comes_apart_lives_on_in_its_largest_piece(self) -> None:
        found = match(regroup({"a": voices(0, 100)}, {0: voices(0, 40), 1: voices(40, 100)}))
        assert found.theme_of == {1: "a"}
        assert found.events == (Event(name="split", themes=("a",), groups=(1, 0), overlap=1.0),)

    def test_themes_that_join_live_on_as_the_largest(self) -> None:
        found = match(regroup({"a": voices(0, 60), "b": voices(60, 100)}, {7: voices(0, 100)}))
        assert found.theme_of == {7: "a"}
        assert found.successor == {"b": 7}
        assert found.events == (Event(name="merge", themes=("a", "b"), groups=(7,), overlap=1.0),)

    def test_many_small_themes_may_join_in_a_new_one(self) -> None:
        themes = {f"t{index:02d}": voices(10 * index, 10 * index + 10) for index in range(20)}
        found = match(regroup(themes, {0: voices(0, 200)}))
        assert found.theme_of == {}
        assert told(found) == [("merge", tuple(sorted(themes)), (0,))]
        assert set(found.successor) == set(themes)

    def test_a_theme_whose_voices_are_unthemed_now_dies_without_successor(self) -> None:
        grouping = regroup(
            {"a": voices(0, 20), "b": voices(20, 40)}, {0: voices(0, 20)}, unthemed_now=voices(20, 40)
        )
        found = match(grouping)
        assert ("death", ("b",), ()) in told(found)
        assert "b" not in found.successor

    def test_a_theme_that_scatters_dies_and_leads_to_where_most_of_it_went(self) -> None:
        themes = {"a": voices(0, 100), "b": voices(100, 300), "c": voices(300, 500), "d": voices(500, 700)}
        groups = {
            0: voices(100, 300) | voices(0, 20),
            1: voices(300, 500) | voices(20, 45),
            2: voices(500, 700) | voices(45, 65),
        }
        found = match(regroup(themes, groups, unthemed_now=voices(65, 100)))
        assert ("death", ("a",), (1,)) in told(found)
        assert found.successor["a"] == 1

    def test_a_theme_is_no_name_for_a_group_that_swallowed_it(self) -> None:
        grouping = regroup({"a": voices(0, 4)}, {0: voices(0, 100)}, unthemed_before=voices(4, 100))
        found = match(grouping)
        assert found.theme_of == {}
        assert told(found) == [("birth", (), (0,)), ("death", ("a",), (0,))]

    def test_a_theme_can_lose_a_piece_and_take_another_in_at_once(self) -> None:
        themes = {"a": voices(0, 100), "b": voices(100, 120)}
        found = match(regroup(themes, {0: voices(0, 80) | voices(100, 120), 1: voices(80, 100)}))
        assert found.theme_of == {0: "a"}
        assert told(found) == [("merge", ("a", "b"), (0,)), ("split", ("a",), (0, 1))]

    def test_pairs_are_chosen_so_that_most_voices_keep_their_theme(self) -> None:
        # Group 0 holds the larger part of both; named after "a" alone it would cost "b" its name.
        themes = {"a": voices(0, 100), "b": voices(100, 150)}
        found = match(regroup(themes, {0: voices(0, 55) | voices(100, 150), 1: voices(55, 100)}))
        assert found.theme_of == {0: "b", 1: "a"}
        assert told(found) == [("split", ("a",), (1, 0)), ("continue", ("b",), (0,))]


class TestHeirs:
    """Where the voices of a theme are after all that happened, run by run."""

    def test_of_a_chain_of_merges_is_the_last_theme(self) -> None:
        runs: list[list[Step]] = [[(("a", "b"), ("b",))], [], [(("b", "c"), ("c",))]]
        assert heirs("a", runs, living={"c", "d"}) == ["c"]
        assert heirs("b", runs, living={"c", "d"}) == ["c"]

    def test_of_a_merge_that_came_apart_later_are_all_the_pieces(self) -> None:
        runs: list[list[Step]] = [[(("a", "b"), ("b",))], [(("b",), ("b", "x", "y"))]]
        assert heirs("a", runs, living={"b", "x", "y"}) == ["b", "x", "y"]

    def test_what_came_off_the_successor_before_the_merge_is_none(self) -> None:
        runs: list[list[Step]] = [[(("b",), ("b", "x"))], [(("a", "b"), ("b",))]]
        assert heirs("a", runs, living={"b", "x"}) == ["b"]

    def test_a_piece_that_ended_since_leads_on(self) -> None:
        runs: list[list[Step]] = [[(("a", "b"), ("b",))], [(("b",), ("b", "x"))], [(("x", "c"), ("c",))]]
        assert heirs("a", runs, living={"b", "c"}) == ["b", "c"]

    def test_what_a_person_merged_after_a_run_is_followed_in_the_same_run(self) -> None:
        runs: list[list[Step]] = [[(("a",), ("x", "y")), (("y", "z"), ("z",))]]
        assert heirs("a", runs, living={"x", "z"}) == ["x", "z"]

    def test_of_a_theme_that_died_are_none(self) -> None:
        assert heirs("a", [[(("a",), ())]], living={"b"}) == []

    def test_of_themes_that_took_each_other_in_come_to_an_end(self) -> None:
        runs: list[list[Step]] = [[(("a", "b"), ("b",))], [(("b", "a"), ("a",))], [(("a",), ())]]
        assert heirs("a", runs, living=set()) == []
        assert heirs("b", runs[:2], living={"a"}) == ["a"]


class TestWhatMembersCannotSay:
    @staticmethod
    def alike(cosine: float) -> Nearness:
        def nearness(themes: Sequence[str], groups: Sequence[int]) -> npt.NDArray[np.float64]:
            return np.full((len(themes), len(groups)), cosine)

        return nearness

    def grouping(self) -> Grouping:
        return regroup({"a": voices(0, 50)}, {0: voices(100, 150)})

    def test_near_centroids_keep_a_theme_whose_spans_were_all_cut_anew(self) -> None:
        found = match(self.grouping(), nearness=self.alike(0.97))
        assert found.theme_of == {0: "a"}
        assert told(found) == [("continue", ("a",), (0,))]

    @pytest.mark.parametrize("cosine", [0.5, float("nan")])
    def test_centroids_apart_do_not(self, cosine: float) -> None:
        found = match(self.grouping(), nearness=self.alike(cosine))
        assert told(found) == [("birth", (), (0,)), ("death", ("a",), ())]

    def test_centroids_are_not_asked_where_members_can_say(self) -> None:
        grouping = regroup({"a": voices(0, 50)}, {0: voices(50, 90)}, unthemed_now=voices(0, 50))
        found = match(grouping, nearness=self.alike(1.0))
        assert found.theme_of == {}

    def test_a_theme_that_had_merged_comes_back_when_it_comes_apart_again(self) -> None:
        grouping = Grouping(
            themes={"a": voices(0, 100)},
            groups={0: voices(0, 60), 1: voices(60, 100)},
            before=voices(0, 100),
            now=voices(0, 100),
            retired={"b": voices(60, 100)},
        )
        found = match(grouping)
        assert found.theme_of == {0: "a", 1: "b"}
        assert told(found) == [("split", ("a",), (0, 1))]


Labels = list[int | None]
labels = st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=1, max_size=60)


def sets(of: Labels, *, shift: int = 0) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for place, label in enumerate(of):
        if label is not None:
            found.setdefault(label, set()).add(f"v{place + shift:04d}")
    return found


def any_regrouping(old: Labels, new: Labels, shift: int) -> Grouping:
    return Grouping(
        themes={f"t{label}": spans for label, spans in sets(old).items()},
        groups=sets(new, shift=shift),
        before={f"v{place:04d}" for place in range(len(old))},
        now={f"v{place + shift:04d}" for place in range(len(new))},
    )


class TestAnyRegrouping:
    @given(old=labels, new=labels, shift=st.integers(0, 30))
    def test_every_group_has_one_theme_and_every_theme_at_most_one_group(
        self, old: Labels, new: Labels, shift: int
    ) -> None:
        grouping = any_regrouping(old, new, shift)
        found = match(grouping)
        assert set(found.theme_of) <= set(grouping.groups)
        assert set(found.theme_of.values()) <= set(grouping.themes)
        assert len(set(found.theme_of.values())) == len(found.theme_of)
        assert not set(found.successor) & set(found.theme_of.values())

    @given(old=labels, new=labels, shift=st.integers(0, 30))
    def test_every_theme_and_every_group_is_told_of(self, old: Labels, new: Labels, shift: int) -> None:
        grouping = any_regrouping(old, new, shift)
        found = match(grouping)
        assert {theme for event in found.events for theme in event.themes} == set(grouping.themes)
        assert {group for event in found.events for group in event.groups} == set(grouping.groups)
        assert all(0 <= event.overlap <= 1 for event in found.events)
        once = [event.themes for event in found.events if event.name in ("continue", "death", "split")]
        assert len(once) == len(set(once))

    @given(old=labels)
    def test_an_identical_regrouping_continues_everything(self, old: Labels) -> None:
        found = match(any_regrouping(old, old, 0))
        assert all((event.name, event.overlap) == ("continue", 1.0) for event in found.events)
        assert found.theme_of == {label: f"t{label}" for label in sets(old)}

    @given(old=labels, new=labels, shift=st.integers(0, 30), numbers=st.permutations(range(7)))
    def test_renumbering_the_groups_changes_nothing(
        self, old: Labels, new: Labels, shift: int, numbers: list[int]
    ) -> None:
        renumbered = [None if label is None else numbers[label] for label in new]
        found = match(any_regrouping(old, new, shift))
        other = match(any_regrouping(old, renumbered, shift))
        assert {numbers[group]: theme for group, theme in found.theme_of.items()} == other.theme_of
        assert [
            (event.name, event.themes, tuple(numbers[group] for group in event.groups), event.overlap)
            for event in found.events
        ] == [(event.name, event.themes, event.groups, event.overlap) for event in other.events]
