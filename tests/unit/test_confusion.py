"""Where groups and labels disagree."""

from nlp.confusion import mixed, scattered

LABELS = ("card", "card", "card", "fee", "fee", "login", "login", "login")
GROUPS = (0, 0, 1, 0, 0, 1, None, 1)


def test_the_theme_that_joins_most_pairs_of_two_labels_comes_first() -> None:
    first, second = mixed(LABELS, GROUPS, most=9)
    assert (first.theme, first.rows, first.labels) == (0, 4, (("card", 2), ("fee", 2)))
    assert first.examples == (3, 4)
    assert (second.theme, second.labels, second.examples) == (1, (("login", 2), ("card", 1)), (2,))


def test_a_label_is_scattered_over_themes_and_over_what_is_in_none() -> None:
    found = {one.label: one for one in scattered(LABELS, GROUPS, most=9)}
    assert set(found) == {"card", "login"}
    assert found["login"].themes == ((1, 2), (None, 1))
    assert found["login"].examples == (6,)


def test_what_is_in_no_theme_mixes_nothing() -> None:
    assert mixed(("a", "b"), (None, None), most=9) == []


def test_a_perfect_answer_has_no_confusions() -> None:
    assert mixed(("a", "a", "b"), (0, 0, 1), most=9) == []
    assert scattered(("a", "a", "b"), (0, 0, 1), most=9) == []


def test_no_more_are_named_than_asked_for() -> None:
    assert len(mixed(LABELS, GROUPS, most=1)) == 1
    assert scattered(LABELS, GROUPS, most=0) == []
