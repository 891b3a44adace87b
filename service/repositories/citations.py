"""What citations point to: items and articles by source and external id."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from service.models import Article, Item, Source, Suggestion
from service.models.columns import digest

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


def stale(session: Session, organisation_id: str, suggestions: Iterable[Suggestion]) -> set[str]:
    """Return the ids of those whose draft cites something that is gone, or that says other words by now."""
    drafts = {one.id: one.draft for one in suggestions if one.draft}
    keys = {_key(citation) for draft in drafts.values() for citation in draft["citations"]}
    texts = _texts(session, organisation_id, keys)
    return {suggestion_id for suggestion_id, draft in drafts.items() if not _is_held(draft, texts)}


def _texts(session: Session, organisation_id: str, keys: Collection[Key]) -> dict[Key, str]:
    """Return what can be cited of these items and articles."""
    of_items = select(Source.name, Item.external_id, Item.text).join(
        Item, col(Item.source_id) == col(Source.id)
    )
    of_articles = select(Source.name, Article.external_id, Article.title, Article.body).join(
        Article, col(Article.source_id) == col(Source.id)
    )
    said = session.exec(
        of_items.where(Item.organisation_id == organisation_id).where(
            tuple_(col(Source.name), col(Item.external_id)).in_(list(keys))
        )
    )
    written = session.exec(
        of_articles.where(Article.organisation_id == organisation_id).where(
            tuple_(col(Source.name), col(Article.external_id)).in_(list(keys))
        )
    )
    texts = {(source, name): f"{title}\n\n{body}" for source, name, title, body in written}
    return texts | {(source, name): text or "" for source, name, text in said}


def _is_held(draft: Mapping[str, Any], texts: Mapping[Key, str]) -> bool:
    """Say whether everything that a draft cites is there, word for word."""
    if any(one["end"] > len(texts.get(_key(one), "")) for one in draft["citations"]):
        return False
    return all(
        digest(texts[_key(one)][one["start"] : one["end"]]) == sentence["held"]
        for sentence in draft["sentences"]
        if "held" in sentence  # drafts of old have none
        for one in sentence["citations"]
    )


def _key(citation: Mapping[str, Any]) -> Key:
    return citation["source"], citation["external_id"]
