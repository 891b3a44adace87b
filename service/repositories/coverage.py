"""Coverage: which articles answer an item, and what it is computed from."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlmodel import Session, col, delete, select

from service.models import Article, Coverage, Passage, Span
from service.repositories.among import among

HIDDEN = frozenset({"draft", "archived", "unpublished", "deleted", "下書き", "非公開", "アーカイブ"})
"""States in which an article answers nobody."""


def can_be_read(status: str | None) -> bool:
    """Say whether an article in this state is there for anybody to read."""
    return (status or "").strip().lower() not in HIDDEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an item says first."""

    item_id: str
    text: str
    lang: str | None
    content_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedArticle:
    """An article that can be found, with its passages in order."""

    id: str
    lang: str | None
    texts: tuple[str, ...]
    content_hashes: tuple[str, ...]


def questions(session: Session, organisation_id: str) -> list[Question]:
    """Return the leading span of every item that has one, by the item's id."""
    query = (
        select(Span.item_id, Span.text, Span.lang, Span.content_hash)
        .ext(distinct_on(col(Span.item_id)))
        .where(Span.organisation_id == organisation_id)
        .order_by(col(Span.item_id), col(Span.start), col(Span.id))
    )
    return [
        Question(item_id=item_id, text=text, lang=lang, content_hash=content_hash)
        for item_id, text, lang, content_hash in session.exec(query)
    ]


def searched_articles(session: Session, organisation_id: str) -> list[SearchedArticle]:
    """Return the articles that somebody can read, by their ids."""
    query = (
        select(Article.id, Article.lang, Article.status, Passage)
        .join(Passage, col(Passage.article_id) == col(Article.id))
        .where(Article.organisation_id == organisation_id)
        .order_by(col(Article.id).collate("C"), col(Passage.position))
    )
    found: dict[str, tuple[str | None, list[str], list[str]]] = {}
    for article_id, lang, status, passage in session.exec(query):
        if can_be_read(status):
            _, texts, hashes = found.setdefault(article_id, (lang, [], []))
            texts.append(passage.text)
            hashes.append(passage.content_hash)
    return [
        SearchedArticle(id=article_id, lang=lang, texts=tuple(texts), content_hashes=tuple(hashes))
        for article_id, (lang, texts, hashes) in found.items()
    ]


def keep(
    session: Session, organisation_id: str, rows: Sequence[tuple[str, float, list[dict[str, Any]]]]
) -> int:
    """Write `(item_id, answered, articles)` where it is new or another than before; return how many were."""
    known = by_item(session, organisation_id, [item_id for item_id, _, _ in rows])
    changed = [
        {"item_id": item_id, "organisation_id": organisation_id, "answered": answered, "articles": articles}
        for item_id, answered, articles in rows
        if item_id not in known or (known[item_id].answered, known[item_id].articles) != (answered, articles)
    ]
    if changed:
        statement = insert(Coverage)
        replaced = {name: statement.excluded[name] for name in ("answered", "articles")}
        session.execute(statement.on_conflict_do_update(index_elements=["item_id"], set_=replaced), changed)
    return len(changed)


def forget_others(session: Session, organisation_id: str, item_ids: Collection[str]) -> None:
    """Remove the coverage of all items but these."""
    kept = select(Coverage.item_id).where(Coverage.organisation_id == organisation_id)
    gone = sorted(set(session.exec(kept)) - set(item_ids))
    if gone:
        session.execute(
            delete(Coverage).where(
                col(Coverage.organisation_id) == organisation_id, among(col(Coverage.item_id), gone)
            )
        )


def by_item(session: Session, organisation_id: str, item_ids: Sequence[str]) -> Mapping[str, Coverage]:
    """Return the coverage of those of these items that have one."""
    query = select(Coverage).where(
        Coverage.organisation_id == organisation_id, among(col(Coverage.item_id), item_ids)
    )
    return {coverage.item_id: coverage for coverage in session.exec(query)}
