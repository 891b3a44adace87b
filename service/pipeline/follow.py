"""Corrections teach: voices that nobody corrected follow those like them that a person put elsewhere."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from sqlmodel import Session

from nlp.following import LEAST, follow
from service.models import Correction, Run
from service.repositories import corrections, embeddings
from service.rules.replay import Event, Replayed

TEACHING = ("create", "split", "move")
"""Corrections that put voices into a theme."""


def followers(
    session: Session,
    run: Run,
    made: Sequence[Correction],
    events: Sequence[Event],
    replayed: Replayed,
    held: Mapping[str, AbstractSet[str]],
) -> dict[str, int]:
    """Return the group that each voice that follows goes to.

    A voice may follow out of the group of the theme that the corrected ones were in, as far as nobody said
    anything of itself. Where several corrections call it, the last one has it.
    """
    inside: dict[int, list[str]] = defaultdict(list)
    for span, group in replayed.groups.items():
        if group is not None and span not in replayed.decided:
            inside[group].append(span)
    found: dict[str, int] = {}
    for correction, event in zip(made, events, strict=True):
        target = replayed.homes.get(event.themes[-1]) if event.themes else None
        if event.op not in TEACHING or target is None:
            continue
        for theme, taken in _taken(correction, event).items():
            home = _home(held.get(theme, frozenset()), replayed)
            if home not in (None, target) and len(taken) >= LEAST:
                called = _called(session, run, taken, inside[home] if home is not None else [])
                found |= dict.fromkeys(called, target)
    return found


def _taken(correction: Correction, event: Event) -> dict[str, list[str]]:
    """Return the chosen voices by the theme that they were in."""
    places = correction.before.get("places", {})
    taken: dict[str, list[str]] = defaultdict(list)
    for span in event.chosen:
        theme = places.get(span, (None,))[0]
        if theme is not None:
            taken[theme].append(span)
    return taken


def _home(spans: Collection[str], replayed: Replayed) -> int | None:
    counts = Counter(
        group
        for span in spans
        if span not in replayed.decided and (group := replayed.groups.get(span)) is not None
    )
    return min(counts, key=lambda group: (-counts[group], group)) if counts else None


def _called(session: Session, run: Run, taken: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return which of the others follow, in each space by itself."""
    organisation_id = run.organisation_id
    contents = corrections.contents_of(session, organisation_id, [*taken, *others])
    hashes = {span: content_hash for span, (_, content_hash) in contents.items()}
    called: list[str] = []
    for embedder in run.embedder.split():
        late = set(embeddings.missing(session, organisation_id, embedder, list(hashes.values())))
        here, there = (
            [span for span in spans if span in hashes and hashes[span] not in late]
            for spans in (taken, others)
        )
        if len(here) < LEAST or not there:
            continue
        vectors = embeddings.load(
            session, organisation_id, embedder, [hashes[span] for span in (*here, *there)]
        )
        follows = follow(vectors[: len(here)], vectors[len(here) :])
        called += [there[row] for row in np.flatnonzero(follows)]
    return called
