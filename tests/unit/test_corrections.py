"""What a correction needs to be said, and what corrections make of a grouping."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import WrongUse
from service.rules.corrections import OPS, Conflict, Wanted, checked, in_words
from service.rules.replay import Event, Replayed, replay

GROUPS: Mapping[str, int | None] = {
    **{f"a{n}": 0 for n in range(6)},
    **{f"b{n}": 1 for n in range(4)},
    **{f"c{n}": 2 for n in range(3)},
    "x": None,
    "y": None,
}
HELD = {
    "A": {f"a{n}" for n in range(6)},
    "B": {f"b{n}" for n in range(4)},
    "C": {f"c{n}" for n in range(3)},
}


def event(
    op: str, *themes: str, chosen: tuple[str, ...] = (), of: Mapping[str, set[str]] = HELD, name: str = ""
) -> Event:
    """A correction of themes as they are in HELD; its id is what it does."""
    return Event(
        id=name or op,
        op=op,
        themes=themes,
        chosen=chosen,
        picked=len(chosen),
        sides={theme: of[theme] for theme in themes if theme in of},
    )


def replayed(*events: Event, groups: Mapping[str, int | None] = GROUPS) -> Replayed:
    return replay(events, groups, held=HELD)


def group_of(done: Replayed, spans: str) -> set[int | None]:
    """The groups of all spans that begin with a letter."""
    return {group for span, group in done.groups.items() if span[0] in spans}


class TestWhatIsSaid:
    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(op="hide", theme_ids=("A",)),
            Wanted(op="create", span_ids=("a1",)),
            Wanted(op="create", theme_ids=("A",), span_ids=("a1",), title="T"),
            Wanted(op="rename", theme_ids=("A",)),
            Wanted(op="rename", theme_ids=("A",), title=" \n "),
            Wanted(op="rename", theme_ids=("A",), title="x" * 201),
            Wanted(op="merge", theme_ids=("A",)),
            Wanted(op="merge", theme_ids=("A", "A")),
            Wanted(op="merge", theme_ids=("A", "B"), title="T"),
            Wanted(op="split", span_ids=("a1",)),
            Wanted(op="move", theme_ids=("A",)),
            Wanted(op="must_link", span_ids=("a1", "a1")),
            Wanted(op="cannot_link", span_ids=("a1",)),
            Wanted(op="cannot_link", theme_ids=("A", "B"), span_ids=("a1", "a2")),
            Wanted(op="ignore"),
            Wanted(op="ignore", theme_ids=("A",), span_ids=("a1",)),
            Wanted(op="pin", theme_ids=("A", "B")),
            Wanted(op="move", span_ids=tuple(f"s{n}" for n in range(10_001))),
            Wanted(op="pin", theme_ids=("A",), reason="x" * 501),
        ],
    )
    def test_what_is_missing_or_too_much_is_told(self, wanted: Wanted) -> None:
        with pytest.raises(WrongUse):
            checked(wanted)

    def test_what_is_complete_is_taken_tidied_and_each_thing_once(self) -> None:
        wanted = checked(Wanted(op="create", span_ids=("a", "b", "a"), title="  Late \n parcels ", reason=""))
        assert (wanted.span_ids, wanted.title, wanted.reason) == (("a", "b"), "Late parcels", None)

    def test_every_reason_has_its_words(self) -> None:
        for reason in ("gone", "target_gone", "overruled", "merged", "contradicts", "ended", "refused"):
            stored = Conflict(reason=reason, count=1, of=2, other="o", theme="t", words="w").as_json()
            assert in_words(stored)


class TestMerging:
    def test_groups_that_hold_the_sides_are_one(self) -> None:
        done = replayed(event("merge", "A", "C"))
        assert group_of(done, "ac") == {0}
        assert group_of(done, "b") == {1}
        assert not done.conflicts
        assert not done.loose

    def test_a_side_is_the_group_that_holds_most_of_its_spans(self) -> None:
        done = replayed(event("merge", "A", "C"), groups={**GROUPS, "c0": 1})
        assert group_of(done, "a") == {0}
        assert done.groups["c1"] == 0
        assert done.groups["c0"] == 1

    def test_merges_build_on_each_other(self) -> None:
        both = (event("merge", "A", "B", name="1"), event("merge", "B", "C", name="2"))
        assert group_of(replayed(*both), "abc") == {0}

    def test_a_side_of_which_nothing_is_left_is_told(self) -> None:
        gone = Event(id="m", op="merge", themes=("A", "Z"), sides={"A": HELD["A"]})
        done = replayed(gone)
        assert done.groups == GROUPS
        assert done.conflicts["m"].reason == "target_gone"

    def test_what_a_theme_took_in_does_not_say_where_it_is(self) -> None:
        """After the merge the theme holds more of the other's voices than of its own."""
        grown = {"A": HELD["A"] | HELD["B"] | {f"b{n}" for n in range(4, 9)}}
        groups = {**GROUPS, **{f"b{n}": 1 for n in range(4, 9)}}
        done = replay([event("merge", "A", "B")], groups, held=grown)
        assert group_of(done, "ab") == {done.groups["a0"]}


