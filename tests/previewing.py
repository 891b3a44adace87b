"""Runs and previews whose groups a test writes by hand, over spans that were stored by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlmodel import col, select

from nlp.clusterers.numbering import by_size
from nlp.labelers import FirstTextLabeler
from nlp.ports import Clusterer, Clustering, Past, Vectors
from service.db import Database
from service.models import Assignment, Run, Span
from service.pipeline import cluster, preview, themes
from service.pipeline.report import Report
from service.repositories import runs
from tests.integration.test_cluster import EMBEDDERS, ORG, Said, hear


class Scripted(Clusterer):
    """Puts every text where a script says; one that it does not name is in no group."""

    name = "scripted"

    def __init__(self, groups: Mapping[str, int]) -> None:
        self.groups = groups

    def cluster(
        self,
        vectors: Vectors,  # noqa: ARG002
        texts: Sequence[str],
        *,
        langs: Sequence[str | None] | None = None,  # noqa: ARG002
        seed: int = 0,  # noqa: ARG002
        past: Past | None = None,  # noqa: ARG002
    ) -> Clustering:
        labels = by_size(np.array([self.groups.get(text, -1) for text in texts], np.int64))
        numbers = tuple(None if label < 0 else int(label) for label in labels)
        sure = tuple(None if number is None else 1.0 for number in numbers)
        return Clustering(groups=numbers, subgroups=(None,) * len(texts), confidence=sure)


@dataclass
class Company:
    """Ten voices for each of three letters; every letter is a theme."""

    db: Database
    seed: int = 0
    letters: str = "abc"
    said: dict[str, int] = field(default_factory=dict)
    """Text to the group that a run puts it into."""

    def __post_init__(self) -> None:
        self.say(*(f"{letter}{number}" for letter in self.letters for number in range(10)))
        self.run()

    def say(self, *texts: str) -> None:
        """Store voices; their first letter is their group."""
        hear(self.db, [Said(text) for text in texts])
        self.said |= {text: ord(text[0]) for text in texts}

    def run(self) -> None:
        """Let a run go live, with a seed of its own so that it is another one."""
        self.seed += 1
        cluster.run(self.db, ORG, EMBEDDERS, Scripted(self.said), seed=self.seed)
        themes.run(self.db, ORG, FirstTextLabeler())

    def preview(self, groups: Mapping[str, int], *, seed: int = 99) -> Report:
        """Make a preview in which some texts are in other groups than in a run."""
        scripted = Scripted({**self.said, **groups})
        return preview.run(self.db, ORG, EMBEDDERS, scripted, FirstTextLabeler(), seed=seed)

    def apart(self, letter: str) -> dict[str, int]:
        """Return groups in which the last four of a letter's voices are a theme of their own."""
        return {f"{letter}{number}": 1000 + ord(letter) for number in range(6, 10)}

    def together(self, letter: str, other: str) -> dict[str, int]:
        """Return groups in which two letters are one theme."""
        return {text: ord(letter) for text in self.said if text[0] == other}

    def waiting(self) -> Run:
        """Return the preview that waits."""
        with self.db.begin() as session:
            found = runs.preview_run(session, ORG)
        assert found is not None
        return found

    def live(self) -> Run:
        """Return the live run."""
        with self.db.begin() as session:
            found = runs.live_run(session, ORG)
        assert found is not None
        return found

    def accept(self, run_id: str | None = None) -> Run:
        """Take the preview that waits, or the one named."""
        named = run_id or self.waiting().id
        with self.db.begin() as session:
            return preview.accept_at_once(session, ORG, named, by="Aki")

    def discard(self, run_id: str | None = None) -> Run:
        """Throw the preview away that waits, or the one named."""
        named = run_id or self.waiting().id
        with self.db.begin() as session:
            return preview.discard(session, ORG, named, by="Aki")

    def where(self) -> dict[str, str]:
        """Return the theme of each text in the live run; un-themed ones are left out."""
        query = (
            select(Span.text, Assignment.theme_id)
            .join(Assignment, col(Assignment.span_id) == col(Span.id))
            .join(Run, col(Run.id) == col(Assignment.run_id))
            .where(Run.state == "live", col(Assignment.theme_id).is_not(None))
        )
        with self.db.begin() as session:
            return {text: theme for text, theme in session.exec(query) if theme}
