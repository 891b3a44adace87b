"""Walking through a knowledge base: mostly what changed, once a day all that is there."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connectors import shelves
from connectors.errors import Refused
from connectors.ports import Event, Shelf
from connectors.shelves import Place


def told(since: datetime | None, *pages: Sequence[str], is_all: bool = True) -> Iterator[Event]:
    """Yield what a walk through pages of names tells, each begun anew from its cursor."""
    cursor: str | None = None
    for number, names in enumerate(pages, start=1):
        place = Place.of(since, cursor)
        assert place.next == (str(number - 1) if number > 1 else None)
        following = str(number) if number < len(pages) else None
        page = place.page([], there=names, next_=following, is_all=is_all)
        yield from page.events
        cursor = page.cursor
        assert (cursor is None) == (following is None)


class TestAWalkThroughAll:
    @pytest.mark.parametrize("since", [None, datetime.now(UTC) - timedelta(days=1)])
    def test_is_the_first_of_a_day_and_tells_what_is_there(self, since: datetime | None) -> None:
        assert list(told(since, ["1", "2"], ["2", "3 \U0001f98a"])) == [
            Shelf(external_ids=("1", "2", "3 \U0001f98a"))
        ]

    def test_tells_nothing_of_a_list_that_shifted(self) -> None:
        assert list(told(None, ["1", "2"], ["2"], is_all=False)) == []

    def test_tells_nothing_where_a_list_shifted_while_an_earlier_part_was_read(self) -> None:
        first = Place.of(None, None).page([], there=["1"], next_="x", shifted=True)
        second = Place.of(None, first.cursor).page([], there=["2"], next_="y")
        assert list(Place.of(None, second.cursor).page([], there=["3"], next_=None).events) == []

    def test_tells_nothing_of_an_empty_list(self) -> None:
        assert list(told(None, [])) == []

    def test_withdraws_nothing_where_there_is_too_much_to_carry(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(shelves, "MOST_KEPT", 3)
        assert list(told(None, ["1", "2"], ["3", "4"])) == []

    @pytest.mark.parametrize("since", [None, datetime.now(UTC)])
    def test_that_goes_round_in_a_circle_or_on_and_on_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, since: datetime | None
    ) -> None:
        first = Place.of(since, None).page([], there=["1"], next_="x")
        with pytest.raises(Refused, match="without an end"):
            Place.of(since, first.cursor).page([], there=["2"], next_="x")
        monkeypatch.setattr(shelves, "MOST_PARTS", 2)
        second = Place.of(since, first.cursor).page([], there=["2"], next_="y")
        with pytest.raises(Refused, match="without an end"):
            Place.of(since, second.cursor).page([], there=["3"], next_="z")
        assert Place.of(since, second.cursor).page([], there=["3"], next_=None).cursor is None


class TestAWalkThroughChanges:
    def test_says_nothing_of_what_is_there(self) -> None:
        assert list(told(datetime.now(UTC), ["1"], ["2"])) == []

    def test_stays_one_past_midnight(self) -> None:
        page = Place(since=datetime.now(UTC)).page([], there=["1"], next_="x")
        later = Place.of(datetime.now(UTC) - timedelta(days=1), page.cursor)
        assert later.since is not None
        assert later.next == "x"

    def test_takes_what_changed_since_and_what_does_not_tell(self) -> None:
        since = datetime.now(UTC)
        taken = [Place(since=since).takes(at) for at in (since, since - timedelta(seconds=1), None)]
        assert taken == [True, False, True]
        assert Place(since=None).takes(since - timedelta(days=900))
