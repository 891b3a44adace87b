"""What merges make of a grouping."""

from hypothesis import given
from hypothesis import strategies as st

from service.rules.corrections import united

GROUPS = {"a1": 0, "a2": 0, "b1": 1, "b2": 1, "c1": 2, "c2": 2}


def test_groups_that_hold_the_sides_of_a_merge_are_one() -> None:
    assert united(GROUPS, [[["a1", "a2"], ["c1"]]]) == {2: 0}


def test_a_side_is_the_group_that_holds_most_of_its_spans() -> None:
    assert united(GROUPS, [[["b1", "b2", "a1"], ["c1", "c2", "b1"]]]) == {2: 1}


def test_merges_build_on_each_other_in_any_order() -> None:
    merges = [[["a1"], ["b1"]], [["b2"], ["c1"]]]
    assert united(GROUPS, merges) == united(GROUPS, merges[::-1]) == {1: 0, 2: 0}


def test_a_side_of_which_nothing_is_left_has_no_say() -> None:
    assert united(GROUPS, [[["gone"], ["b1"]]]) == {}


def test_sides_that_are_one_group_already_change_nothing() -> None:
    assert united(GROUPS, [[["a1"], ["a2"]]]) == {}


@given(
    groups=st.dictionaries(st.text(max_size=2), st.integers(0, 5)),
    merges=st.lists(st.lists(st.lists(st.text(max_size=2), max_size=3), min_size=2, max_size=2), max_size=6),
)
def test_what_groups_become_is_a_group_that_becomes_nothing_else(
    groups: dict[str, int], merges: list[list[list[str]]]
) -> None:
    part_of = united(groups, merges)
    assert not set(part_of.values()) & set(part_of)
    assert set(part_of.values()) | set(part_of) <= set(groups.values())
    assert all(whole < group for group, whole in part_of.items())
