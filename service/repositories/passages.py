"""Passages of articles."""

from collections.abc import Collection, Mapping, Sequence

from sqlmodel import Session, col, exists, select

from nlp.passages import Cut
from service.models import Article, Passage, PassageWords
from service.models.columns import digest
from service.repositories.among import among
from service.repositories.bulk import insert_rows
from service.repositories.lexemes import lexemes


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
    """Store the passages that an article was cut into; they are `wordless` until `keep_words`."""
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


def by_id(session: Session, organisation_id: str, passage_ids: Collection[str]) -> dict[str, Passage]:
    """Return those of these passages that are there, by id."""
    query = select(Passage).where(
        Passage.organisation_id == organisation_id, among(col(Passage.id), passage_ids)
    )
    return {passage.id: passage for passage in session.exec(query)}


def wordless(session: Session, organisation_id: str, *, after: str, limit: int) -> list[Passage]:
    """Return passages whose words were not read yet, by id, the first whose id is greater than `after`."""
    query = select(Passage).where(
        Passage.organisation_id == organisation_id,
        col(Passage.id).collate("C") > after,
        ~exists().where(col(PassageWords.id) == col(Passage.id)),
    )
    return list(session.exec(query.order_by(col(Passage.id).collate("C")).limit(limit)))


def keep_words(session: Session, organisation_id: str, words: Mapping[str, Sequence[str]]) -> None:
    """Store the words of passages, by their ids."""
    rows = [
        {"id": passage_id, "organisation_id": organisation_id, "words": lexemes(said)}
        for passage_id, said in words.items()
    ]
    insert_rows(session, PassageWords, rows, keep=True)
