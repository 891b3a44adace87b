"""Articles of the knowledge base."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, delete, func, or_
from sqlmodel import Session, col, select

from service.errors import NotFound
from service.models import Article, Passage


def list_articles(
    session: Session,
    organisation_id: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    lang: str | None = None,
    q: str | None = None,
) -> list[Article]:
    """Return articles by section and title; `q` is a piece of their title or body."""
    query = (
        select(Article)
        .where(*_wanted(organisation_id, lang=lang, q=q))
        .order_by(col(Article.section).nulls_last(), col(Article.title), col(Article.id))
        .limit(limit)
        .offset(offset)
    )
    return list(session.exec(query))


def count_articles(
    session: Session, organisation_id: str, *, lang: str | None = None, q: str | None = None
) -> int:
    """Return how many articles `list_articles` would give without a limit."""
    return session.exec(select(func.count()).where(*_wanted(organisation_id, lang=lang, q=q))).one()


def get(session: Session, organisation_id: str, article_id: str) -> Article:
    """Return an article. Raises NotFound."""
    found = session.get(Article, article_id)
    if found is None or found.organisation_id != organisation_id:
        raise NotFound("There is no such article.")
    return found


def versions(session: Session, organisation_id: str, article_ids: Collection[str]) -> dict[str, str]:
    """Return the version of each of these articles that is known."""
    query = select(Article.id, Article.version).where(
        Article.organisation_id == organisation_id, col(Article.id).in_(article_ids)
    )
    return dict(session.exec(query).all())


def forget_passages(session: Session, organisation_id: str, article_ids: Collection[str]) -> None:
    """Remove the passages of articles whose words changed, so that they are cut anew."""
    session.execute(
        delete(Passage).where(
            col(Passage.organisation_id) == organisation_id, col(Passage.article_id).in_(article_ids)
        )
    )


def _wanted(organisation_id: str, *, lang: str | None, q: str | None) -> list[ColumnElement[bool]]:
    conditions = [col(Article.organisation_id) == organisation_id]
    if lang is not None:
        conditions.append(col(Article.lang) == lang)
    if q:
        conditions.append(
            or_(
                col(Article.title).icontains(q, autoescape=True),
                col(Article.body).icontains(q, autoescape=True),
            )
        )
    return conditions
