"""Articles with what they answer."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, exists, func
from sqlmodel import Session, col, select

from service.models import Article, Coverage, Item, Source, Theme
from service.repositories.assignments import theme_by_item

ANSWERED = 0.5
"""From this probability on an item counts as answered."""


class AnswerRow(NamedTuple):
    """An article, where it came from, and how many items find their answer in it."""

    article: Article
    source: str
    items: int


def _best(organisation_id: str) -> Subquery:
    """Return rows `(item_id, article_id)`: the best article of every item that counts as answered."""
    best = col(Coverage.articles)[0]["article_id"].astext
    return (
        select(Coverage.item_id, best.label("article_id"))
        .join(Item, col(Item.id) == col(Coverage.item_id))
        .where(Coverage.organisation_id == organisation_id, Coverage.answered >= ANSWERED)
        .where(col(Item.set_aside).is_(None))
        .subquery()
    )


def finds_answer_in(article_id: str) -> ColumnElement[bool]:
    """Say of an item that it was not set aside, and most probably finds its answer in this article."""
    return and_(
        col(Item.set_aside).is_(None),
        exists().where(
            col(Coverage.item_id) == Item.id,
            col(Coverage.answered) >= ANSWERED,
            col(Coverage.articles)[0]["article_id"].astext == article_id,
        ),
    )


def list_answers(session: Session, organisation_id: str) -> list[AnswerRow]:
    """Return every article, those that answer most items first."""
    best = _best(organisation_id)
    counted = select(best.c.article_id, func.count().label("found")).group_by(best.c.article_id).subquery()
    items = func.coalesce(counted.c.found, 0)
    query = (
        select(Article, Source.name, items)
        .join(Source, col(Source.id) == col(Article.source_id))
        .outerjoin(counted, counted.c.article_id == col(Article.id))
        .where(Article.organisation_id == organisation_id)
        .order_by(items.desc(), col(Article.title).collate("C"), col(Article.id))
    )
    return [AnswerRow(*row) for row in session.exec(query)]


def themes_answered(session: Session, organisation_id: str, article_id: str) -> list[tuple[Theme, int]]:
    """Return the themes whose items find their answer in an article, and how many do."""
    best, themes = _best(organisation_id), theme_by_item(organisation_id)
    query = (
        select(Theme, func.count())
        .join(themes, themes.c.theme_id == col(Theme.id))
        .join(best, best.c.item_id == themes.c.item_id)
        .where(best.c.article_id == article_id)
        .group_by(col(Theme.id))
        .order_by(func.count().desc(), col(Theme.id))
    )
    return list(session.exec(query))
