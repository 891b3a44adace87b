"""A run comes when enough is new, and not so often that nothing else is done."""

import pytest

from service.rules.freshness import Freshness, Lateness, is_run_due, is_search_due

DAY = 86_400.0


@pytest.mark.parametrize(
    ("freshness", "due"),
    [
        (Freshness(spans=0, read=None), False),
        (Freshness(spans=3, read=None), False),
        (Freshness(spans=4, read=None), True),
        (Freshness(spans=104, read=100, since=60), False),
        (Freshness(spans=105, read=100, since=60), True),
        (Freshness(spans=14, read=10, since=6, took=0.2), True),
        (Freshness(spans=14, read=10, since=2, took=0.2), False),
        (Freshness(spans=20_000, read=10_000, since=600, took=60), False),
        (Freshness(spans=20_000, read=10_000, since=1_300, took=60), True),
        (Freshness(spans=10_001, read=10_000, since=DAY - 1, took=60), False),
        (Freshness(spans=10_001, read=10_000, since=DAY, took=60), True),
        (Freshness(spans=9_999, read=10_000, since=DAY, took=60), True),
        (Freshness(spans=10_000, read=10_000, since=30 * DAY), False),
    ],
)
def test_a_run_is_due_when_enough_is_new_and_the_last_one_is_long_enough_ago(
    freshness: Freshness,
    due: bool,  # noqa: FBT001
) -> None:
    assert is_run_due(freshness) is due


@pytest.mark.parametrize(
    ("lateness", "due"),
    [
        (Lateness(late=0), False),
        (Lateness(late=3), False),
        (Lateness(late=4), True),
        (Lateness(late=13, sought=10, since=600), False),
        (Lateness(late=14, sought=10, since=4), False),
        (Lateness(late=14, sought=10, since=6), True),
        (Lateness(late=999, sought=10, since=19, took=2), False),
        (Lateness(late=999, sought=10, since=21, took=2), True),
    ],
)
def test_a_search_is_due_when_more_came_and_the_last_one_is_long_enough_ago(
    lateness: Lateness,
    due: bool,  # noqa: FBT001
) -> None:
    assert is_search_due(lateness) is due
