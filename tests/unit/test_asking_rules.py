"""When a source is asked again, and from when on."""

from datetime import UTC, datetime, timedelta

import pytest

from service.rules.asking import MOST_TRIES, OVERLAP, RARELY, REFUSED_WAIT, after_failure, begin_by

DAY = datetime(2026, 5, 3, tzinfo=UTC)


def test_waits_grow_up_to_an_hour_and_never_fall_short_of_what_was_asked() -> None:
    waits = [after_failure(tries, refused=False) for tries in range(40)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (timedelta(seconds=30), timedelta(hours=1))
    assert after_failure(0, refused=False, asked=timedelta(hours=3)) == timedelta(hours=3)


def test_what_is_refused_again_and_again_is_tried_once_a_day_for_ever() -> None:
    assert after_failure(0, refused=True) == REFUSED_WAIT
    assert {after_failure(tries, refused=True) for tries in (MOST_TRIES, 1_000_000)} == {RARELY}


@pytest.mark.parametrize(
    ("since", "through", "begins"),
    [
        (None, None, None),
        (DAY - timedelta(days=9), None, DAY - timedelta(days=9)),
        (DAY + timedelta(days=1), None, DAY),
        (None, DAY - timedelta(days=7), DAY - timedelta(days=7) - OVERLAP),
        (None, DAY + timedelta(days=7), DAY),
    ],
)
def test_a_walk_from_a_day_on_leaves_nothing_out_that_is_owed(
    since: datetime | None, through: datetime | None, begins: datetime | None
) -> None:
    assert begin_by(DAY, since, through) == begins
