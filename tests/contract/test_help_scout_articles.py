"""Help Scout's Docs as articles: what changed, many of them, lists that shift; the walk is in its example."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Refused
from connectors.ports import Article, Event, Means, Shelf, Source, Unpublished
from connectors.registry import open_source
from service.imports import heard
from tests.contract.sources import Asked
from tests.contract.sources.help_scout_docs import (
    GUIDES,
    STAFF,
    articles,
    categories,
    collections,
    row,
    whole,
)
from tests.contract.target_exam import outgoing
from tests.contract.targets import door
from tests.contract.targets import opened as opened_target
from tests.contract.targets.help_scout_docs import HelpScoutDocsDesk
from tests.site import address_of, site
from tests.sourcing import DOOR, walked

SLUG = "help-scout-docs"
HERE = [collections(GUIDES), categories("c1")]


def source_at(base: str) -> Source:
    return open_source(SLUG, {"address": f"{base}/v1", "key": "a-key"}, DOOR)


def pages(*asked: Asked, since: datetime | None = None) -> list[Sequence[Event]]:
    with site(asked) as server:
        return list(walked(source_at(address_of(server)), since))


class TestArticles:
    def test_that_changed_are_asked_for_and_no_others(self) -> None:
        since = datetime.now(UTC)
        changed = row("a1", "A", updatedAt=(since + timedelta(minutes=1)).isoformat())
        made = row("a3", "C", updatedAt=None, createdAt=(since + timedelta(minutes=1)).isoformat())
        asked = [*HERE, articles("c1", changed, row("a2", "B"), made), whole(changed), whole(made)]
        (events,) = pages(*asked, since=since)
        assert [getattr(one, "external_id", None) for one in events] == ["a1", "a3"]

    def test_come_in_parts_and_each_once(self) -> None:
        many = [row(f"a{number:03}", f"{number}") for number in range(70)]
        told = pages(*HERE, articles("c1", *reversed(many)), *map(whole, many))
        assert [len(page) for page in told] == [40, 31]
        assert told[-1][-1] == Shelf(external_ids=tuple(str(one["id"]) for one in many))

    def test_go_on_in_the_next_collection_where_one_is_gone(self) -> None:
        a, b = row("a1", "A"), row("b1", "B")
        with site([collections(GUIDES, STAFF), articles("c1", a), categories("c1"), whole(a)]) as server:
            cursor = source_at(address_of(server)).page(None, None).cursor
        later = {"id": "c3", "name": "New", "visibility": "public"}
        with site([collections(later), articles("c3", b), categories("c3"), whole(b)]) as server:
            page = source_at(address_of(server)).page(None, cursor)
        assert page.events[-1] == Shelf(external_ids=("a1", "b1"))

    @pytest.mark.parametrize(
        ("visibility", "audience"), [("public", "public"), ("private", "internal"), (None, "internal")]
    )
    def test_are_for_those_who_see_their_collection(self, visibility: str | None, audience: str) -> None:
        there = collections({"id": "c1", "name": "Guides", "visibility": visibility})
        ((found, _),) = pages(there, categories("c1"), articles("c1", row("a1", "A")), whole(row("a1", "A")))
        assert getattr(found, "audience", None) == audience

    def test_that_went_away_since_they_were_listed_are_withdrawn(self) -> None:
        ((gone, *_),) = pages(*HERE, articles("c1", row("a1", "A")))
        assert gone == Unpublished(external_id="a1")

    def test_that_may_not_be_read_are_told_with_what_to_do(self) -> None:
        refused = Asked(target="/v1/articles/a1", answer={}, status="403 Forbidden")
        with pytest.raises(Refused, match="must be allowed to see Docs"):
            pages(*HERE, articles("c1", row("a1", "A")), refused)

    def test_that_are_too_long_are_taken_as_they_are_listed(self) -> None:
        refused = Asked(target="/v1/articles/a1", answer={}, status="413 Content Too Large")
        ((found, _),) = pages(*HERE, articles("c1", row("a1", "A")), refused)
        assert isinstance(found, Article)
        assert (found.title, found.text) == ("A", "")

    def test_that_are_answered_with_another_are_taken_as_they_are_listed(self) -> None:
        other = Asked(target="/v1/articles/a1", answer={"article": row("a9", "Z")})
        ((found, _),) = pages(*HERE, articles("c1", row("a1", "A")), other)
        assert (getattr(found, "external_id", None), getattr(found, "title", None)) == ("a1", "A")


class TestLists:
    def test_that_shifted_while_they_were_read_withdraw_nothing(self) -> None:
        a, b = row("a1", "A"), row("b1", "B")
        asked = [collections(GUIDES, STAFF), categories("c1"), categories("c2"), whole(a), whole(b)]
        told = pages(*asked, articles("c1", a, count=2), articles("c2", b))
        assert [[type(one) for one in page] for page in told] == [[Article], [Article]]

    def test_are_none_where_the_owner_of_the_key_sees_nothing(self) -> None:
        assert pages(collections()) == [[]]
        with site([collections()]) as server:
            assert "must be allowed to see Docs" in source_at(address_of(server)).check()

    def test_without_an_end_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("connectors.help_scout_docs.PAGES", 3)
        again = [articles("c1", row("a1", "A"), number=number, pages=10**9) for number in range(1, 9)]
        with pytest.raises(Refused, match="without an end"):
            pages(*HERE, *again)


@pytest.fixture
def desk() -> Iterator[HelpScoutDocsDesk]:
    """The Docs that the target of the same kind writes to."""
    with opened_target("help_scout_docs") as made:
        assert isinstance(made, HelpScoutDocsDesk)
        yield made


def test_drafts_of_koe_are_no_articles_until_they_are_published(desk: HelpScoutDocsDesk) -> None:
    reference = desk.target.deliver(outgoing(desk.target)).reference

    def told() -> heard.Told:
        settings = {"address": f"{desk.board.address}/v1", "key": desk.secret}
        source = open_source(SLUG, settings, Means(http=door()))
        events = [event for part in walked(source) for event in part]
        return heard.read(events, received_at=datetime.now(UTC))

    assert (told().unpublished, told().articles) == ([reference], [])
    desk.finish(reference)
    (found,) = told().articles
    assert (found.external_id, found.status, found.audience) == (reference, "published", "public")
