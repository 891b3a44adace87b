"""Group all spans, the space of each embedder by itself, and write it down as a run for themes to take up."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from nlp.embedders import Embedders
from nlp.novelty import likeness
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
Figures = dict[str, float | None]
"""By the name of an embedder; None where its space has no group to tell."""
NO_MEMORY = Memory()

Known = Mapping[str, str]
"""Digest of what was read before, to what is to be said about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a run reads: the voices of each embedder's space, and a digest of all that decides the answer."""

    spaces: dict[str, list[Voice]]
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """A run that is not stored yet, and where it puts every span."""

    run: Run
    placements: Sequence[Placement]

    @property
    def note(self) -> str:
        """What it found, in a sentence."""
        return _note(self.run.figures)


def run(
    db: Database,
    organisation_id: str,
    embedders: Embedders,
    clusterer: Clusterer,
    *,
    seed: int | None = None,
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> Report:
    """Group every span that is not set aside. Nothing is done where the newest run read the very same.

    The run and all its assignments are stored in one transaction, as `grouped`; a run that was
    grouped before and never became themes is replaced.
    """
    found = group(
        db, organisation_id, embedders, clusterer, known=_newest, seed=seed, as_of=as_of, progress=progress
    )
    if isinstance(found, str):
        return Report(stage=STAGE, done=0, notes=(found,))
    with db.begin() as session:
        runs.replace_grouped(session, found.run, found.placements)
    return Report(stage=STAGE, done=len(found.placements), notes=(found.note,))


def _newest(session: Session, organisation_id: str) -> Known:
    newest = runs.grouped_run(session, organisation_id) or runs.live_run(session, organisation_id)
    return {newest.input_digest: "No span has changed since the last run."} if newest else {}


def group(
    db: Database,
    organisation_id: str,
    embedders: Embedders,
    clusterer: Clusterer,
    *,
    known: Callable[[Session, str], Known],
    state: str = "grouped",
    seed: int | None = None,
    as_of: datetime | None = None,
    progress: Progress = silent,
) -> Grouped | str:
    """Return a grouping of every span that is not set aside, in the given state; or why there is none.

    `known` gives the digests of what was read before, and what to say where it would be read again. Without
    a `seed` it is that of the live run.
    """
    with db.begin() as session:
        live = runs.live_run(session, organisation_id)
        if seed is None:
            seed = live.seed if live else 0
        voices = runs.voices(session, organisation_id, as_of=as_of)
        spaces = spaces_of(session, organisation_id, voices, embedders)
        obeyed = corrections.in_force(session, organisation_id)
        reading = _reading(spaces, clusterer, obeyed, seed=seed)
        memory = Memory.of(session, organisation_id, as_of=as_of)
        before = known(session, organisation_id)
    if not before and not voices:
        return "There is no span to group yet."
    if reading.digest in before:
        return before[reading.digest]
    placements, of_spaces = group_spaces(
        db, organisation_id, reading.spaces, clusterer, seed=seed, memory=memory, progress=progress
    )
    with db.begin() as session:
        grouped = Run(
            id="",
            organisation_id=organisation_id,
            ordinal=runs.accepted_runs(session, organisation_id) + 1,
            state=state,
            input_digest=reading.digest,
            seed=seed,
            embedder=" ".join(reading.spaces),
            clusterer=clusterer.name,
            as_of=as_of,
            created_at=datetime.now(UTC),
            figures={**_figures(placements), **of_spaces},
        )
    kind = "run" if state == "grouped" else "preview"
    grouped.id = digest(organisation_id, kind, str(grouped.ordinal), reading.digest)
    return Grouped(run=grouped, placements=placements)


def group_spaces(
    db: Database,
    organisation_id: str,
    spaces: Mapping[str, list[Voice]],
    clusterer: Clusterer,
    *,
    seed: int,
    memory: Memory = NO_MEMORY,
    progress: Progress,
) -> tuple[list[Placement], dict[str, Figures]]:
    """Return where each voice goes as long as nobody corrects it, and what live voices are held against.

    That is, for each space, how far its groups `reach`, and the `likeness` of their voices. With a `memory`,
    little changes of what it knows.
    """
    total = sum(map(len, spaces.values()))
    progress(STAGE, 0, total)
    placements: list[Placement] = []
    figures: dict[str, Figures] = {"reach": {}, "likeness": {}}
    for embedder, space in sorted(spaces.items()):
        with db.begin() as session:
            vectors = embeddings.load(
                session, organisation_id, embedder, [voice.content_hash for voice in space]
            )
        texts, langs = [voice.text for voice in space], [voice.lang for voice in space]
        past = memory.of_space(space)
        found = clusterer.cluster(vectors, texts, langs=langs, seed=seed, past=past)
        placements.extend(_placements(space, found, after=placements))
        figures["reach"][embedder] = reach(vectors, found.groups)
        figures["likeness"][embedder] = likeness(vectors, found.groups)
        progress(STAGE, len(placements), total)
    return placements, figures


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
