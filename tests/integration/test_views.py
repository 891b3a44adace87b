"""Saved views: lists with their filters, under a name."""

import re
from collections.abc import Iterator

import httpx
import pytest

from service.app import create_app
from service.config import Settings
from service.db import Database
from service.models import MAIN
from service.rules.views import PLACES, filters_of
from tests.access import OURS, a_token, by
from tests.integration.conftest import Reader
from tests.live import serving

NAME = "Questions in Japanese"


@pytest.fixture
def server(demo_db: Database, reader: Reader) -> Iterator[httpx.Client]:
    """The pages, which ask who one is."""
    with serving(create_app(demo_db, Settings())) as address:
        client = reader(address)
        client.follow_redirects = True
        yield client


@pytest.fixture
def aki(demo_db: Database) -> dict[str, str]:
    return by(a_token(demo_db, "write", organisation_id=MAIN, name="aki")) | OURS


@pytest.fixture
def ben(demo_db: Database) -> dict[str, str]:
    return by(a_token(demo_db, "write", organisation_id=MAIN, name="ben")) | OURS


def save(server: httpx.Client, who: dict[str, str], **changes: str) -> httpx.Response:
    form = {"place": "/themes", "query": "kind=question&lang=ja", "name": NAME}
    return server.post("/views", headers=who, data={**form, **changes})


def views(page: str) -> dict[str, str]:
    """Return the ids of the views on the page of all views, by name."""
    found = re.findall(
        r'data-row href="[^"]*">([^<]*)</a>.*?(?:/views/([0-9a-f]+)/remove|</li>)', page, re.DOTALL
    )
    return dict(found)


def test_a_list_with_filters_is_saved_and_found_again(server: httpx.Client, aki: dict[str, str]) -> None:
    assert "Save this as a view" not in server.get("/themes", headers=aki).text
    filtered = server.get("/themes?lang=ja&kind=question&page=1", headers=aki).text
    assert 'name="query" value="kind=question&amp;lang=ja"' in filtered
    shown = save(server, aki)
    assert str(shown.url).endswith("/themes?kind=question&lang=ja")
    assert f'aria-current="true">{NAME}</a>' in shown.text
    assert "Save this as a view" not in shown.text
    assert f">{NAME}</a>" in server.get("/themes", headers=aki).text
    assert f">{NAME}</a>" not in server.get("/items", headers=aki).text


def test_what_one_saves_others_see_once_it_is_shared(
    server: httpx.Client, aki: dict[str, str], ben: dict[str, str]
) -> None:
    save(server, aki)
    assert NAME not in server.get("/themes", headers=ben).text
    save(server, aki, shared="1")
    assert server.get("/themes", headers=ben).text.count(NAME) == 1, "saved again it stays one"
    page = server.get("/views", headers=ben).text
    assert "shared by token aki" in page
    assert "/remove" not in page


def test_another_persons_view_can_be_changed_by_them_and_administrators_alone(
    server: httpx.Client, demo_db: Database, aki: dict[str, str], ben: dict[str, str]
) -> None:
    save(server, aki, shared="1")
    view = views(server.get("/views", headers=aki).text)[NAME]
    refused = server.post(f"/views/{view}/rename", headers=ben, data={"name": "Mine"})
    assert refused.status_code == 403
    assert "token aki" in refused.text
    admin = by(a_token(demo_db, "admin", organisation_id=MAIN, name="eve")) | OURS
    assert (
        "Theirs"
        in server.post(f"/views/{view}/rename", headers=admin, data={"name": "Theirs", "shared": "1"}).text
    )
    save(server, aki, name="My own")
    own = views(server.get("/views", headers=aki).text)["My own"]
    assert server.post(f"/views/{own}/remove", headers=ben).status_code == 404


def test_it_is_removed_and_brought_back(server: httpx.Client, aki: dict[str, str]) -> None:
    save(server, aki)
    view = views(server.get("/views", headers=aki).text)[NAME]
    gone = server.post(f"/views/{view}/remove", headers=aki).text
    assert "was removed" in gone
    assert NAME not in server.get("/themes", headers=aki).text
    assert NAME in server.post(f"/views/{view}/restore", headers=aki).text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"name": "  "}, "at most 80 characters"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"place": "//evil.example"}, "can be saved"),
        ({"place": "/me"}, "can be saved"),
    ],
)
def test_what_makes_no_view_is_told_and_what_was_typed_stays(
    server: httpx.Client, aki: dict[str, str], changes: dict[str, str], told: str
) -> None:
    refused = save(server, aki, **changes)
    assert refused.status_code == 422
    assert told in refused.text
    if "name" in changes:
        assert 'value="kind=question&amp;lang=ja"' in refused.text


def test_who_only_reads_is_offered_none_to_save(
    server: httpx.Client, demo_db: Database, aki: dict[str, str]
) -> None:
    save(server, aki, shared="1")
    reads = by(a_token(demo_db, "read", organisation_id=MAIN, name="vic")) | OURS
    page = server.get("/themes?kind=question", headers=reads).text
    assert NAME in page
    assert "Save this as a view" not in page


def test_a_name_is_text_and_nothing_else(server: httpx.Client, aki: dict[str, str]) -> None:
    shown = save(server, aki, name='<script>alert(1)</script>"')
    assert "<script>alert" not in shown.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown.text


def test_two_addresses_of_the_same_list_are_one() -> None:
    assert filters_of("b=2&a=1&page=3&ui=ja&empty=") == filters_of("a=1&b=2") == "a=1&b=2"
    assert filters_of("q=%E5%A3%B0+%26") == "q=%E5%A3%B0+%26"


def test_an_address_of_many_fields_opens_its_list(server: httpx.Client, aki: dict[str, str]) -> None:
    many = "&".join(f"field{number}=1" for number in range(500))
    for place in PLACES:
        assert server.get(f"{place}?{many}", headers=aki).status_code == 200, place
    theme = re.findall(r'href="/themes/([0-9a-f]{20})"', server.get("/themes", headers=aki).text)[0]
    form = {"on": "1", "listed": "1", "query": "&".join(["a=1"] * 400)}
    assert server.post(f"/me/follows/{theme}", headers=aki, data=form).status_code == 200
