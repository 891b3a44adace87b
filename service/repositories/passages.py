"""Passages of articles."""

from collections.abc import Sequence

from sqlmodel import Session, col, exists, select

from nlp.passages import Cut
from service.models import Article, Passage
from service.models.columns import digest
from service.repositories.bulk import insert_rows


def uncut_articles(session: Session, organisation_id: str, *, after: str, limit: int) -> list[Article]:
    """Return articles without passages, by id, the first whose id is greater than `after`."""
    query = (
        select(Article)
        .where(
            Article.organisation_id == organisation_id,
            col(Article.id).collate("C") > after,
            ~exists().where(col(Passage.article_id) == col(Article.id)),
        )
        .order_by(col(Article.id).collate("C"))
        .limit(limit)
    )
    return list(session.exec(query))


def keep(session: Session, article: Article, cuts: Sequence[Cut]) -> None:
    """Store the passages that an article was cut into."""
    rows = [
        {
            "id": digest(article.organisation_id, "passage", article.id, str(position), cut.text),
            "organisation_id": article.organisation_id,
            "article_id": article.id,
            "position": position,
            "start": cut.start,
            "end": cut.end,
            "text": cut.text,
            "content_hash": digest(cut.text, length=32),
        }
        for position, cut in enumerate(cuts)
    ]
    insert_rows(session, Passage, rows)
