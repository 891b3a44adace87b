"""The stage that says what to do: which articles answer what, then one suggestion for each theme.

What a person decided or wrote is never changed. An open suggestion is brought up to date; where the theme now
wants something else, another takes its place. What was accepted for a theme that merged into another is not
suggested for that one again while it is under way.
"""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlmodel import Session

from nlp.embedders import Embedders
from service.db import Database
from service.models import Suggestion
from service.models.columns import digest
from service.pipeline import carrying, coverage, loop, news, pairing, rewrite, searching
from service.pipeline.drafting import draft_of
from service.pipeline.facts import known_of
from service.pipeline.library import Library, library
from service.pipeline.report import Progress, Report, silent
from service.repositories import deliveries, interventions, organisations, replies, suggestions, themes
from service.repositories.figures import ThemeFigures
from service.rules.decisions import comes_back
from service.rules.routing import Route, route

STAGE = "route"
BATCH = 20
"""Themes committed together."""


def run(db: Database, organisation_id: str, embedders: Embedders, *, progress: Progress = silent) -> Report:
    """Bring coverage and suggestions up to date with the live run."""
    covered = coverage.update(db, organisation_id, embedders, progress=progress)
    with db.begin() as session:
        live = themes.live_run(session, organisation_id)
        if live is None:
            return Report(stage=STAGE, done=0, notes=("There are no themes yet.",))
    searching.update(db, live, embedders)
    with db.begin() as session:
        zone = organisations.zone_of(session, organisation_id)
        counted = themes.list_themes(session, organisation_id, zone=zone)
        items = replies.items_by_theme(session, organisation_id, live.id)
        articles = library(session, organisation_id)
        _drop_orphans(session, organisation_id, {figures.theme.id for figures in counted})
    suggested = 0
    for start in range(0, len(counted), BATCH):
        with db.begin() as session:
            articles = articles.still_there(session, organisation_id)
            for figures in counted[start : start + BATCH]:
                held = items.get(figures.theme.id, [])
                suggested += _suggest(session, figures, held, articles, tells=live.as_of is None)
        progress(STAGE, min(start + BATCH, len(counted)), len(counted))
    with db.begin() as session:
        if live.as_of is None:  # an earlier day says nothing of what carries on today
            carrying.settle(session, organisation_id)
        pairing.propose(session, organisation_id)
        loop.refresh(session, organisation_id)
    note = f"{suggested} of {len(counted)} themes have a suggestion; {covered} voices were matched anew."
    return Report(stage=STAGE, done=suggested, notes=(note,))


def _suggest(
    session: Session, figures: ThemeFigures, item_ids: Sequence[str], articles: Library, *, tells: bool
) -> int:
    """Bring a theme's suggestion up to date; return how many it has now that fit its route.

    Targets are told of a new one, unless an earlier day is shown.
    """
    theme = figures.theme
    known = known_of(session, figures, item_ids, articles)
    taken = route(known.facts)
    before = suggestions.lock_suggestions(session, theme.organisation_id, theme_id=theme.id)
    kept = [one for one in before if one.status not in ("open", "dismissed")]
    same = next((one for one in before if taken is not None and one.action == taken.action), None)
    elsewhere = suggestions.under_way_elsewhere(session, theme)
    is_under_way = taken is not None and any(one.action == taken.action for one in elsewhere)
    if same is not None and same.status == "dismissed" and not is_under_way:
        _bring_back(same, figures)
    stale = [one for one in before if one.status == "open" and (one is not same or is_under_way)]
    if not all(_drop(session, one) for one in stale):
        return 0
    if taken is None or kept or is_under_way or (same is not None and same.status != "open"):
        return min(1, len(kept) + is_under_way)
    suggestion = same or Suggestion(
        id=digest(theme.organisation_id, "suggestion", theme.id, taken.action),
        organisation_id=theme.organisation_id,
        theme_id=theme.id,
        action=taken.action,
        lang=theme.lang,
        confidence=taken.confidence,
    )
    _write(suggestion, taken)
    if not rewrite.is_written(suggestion):
        _about(suggestion, taken, articles)
        suggestion.lang = theme.lang
        suggestion.draft = draft_of(session, figures, known, taken.action, articles)
    session.add(suggestion)
    if same is None and tells:
        news.tell(session, theme.organisation_id, news.of_suggestion(suggestion, theme))
    return 1


def _bring_back(suggestion: Suggestion, figures: ThemeFigures) -> None:
    """Open what was decided against where its day has come or its premise is broken; who decided stays."""
    now = datetime.now(UTC)
    why = comes_back(suggestion.premise or {}, people=figures.people, review_at=suggestion.review_at, now=now)
    if why is not None:
        suggestion.status, suggestion.came_back, suggestion.came_back_at = "open", dict(why), now


def _write(suggestion: Suggestion, taken: Route) -> None:
    suggestion.confidence = taken.confidence
    returned = [suggestion.came_back] if suggestion.came_back else []
    suggestion.reasons = [*returned, *(dict(reason) for reason in taken.reasons)]


def _about(suggestion: Suggestion, taken: Route, articles: Library) -> None:
    """Say which article it is about, and for whom that is."""
    suggestion.article_id = taken.article_id
    article = articles.articles.get(taken.article_id or "")
    suggestion.audience = article.audience if article else articles.audience


def _drop(session: Session, suggestion: Suggestion) -> bool:
    """Remove an open suggestion; False where a target is being given it.

    One that was done before and is open again stays beside what comes: its effect is measured. So does one
    whose draft a person has written on.
    """
    if rewrite.is_written(suggestion):
        return True
    if interventions.of_suggestion(session, suggestion.organisation_id, suggestion.id) is not None:
        return True
    if not deliveries.withdraw(session, suggestion.organisation_id, suggestion.id):
        return False
    session.flush()
    session.delete(suggestion)
    session.flush()
    return True


def _drop_orphans(session: Session, organisation_id: str, theme_ids: Collection[str]) -> None:
    """Remove the open suggestions of themes that are no more."""
    for suggestion in suggestions.lock_suggestions(session, organisation_id, status="open"):
        if suggestion.theme_id not in theme_ids:
            _drop(session, suggestion)
