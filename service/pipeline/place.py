"""The stage for what came since the last run: each span goes to the theme it is nearest to, or to none.

A run groups everything anew and takes minutes; this takes what is new, and costs the same however much
there was before. The next run reads these spans like all others.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sqlmodel import Session

from nlp.embedders import Embedders
from nlp.errors import NlpError
from nlp.placing import place
from nlp.ports import Embedder
from service.db import Database
from service.errors import Unavailable
from service.models import Run
from service.pipeline import tally
from service.pipeline.report import Progress, Report, silent
from service.repositories import embeddings, places, tallies
from service.repositories.places import Middles, Taken, WaitingSpan
from service.repositories.runs import live_run

STAGE = "place"
BATCH = 200
"""Items committed together."""


def run(db: Database, organisation_id: str, embedders: Embedders, *, progress: Progress = silent) -> Report:
    """Put the spans of all items that wait into the live themes. Before there are any, all wait.

    They wait, too, while the live run shows an earlier day. Raises Unavailable if an embedder's model
    cannot be loaded.
    """
    done = 0
    while True:
        with db.begin() as session:
            live = live_run(session, organisation_id)
            items = places.waiting_items(session, organisation_id, most=BATCH)
            spans = places.spans_of(session, organisation_id, [item.id for item in items])
        if live is None or live.as_of is not None or not items:
            tally.catch_up(db, organisation_id)
            return Report(stage=STAGE, done=done)
        embed(db, organisation_id, embedders, spans)
        with db.begin() as session:
            places.lock_places(session, organisation_id)
            now = live_run(session, organisation_id)
            if now is not None and now.id == live.id:
                places.take(session, organisation_id, live.id, places_of(session, live, embedders, spans))
                tallies.doubt(session, [item.id for item in items])
                places.settle(session, items)
                done += len(items)
        progress(STAGE, done, done)


def embed(db: Database, organisation_id: str, embedders: Embedders, spans: Sequence[WaitingSpan]) -> None:
    """Give every text a vector that has none. Raises Unavailable if an embedder's model cannot be loaded."""
    for embedder, said in _by_embedder(embedders, spans):
        texts = {span.content_hash: span.text for span in said}
        with db.begin() as session:
            missing = embeddings.missing(session, organisation_id, embedder.name, list(texts))
        if not missing:
            continue
        try:
            vectors = embedder.embed([texts[content_hash] for content_hash in missing])
        except NlpError as error:
            raise Unavailable(str(error)) from error
        with db.begin() as session:
            embeddings.store(session, organisation_id, embedder.name, missing, vectors)


def places_of(
    session: Session, live: Run, embedders: Embedders, spans: Sequence[WaitingSpan]
) -> dict[str, Taken | None]:
    """Return where each span goes: with a text that is the very same, else to the nearest theme."""
    organisation_id = live.organisation_id
    equal = places.places_of_equals(session, organisation_id, live.id, [span.content_hash for span in spans])
    found: dict[str, Taken | None] = {span.id: equal.get(span.content_hash) for span in spans}
    others = [span for span in spans if span.content_hash not in equal]
    for embedder, said in _by_embedder(embedders, others):
        least = live.figures.get("reach", {}).get(embedder.name)
        if least is None:
            continue
        middles = places.middles(session, organisation_id, embedder.name)
        hashes = [span.content_hash for span in said]
        vectors = embeddings.load(session, organisation_id, embedder.name, hashes)
        nearest = place(vectors, middles.vectors, _owners(middles), least=least)
        for span, one in zip(said, nearest, strict=True):
            if one is not None:
                found[span.id] = _taken(middles, one.middle, one.confidence)
    return found


def _owners(middles: Middles) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return a number for each row's upper theme, the same for a theme and its sub-themes."""
    uppers = [parent or theme for theme, parent in zip(middles.theme_ids, middles.parent_ids, strict=True)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(uppers))}
    return np.array([numbers[name] for name in uppers], np.int64)


def _taken(middles: Middles, row: int, confidence: float) -> Taken:
    theme, parent = middles.theme_ids[row], middles.parent_ids[row]
    return Taken(theme_id=parent or theme, subtheme_id=theme if parent else None, confidence=confidence)


def _by_embedder(
    embedders: Embedders, spans: Sequence[WaitingSpan]
) -> list[tuple[Embedder, list[WaitingSpan]]]:
    grouped: dict[str, list[WaitingSpan]] = defaultdict(list)
    for span in spans:
        if span.text.strip():
            grouped[embedders.for_language(span.lang).name].append(span)
    return [(embedders.for_language(said[0].lang), said) for _, said in sorted(grouped.items())]
