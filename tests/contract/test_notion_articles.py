"""Pages of Notion as articles: what changed, what counts as published, how pages are read, and their ends."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from connectors import notion_blocks
from connectors.errors import Refused
from connectors.ports import Article, BadRow, Event, Shelf, Source, Unpublished
from connectors.registry import open_source
from service.imports import heard
from tests.contract.sources import Asked, example_of
from tests.contract.sources.notion_articles import (
    DATABASE,
    PROPERTIES,
    QUERY,
    block,
    blocks,
    described,
    listing,
    page,
)
from tests.contract.target_exam import outgoing
from tests.contract.targets import opened as opened_target
from tests.contract.targets.notion_backlog import NotionDesk
from tests.site import address_of, site
from tests.sourcing import DOOR, walked

SLUG = "notion-articles"
A1 = blocks("a1", block("paragraph", "…"))


def source_at(base: str, **told: str) -> Source:
    known = {k: v.replace("{base}", base) for k, v in example_of(SLUG).settings.items()}
    return open_source(SLUG, {**known, **told}, DOOR)


def events_of(*asked: Asked, **told: str) -> list[Event]:
    with site([DATABASE, *asked, described()]) as server:
        return [event for part in walked(source_at(address_of(server), **told)) for event in part]


def text_of(*inside: Asked) -> str:
    (article, *_) = events_of(listing(page("a1", "A")), *inside)
    assert isinstance(article, Article)
    return article.text


class TestPagesThatChanged:
    def test_are_asked_for_by_their_last_change(self) -> None:
        since = datetime.now(UTC)
        with site([DATABASE, listing(page("a1", "A")), described(), A1]) as server:
            (events,) = walked(source_at(address_of(server)), since)
            (asked,) = [json.loads(call.body) for call in server.calls if QUERY in call.head]
        assert [type(one) for one in events] == [Article]
        assert asked["filter"] == {
            "timestamp": "last_edited_time",
            "last_edited_time": {"on_or_after": since.isoformat(timespec="milliseconds")},
        }


class TestWhatCountsAsPublished:
    @pytest.mark.parametrize(
        ("status", "told", "expected"),
        [
            ("Published", {}, "published"),
            ("完了", {}, "published"),
            ("Draft", {}, "draft"),
            (None, {}, "draft"),
            ("Ready", {"done": "Ready, Live"}, "published"),
            ("Published", {"done": "Live"}, "draft"),
        ],
    )
    def test_is_told_by_the_status(self, status: str | None, told: Mapping[str, str], expected: str) -> None:
        (found, *_) = events_of(listing(page("a1", "A", status=status)), A1, **told)
        assert getattr(found, "status", None) == expected

    def test_is_everything_where_the_database_has_no_status(self) -> None:
        plain = described(properties={"Name": PROPERTIES["Name"]})
        with site([DATABASE, listing(page("a1", "A", status=None)), plain, A1]) as server:
            source = source_at(address_of(server))
            assert "all of its pages count as published" in source.check()
            (found, _) = [event for part in walked(source) for event in part]
        assert getattr(found, "status", None) == "published"

    @pytest.mark.parametrize(
        ("properties", "told", "words"),
        [
            (
                {"ステータス": PROPERTIES["Status"]},
                {},
                "'status' names 'Status'; the database has ステータス",
            ),
            (PROPERTIES, {"status": "State"}, "'status' names 'State'; the database has Status"),
            ({}, {"status": "State"}, "no property of this name that is a status"),
            (PROPERTIES, {"done": "Live"}, "'done' names none of the statuses of 'Status': Draft, Published"),
        ],
    )
    def test_is_never_guessed(
        self, properties: Mapping[str, object], told: Mapping[str, str], words: str
    ) -> None:
        with (
            site([DATABASE, listing(), described(properties=properties)]) as server,
            pytest.raises(Refused, match=words),
        ):
            source_at(address_of(server), **told).check()


class TestReaders:
    def test_are_customers_of_what_is_shared_to_the_web(self) -> None:
        shared = page("a2", "B", public_url="https://acme.notion.site/b")
        (own, public, _) = events_of(listing(page("a1", "A"), shared), A1, blocks("a2"))
        assert [getattr(one, "audience", None) for one in (own, public)] == ["internal", "public"]

    def test_may_be_said_to_be_customers_of_all(self) -> None:
        (found, _) = events_of(listing(page("a1", "A")), A1, audience="public")
        assert getattr(found, "audience", None) == "public"


class TestTheTextOfAPage:
    def test_holds_every_kind_of_block_that_has_words(self) -> None:
        table = {"id": "t", "type": "table", "has_children": True, "table": {"table_width": 2}}
        cells = [[{"plain_text": "k"}], [{"plain_text": "a < b"}]]
        text = text_of(
            blocks(
                "a1",
                block("heading_2", "手順"),
                block("toggle", "届かないとき", named="b1", inside=True),
                table,
                block("code", "x\ny"),
                {"type": "image", "image": {"caption": [{"plain_text": "図"}]}},
                {"type": "equation", "equation": {"expression": "e=mc^2"}},
                {"type": "child_page", "id": "p", "has_children": True, "child_page": {"title": "別"}},
                {"type": "unsupported", "unsupported": {}},
                {"type": 7, "has_children": "yes"},
            ),
            blocks("b1", block("bulleted_list_item", "迷惑メールも…")),
            blocks("t", {"type": "table_row", "table_row": {"cells": cells}}),
        )
        assert text == (
            "<h3>手順</h3><p>届かないとき</p><div><li>迷惑メールも…</li></div>"
            "<div><tr><td>k</td><td>a &lt; b</td></tr></div><pre>x<br>y</pre><p>図</p><p>e=mc^2</p>"
        )

    def test_leaves_out_a_copy_whose_original_is_hidden(self) -> None:
        hidden = {"type": "synced_block", "id": "gone", "has_children": True, "synced_block": {}}
        assert text_of(blocks("a1", hidden, block("paragraph", "…"))) == "<p>…</p>"

    def test_ends_though_blocks_hold_themselves(self) -> None:
        again = block("toggle", "…", named="a1", inside=True)
        assert text_of(blocks("a1", again)).count("<p>…</p>") == notion_blocks.DEEPEST + 1

    def test_ends_though_a_list_goes_on_and_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(notion_blocks, "MOST_ASKED", 5)
        assert text_of(blocks("a1", block("paragraph", "…"), further="z")).count("…") == 5

    def test_of_a_page_that_went_away_meanwhile_withdraws_it(self) -> None:
        assert events_of(listing(page("a1", "A"))) == [Unpublished(external_id="a1")]

    def test_that_may_not_be_read_is_told_with_what_to_do(self) -> None:
        refused = Asked(target="/v1/blocks/", answer={}, status="403 Forbidden")
        with pytest.raises(Refused, match="let the integration read content"):
            events_of(listing(page("a1", "A")), refused)


class TestTheList:
    def test_that_is_cut_off_withdraws_nothing_and_says_so(self) -> None:
        cut = listing(page("a1", "A"), request_status={"type": "incomplete"})
        found = events_of(cut, A1)
        assert [type(one) for one in found] == [Article, BadRow]

    def test_holds_pages_alone(self) -> None:
        other = {"object": "data_source", "id": "d1"}
        assert events_of(listing(other, page("a1", "A"), {"object": "page"}), A1)[1:] == [
            Shelf(external_ids=("a1",))
        ]

    def test_of_several_sources_must_be_named(self) -> None:
        with (
            site(
                [Asked(target="/v1/databases", answer={"data_sources": [{"name": "A"}, {"name": "B"}]})]
            ) as one,
            pytest.raises(Refused, match="'source' must name a data source of the database: A, B"),
        ):
            source_at(address_of(one)).check()


@pytest.fixture
def desk() -> Iterator[NotionDesk]:
    """The database that the target of the same kind writes to."""
    with opened_target(SLUG) as made:
        assert isinstance(made, NotionDesk)
        yield made


def test_drafts_of_koe_are_no_articles_until_they_are_published(desk: NotionDesk) -> None:
    reference = desk.target.deliver(outgoing(desk.target)).reference

    def told() -> heard.Told:
        (events,) = walked(desk.source())
        return heard.read(events, received_at=datetime.now(UTC))

    assert (told().unpublished, told().articles) == ([reference], [])
    desk.finish(reference)
    (article,) = told().articles
    assert (article.external_id, article.status, article.own) == (reference, "published", True)
    assert article.title == desk.title(reference)
