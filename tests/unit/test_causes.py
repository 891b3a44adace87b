"""How causes that moderators named are judged."""

from benchmarks.causes import NO_CAUSE, SUFFIX, about, by_cause, heard_in


def test_a_ticket_is_in_the_theme_that_holds_most_of_its_characters() -> None:
    spans_of = [["short", "a much longer span"], ["nothing here"], []]
    assert about(spans_of, [1, 2, None]) == [{2}, set(), set()]


def test_a_ticket_is_heard_in_every_theme_that_one_of_its_spans_is_in() -> None:
    spans_of = [["short", "a much longer span"], ["nothing here"], []]
    assert heard_in(spans_of, [1, 2, None]) == [{1, 2}, set(), set()]


def test_a_cause_is_judged_by_the_theme_that_has_most_of_its_tickets() -> None:
    causes = [{"norton"}] * 10 + [{"yandex"}] * 3 + [set()] * 7
    found: list[set[int]] = [{0}] * 8 + [{1}, set()] + [{0}] * 2 + [{1}] + [{0}] * 7
    [norton] = by_cause(causes, found)
    assert (norton.cause, norton.tickets, norton.recall) == ("norton", 10, 0.8)
    assert norton.purity == 0.8, "tickets without a named cause say nothing"
    assert norton.theme == 17 / 20


def test_a_ticket_with_two_themes_counts_in_both_for_recall_and_for_purity() -> None:
    causes = [{"norton"}] * 10 + [{"yandex"}] * 5
    found: list[set[int]] = [{0, 1}] * 2 + [{0}] * 8 + [{0, 1}] * 5
    [norton] = by_cause(causes, found)
    assert (norton.recall, norton.purity, norton.theme) == (1.0, 10 / 15, 1.0)


def test_brackets_and_tags_are_told_from_topics_and_platforms() -> None:
    named = SUFFIX.search("Mail does not arrive (bitdefender)")
    assert named is not None
    assert named[1] == "bitdefender"
    assert not any(NO_CAUSE.fullmatch(name) for name in ("bitdefender", "bug1997062", "msoauth"))
    assert all(
        NO_CAUSE.fullmatch(name) for name in ("64-bit", "win10", "fix-problems", "needsinfo", "firefox-1180")
    )
