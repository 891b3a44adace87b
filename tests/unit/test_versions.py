"""The newest version counts, and the messages of a thread stand in order, however they came."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.rules.records import FeedbackRecord, MessageRecord
from service.rules.versions import Arrival, folded, said_at

START = datetime(2026, 5, 3, tzinfo=UTC)


def at(hours: int) -> datetime:
    return START + timedelta(hours=hours)


@given(st.permutations(range(5)))
def test_the_newest_version_counts_whatever_the_order_of_arrival(order: list[int]) -> None:
    arrivals = [
        Arrival(place, FeedbackRecord(external_id="1", text=f"version {hours}", updated_at=at(hours)))
        for place, hours in enumerate(order)
    ]
    assert [message.text for message in folded(arrivals).messages] == ["version 4"]


def test_without_times_the_last_to_arrive_counts() -> None:
    arrivals = [Arrival(place, FeedbackRecord(external_id="1", text=str(place))) for place in (7, 9, 8)]
    assert [message.text for message in folded(arrivals).messages] == ["9"]


@given(st.permutations(range(6)), st.booleans())
def test_a_thread_stands_in_the_order_it_was_said(order: list[int], timed: bool) -> None:  # noqa: FBT001
    arrivals = [
        Arrival(
            place,
            FeedbackRecord(
                external_id=f"m{number}",
                thread_id="t",
                turn=None if timed else number,
                created_at=at(number) if timed else None,
                text=str(number),
                author_role="agent" if number % 2 else "customer",
                customer_id="staff" if number % 2 else "aya",
            ),
        )
        for place, number in enumerate(order)
    ]
    thread = folded(arrivals)
    assert [message.text for message in thread.messages] == list("012345")
    assert [message.external_id for message in thread.messages] == [f"m{number}" for number in range(6)]
    assert (thread.external_id, thread.customer_id) == ("t", "aya")
    assert said_at(thread) == (START if timed else None)


def test_a_message_that_was_edited_counts_once() -> None:
    old = FeedbackRecord(external_id="m", thread_id="t", text="old", updated_at=at(1))
    new = FeedbackRecord(external_id="m", thread_id="t", text="new", updated_at=at(2))
    assert [message.text for message in folded([Arrival(1, new), Arrival(2, old)]).messages] == ["new"]


def test_a_text_is_the_first_message_unless_the_messages_begin_with_it() -> None:
    said = [MessageRecord(text="hello"), MessageRecord(text="hi", author_role="agent")]
    twice = folded([Arrival(1, FeedbackRecord(external_id="1", text="hello", messages=said))])
    once = folded([Arrival(1, FeedbackRecord(external_id="1", text="help", messages=said))])
    assert [message.text for message in twice.messages] == ["hello", "hi"]
    assert [message.text for message in once.messages] == ["help", "hello", "hi"]
