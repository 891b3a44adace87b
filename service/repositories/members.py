"""Who is in which group and in which theme of a run, read and written for all spans at once."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sqlalchemy import text
from sqlmodel import Session, col, delete, select

from service.models import Assignment, Run, Span
from service.repositories.among import among

PLACE = {
    "group_number": text("""
        UPDATE assignment SET theme_id = place.theme_id
        FROM unnest(CAST(:numbers AS integer[]), CAST(:ids AS text[])) AS place (number, theme_id)
        WHERE assignment.organisation_id = :organisation_id AND assignment.run_id = :run_id
            AND assignment.group_number = place.number
    """),
    "subgroup_number": text("""
        UPDATE assignment SET subtheme_id = place.theme_id
        FROM unnest(CAST(:numbers AS integer[]), CAST(:ids AS text[])) AS place (number, theme_id)
        WHERE assignment.organisation_id = :organisation_id AND assignment.run_id = :run_id
            AND assignment.subgroup_number = place.number
    """),
}
"""One statement for all spans of a level: 50,000 rows in a second or two."""

REGROUP = """
    UPDATE assignment SET group_number = new.group_number, subgroup_number = new.subgroup_number,
        origin = CASE WHEN new.decided THEN 'person' ELSE origin END, ignored = new.ignored,
        confidence = CASE WHEN NOT new.decided THEN confidence WHEN new.group_number IS NOT NULL THEN 1.0 END
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new
        (span_id text, group_number integer, subgroup_number integer, decided boolean, ignored boolean)
    WHERE assignment.organisation_id = :organisation_id AND assignment.run_id = :run_id
        AND assignment.span_id = new.span_id
"""
MEANS = """
    SELECT assignment.{level} AS member, embedding.embedder, avg(embedding.vector) AS vector
    FROM assignment
    JOIN span ON span.id = assignment.span_id
    JOIN embedding ON embedding.organisation_id = assignment.organisation_id
        AND embedding.content_hash = span.content_hash AND embedding.embedder = ANY(:embedders)
    WHERE assignment.organisation_id = :organisation_id AND assignment.run_id = :run_id
        AND assignment.{level} IS NOT NULL
    GROUP BY assignment.{level}, embedding.embedder
"""
KEEP_MEANS = """
    INSERT INTO centroid (organisation_id, theme_id, embedder, vector)
    SELECT :organisation_id, member, embedder, vector FROM ({means}) AS mean
    ON CONFLICT (theme_id, embedder) DO UPDATE SET vector = excluded.vector
