"""What people said, and how far a grouping agrees."""

import pytest

from service.rules.gold import Statement, agreement

GROUPS = {"a": 0, "b": 0, "c": 1, "d": None, "e": None}


def linked(*spans: str) -> Statement:
    return Statement(together=True, sides=[[span] for span in spans])


def kept_apart(*spans: str) -> Statement:
    return Statement(together=False, sides=[[span] for span in spans])


def test_pairs_that_are_as_people_said_count() -> None:
    found = agreement(
        [linked("a", "b"), linked("a", "c"), kept_apart("a", "c"), kept_apart("a", "b")], GROUPS
    )
    assert (found.statements, found.together, found.apart) == (4, 0.5, 0.5)


def test_of_a_large_statement_each_pair_counts_and_of_statements_each_one() -> None:
    large = Statement(together=True, sides=[["a", "b"], ["c"]])
    assert agreement([large], GROUPS).together == 0
    assert agreement([linked("a", "b", "c")], GROUPS).together == pytest.approx(1 / 3)
    assert agreement([linked("a", "b", "c"), linked("a", "b")], GROUPS).together == pytest.approx(2 / 3)


def test_pairs_of_one_side_are_not_asked_about() -> None:
    assert agreement([Statement(together=False, sides=[["a", "b"], ["c"]])], GROUPS).apart == 1


def test_what_is_in_no_group_is_one_more_group() -> None:
    assert agreement([kept_apart("d", "e")], GROUPS).apart == 0
    assert agreement([linked("a", "d")], GROUPS).together == 0


def test_what_is_no_longer_there_is_counted_and_judged_as_far_as_it_is() -> None:
    found = agreement([linked("a", "gone"), linked("a", "b", "gone")], GROUPS)
    assert (found.statements, found.gone, found.together, found.apart) == (1, 1, 1, None)
