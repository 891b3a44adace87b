"""What a person filled in: read, checked, and kept as it was typed."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from service.web.forms import Dismissal, Publication, read_dismissal, read_publication
from service.web.language import messages

TOKYO = ZoneInfo("Asia/Tokyo")


def dismissal(reason: str = "Known for years.", day: str = "") -> Dismissal:
    return read_dismissal(reason, day, today=date(2026, 5, 4), zone=TOKYO)


def publication(url: str = "", day: str = "2026-05-03") -> Publication:
    return read_publication(url, day, today=date(2026, 5, 4), zone=TOKYO)


def test_a_reason_is_kept_as_typed() -> None:
    assert dismissal("  fixed in 2.1 \n").reason == "  fixed in 2.1 \n"
    assert dismissal("fixed").error == ""


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("", "form.reason_missing"),
        (" \n\t　", "form.reason_missing"),
        ("あ" * 501, "form.reason_long"),
    ],
)
def test_a_reason_that_says_nothing_or_too_much_is_named(typed: str, error: str) -> None:
    form = dismissal(typed)
    assert (form.reason, form.error) == (typed, error)
    assert error in messages("ja")


def test_a_decision_is_looked_at_again_on_a_day_to_come_or_on_none() -> None:
    assert dismissal(day="2026-05-05").review_at == datetime(2026, 5, 5, tzinfo=TOKYO)
    assert dismissal().review_at is None
    assert dismissal().complete


@pytest.mark.parametrize(
    ("day", "error"),
    [("2026-05-04", "form.day_past"), ("9999-12-31", "form.day_odd"), ("next year", "form.day_odd")],
)
def test_a_day_on_which_nothing_can_be_looked_at_again_is_named(day: str, error: str) -> None:
    form = dismissal(day=day)
    assert (form.day, form.day_error, form.review_at, form.complete) == (day, error, None, False)
    assert error in messages("ja")


def test_no_database_would_take_a_nul_or_half_a_character() -> None:
    assert dismissal("a\0b\ud800").reason == "a\ufffdb\ufffd"


def test_a_day_is_the_day_of_the_organisation() -> None:
    form = publication("https://help.example.com/記事?id=1")
    assert form.complete
    assert form.since == datetime(2026, 5, 3, tzinfo=TOKYO)


@pytest.mark.parametrize(
    ("day", "error"),
    [
        ("", "form.day_missing"),
        ("3 May", "form.day_odd"),
        ("2026-02-30", "form.day_odd"),
        ("0001-01-01", "form.day_odd"),
        ("9999-12-31", "form.day_to_come"),
        ("2026-05-05", "form.day_to_come"),
        ("２０２６年", "form.day_odd"),
    ],
)
def test_a_day_that_is_none_is_named(day: str, error: str) -> None:
    form = publication(day=day)
    assert (form.day, form.day_error, form.since) == (day, error, None)
    assert error in messages("en")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "help.example.com",
        "https://",
        "https:///path",
        "ftp://example.com/x",
        "https://a b",
        "https://[::1",
        "https://example.com/\u202e",
        "https://example.com/" + "a" * 2000,
    ],
)
def test_an_address_that_is_none_is_named_and_kept(url: str) -> None:
    form = publication(url)
    assert (form.url, form.url_error, form.complete) == (url, "form.url_odd", False)