"""
COSINES = """
    SELECT centroid.theme_id, mean.member, 1 - (centroid.vector <=> mean.vector) AS cosine
    FROM ({means}) AS mean
    JOIN centroid ON centroid.embedder = mean.embedder
    WHERE centroid.theme_id = ANY(:themes) AND mean.member = ANY(:groups)
        AND vector_dims(centroid.vector) = vector_dims(mean.vector)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A span that a run read, and where it was put."""

    span_id: str
    group_number: int | None
    subgroup_number: int | None
    text: str
    lang: str | None
    kind: str
    kind_confidence: float


def members(session: Session, organisation_id: str, run_id: str) -> list[Member]:
    """Return every span that the run read, those that surely belong to their group first."""
    query = (
        select(Assignment, Span)
        .join(Span, col(Span.id) == col(Assignment.span_id))
        .where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
        .with_only_columns(
            col(Assignment.span_id),
            col(Assignment.group_number),
            col(Assignment.subgroup_number),
            col(Span.text),
            col(Span.lang),
            col(Span.kind),
            col(Span.kind_confidence),
        )
        .order_by(col(Assignment.confidence).desc().nulls_last(), col(Assignment.span_id).collate("C"))
    )
    names = ("span_id", "group_number", "subgroup_number", "text", "lang", "kind", "kind_confidence")
    return [Member(**dict(zip(names, row, strict=True))) for row in session.execute(query)]


class Regrouped(NamedTuple):
    """A span that is in another group than the clusterer put it into, or by the word of a person."""

    span_id: str
    group_number: int | None
    subgroup_number: int | None
    decided: bool
    ignored: bool


def regroup(session: Session, organisation_id: str, run_id: str, spans: Sequence[Regrouped]) -> None:
    """Write into which groups corrections put spans; where a person decided it is surely so."""
    rows = json.dumps([span._asdict() for span in spans])
    session.execute(text(REGROUP), {"organisation_id": organisation_id, "run_id": run_id, "rows": rows})


def members_named(session: Session, organisation_id: str, span_ids: Sequence[str]) -> list[Member]:
    """Return these spans as members of no group, in the order given; one that is gone is left out."""
    query = select(Span).where(Span.organisation_id == organisation_id, among(col(Span.id), span_ids))
    found = {span.id: span for span in session.exec(query)}
    return [
        Member(
            span_id=span.id,
            group_number=None,
            subgroup_number=None,
            text=span.text,
            lang=span.lang,
            kind=span.kind,
            kind_confidence=span.kind_confidence,
        )
        for span in (found[span_id] for span_id in span_ids if span_id in found)
    ]


def themes_of_spans(
    session: Session, organisation_id: str, run_id: str
) -> list[tuple[str, str | None, str | None]]:
    """Return (span, theme, sub-theme) for every span that the run read."""
    query = select(Assignment.span_id, col(Assignment.theme_id), col(Assignment.subtheme_id))
    rows = session.exec(
        query.where(Assignment.organisation_id == organisation_id, Assignment.run_id == run_id)
    )
    return list(rows)


def put_in_themes(
    session: Session, organisation_id: str, run_id: str, themes: Mapping[int, str], *, level: str
) -> None:
    """Write the theme of every span of the run's groups; `level` is the column that numbers them."""
    session.execute(
        PLACE[level],
        {
            "organisation_id": organisation_id,
            "run_id": run_id,
            "numbers": list(themes),
            "ids": list(themes.values()),
        },
    )


def keep_centroids(session: Session, organisation_id: str, run_id: str, embedders: Sequence[str]) -> None:
    """Store the mean vector of each theme and sub-theme of the run, one for each of its embedders."""
    for level in ("theme_id", "subtheme_id"):
        session.execute(
            text(KEEP_MEANS.format(means=MEANS.format(level=level))),
            {"organisation_id": organisation_id, "run_id": run_id, "embedders": list(embedders)},
        )


def cosines(
    session: Session,
    organisation_id: str,
    run_id: str,
    embedders: Sequence[str],
    themes: Sequence[str],
    groups: Sequence[int],
    *,
    level: str,
) -> npt.NDArray[np.float64]:
    """Return the cosines of themes' stored centroids (rows) and a run's groups (columns); NaN where none."""
    found = np.full((len(themes), len(groups)), np.nan)
    row = {theme: index for index, theme in enumerate(themes)}
    column = {group: index for index, group in enumerate(groups)}
    rows = session.execute(
        text(COSINES.format(means=MEANS.format(level=level))),
        {
            "organisation_id": organisation_id,
            "run_id": run_id,
            "embedders": list(embedders),
            "themes": list(themes),
            "groups": list(groups),
        },
    )
    for theme, group, cosine in rows:
        found[row[theme], column[group]] = cosine
    return found


def newest_superseded(session: Session, organisation_id: str) -> Run | None:
    """Return the run that was live before the live one."""
    query = select(Run).where(Run.organisation_id == organisation_id, Run.state == "superseded")
    return session.exec(query.order_by(col(Run.ordinal).desc())).first()


def forget_assignments(session: Session, organisation_id: str, *, keep: Sequence[str]) -> None:
    """Drop where superseded runs put the spans, but not those in `keep`; the runs and their lineage stay."""
    old = select(Run.id).where(
        Run.organisation_id == organisation_id,
        Run.state == "superseded",
        col(Run.id).not_in(keep),
    )
    session.exec(delete(Assignment).where(col(Assignment.run_id).in_(old)))
