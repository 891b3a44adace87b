"""A change of the live run that a correction makes, and the memory of it by which it is taken back."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from service.models import Correction, Lineage, Theme
from service.models.columns import digest
from service.pipeline import loop, tally
from service.repositories import corrections, lineage, moving
from service.repositories.moving import Put
from service.repositories.runs import list_runs, live_run

SURE = 1.0
"""The confidence of a place that a person chose."""
TOLD = {"create": "birth", "merge": "merge", "split": "split"}
"""What the lineage calls what a correction does to themes."""


class Change:
    """What one correction does to the places of spans, and to the themes that win or lose by it."""

    def __init__(self, session: Session, correction: Correction) -> None:
        self._session, self._correction = session, correction
        self._organisation_id = correction.organisation_id
        self._touched: set[str] = set(correction.theme_ids)
        self._went: Counter[tuple[str, str]] = Counter()
        """How many spans went from one theme to another."""
        self._places: dict[str, list[object]] = {}

    def put(
        self,
        span_ids: Collection[str],
        theme_id: str | None,
        *,
        keep_parts: bool = False,
        ignored: bool = False,
        like: Mapping[str, float] | None = None,
    ) -> None:
        """Put spans into a theme, or into none, and remember where they were.

        With `keep_parts` they stay in their sub-themes, and a person decided about the theme, not about each
        span. `like` are spans that only come along, with their confidence.
        """
        before = moving.places_of(self._session, self._organisation_id, span_ids)
        after = []
        for span_id in sorted(span_ids):
            was = before.get(span_id, Put(span_id=span_id, theme_id=None, origin="model"))
            alone = not keep_parts and (like is None or span_id not in like)
            confidence = (SURE if theme_id else None) if alone else (like or {}).get(span_id, was.confidence)
            after.append(
                Put(
                    span_id=span_id,
                    theme_id=theme_id,
                    subtheme_id=was.subtheme_id if keep_parts else None,
                    origin="person" if alone else was.origin,
                    confidence=confidence,
                    ignored=ignored,
                )
            )
            self._remember(was, theme_id)
        moving.put(self._session, self._organisation_id, after)

    def _remember(self, was: Put, theme_id: str | None) -> None:
        self._places[was.span_id] = [
            was.theme_id,
            was.subtheme_id,
            was.origin,
            was.confidence,
            was.ignored,
            theme_id,
        ]
        self._touched |= {name for name in (was.theme_id, was.subtheme_id, theme_id) if name}
        for before in (was.theme_id, was.subtheme_id):
            if before and theme_id and before != theme_id:
                self._went[before, theme_id] += 1

    def lead(self, theme_id: str, other_id: str) -> None:
        """Let a theme lead on to another, should it be left without spans."""
        self._went[theme_id, other_id] += 1

    def settle(self, *, at: datetime) -> None:
        """Bring every theme that was touched up to date: whether it lives, its middle, and its stage."""
        emptied = settle(self._session, self._organisation_id, self._touched, at=at, went=self._went)
        self._correction.before = {
            **self._correction.before,
            "places": self._places,
            "retired": emptied,
        }

    def tell(self, event: str, before: Sequence[str], after: Sequence[str], *, overlap: float) -> None:
        """Write into the lineage of the live run what happened to themes."""
        run = live_run(self._session, self._organisation_id)
        if run is not None:
            self._session.add(
                Lineage(
                    id=_told(run.id, event, self._correction),
                    organisation_id=self._organisation_id,
                    run_id=run.id,
                    event=event,
                    from_ids=sorted(before),
                    to_ids=list(after),
                    overlap=round(overlap, 4),
                )
            )


def _told(run_id: str, event: str, correction: Correction) -> str:
    """Return the id of what a correction told of a run."""
    return digest(run_id, event, correction.id)


def untell(session: Session, correction: Correction) -> None:
    """Take out of the lineage what a correction told, in whichever run was live then."""
    event = TOLD.get(correction.op)
    if event is not None:
        runs = list_runs(session, correction.organisation_id)
        told = [_told(run.id, event, correction) for run in runs]
        lineage.forget(session, correction.organisation_id, told)


def settle(
    session: Session,
    organisation_id: str,
    touched: Collection[str],
    *,
    at: datetime,
    went: Mapping[tuple[str, str], int] | None = None,
    corrected: bool = True,
) -> list[str]:
    """Bring themes up to date with the spans that they have now; return those that are left without any.

    A theme without spans retires, unless it is pinned, and leads on to the one that most of them `went` to;
    one that has spans again lives again. Without `corrected` nobody did this, and a theme that somebody
    looks at is still the same to them.
    """
    session.flush()
    moving.settle_parts(session, organisation_id, touched)
    themes = corrections.lock_themes(session, organisation_id, touched)
    held = moving.held(session, organisation_id, touched)
    emptied = []
    for theme in themes.values():
        theme.heard_at = at
        theme.version += corrected
        if held.get(theme.id):
            theme.retired, theme.successor_id = False, None
        elif not theme.retired and not theme.pinned:
            emptied.append(theme.id)
            theme.retired, theme.successor_id = True, _led_to(theme, went or {})
    session.flush()
    moving.keep_middles(session, organisation_id, [name for name in touched if held.get(name)])
    loop.refresh(session, organisation_id)
    tally.refresh(session, organisation_id, themes)
    return sorted(emptied)


def _led_to(theme: Theme, went: Mapping[tuple[str, str], int]) -> str | None:
    homes = [(-count, after) for (before, after), count in went.items() if before == theme.id and after]
    return min(homes)[1] if homes else theme.parent_id
