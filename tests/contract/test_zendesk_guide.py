"""Zendesk Guide: what changed, as its incremental export tells it; the walk through all is in its example."""

from collections.abc import Sequence
from datetime import UTC, datetime

from connectors.ports import Event
from connectors.zendesk_account import CENTRE
from tests.contract.sources import Asked
from tests.contract.sources.zendesk_guide import PASSWORD, SECTIONS, article, translation
from tests.site import address_of, site
from tests.sourcing import opened

EXPORT = f"{CENTRE}/incremental/articles.json?start_time="
PASSWORD_THERE = article(360001, translations=[translation("ja", "パスワードを再設定する")])


def changes(*asked: Asked) -> Sequence[list[Event]]:
    """Return what a walk of today tells, page by page."""
    since, cursor, pages = datetime.now(UTC), None, []
    with site([*asked, SECTIONS]) as server:
        source = opened("zendesk-guide", address_of(server))
        while True:
            page = source.page(since, cursor)
            pages.append([*page.events])
            cursor = page.cursor
            if cursor is None:
                return pages


class TestWhatChanged:
    def test_comes_with_all_its_languages_and_tells_of_no_other(self) -> None:
        assert changes(Asked(target=EXPORT, answer={"articles": [PASSWORD_THERE]})) == [[PASSWORD]]

    def test_is_asked_for_in_parts_that_take_few_requests(self) -> None:
        many = [article(number, translations=[translation("ja", str(number))]) for number in range(1, 71)]
        pages = changes(Asked(target=EXPORT, answer={"articles": many, "end_time": 1, "next_page": "x"}))
        assert [len(page) for page in pages] == [30, 30, 10]
        assert len({repr(event) for page in pages for event in page}) == 70

    def test_goes_on_where_the_export_ended_until_it_stands_still(self) -> None:
        end = int(datetime.now(UTC).timestamp()) + 60
        answer = {"articles": [PASSWORD_THERE], "end_time": end, "next_page": "{base}/x"}
        assert changes(Asked(target=EXPORT, answer=answer)) == [[PASSWORD], [PASSWORD]]

    def test_holds_up_no_other_where_one_is_refused(self) -> None:
        there = Asked(target=EXPORT, answer={"articles": [article(360009), PASSWORD_THERE]})
        ((refused, *rest),) = changes(there)
        assert getattr(refused, "external_id", None) == "360009"
        assert rest == [PASSWORD]
