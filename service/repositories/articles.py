"""Articles of the knowledge base."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Article, Event, Passage, Source
from service.repositories import locks
from service.repositories.among import among


class View(NamedTuple):
    """A customer who looked at an article."""

    article: str
    """As the event names it: by its id there, its address or its title."""
    customer_id: str
    at: datetime


def list_articles(session: Session, organisation_id: str) -> list[Article]:
    """Return every article, by id."""
    query = select(Article).where(Article.organisation_id == organisation_id)
    return list(session.exec(query.order_by(col(Article.id).collate("C"))))


def get(session: Session, organisation_id: str, article_id: str) -> Article:
    """Return an article. Raises NotFound."""
    found = session.get(Article, article_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("There is no such article.")
    return found


def by_id(session: Session, organisation_id: str, article_ids: Collection[str]) -> dict[str, Article]:
    """Return those of these articles that are there, by id."""
    query = select(Article).where(
        Article.organisation_id == organisation_id, among(col(Article.id), article_ids)
    )
    return {article.id: article for article in session.exec(query)}


def versions(session: Session, organisation_id: str, article_ids: Collection[str]) -> dict[str, str]:
    """Return the version of each of these articles that is known."""
    query = select(Article.id, Article.version).where(
        Article.organisation_id == organisation_id, among(col(Article.id), article_ids)
    )
    return dict(session.exec(query).all())


def ids(session: Session, organisation_id: str) -> frozenset[str]:
    """Return the ids of all articles, and keep them from going away until the transaction ends."""
    locks.hold(session, "articles", organisation_id)
    return frozenset(session.exec(select(Article.id).where(Article.organisation_id == organisation_id)))


def remove(session: Session, source: Source, external_ids: Collection[str]) -> None:
    """Remove articles of a source; suggestions about them stay, and name none any more."""
    _remove(session, source, among(col(Article.external_id), external_ids))


def remove_others(session: Session, source: Source, external_ids: Collection[str]) -> None:
    """Remove all articles of a source but these."""
    _remove(session, source, ~among(col(Article.external_id), external_ids))


def _remove(session: Session, source: Source, which: ColumnElement[bool]) -> None:
    locks.hold(session, "articles", source.organisation_id)
    session.execute(
        delete(Article).where(
            col(Article.organisation_id) == source.organisation_id, col(Article.source_id) == source.id, which
        )
    )


def forget_passages(session: Session, organisation_id: str, article_ids: Collection[str]) -> None:
    """Remove the passages of articles whose words changed, so that they are cut anew."""
    session.execute(
        delete(Passage).where(
            col(Passage.organisation_id) == organisation_id, among(col(Passage.article_id), article_ids)
        )
    )


def views(session: Session, organisation_id: str) -> list[View]:
    """Return which customers looked at which article and when, as far as events tell."""
    query = select(Event.article, Event.customer_id, Event.occurred_at).where(
        Event.organisation_id == organisation_id, Event.kind == "article_view"
    )
    found = session.exec(query.order_by(col(Event.occurred_at), col(Event.id)))
    return [View(article, customer, at) for article, customer, at in found if article and customer]
