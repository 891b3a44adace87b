"""What the benchmark of identity counts as kept."""

from benchmarks.identity import Groups, Home, after


def run(*groups: int | None, parts: tuple[int | None, ...] = ()) -> Groups:
    below = parts or (None,) * len(groups)
    return dict(enumerate(zip(groups, below, strict=True)))


def test_other_numbers_lose_nothing() -> None:
    assert after(run(0, 0, 1, 1), run(1, 1, 0, 0)).themes == 1.0


def test_what_leaves_its_theme_is_lost_and_what_had_none_does_not_count() -> None:
    kept = after(run(0, 0, 0, 0, None, None), run(0, 0, 0, None, 0, 1))
    assert kept.themes == 0.75


def test_rows_that_are_not_read_again_do_not_count() -> None:
    second = dict.fromkeys((0, 1), (0, None))
    assert after(run(0, 0, 0, 0), second).themes == 1.0


def test_the_smaller_piece_of_a_theme_that_splits_is_lost() -> None:
    kept = after(run(*[0] * 10), run(*[0] * 6, *[1] * 4))
    assert (kept.themes, dict(kept.events)) == (0.6, {"split": 1})


def test_sub_themes_are_counted_by_themselves() -> None:
    kept = after(run(*[0] * 8, parts=(0, 0, 0, 0, 1, 1, 1, 1)), run(*[0] * 8, parts=(0, 0, 0, 0, 0, 1, 1, 1)))
    assert (kept.themes, kept.subthemes) == (1.0, 0.875)


def test_a_home_remembers_where_rows_are_under_ids_of_its_own() -> None:
    home = Home()
    assert home.past([0, 1]) is None
    home.take(run(5, 5, 2, 2))
    home.take(run(0, 0, 1, 1, 7))
    past = home.past([0, 1, 2, 4, 9])
    assert past is not None
    first, second, third, new, unread = past.groups
    assert first == second != third
    assert new not in (first, third, None)
    assert unread is None
