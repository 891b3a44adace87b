"""Which articles answer which item: the items' leading spans, asked of all passages."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlmodel import Session

from nlp.embedders import Embedders
from nlp.glossary import Glossary
from nlp.retrieval import ArticleIndex, Hit, IndexedArticle
from service.db import Database
from service.pipeline.report import Progress
from service.repositories import coverage, embeddings
from service.repositories.coverage import Question, SearchedArticle
from service.repositories.glossary import glossary

BATCH = 1000
"""Items committed together."""
MOST_ARTICLES = 10
Row = tuple[str, float, list[dict[str, Any]]]


def update(db: Database, organisation_id: str, embedders: Embedders, *, progress: Progress) -> int:
    """Bring the coverage of every item up to date; return how many changed."""
    with db.begin() as session:
        asked = coverage.questions(session, organisation_id)
        articles = coverage.searched_articles(session, organisation_id)
        obeyed = glossary(session, organisation_id)
        index = ArticleIndex(_indexed(session, organisation_id, embedders, articles, obeyed))
        coverage.forget_others(session, organisation_id, [one.item_id for one in asked] if articles else ())
    if not articles:
        return 0
    changed = done = 0
    for space, part in _by_space(asked, embedders):
        with db.begin() as session:
            hashes = [one.content_hash for one in part]
            late = set(embeddings.missing(session, organisation_id, space, hashes))
            part = [one for one in part if one.content_hash not in late]
            vectors = embeddings.load(session, organisation_id, space, [one.content_hash for one in part])
            texts = [obeyed.hidden(one.text) for one in part]
            found = index.search(texts, space, vectors, limit=MOST_ARTICLES)
            changed += coverage.keep(session, organisation_id, list(map(_row, part, found)))
        done += len(part)
        progress("route", done, len(asked))
    return changed


def _indexed(
    session: Session,
    organisation_id: str,
    embedders: Embedders,
    articles: Sequence[SearchedArticle],
    obeyed: Glossary,
) -> list[IndexedArticle]:
    """Return the articles as they are searched; what means one term of the glossary is one word."""
    by_space: dict[str, list[SearchedArticle]] = defaultdict(list)
    for article in articles:
        by_space[embedders.for_language(article.lang).name].append(article)
    indexed = []
    for space, part in sorted(by_space.items()):
        hashes = [content_hash for article in part for content_hash in article.content_hashes]
        vectors = embeddings.load(session, organisation_id, space, hashes)
        start = 0
        for article in part:
            end = start + len(article.texts)
            texts = [obeyed.hidden(text) for text in article.texts]
            indexed.append(
                IndexedArticle(id=article.id, passages=texts, space=space, vectors=vectors[start:end])
            )
            start = end
    return sorted(indexed, key=lambda one: one.id)


def _by_space(asked: Sequence[Question], embedders: Embedders) -> Iterator[tuple[str, Sequence[Question]]]:
    by_space: dict[str, list[Question]] = defaultdict(list)
    for one in asked:
        by_space[embedders.for_language(one.lang).name].append(one)
    for space, part in sorted(by_space.items()):
        for start in range(0, len(part), BATCH):
            yield space, part[start : start + BATCH]


def _row(question: Question, hits: Sequence[Hit]) -> Row:
    answered = hits[0].score if hits else 0.0
    return question.item_id, answered, [{"article_id": hit.article_id, "score": hit.score} for hit in hits]
