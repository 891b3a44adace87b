"""What an agent's reply points to."""

import pytest

from service.models import Article
from service.pipeline.library import Library, library_of


def article(name: str, *, url: str | None = None, status: str | None = None) -> Article:
    return Article(
        id=name,
        organisation_id="main",
        source_id="kb",
        external_id=name,
        title=f"About {name} and more",
        url=url or f"https://help.example/en/articles/{name}",
        status=status,
        version="1",
    )


def shelf(*more: Article) -> Library:
    usual = (article(name) for name in ("login", "export", "invoices"))
    return library_of([*usual, *more], {"kb": "help-centre"})


@pytest.mark.parametrize(
    "said",
    [
        "See https://help.example/en/articles/login.",
        "https://www.HELP.example/articles/login/ helps.",
        "ヘルプ（https://help.example/ja/articles/login#reset）をご覧ください。",
        "Please read “About login and more”.",
        "this page (https://help.example/en-us/articles/login?utm=x)",
    ],
)
def test_an_article_is_known_by_its_address_in_any_language_and_by_its_title(said: str) -> None:
    assert shelf().pointed_to(said) == (frozenset({"login"}), False)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://a.example/hc/ja/articles/360001", "https://a.example/hc/en-us/articles/360001-Reset-it"),
        ("https://a.example/articles/12-log-in", "https://a.example/articles/12-sign-in。"),
        ("https://a.example/wiki/spaces/KB/pages/7/Log+in", "https://a.example/wiki/spaces/KB/pages/7/Old/"),
        ("https://a.example/wiki/spaces/KB/pages/7/A.", "(https://a.example/wiki/spaces/KB/pages/7)"),
    ],
)
def test_an_article_with_a_number_is_known_by_it_whatever_it_was_called(url: str, said: str) -> None:
    assert shelf(article("login2", url=url)).pointed_to(said).articles == {"login2"}


def test_articles_with_other_numbers_are_others() -> None:
    known = shelf(article("twelve", url="https://a.example/articles/12-log-in"))
    for said in (
        "https://a.example/articles/123",
        "https://a.example/articles/1",
        "https://a.example/articles/12/x",
    ):
        assert known.pointed_to(said).articles == frozenset()


def test_two_languages_of_one_address_are_two_articles() -> None:
    known = shelf(article("anmelden", url="https://help.example/de/articles/login"))
    assert known.pointed_to("https://help.example/de/articles/login").articles == {"anmelden"}
    assert known.pointed_to("https://help.example/en/articles/login").articles == {"login"}


def test_pages_that_one_program_shows_are_not_taken_for_each_other() -> None:
    known = shelf(article("staff", url="https://desk.example/#knowledge_base/1/locale/ja-jp/answer/7"))
    assert known.pointed_to("https://desk.example/#knowledge_base/1/locale/ja-jp/answer/7。").articles == {
        "staff"
    }
    assert known.pointed_to("https://desk.example/#ticket/zoom/81").articles == frozenset()


def test_a_page_of_the_help_centre_that_is_not_there_is_gone() -> None:
    assert shelf().pointed_to("https://help.example/en/articles/export-2") == (frozenset(), True)
    assert shelf().pointed_to("https://help.example/en/community/123") == (frozenset(), False)
    assert shelf().pointed_to("https://elsewhere.example/articles/login") == (frozenset(), False)


def test_a_page_that_nobody_can_read_is_gone() -> None:
    known = shelf(article("secret", status="draft"))
    assert known.pointed_to("https://help.example/en/articles/secret") == (frozenset(), True)


def test_what_is_no_address_points_nowhere() -> None:
    assert shelf().pointed_to("http://[oops https://[::1") == (frozenset(), False)
