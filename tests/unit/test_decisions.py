"""A decision not to act stands until its day comes or its premise breaks."""

from datetime import UTC, datetime, timedelta

import pytest

from service.rules.decisions import comes_back, premise

NOW = datetime(2026, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("then", "people", "code"),
    [
        (10, 19, None),
        (10, 20, "premise_broken"),
        (1, 4, None),
        (1, 6, "premise_broken"),
        (0, 5, "premise_broken"),
    ],
)
def test_it_comes_back_once_twice_as_many_speak_of_it_and_five_more(
    then: int, people: int, code: str | None
) -> None:
    why = comes_back(premise(people=then, contacts=3), people=people, review_at=None, now=NOW)
    assert (why and why["code"]) == code
    assert why is None or (why["then"], why["people"]) == (then, people)


@pytest.mark.parametrize(("days", "code"), [(-1, "review_due"), (0, "review_due"), (1, None)])
def test_it_comes_back_on_its_day(days: int, code: str | None) -> None:
    why = comes_back({"people": 3}, people=3, review_at=NOW + timedelta(days=days), now=NOW)
    assert (why and why["code"]) == code


def test_one_whose_premise_was_never_written_down_comes_back_on_its_day_alone() -> None:
    assert comes_back({}, people=1_000, review_at=None, now=NOW) is None