class TestVoices:
    def test_moved_voices_are_in_the_theme_wherever_a_run_put_them(self) -> None:
        done = replayed(event("move", "B", chosen=("a0", "x")))
        assert done.groups["a0"] == done.groups["x"] == 1
        assert done.decided == {"a0", "x"}
        assert done.loose == {"a0", "x"}

    def test_where_most_was_moved_into_a_theme_the_theme_is_still_where_it_was(self) -> None:
        held = {"C": HELD["C"] | HELD["A"]}
        moved = event("move", "C", chosen=tuple(sorted(HELD["A"])), of=held)
        assert {replay([moved], GROUPS, held=held).groups[span] for span in HELD["A"]} == {2}

    def test_moved_to_none_they_are_in_none(self) -> None:
        assert replayed(event("move", chosen=("a0",))).groups["a0"] is None

    def test_of_two_moves_the_later_counts_and_the_earlier_is_told(self) -> None:
        done = replayed(
            event("move", "B", chosen=("a0", "a1"), name="1"), event("move", "C", chosen=("a0",), name="2")
        )
        assert (done.groups["a0"], done.groups["a1"]) == (2, 1)
        assert done.conflicts == {"1": Conflict(reason="overruled", count=1, of=2, other="2")}

    def test_a_move_to_a_theme_of_which_nothing_is_left_does_nothing_and_is_told(self) -> None:
        done = replayed(event("move", "Z", chosen=("a0",)))
        assert done.groups == GROUPS
        assert done.conflicts["move"].reason == "target_gone"

    def test_voices_that_are_gone_are_told_where_none_is_left(self) -> None:
        done = replayed(Event(id="m", op="move", themes=("A",), picked=2, sides=HELD))
        assert done.conflicts == {"m": Conflict(reason="gone", count=2, of=2)}

    def test_ignored_voices_are_in_no_theme_until_somebody_moves_them(self) -> None:
        ignored = event("ignore", chosen=("a0", "a1"))
        done = replayed(ignored, event("move", "B", chosen=("a0",)))
        assert done.ignored == {"a1"}
        assert (done.groups["a0"], done.groups["a1"]) == (1, None)
        assert done.conflicts["ignore"].reason == "overruled"


