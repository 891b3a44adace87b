"""Group all spans, the space of each embedder by itself, and write it down as a run for themes to take up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from nlp.embedders import Embedders
from nlp.placing import reach
from nlp.ports import Clusterer, Clustering
from service.db import Database
from service.errors import NotFound
from service.models import Run
from service.models.columns import digest
from service.pipeline.memory import Memory
from service.pipeline.report import Progress, Report, silent
from service.repositories import corrections, embeddings, runs
from service.repositories.runs import Placement, Voice

STAGE = "cluster"
NO_MEMORY = Memory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a run reads: the voices of each embedder's space, and a digest of all that decides the answer."""

    spaces: dict[str, list[Voice]]
    digest: str


def run(
    db: Database,
    organisation_id: str,
    embedders: Embedders,
    clusterer: Clusterer,
    *,
    seed: int = 0,
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> Report:
    """Group every span that is not set aside. Nothing is done where the newest run read the very same.

    The run and all its assignments are stored in one transaction, as `grouped`; a run that was
    grouped before and never became themes is replaced.
    """
    with db.begin() as session:
        voices = runs.voices(session, organisation_id, as_of=as_of)
        spaces = spaces_of(session, organisation_id, voices, embedders)
        obeyed = corrections.in_force(session, organisation_id)
        reading = _reading(spaces, clusterer, obeyed, seed=seed)
        memory = Memory.of(session, organisation_id, as_of=as_of)
        newest = runs.grouped_run(session, organisation_id) or runs.live_run(session, organisation_id)
    if newest is None and not voices:
        return Report(stage=STAGE, done=0, notes=("There is no span to group yet.",))
    if newest is not None and newest.input_digest == reading.digest:
        return Report(stage=STAGE, done=0, notes=("No span has changed since the last run.",))
    placements, reaches = group_spaces(
        db, organisation_id, reading.spaces, clusterer, seed=seed, memory=memory, progress=progress
    )
    with db.begin() as session:
        grouped = Run(
            id="",
            organisation_id=organisation_id,
            ordinal=runs.accepted_runs(session, organisation_id) + 1,
            state="grouped",
            input_digest=reading.digest,
            seed=seed,
            embedder=" ".join(reading.spaces),
            clusterer=clusterer.name,
            as_of=as_of,
            created_at=datetime.now(UTC),
            figures={**_figures(placements), "reach": reaches},
        )
        grouped.id = digest(organisation_id, "run", str(grouped.ordinal), reading.digest)
        runs.replace_grouped(session, grouped, placements)
    return Report(stage=STAGE, done=len(placements), notes=(_note(grouped.figures),))


def group_spaces(
    db: Database,
    organisation_id: str,
    spaces: Mapping[str, list[Voice]],
    clusterer: Clusterer,
    *,
    seed: int,
    memory: Memory = NO_MEMORY,
    progress: Progress,
) -> tuple[list[Placement], dict[str, float | None]]:
    """Return where each voice goes as long as nobody corrects it, and how far the groups of a space reach.

    With a `memory`, little changes of what it knows.
    """
    total = sum(map(len, spaces.values()))
    progress(STAGE, 0, total)
    placements: list[Placement] = []
    reaches: dict[str, float | None] = {}
    for embedder, space in sorted(spaces.items()):
        with db.begin() as session:
            vectors = embeddings.load(
                session, organisation_id, embedder, [voice.content_hash for voice in space]
            )
        texts, langs = [voice.text for voice in space], [voice.lang for voice in space]
        past = memory.of_space(space)
        found = clusterer.cluster(vectors, texts, langs=langs, seed=seed, past=past)
        placements.extend(_placements(space, found, after=placements))
        reaches[embedder] = reach(vectors, found.groups)
        progress(STAGE, len(placements), total)
    return placements, reaches


def spaces_of(
    session: Session, organisation_id: str, voices: Sequence[Voice], embedders: Embedders
) -> dict[str, list[Voice]]:
    """Return the voices of each space, without those that came in since the texts were embedded.

    Raises NotFound where nothing has a vector: then the embed stage has not been there.
    """
    spaces: dict[str, list[Voice]] = defaultdict(list)
    names = {lang: embedders.for_language(lang).name for lang in {voice.lang for voice in voices}}
    for voice in voices:
        spaces[names[voice.lang]].append(voice)
    read: dict[str, list[Voice]] = {}
    for name, space in spaces.items():
        hashes = [voice.content_hash for voice in space]
        late = set(embeddings.missing(session, organisation_id, name, hashes))
        in_time = [voice for voice in space if voice.content_hash not in late]
        if in_time:
            read[name] = in_time
    if voices and not read:
        raise NotFound("No text has a vector yet; run the stage embed first.")
    return read


def _reading(
    spaces: Mapping[str, list[Voice]], clusterer: Clusterer, obeyed: Sequence[str], *, seed: int
) -> Reading:
    ordered = {name: spaces[name] for name in sorted(spaces)}
    parts = [clusterer.name, str(seed)]
    for name, space in ordered.items():
        parts.append(name)
        parts.extend(f"{voice.span_id} {voice.content_hash} {voice.lang}" for voice in space)
    parts.extend(f"correction {each}" for each in obeyed)
    return Reading(spaces=ordered, digest=digest(*parts))


def _placements(space: Sequence[Voice], found: Clustering, *, after: Sequence[Placement]) -> list[Placement]:
    """Return where each voice goes, the numbers going on from those of the spaces before."""
    group = _next(put.group_number for put in after)
    subgroup = _next(put.subgroup_number for put in after)
    rows = zip(space, found.groups, found.subgroups, found.confidence, strict=True)
    return [
        Placement(
            span_id=voice.span_id,
            group_number=None if number is None else group + number,
            subgroup_number=None if subnumber is None else subgroup + subnumber,
            confidence=confidence,
        )
        for voice, number, subnumber, confidence in rows
    ]


def _next(numbers: Iterable[int | None]) -> int:
    return max((number + 1 for number in numbers if number is not None), default=0)


def _figures(placements: Sequence[Placement]) -> dict[str, int]:
    return {
        "spans": len(placements),
        "themed": sum(put.group_number is not None for put in placements),
        "groups": _next(put.group_number for put in placements),
        "subgroups": _next(put.subgroup_number for put in placements),
    }


def _note(figures: dict[str, int]) -> str:
    left = figures["spans"] - figures["themed"]
    found = f"{figures['groups']} groups and {figures['subgroups']} sub-groups"
    return f"{found}; {left} of {figures['spans']} spans belong to none."
