"""The stage that draws the map of voices: a sample of what is said, each span beside what says the same."""

from collections.abc import Callable, Sequence

import numpy as np
from sqlmodel import Session

from nlp.layout import BASIS_FROM, NONE, Numbers, Said, basis_of, lay_out, reduced
from nlp.ports import Vectors
from service.db import Database
from service.pipeline.report import Progress, Report, silent
from service.repositories import embeddings, map_points, places
from service.repositories.map_points import Chosen
from service.repositories.runs import live_run

STAGE = "map"
MOST = 50_000
"""Spans on the map."""
EACH = 5
"""Of each theme so many come first."""
FURTHEST = 32_000
"""A place is told in 16 bits."""


def run(db: Database, organisation_id: str, *, progress: Progress = silent) -> Report:
    """Give every span of the sample a place; what had one keeps it. Without a live run there is no map.

    Nothing is stored where another run has gone live meanwhile: its own map follows.
    """
    with db.begin() as session:
        live = live_run(session, organisation_id)
        if live is None:
            map_points.replace_all(session, organisation_id, [])
            return Report(stage=STAGE, done=0)
        chosen = map_points.choose(
            session, organisation_id, live.id, live.embedder.split(), most=MOST, each=EACH
        )
        spaces = _spaces(session, organisation_id, chosen)
        run_id = live.id
    laid = lay_out([said for _, said in spaces])
    found = [
        (row.span_id, int(x), int(y))
        for (rows, _), where in zip(spaces, laid, strict=True)
        for row, (x, y) in zip(rows, np.clip(np.rint(where), -FURTHEST, FURTHEST), strict=True)
    ]
    with db.begin() as session:
        places.lock_places(session, organisation_id)
        now = live_run(session, organisation_id)
        if now is None or now.id != run_id:
            return Report(stage=STAGE, done=0, notes=("A run has gone live meanwhile.",))
        map_points.replace_all(session, organisation_id, found)
    progress(STAGE, len(found), len(found))
    return Report(stage=STAGE, done=len(found))


def _spaces(
    session: Session, organisation_id: str, chosen: Sequence[Chosen]
) -> list[tuple[list[Chosen], Said]]:
    """Return the spans of each space with what is known of them, the largest space first."""
    by_embedder: dict[str, list[Chosen]] = {}
    for each in chosen:
        by_embedder.setdefault(each.embedder, []).append(each)
    themes = _numbers(chosen, lambda each: each.theme_id)
    parts = _numbers(chosen, lambda each: each.subtheme_id)
    ordered = sorted(by_embedder.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [
        (
            rows,
            Said(
                vectors=_vectors(session, organisation_id, embedder, [row.content_hash for row in rows]),
                homes=_numbered(themes, [row.theme_id for row in rows]),
                parts=_numbered(parts, [row.subtheme_id for row in rows]),
                kept=np.array(
                    [(np.nan, np.nan) if row.x is None else (row.x, row.y) for row in rows], np.float64
                ),
            ),
        )
        for embedder, rows in ordered
    ]


def _vectors(session: Session, organisation_id: str, embedder: str, hashes: Sequence[str]) -> Vectors:
    """Return what matters of the vectors of these texts; no more of them than BASIS_FROM are held at once."""
    first = embeddings.load(session, organisation_id, embedder, hashes[:BASIS_FROM])
    basis = basis_of(first)
    found = [reduced(first, basis)]
    for start in range(BASIS_FROM, len(hashes), BASIS_FROM):
        some = embeddings.load(session, organisation_id, embedder, hashes[start : start + BASIS_FROM])
        found.append(reduced(some, basis))
    return np.vstack(found)


def _numbers(chosen: Sequence[Chosen], of: Callable[[Chosen], str | None]) -> dict[str, int]:
    names = sorted({name for each in chosen if (name := of(each)) is not None})
    return {name: number for number, name in enumerate(names)}


def _numbered(numbers: dict[str, int], names: Sequence[str | None]) -> Numbers:
    return np.array([NONE if name is None else numbers[name] for name in names], np.int64)
