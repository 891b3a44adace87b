"""Zammad's knowledge base: what changed, many answers, addresses; the walk through all is in its example."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from connectors.errors import Refused
from connectors.ports import Article, Event, Shelf, Unpublished
from connectors.zammad_knowledge import slug_of
from tests.contract.sources import Asked
from tests.contract.sources.zammad_knowledge import (
    AT,
    INIT,
    LANGUAGES,
    SEARCH,
    TITLES,
    answer,
    there,
    translation,
)
from tests.site import address_of, site
from tests.sourcing import opened

SLUG = "zammad-knowledge"


def pages(asked: Sequence[Asked], since: datetime | None = None) -> Iterator[Sequence[Event]]:
    """Yield what each page of a walk tells."""
    cursor = None
    with site(asked) as server:
        source = opened(SLUG, address_of(server))
        while True:
            page = source.page(since, cursor)
            yield page.events
            if (cursor := page.cursor) is None:
                return


def articles(asked: Sequence[Asked]) -> list[Article]:
    return [one for page in pages(asked) for one in page if isinstance(one, Article)]


class TestAnswersOfZammad:
    def test_that_changed_come_and_what_was_archived_goes_at_once(self) -> None:
        since = datetime.now(UTC)
        later = (since + timedelta(minutes=1)).isoformat()
        changed = [answer(1, updated_at=later), answer(2), answer(4, updated_at=later, archived_at=AT)]
        (events,) = pages([there(*changed, titles=TITLES), *LANGUAGES], since)
        assert [getattr(one, "external_id", None) for one in events] == ["1", "1/3", "4"]
        assert [type(one) for one in events] == [Article, Article, Unpublished]

    def test_come_in_parts_and_each_once(self) -> None:
        many = [answer(number) for number in range(1, 121)]
        titles = tuple(translation(1000 + number, number, f"第{number}話") for number in range(1, 121))
        told = list(pages([there(*many, titles=titles), *LANGUAGES]))
        assert [len(page) for page in told] == [50, 50, 21]
        *_, shelf = told[-1]
        assert shelf == Shelf(external_ids=tuple(str(number) for number in range(1, 121)))

    @pytest.mark.parametrize(
        ("custom", "start"),
        [("/support", "{base}/support"), ("help.example.com/kb", "http://help.example.com/kb")],
    )
    def test_stand_at_the_address_of_their_own_that_a_knowledge_base_has(
        self, custom: str, start: str
    ) -> None:
        with site([there(answer(1), titles=TITLES[:1], custom_address=custom), *LANGUAGES]) as server:
            page = opened(SLUG, address_of(server)).page(None, None)
            expected = start.replace("{base}", address_of(server))
        assert getattr(page.events[0], "url", None) == f"{expected}/ja-jp/12-/1-"

    def test_have_no_language_and_no_link_where_nobody_may_search(self) -> None:
        refused = Asked(method="POST", target=SEARCH, answer={}, status="403 Forbidden")
        (found,) = articles([there(answer(1), titles=TITLES[:1]), refused])
        assert (found.lang, found.url, found.text) == (None, None, "<p>パスワードを再設定する</p>")

    def test_are_not_withdrawn_where_the_token_sees_none(self) -> None:
        assert list(pages([there(titles=())])) == [[]]
        with pytest.raises(Refused, match="shows no knowledge base"):
            list(pages([Asked(method="POST", target=INIT, answer=[])]))

    def test_are_asked_for_with_a_right_that_is_named_where_there_are_none(self) -> None:
        with site([there(titles=())]) as server:
            assert "knowledge_base.reader" in opened(SLUG, address_of(server)).check()

    def test_texts_are_asked_for_by_the_numbers_of_one_page(self) -> None:
        with site([there(answer(1), titles=TITLES[:1]), *LANGUAGES]) as server:
            opened(SLUG, address_of(server)).page(None, None)
            asked = [json.loads(call.body) for call in server.calls if INIT in call.head]
        assert asked == [{}, {"answer_translation_content_ids": [111]}]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Größe & Straße", "grosse-strasse"), ("パスワード", ""), ("--a__b--  c", "a__b-c"), ("Ｑ1 が", "1")],
)
def test_titles_stand_in_addresses_as_zammad_writes_them(title: str, slug: str) -> None:
    assert slug_of(title) == slug
