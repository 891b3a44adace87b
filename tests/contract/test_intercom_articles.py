"""Intercom Articles: what changed, and lists that shift; the walk through all is in its example."""

from datetime import UTC, datetime

from connectors.ports import Shelf
from tests.contract.sources import Asked
from tests.contract.sources.intercom_articles import COLLECTIONS, article, listing
from tests.site import address_of, site
from tests.sourcing import opened


class TestArticlesOfIntercom:
    def test_that_changed_are_asked_for_and_no_others(self) -> None:
        since = datetime.now(UTC)
        changed = article(1, updated_at=int(since.timestamp()) + 60)
        asked = [
            listing(1, 9, changed, article(2), total=300),
            Asked(target="/articles/1", answer=changed),
            COLLECTIONS,
        ]
        with site(asked) as server:
            source = opened("intercom-articles", address_of(server))
            page = source.page(since, None)
        assert [getattr(event, "external_id", None) for event in page.events] == ["1"]
        assert page.cursor is None

    def test_withdraw_no_other_where_the_list_shifted_meanwhile(self) -> None:
        with site([listing(1, 1, article(1), total=2), COLLECTIONS]) as server:
            page = opened("intercom-articles", address_of(server)).page(None, None)
        assert [event for event in page.events if isinstance(event, Shelf)] == []
        assert len(page.events) == 1
