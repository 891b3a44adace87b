"""More ids than PostgreSQL takes parameters."""

from service.db import Database
from service.models import MAIN
from service.repositories import articles, items, replies

IDS = [f"{number:020x}" for number in range(70_000)]


def test_any_number_of_items_and_articles_can_be_asked_for(db: Database) -> None:
    with db.begin() as session:
        assert replies.items(session, MAIN, IDS) == {}
        assert replies.replies(session, MAIN, IDS) == []
        assert items.versions(session, MAIN, IDS) == {}
        assert articles.by_id(session, MAIN, IDS) == {}
        items.forget_contents(session, MAIN, IDS)
