"""What the parts in force would make of the spans by themselves, held against what people said."""

from nlp.embedders import Embedders
from nlp.ports import Clusterer
from service.db import Database
from service.models import Correction
from service.pipeline import cluster
from service.pipeline.report import Progress, silent
from service.repositories import corrections, runs
from service.rules.gold import Agreement, Sides, Statement, agreement

TOGETHER = ("merge", "must_link", "move")
APART = ("cannot_link", "split")


def measure(
    db: Database,
    organisation_id: str,
    embedders: Embedders,
    clusterer: Clusterer,
    *,
    seed: int = 0,
    progress: Progress = silent,
) -> Agreement:
    """Group all spans as if nobody had corrected anything, store nothing, and judge the grouping.

    A run obeys corrections, so its themes would always agree; this says what people had to mend. Raises
    NotFound where the spans have no vectors of these embedders yet.
    """
    with db.begin() as session:
        told = [
            Statement(together=each.op in TOGETHER, sides=_sides(each))
            for each in corrections.list_corrections(session, organisation_id)
            if each.op in (*TOGETHER, *APART)
        ]
        voices = runs.voices(session, organisation_id, as_of=None) if told else []
        spaces = cluster.spaces_of(session, organisation_id, voices, embedders)
    placements, _ = cluster.group_spaces(db, organisation_id, spaces, clusterer, seed=seed, progress=progress)
    return agreement(told, {put.span_id: put.group_number for put in placements})


def _sides(correction: Correction) -> Sides:
    """Return the groups of spans that a correction is about."""
    if correction.op in ("must_link", "cannot_link") and correction.chosen:
        return [[span] for span in correction.chosen]
    sides = list(correction.spans.values())
    return [*sides, correction.chosen] if correction.op == "move" else sides
