"""What it costs an account to be helped."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.rules.portraits import Asked, effort

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
NOW = NOON + timedelta(days=60)


def asked(
    day: float,
    *,
    customer: str | None = "ann",
    answered: float | None = None,
    solved: float | None = None,
    closed: bool = False,
    themes: tuple[str, ...] = ("login",),
    name: str = "",
) -> Asked:
    """Return an item of a day, answered and solved so many hours later."""
    at = NOON + timedelta(days=day)
    replied = None if answered is None else at + timedelta(hours=answered)
    done = None if solved is None else at + timedelta(hours=solved)
    return Asked(
        name or f"{customer}{day}", customer, at, replied, done, closed or solved is not None, themes
    )


def test_nothing_asked_took_nothing() -> None:
    found = effort([], zone=UTC, now=NOW)
    assert (found.contacts, found.repeats, found.waiting) == (0, 0, 0)
    assert found.first_answer.value is found.solution.value is None


def test_items_of_one_customer_and_day_are_one_contact_and_unknown_customers_one_each() -> None:
    some = [asked(0), asked(0.1), asked(0, customer="bob"), asked(0, customer=None, name="x")]
    some.append(asked(0, customer=None, name="y"))
    assert effort(some, zone=UTC, now=NOW).contacts == 4


def test_a_repeat_is_the_same_customer_and_theme_within_thirty_days() -> None:
    some = [asked(0), asked(30), asked(31, customer="bob"), asked(32, themes=("bill",))]
    assert effort(some, zone=UTC, now=NOW).repeats == 1


def test_one_contact_about_three_themes_is_one_repeat_at_most() -> None:
    three = ("a", "b", "c")
    found = effort([asked(0, themes=three), asked(1, themes=three)], zone=UTC, now=NOW)
    assert (found.contacts, found.repeats) == (2, 1)


def test_waits_are_medians_in_hours_and_what_still_waits_is_longer() -> None:
    some = [asked(day, answered=2 + day, solved=10 + day) for day in range(3)]
    found = effort(some, zone=UTC, now=NOW)
    assert (found.first_answer.value, found.solution.value, found.waiting) == (3, 11, 0)
    waiting = [*some, *(asked(day + 0.5, customer="bob") for day in range(4))]
    found = effort(waiting, zone=UTC, now=NOW)
    assert (found.solution.value, found.waiting) == (None, 4)


def test_a_solution_is_an_answer_and_an_answer_before_the_question_is_none() -> None:
    assert effort([asked(0, solved=5)], zone=UTC, now=NOW).first_answer.value == 5
    assert effort([asked(0, answered=-1, closed=True)], zone=UTC, now=NOW).first_answer.value is None


def test_what_is_closed_nobody_knows_when_does_not_wait() -> None:
    found = effort([asked(0, closed=True), asked(1, solved=4)], zone=UTC, now=NOW)
    assert (found.waiting, found.solution.value) == (0, 4)


@given(
    st.lists(st.tuples(st.floats(0, 50), st.sampled_from(["ann", "bob", None]), st.booleans()), max_size=30)
)
def test_no_more_repeats_than_contacts_and_none_waits_that_is_closed(
    rows: list[tuple[float, str | None, bool]],
) -> None:
    some = [asked(day, customer=who, closed=shut, name=str(n)) for n, (day, who, shut) in enumerate(rows)]
    found = effort(some, zone=UTC, now=NOW)
    assert 0 <= found.repeats <= found.contacts <= len(rows)
    assert found.waiting == sum(not shut for *_, shut in rows)
