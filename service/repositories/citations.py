"""What citations point to: items and articles by source and external id."""

from collections.abc import Collection

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from service.models import Article, Item, Source

Key = tuple[str, str]
"""Name of the source and external id."""


def cited_items(session: Session, organisation_id: str, keys: Collection[Key]) -> dict[Key, Item]:
    """Return the items that these keys name."""
    query = (
        select(Source.name, Item)
        .join(Item, col(Item.source_id) == col(Source.id))
        .where(Item.organisation_id == organisation_id)
        .where(tuple_(col(Source.name), col(Item.external_id)).in_(list(keys)))
    )
    return {(source, item.external_id): item for source, item in session.exec(query)}


def cited_articles(session: Session, organisation_id: str, keys: Collection[Key]) -> dict[Key, Article]:
    """Return the articles that these keys name."""
    query = (
        select(Source.name, Article)
        .join(Article, col(Article.source_id) == col(Source.id))
        .where(Article.organisation_id == organisation_id)
        .where(tuple_(col(Source.name), col(Article.external_id)).in_(list(keys)))
    )
    return {(source, article.external_id): article for source, article in session.exec(query)}
