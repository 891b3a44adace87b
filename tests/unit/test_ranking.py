"""Several orders made into one."""

from service.search.ranking import fused


def test_what_stands_high_in_both_comes_first() -> None:
    assert fused(["a", "b", "c"], ["b", "c", "d"])[0] == "b"


def test_one_order_stays_as_it_is() -> None:
    assert fused(["c", "a", "b"]) == fused(["c", "a", "b"], []) == ["c", "a", "b"]


def test_equals_have_an_order_that_stays() -> None:
    assert fused(["b"], ["a"]) == fused(["a"], ["b"]) == ["a", "b"]


def test_what_comes_twice_in_an_order_counts_once() -> None:
    assert fused(["a", "b", "b"], ["a"]) == ["a", "b"]