class TestLinks:
    def test_linked_voices_go_where_most_of_them_are(self) -> None:
        assert replayed(event("must_link", chosen=("a0", "a1", "b0", "x"))).groups["b0"] == 0
        assert replayed(event("must_link", chosen=("x", "y"))).groups["x"] is None

    def test_of_voices_that_cannot_be_together_the_surest_stays(self) -> None:
        done = replayed(event("cannot_link", chosen=("a1", "a0", "b0")))
        assert (done.groups["a0"], done.groups["a1"], done.groups["b0"]) == (0, None, 1)
        assert not done.conflicts

    def test_of_links_that_contradict_the_earlier_holds_and_the_later_is_told(self) -> None:
        apart = event("cannot_link", chosen=("a0", "c0"))
        chain = (
            event("must_link", chosen=("a0", "b0"), name="1"),
            event("must_link", chosen=("b0", "c0"), name="2"),
        )
        done = replayed(*chain, apart)
        assert done.groups["a0"] == done.groups["c0"]
        assert set(done.conflicts) == {"cannot_link"}
        assert done.conflicts["cannot_link"].reason == "contradicts"
        done = replayed(apart, *chain)
        assert done.conflicts == {"2": Conflict(reason="contradicts", other="cannot_link")}

    def test_themes_that_are_not_one_come_apart_where_a_run_makes_them_one(self) -> None:
        groups = {span: 0 if span[0] in "ab" else group for span, group in GROUPS.items()}
        done = replayed(event("cannot_link", "A", "B"), groups=groups)
        assert group_of(done, "a") == {0}
        (away,) = group_of(done, "b")
        assert away not in (0, 2)
        assert away is not None
        assert done.themes[away] == "B"
        assert not done.conflicts


class TestThemes:
    def test_a_theme_made_by_hand_is_its_voices_wherever_a_run_puts_them(self) -> None:
        made = event("create", "N", chosen=("a0", "b0", "x"))
        done = replayed(made)
        (home,) = {done.groups[span] for span in made.chosen}
        assert home not in (0, 1, 2)
        assert done.themes == {home: "N"}

    def test_a_group_that_is_mostly_the_theme_is_the_theme(self) -> None:
        held = {**HELD, "N": {"a0", "a1", "a2", "a3"}}
        made = event("create", "N", chosen=("a0", "x"), of=held)
        done = replay([made], GROUPS, held=held)
        assert done.themes == {0: "N"}
        assert done.groups["x"] == 0

    def test_a_part_that_was_split_off_leaves_though_a_run_finds_them_alike(self) -> None:
        split = event("split", "A", "N", chosen=("a4", "a5"), of={"A": HELD["A"] - {"a4", "a5"}})
        done = replayed(split)
        assert done.groups["a0"] == 0
        assert done.groups["a4"] == done.groups["a5"] != 0
        assert not done.conflicts

    def test_a_split_that_somebody_merged_again_is_told(self) -> None:
        rest = {"A": HELD["A"] - {"a4", "a5"}, "N": {"a4", "a5"}}
        split = event("split", "A", "N", chosen=("a4", "a5"), of=rest)
        merge = event("merge", "A", "N", of=rest)
        done = replayed(split, merge)
        assert group_of(done, "a") == {0}
        assert done.conflicts == {"split": Conflict(reason="merged", other="merge")}

    def test_what_was_merged_can_be_split(self) -> None:
        split = event("split", "A", "N", chosen=("b0", "b1"), of={"A": HELD["A"]})
        done = replayed(event("merge", "A", "B"), split)
        assert group_of(done, "a") == {0}
        assert done.groups["b0"] == done.groups["b1"] != 0
        assert done.groups["b2"] == 0
        assert not done.conflicts

    @pytest.mark.parametrize("op", ["pin", "ignore"])
    def test_a_pinned_or_ignored_theme_leaves_a_group_that_is_mostly_another(self, op: str) -> None:
        groups = {span: 0 if span[0] in "ac" else group for span, group in GROUPS.items()}
        done = replayed(event(op, "C"), groups=groups)
        (home,) = group_of(done, "c")
        assert home not in (0, None)
        assert done.themes == {home: "C"}

    def test_a_pinned_theme_keeps_a_group_that_is_mostly_its_own(self) -> None:
        assert replayed(event("pin", "A")).themes == {0: "A"}

    def test_a_pinned_theme_keeps_voices_that_a_run_finds_nowhere(self) -> None:
        groups = {**GROUPS, "c0": None, "c1": None, "c2": None}
        done = replayed(event("pin", "C"), groups=groups)
        (home,) = group_of(done, "c")
        assert home is not None
        assert done.themes == {home: "C"}

    @pytest.mark.parametrize("op", ["pin", "ignore"])
    @pytest.mark.parametrize("last", ["merge", "keep"])
    @pytest.mark.parametrize(("own", "other"), [(10, 50), (10, 10), (50, 10)])
    def test_a_pinned_or_ignored_theme_keeps_what_was_merged_into_it(
        self, op: str, last: str, own: int, other: int
    ) -> None:
        sides = {"A": {f"a{n}" for n in range(own)}, "B": {f"b{n}" for n in range(other)}}
        whole = sides["A"] | sides["B"]
        groups = {span: "ab".index(span[0]) for span in sorted(whole)}
        merge, keep = event("merge", "A", "B", of=sides), event(op, "A", of=sides)
        if last == "keep":
            keep = event(op, "A", of={"A": whole})
        made = (merge, keep) if last == "keep" else (keep, merge)
        done = replay(made, groups, held={"A": whole})
        (home,) = set(done.groups.values())
        assert home is not None
        assert done.themes == {home: "A"}
        assert not done.conflicts

    def test_a_pinned_theme_leaves_a_larger_one_together_with_what_was_merged_into_it(self) -> None:
        groups = dict.fromkeys((*sorted(HELD["A"] | HELD["C"]), *(f"d{n}" for n in range(20))), 0)
        held = {"A": HELD["A"] | HELD["C"], "D": {f"d{n}" for n in range(20)}}
        done = replay([event("merge", "A", "C"), event("pin", "A")], groups, held=held)
        (home,) = group_of(done, "ac")
        assert group_of(done, "d") == {0}
        assert home != 0
        assert done.themes == {home: "A"}
        assert not done.conflicts

    def test_what_left_a_merged_theme_does_not_come_back_because_that_is_pinned(self) -> None:
        split = event("split", "A", "N", chosen=tuple(sorted(HELD["A"])), of={"A": HELD["B"]})
        held = {"A": HELD["B"], "N": HELD["A"]}
        done = replay([event("pin", "A"), event("merge", "A", "B"), split], GROUPS, held=held)
        (part,), (rest,) = group_of(done, "a"), group_of(done, "b")
        assert done.themes == {part: "N", rest: "A"}
        assert not done.conflicts


