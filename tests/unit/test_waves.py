"""What counts as a wave of tickets, by what people said of them."""

from datetime import date, timedelta

from benchmarks.waves import Asked, waves

MONDAY = date(2023, 7, 3)


def asked(label: str, *days: int, who: str | None = None) -> list[Asked]:
    return [
        Asked(
            day=MONDAY + timedelta(days=day),
            who=who or f"{label} {number}",
            ticket=f"{label} {number}",
        )
        for number, day in enumerate(days)
    ]


USUAL = asked("usual", *range(-100, 100))


def test_a_label_that_comes_far_more_often_for_some_days_is_a_wave_from_its_third_voice_on() -> None:
    [wave] = waves({"usual": USUAL, "outage": asked("outage", 0, 1, 1, 2, 2, 3)})
    assert (wave.label, wave.people) == ("outage", 6)
    assert wave.onset == MONDAY + timedelta(days=1), "on the first day nobody could know"
    assert wave.first == MONDAY


def test_one_person_who_asks_often_is_no_wave() -> None:
    assert waves({"usual": USUAL, "outage": asked("outage", 0, 0, 1, 1, 2, 2, who="one")}) == []


def test_what_comes_as_often_as_ever_is_no_wave() -> None:
    assert waves({"usual": USUAL, "also": asked("also", *range(-100, 100, 2))}) == []


def test_more_labels_because_somebody_labels_more_are_no_wave() -> None:
    sparse, dense = range(-100, 100, 10), range(12)
    labels = {label: asked(label, *sparse, *dense) for label in "abcdef"}
    assert waves(labels) == [], "every label came more often on the days on which labels were given"
    others = {label: asked(label, *sparse) for label in "bcdef"}
    assert [wave.label for wave in waves(others | {"a": labels["a"]})] == ["a"], "here one alone did"


def test_two_labels_of_the_same_tickets_are_one_wave() -> None:
    outage = asked("outage", 0, 1, 1, 2, 2, 3)
    assert len(waves({"usual": USUAL, "outage": outage, "sign-in": outage[:5]})) == 1


def test_an_alarm_tells_of_a_wave_by_three_of_its_tickets_and_is_in_time_for_two_days() -> None:
    [wave] = waves({"usual": USUAL, "outage": asked("outage", 0, 1, 1, 2, 2, 3)})
    tickets = {"outage 0", "outage 1", "outage 2", "usual 3"}
    assert wave.is_told_by(wave.onset, tickets)
    assert not wave.is_told_by(wave.onset, tickets - {"outage 0"})
    assert not wave.is_told_by(wave.first - timedelta(days=1), tickets)
    assert not wave.is_told_by(wave.last + timedelta(days=8), tickets)
    assert wave.is_in_time(wave.onset + timedelta(days=2))
    assert not wave.is_in_time(wave.onset + timedelta(days=3))
