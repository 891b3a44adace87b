"""What the parts in force would make of the spans by themselves, held against what people said."""

from nlp.embedders import Embedders
from nlp.ports import Clusterer
from service.db import Database
from service.pipeline import cluster
from service.pipeline.report import Progress, silent
from service.repositories import corrections, pairs, runs
from service.rules.gold import Agreement, Statement, agreement

TOGETHER = ("merge", "must_link")
APART = ("cannot_link",)


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
            Statement(together=op in TOGETHER, sides=list(each.spans.values()))
            for op in (*TOGETHER, *APART)
            for each in corrections.list_corrections(session, organisation_id, op=op)
        ]
        told += [
            Statement(
                together=False,
                sides=[
                    corrections.spans_of_theme(session, organisation_id, theme)
                    for theme in (pair.theme_id, pair.other_id)
                ],
            )
            for pair in pairs.list_pairs(session, organisation_id)
            if pair.status == "apart"
        ]
        voices = runs.voices(session, organisation_id, as_of=None) if told else []
        spaces = cluster.spaces_of(session, organisation_id, voices, embedders)
    placements, _ = cluster.group_spaces(db, organisation_id, spaces, clusterer, seed=seed, progress=progress)
    return agreement(told, {put.span_id: put.group_number for put in placements})