SPANS = st.lists(st.sampled_from(sorted(GROUPS)), min_size=2, max_size=4, unique=True).map(tuple)
THEMES = st.lists(st.sampled_from("ABC"), min_size=2, max_size=2, unique=True).map(tuple)


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    found = []
    for number in range(draw(st.integers(0, 8))):
        op = draw(st.sampled_from(OPS))
        first, second = draw(THEMES)
        spans, name = draw(SPANS), str(number)
        themes = {
            "create": (f"new {number}",),
            "split": (first, f"new {number}"),
            "merge": (first, second),
            "must_link": (),
            "cannot_link": (),
        }.get(op, (first,))
        chosen = spans if op in ("create", "split", "move", "must_link", "cannot_link") else ()
        found.append(event(op, *themes, chosen=chosen, name=name))
    return found


@given(made=events(), groups=st.permutations(sorted(GROUPS)))
def test_whatever_is_corrected_no_voice_is_lost_and_each_correction_holds_or_is_told(
    made: list[Event], groups: list[str]
) -> None:
    done = replayed(*made, groups={span: GROUPS[span] for span in groups})
    assert set(done.groups) == set(GROUPS)
    for each in made:
        if each.id in done.conflicts or not each.chosen:
            continue
        homes = {done.groups[span] for span in each.chosen}
        if each.op == "cannot_link":
            themed = [done.groups[span] for span in each.chosen if done.groups[span] is not None]
            assert len(themed) == len(set(themed))
        else:
            assert len(homes) == 1
        if each.op in ("create", "split"):
            assert homes == {done.homes[each.themes[-1]]}
