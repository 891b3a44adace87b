"""Vectors for all that is compared: what customers said, and the passages of articles."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from nlp.embedders import Embedders
from nlp.errors import NlpError
from nlp.passages import Cut, passages
from nlp.ports import Embedder, Vectors
from nlp.redact import redact
from service.db import Database
from service.errors import Unavailable
from service.pipeline import wording
from service.pipeline.report import Progress, Report, silent
from service.repositories import embeddings
from service.repositories import passages as stored_passages

STAGE = "embed"
BATCH = 2000
"""Texts committed together: some seconds of work that a kill can cost."""
ARTICLES = 500
"""Articles cut and committed together."""


def run(db: Database, organisation_id: str, embedders: Embedders, *, progress: Progress = silent) -> Report:
    """Cut new articles into passages, read their words, and give every text without a vector one, each once.

    Raises Unavailable if an embedder's model cannot be loaded.
    """
    _cut_articles(db, organisation_id)
    wording.catch_up_with_articles(db, organisation_id)
    work = _work(db, organisation_id, embedders)
    total = sum(len(hashes) for _, hashes in work)
    done = 0
    for embedder, hashes in work:
        for start in range(0, len(hashes), BATCH):
            progress(STAGE, done, total)
            batch = hashes[start : start + BATCH]
            with db.begin() as session:
                texts = embeddings.texts(session, organisation_id, batch)
            vectors = _embed(embedder, list(texts.values()))
            with db.begin() as session:
                embeddings.store(session, organisation_id, embedder.name, list(texts), vectors)
            done += len(batch)
    progress(STAGE, done, total)
    return Report(stage=STAGE, done=done, notes=embedders.notes)


def _cut_articles(db: Database, organisation_id: str) -> None:
    last = ""
    while True:
        with db.begin() as session:
            articles = stored_passages.uncut_articles(session, organisation_id, after=last, limit=ARTICLES)
            for article in articles:
                stored_passages.keep(session, article, _redacted(passages(article.title, article.body)))
        if len(articles) < ARTICLES:
            return
        last = articles[-1].id


def _redacted(cuts: Sequence[Cut]) -> list[Cut]:
    """Take personal data out of what is compared; articles, too, name people and their addresses."""
    return [replace(cut, text=redact(cut.text).text) for cut in cuts]


def _work(db: Database, organisation_id: str, embedders: Embedders) -> list[tuple[Embedder, list[str]]]:
    """Return each embedder with the hashes of the texts that wait for it."""
    spaces: dict[str, list[str | None]] = defaultdict(list)
    with db.begin() as session:
        for lang in embeddings.langs(session, organisation_id):
            spaces[embedders.for_language(lang).name].append(lang)
        return [
            (embedders.for_language(langs[0]), embeddings.waiting(session, organisation_id, name, langs))
            for name, langs in sorted(spaces.items())
        ]


def _embed(embedder: Embedder, texts: list[str]) -> Vectors:
    try:
        return embedder.embed(texts)
    except NlpError as error:
        raise Unavailable(str(error)) from error
