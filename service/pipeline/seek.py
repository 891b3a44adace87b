"""The stage for what is said for the first time: late voices that say one new thing become a theme.

A run finds it, too, but comes when enough is new, and takes minutes. This looks at no more than a bounded
number of voices that came since, so it costs the same however much there was before.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic

from sqlmodel import Session

from nlp.novelty import LEAST_ROWS, Cosines, novel
from nlp.ports import Labeler
from service.db import Database
from service.models import Lineage, Run, Theme
from service.models.columns import digest
from service.pipeline import news, retitle, updates
from service.pipeline.change import settle
from service.pipeline.identity import born
from service.pipeline.naming import Grouped, name_themes
from service.pipeline.report import Report
from service.repositories import members, moving, places, seeking
from service.repositories.glossary import glossary
from service.repositories.moving import Put
from service.repositories.runs import live_run
from service.repositories.themes import themes_by_id

STAGE = "seek"
MOST = 2_000
"""Voices looked at, the newest."""
LEAST_SPEAKERS = 3
"""What so few people say is theirs; a theme is what recurs."""
BACKGROUND = 300
"""Voices of other themes that a new one's title sets it apart from."""
SOUGHT = "sought"
"""The figure of a run that says when late voices were last looked at, and how many there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """Voices that say one new thing."""

    homes: dict[str, str | None]
    """Each, and the theme that it was in."""
    confidence: dict[str, float]


def run(db: Database, organisation_id: str, labeler: Labeler) -> Report:
    """Make a theme of late voices that say one new thing; none while the live run shows an earlier day.

    Nothing is done where too few came since the last look. What was corrected meanwhile stays where it is.
    """
    began = monotonic()
    with db.begin() as session:
        live = live_run(session, organisation_id)
        late = seeking.count_late(session, live.id) if live else 0
        if live is None or live.as_of is not None or late < _sought(live) + LEAST_ROWS:
            return Report(stage=STAGE, done=0)
        found = [each for embedder in live.embedder.split() for each in _look(session, live, embedder)]
    with db.begin() as session:
        places.lock_places(session, organisation_id)
        now = live_run(session, organisation_id)
        if now is None or now.id != live.id:
            return Report(stage=STAGE, done=0, notes=("A run has gone live meanwhile.",))
        made = _make(session, now, found, labeler)
        noted = {"late": late, "at": datetime.now(UTC).isoformat(), "seconds": round(monotonic() - began, 2)}
        now.figures = {**now.figures, SOUGHT: noted}
    return Report(stage=STAGE, done=len(made), notes=tuple(f"New theme: {theme.title}" for theme in made))


def _sought(live: Run) -> int:
    return int(live.figures.get(SOUGHT, {}).get("late", 0))


def _look(session: Session, live: Run, embedder: str) -> list[_Found]:
    """Return what is new among the late voices of a space."""
    likeness = live.figures.get("likeness", {}).get(embedder)
    reach = live.figures.get("reach", {}).get(embedder)
    if likeness is None or reach is None:
        return []
    late = seeking.late_voices(session, live.organisation_id, live.id, embedder, most=MOST)

    def elders(rows: Sequence[int]) -> Cosines:
        span_ids = [late.span_ids[row] for row in rows]
        return seeking.elders(session, live.organisation_id, live.id, embedder, span_ids)

    new = novel(late.vectors, late.homes, elders, likeness=likeness, reach=reach)
    rows_of: dict[int, list[int]] = defaultdict(list)
    sure: dict[str, float] = {}
    for row, one in enumerate(new):
        if one is not None:
            rows_of[one.number].append(row)
            sure[late.span_ids[row]] = one.confidence
    return [
        _Found(homes={late.span_ids[row]: late.theme_ids[row] for row in rows}, confidence=sure)
        for _, rows in sorted(rows_of.items())
        if len({late.speakers[row] for row in rows}) >= LEAST_SPEAKERS
    ]


def _make(session: Session, live: Run, found: Sequence[_Found], labeler: Labeler) -> list[Theme]:
    """Make a theme of each, of those voices that are still where they were."""
    organisation_id = live.organisation_id
    known = themes_by_id(session, organisation_id)
    taken = {theme.id for theme in known.values() if not theme.retired}
    founders: dict[str, list[str]] = {}
    puts: list[Put] = []
    went: Counter[tuple[str, str]] = Counter()
    for each in found:
        spans = seeking.still_there(session, live.id, list(each.homes.items()))
        if len(spans) >= LEAST_ROWS:
            theme_id = born(organisation_id, "", spans, taken)
            founders[theme_id] = spans
            taken.add(theme_id)
            puts += [
                Put(span_id=span, theme_id=theme_id, origin="model", confidence=each.confidence[span])
                for span in spans
            ]
            went.update((home, theme_id) for span in spans if (home := each.homes[span]))
    if not founders:
        return []
    before = updates.remember(session, organisation_id)
    made = _named(session, live, founders, known, labeler)
    moving.put(session, organisation_id, puts)
    touched = {*founders, *(home for home, _ in went)}
    settle(session, organisation_id, touched, at=datetime.now(UTC), went=went, corrected=False)
    session.add_all(_birth(live, theme_id) for theme_id in founders)
    news.tell(session, organisation_id, *(news.of_theme(theme, origin="model") for theme in made))
    updates.tell(session, organisation_id, before, origin="model")
    return made


def _named(
    session: Session,
    live: Run,
    founders: dict[str, list[str]],
    known: dict[str, Theme],
    labeler: Labeler,
) -> list[Theme]:
    """Store the new themes under names that set them apart from what is said otherwise."""
    organisation_id = live.organisation_id
    groups = {
        name: members.members_named(session, organisation_id, spans) for name, spans in founders.items()
    }
    others = members.members_named(
        session, organisation_id, seeking.some_others(session, live.id, most=BACKGROUND)
    )
    background = {"": others} if others else {}
    names = name_themes(
        Grouped(upper={**groups, **background}, lower={}, parents={}),
        labeler,
        glossary(session, organisation_id),
        told=lambda _: None,
    )
    made = []
    for theme_id in founders:
        theme = known.get(theme_id) or Theme(
            id=theme_id, organisation_id=organisation_id, title="", lang=names[theme_id].lang
        )
        retitle.describe(theme, names[theme_id])
        theme.parent_id, theme.retired, theme.successor_id = None, False, None
        session.add(theme)
        made.append(theme)
    session.flush()
    return made


def _birth(live: Run, theme_id: str) -> Lineage:
    return Lineage(
        id=digest(live.id, STAGE, theme_id),
        organisation_id=live.organisation_id,
        run_id=live.id,
        event="birth",
        from_ids=[],
        to_ids=[theme_id],
        overlap=0.0,
    )
