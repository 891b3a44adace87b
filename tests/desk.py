"""A small world of themes whose people correct things."""

from collections.abc import Sequence

import numpy as np
from sqlmodel import select

from service.models import MAIN, Assignment, Correction, Span
from service.models.columns import digest
from service.pipeline import correct
from service.pipeline.correct import Done
from service.pipeline.undo import undo
from service.repositories import corrections, embeddings
from service.repositories.runs import live_run
from service.rules.corrections import Wanted, in_words
from tests.integration.test_themes import EMBEDDER, World, voices


class Desk(World):
    """A world with people who correct things."""

    def correct(
        self,
        op: str,
        *themes: str,
        spans: Sequence[str] = (),
        title: str | None = None,
        by: str = "Aki",
        seen: dict[str, int] | None = None,
    ) -> Correction:
        return self.make(op, *themes, spans=spans, title=title, by=by, seen=seen).correction

    def make(
        self,
        op: str,
        *themes: str,
        spans: Sequence[str] = (),
        title: str | None = None,
        by: str = "Aki",
        seen: dict[str, int] | None = None,
    ) -> Done:
        wanted = Wanted(
            op=op, theme_ids=themes, span_ids=tuple(self.spans[name] for name in spans), title=title
        )
        with self.db.begin() as session:
            return correct.make(session, MAIN, wanted, by=by, seen=seen)

    def undo(self, correction: Correction, by: str = "Bo") -> Correction:
        with self.db.begin() as session:
            return undo(session, MAIN, correction.id, by=by)

    def conflict(self, correction: Correction) -> str | None:
        """Why a correction does not hold, in words."""
        with self.db.begin() as session:
            stored = corrections.get_correction(session, MAIN, correction.id)
        return in_words(stored.conflict) if stored.conflict else None

    def origins(self) -> dict[str, str]:
        """Where every voice is by whose word."""
        names = {span_id: name for name, span_id in self.spans.items()}
        with self.db.begin() as session:
            run = live_run(session, MAIN)
            assert run is not None
            rows = session.exec(select(Assignment).where(Assignment.run_id == run.id)).all()
        return {names[row.span_id]: row.origin for row in rows}


A, B = voices("a", 0, 20), voices("b", 0, 10)


def members(where: dict[str, str], theme: str) -> list[str]:
    return sorted(name for name, found in where.items() if found == theme)


def hear(desk: Desk, names: Sequence[str]) -> None:
    """Store so many voices in one item, by one statement each thousand."""
    desk.say(names[0], "many")
    with desk.db.begin() as session:
        item_id = session.exec(select(Span.item_id).where(Span.id == desk.spans[names[0]])).one()
        for number, name in enumerate(names[1:], start=1):
            desk.spans[name] = digest(item_id, str(number))
            session.add(
                Span(
                    id=desk.spans[name],
                    organisation_id=MAIN,
                    item_id=item_id,
                    start=number,
                    end=number + 1,
                    text=f"many {number}",
                    lang="en",
                    content_hash=digest(f"many {number}", length=32),
                )
            )


def place_on_a_line(desk: Desk, places_of: dict[str, float]) -> None:
    """Give voices vectors of so different directions, and the live run the reach of its groups."""
    with desk.db.begin() as session:
        rows = {
            session.exec(select(Span.content_hash).where(Span.id == desk.spans[name])).one(): place
            for name, place in places_of.items()
        }
        turned = np.array([[np.cos(place), np.sin(place)] for place in rows.values()], np.float32)
        embeddings.store(session, MAIN, EMBEDDER, list(rows), turned)
        run = live_run(session, MAIN)
        assert run is not None
        run.figures = {"reach": {EMBEDDER: 0.9}}
