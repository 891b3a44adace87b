"""Freshdesk's solutions as articles: what changed, who reads them, languages; the walk is in its example."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Refused
from connectors.ports import Event, Means, Shelf, Source
from connectors.registry import open_source
from service.imports import heard
from tests.contract.sources import Asked
from tests.contract.sources.freshdesk_solutions import API, LANGUAGES, article, articles, folder, folders
from tests.contract.target_exam import outgoing
from tests.contract.targets import door
from tests.contract.targets import opened as opened_target
from tests.contract.targets.freshdesk_solutions import FreshdeskSolutionsDesk
from tests.site import address_of, site
from tests.sourcing import DOOR, walked

SLUG = "freshdesk-solutions"
LOGIN = folders(folder(21, "Login"))


def source_at(base: str, **told: str) -> Source:
    return open_source(SLUG, {"address": base, "key": "a-key", **told}, DOOR)


def events_of(*asked: Asked, since: datetime | None = None) -> list[Event]:
    with site(asked) as server:
        return [event for part in walked(source_at(address_of(server)), since) for event in part]


class TestArticles:
    def test_that_changed_are_taken_from_all_folders_and_no_others(self) -> None:
        since = datetime.now(UTC)
        later = (since + timedelta(minutes=1)).isoformat()
        them = [article(1, "A", updated_at=later), article(2, "B"), article(3, "C", updated_at=None)]
        found = events_of(*LOGIN, articles(21, *them), since=since)
        assert [getattr(one, "external_id", None) for one in found] == ["1", "3"]

    @pytest.mark.parametrize(
        ("visibility", "audience"),
        [(1, "public"), (2, "public"), (4, "public"), (3, "internal"), (5, "internal"), (None, "internal")],
    )
    def test_are_for_those_who_see_their_folder(self, visibility: int | None, audience: str) -> None:
        there = folders(folder(21, "Login", visibility=visibility))
        (found, _) = events_of(*there, articles(21, article(1, "A")))
        assert getattr(found, "audience", None) == audience

    def test_stand_at_freshdesk_itself_where_no_other_address_is_said(self) -> None:
        with site([*LOGIN, articles(21, article(1, "A"))]) as server:
            ((found, _),) = walked(source_at(address_of(server)))
            assert getattr(found, "url", None) == f"{address_of(server)}/support/solutions/articles/1"

    def test_are_withdrawn_where_they_are_not_listed_any_more(self) -> None:
        *_, shelf = events_of(*LOGIN, articles(21, article(1, "A"), {"title": "nameless"}))
        assert shelf == Shelf(external_ids=("1",))

    def test_are_not_withdrawn_where_the_agent_sees_no_folder(self) -> None:
        assert events_of(Asked(target=f"{API}/categories?", answer=[])) == []
        with site([Asked(target=f"{API}/categories?", answer=[])]) as server:
            assert "must be allowed to view solutions" in source_at(address_of(server)).check()


class TestLanguages:
    def test_are_one_where_the_agent_may_not_see_the_settings(self) -> None:
        hidden = Asked(target="/api/v2/settings/helpdesk", answer={}, status="403 Forbidden")
        told = article(1, "A", hierarchy=[{"level": 0, "data": {"id": 1, "language": "en"}}])
        (found, _) = events_of(hidden, *LOGIN, articles(21, told))
        assert getattr(found, "lang", None) == "en"

    def test_that_say_the_same_as_the_first_one_are_no_articles(self) -> None:
        same = articles(21, article(1, "A"), language="en")
        found = events_of(LANGUAGES, *LOGIN, same, articles(21, article(1, "A")))
        assert [getattr(one, "external_id", None) for one in found] == ["1", None]

    @pytest.mark.parametrize("status", ["400 Bad Request", "403 Forbidden", "404 Not Found"])
    def test_that_are_refused_hold_up_no_other(self, status: str) -> None:
        refused = Asked(target=f"{API}/folders/21/articles/en?", answer={}, status=status)
        found = events_of(LANGUAGES, *LOGIN, refused, articles(21, article(1, "A")))
        assert [getattr(one, "external_id", None) for one in found] == ["1", None]

    def test_that_are_no_languages_are_not_asked_for(self) -> None:
        strange = {"primary_language": "ja", "supported_languages": ["../agents", "ja", 7, None, "en?x=1"]}
        asked = [Asked(target="/api/v2/settings/helpdesk", answer=strange), *LOGIN, articles(21)]
        with site(asked) as server:
            assert len([*walked(source_at(address_of(server)))]) == 1
            assert not [call for call in server.calls if "/articles/" in call.head]


class TestFolders:
    def test_in_folders_end_though_they_hold_themselves(self) -> None:
        again = Asked(target=f"{API}/folders/21/subfolders?", answer=[folder(21, "A", sub_folders_count=1)])
        found = events_of(
            *folders(folder(21, "A", sub_folders_count=1)), again, articles(21, article(1, "A"))
        )
        assert [getattr(one, "external_id", None) for one in found] == ["1", None]

    def test_are_read_once_for_all_languages(self) -> None:
        other = articles(21, article(1, "B"), language="en")
        with site([LANGUAGES, *LOGIN, other, articles(21, article(1, "A"))]) as server:
            assert len([*walked(source_at(address_of(server)))]) == 2
            targets = [call.head.split(" ")[1] for call in server.calls]
        assert len(targets) == len(set(targets)) == 5


@pytest.fixture
def desk() -> Iterator[FreshdeskSolutionsDesk]:
    """The solutions that the target of the same kind writes to."""
    with opened_target("freshdesk_solutions") as made:
        assert isinstance(made, FreshdeskSolutionsDesk)
        yield made


def test_drafts_of_koe_are_no_articles_until_they_are_published(desk: FreshdeskSolutionsDesk) -> None:
    reference = desk.target.deliver(outgoing(desk.target)).reference
    settings = {"address": desk.board.address, "key": desk.secret}

    def told() -> heard.Told:
        source = open_source(SLUG, settings, Means(http=door()))
        events = [event for part in walked(source) for event in part]
        return heard.read(events, received_at=datetime.now(UTC))

    assert (told().unpublished, told().articles) == ([reference], [])
    desk.finish(reference)
    (found,) = told().articles
    assert (found.external_id, found.status) == (reference, "published")


def test_a_list_without_an_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.freshdesk_solutions.PAGES", 2)
    with opened_target("freshdesk_solutions") as desk:
        assert isinstance(desk, FreshdeskSolutionsDesk)
        settings = {"address": desk.board.address, "key": desk.secret}
        for number in range(9):
            desk.write(f"Article {number}", "x")
        source = open_source(SLUG, settings, Means(http=door()))
        with pytest.raises(Refused, match="without an end"):
            list(walked(source))
