"""The page of figures: measured tables change, what people wrote stays."""

import pytest

from benchmarks.quality import BadPage, caption, filled, names

PAGE = """# Quality

by hand

<!-- one:begin -->
old
<!-- one:end -->

more
<!-- two:begin -->
<!-- two:end -->
"""


def test_tables_are_named_in_the_order_of_the_page() -> None:
    assert names(PAGE) == ["one", "two"]
    assert names("nothing here") == []


def test_a_new_table_takes_the_place_of_the_old_one_and_nothing_else_moves() -> None:
    page = filled(PAGE, "one", "| a |\n|---|\n", "*today*")
    assert page == PAGE.replace("\nold\n", "\n*today*\n\n| a |\n|---|\n")
    assert filled(page, "one", "| a |\n|---|", "*today*") == page


def test_an_empty_place_is_filled_too() -> None:
    assert "<!-- two:begin -->\n*now*\n\n| b |\n<!-- two:end -->" in filled(PAGE, "two", "| b |", "*now*")


@pytest.mark.parametrize(
    "page",
    [
        "<!-- one:begin -->",
        "<!-- one:end -->",
        "<!-- one:end --> <!-- one:begin -->",
        "<!-- one:begin --> <!-- two:begin --> <!-- one:end --> <!-- two:end -->",
        PAGE + "<!-- one:begin --> <!-- one:end -->",
    ],
)
def test_a_page_with_a_mark_too_many_or_too_few_is_refused(page: str) -> None:
    with pytest.raises(BadPage):
        names(page)


def test_a_table_that_the_page_has_no_place_for_is_refused() -> None:
    with pytest.raises(BadPage, match="three"):
        filled(PAGE, "three", "| c |", "*now*")


def test_the_line_above_a_table_says_when_of_what_and_how() -> None:
    told = caption("one", "abcd1234", 130)
    assert "commit abcd1234" in told
    assert "cores" in told
    assert "2 min" in told
    assert told.endswith("`python -m benchmarks.one DATA CACHE`")
