"""A link to a page that is pasted somewhere: strangers are told what kind of page it is, and nothing else."""

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from sqlmodel import select

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import Account, Effect, Item, Suggestion, Theme
from tests.access import a_token, by
from tests.integration.conftest import Reader
from tests.live import one_of_each, serving

SLACK = {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}
META = re.compile(r'<meta (?:property|name)="((?:og|twitter):[a-z_]+)" content="([^"]*)">')


def preview(page: str) -> dict[str, str]:
    return {name: unescape(told) for name, told in META.findall(page)}


@pytest.fixture(scope="module")
def address(read_demo_db: Database) -> Iterator[str]:
    known = Settings(embedder="hashing", public_url="https://koe.example.com")
    with serving(create_app(read_demo_db, known)) as opened:
        yield opened


@pytest.fixture
def stranger(address: str, reader: Reader) -> httpx.Client:
    client = reader(address)
    client.headers["Host"] = "koe.example.com"
    return client


@pytest.mark.parametrize(
    ("path", "en", "ja"),
    [
        ("/themes/x", "A theme in Koe", "Koe のテーマ"),
        ("/suggestions/x", "A suggestion in Koe", "Koe の提案"),
        ("/effects/x", "An effect in Koe", "Koe の効果"),
        ("/accounts/x", "An account in Koe", "Koe の契約先"),
        ("/brief/accounts/x", "An account in Koe", "Koe の契約先"),
        ("/digest?week=2026-05-04", "The weekly digest in Koe", "Koe の週のまとめ"),
        ("/", "Koe", "Koe"),
        ("/nowhere", "Koe", "Koe"),
    ],
)
def test_a_stranger_is_told_the_kind_of_page_in_their_language(
    stranger: httpx.Client, path: str, en: str, ja: str
) -> None:
    for lang, title in (("en", en), ("ja", ja)):
        answer = stranger.get(path, headers={"Accept-Language": lang})
        assert answer.status_code == 401
        told = preview(answer.text)
        assert told["og:site_name"] == "Koe"
        assert told["og:title"] == told["twitter:title"] == title
        assert told["og:image"] == "https://koe.example.com/static/preview.png"
    del stranger.headers["Accept-Language"]
    assert preview(stranger.get(path).text)["og:title"] == f"{en} · {ja}"


def test_what_makes_previews_is_answered_and_its_picture_is_there(stranger: httpx.Client) -> None:
    answer = stranger.get("/themes/x", headers=SLACK)
    assert answer.status_code == 200
    assert preview(answer.text)["og:title"] == "A theme in Koe"
    picture = stranger.get("/static/preview.png", headers=SLACK)
    assert (picture.status_code, picture.headers["Content-Type"]) == (200, "image/png")
    assert picture.content.startswith(b"\x89PNG")
    assert stranger.post("/themes/x", headers=SLACK).status_code in (401, 403)
    assert stranger.get("/api/v1/themes", headers=SLACK).status_code == 401


def test_a_page_that_is_there_and_one_that_is_not_look_the_same_to_strangers(
    stranger: httpx.Client, read_demo_db: Database
) -> None:
    columns = {
        "/themes/": Theme.id,
        "/suggestions/": Suggestion.id,
        "/effects/": Effect.intervention_id,
        "/accounts/": Account.account_id,
        "/items/": Item.id,
    }
    for start, column in columns.items():
        with read_demo_db.begin() as session:
            there = session.exec(select(column).limit(1)).one()
        pages = [
            stranger.get(f"{start}{one}", headers=SLACK).text.replace(str(one), "ID")
            for one in (there, "absent")
        ]
        assert pages[0] == pages[1], start


def test_no_word_of_any_page_is_told_to_what_makes_previews(
    stranger: httpx.Client, read_demo_db: Database
) -> None:
    with read_demo_db.begin() as session:
        titles = [*session.exec(select(Theme.title)), *filter(None, session.exec(select(Account.name)))]
    for path in one_of_each(read_demo_db):
        page = stranger.get(path, headers=SLACK).text
        assert preview(page)["og:title"], path
        head = page.partition("</head>")[0]
        assert [title for title in titles if title in page] == [], path
        assert path == "/" or path not in head, path


def test_pages_of_those_who_are_signed_in_hold_no_preview(
    stranger: httpx.Client, read_demo_db: Database
) -> None:
    page = stranger.get("/themes", headers=by(a_token(read_demo_db, name="previews"))).text
    assert preview(page) == {}
