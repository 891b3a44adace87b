"""The pages of themes: what customers keep saying, and one theme with its voices."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.models import Effect, Intervention, Lineage, Suggestion
from service.repositories import effects as effect_repository
from service.repositories import interventions as intervention_repository
from service.repositories import overview
from service.repositories import suggestions as suggestion_repository
from service.repositories import themes as theme_repository
from service.repositories.lineage import lineage_of
from service.repositories.themes import ThemeFigures, Voice
from service.rules.contacts import iso_week
from service.web.charts import Mark
from service.web.deps import SessionDep
from service.web.language import LANGUAGES, Language
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep

router = APIRouter()

KINDS = ("pain_point", "question", "request", "praise", "other")
SORTS = ("contacts", "customers", "rising", "newest")
CONTEXT = 160
"""How many code points before and after a span are shown with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeRow:
    """A theme in the list."""

    figures: ThemeFigures
    weeks: list[int]
    recent: int
    before: int
    suggestion: Suggestion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenVoice:
    """A span with a little of what stands around it."""

    voice: Voice
    before: str
    after: str

    def __getattr__(self, name: str) -> object:
        return getattr(self.voice, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Something that happened to a theme, and the other themes that it happened with."""

    event: str
    overlap: float
    others: list[str]


@router.get("/")
def home() -> Response:
    """Lead to the themes."""
    return RedirectResponse("/themes", status_code=307)


@router.get("/themes")
def show_themes(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    kind: str = "",
    lang: str = "",
    sort: Literal["contacts", "customers", "rising", "newest"] = "contacts",
) -> Response:
    """Show what customers keep saying."""
    everything = theme_repository.list_themes(session, organisation_id, zone=pages.settings.zone)
    todo = {s.theme_id: s for s in suggestion_repository.list_suggestions(session, organisation_id)}
    newest = max((week for figures in everything for week, _ in figures.weekly), default=None)
    chosen = [
        f for f in everything if kind in ("", f.theme.kind) and lang in ("", language_group(f.theme.lang))
    ]
    rows = [theme_row(figures, todo.get(figures.theme.id), newest) for figures in chosen]
    t = pages.language(request)
    return pages.show(
        request,
        "themes.html",
        any=bool(everything),
        total_themes=len(everything),
        share=overview.share(session, organisation_id),
        rows=sorted(rows, key=lambda row: order(row, sort)),
        kinds=[(name, t(f"kind.{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        sorts=SORTS,
        chosen={"kind": kind, "lang": lang, "sort": sort},
    )


def language_group(lang: str) -> str:
    """Return `en`, `ja` or `other`."""
    return lang if lang in LANGUAGES else "other"


def theme_row(figures: ThemeFigures, suggestion: Suggestion | None, newest: str | None) -> ThemeRow:
    """Return a theme with its last weeks, all themes ending in the same one."""
    weeks = [count for week, count in figures.weekly if newest is None or week <= newest][-26:]
    weeks = [0] * (26 - len(weeks)) + weeks
    return ThemeRow(
        figures=figures, weeks=weeks, recent=sum(weeks[-4:]), before=sum(weeks[-8:-4]), suggestion=suggestion
    )


def order(row: ThemeRow, sort: str) -> tuple[float, str]:
    """Return what a list is sorted by: most first, ties by id."""
    first = row.figures.first_seen
    figure = {
        "contacts": row.figures.contacts + row.figures.items / 1e6,
        "customers": row.figures.people,
        "rising": row.recent - row.before,
        "newest": first.timestamp() if first else 0,
    }[sort]
    return -figure, row.figures.theme.id


@router.get("/themes/{theme_id}")
def show_theme(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    theme_id: str,
    page: int = Query(default=1, ge=1, le=100_000),
) -> Response:
    """Show one theme: how much, how it went, what to do, and every voice behind it."""
    t = pages.language(request)
    figures = theme_repository.theme_figures(session, organisation_id, theme_id, zone=pages.settings.zone)
    theme = figures.theme
    interventions = intervention_repository.list_interventions(session, organisation_id, theme_id=theme_id)
    found = theme_repository.evidence(
        session, organisation_id, theme_id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    counts = [count for _, count in figures.weekly]
    return pages.show(
        request,
        "theme.html",
        figures=figures,
        parent=theme.parent_id and theme_repository.get_theme(session, organisation_id, theme.parent_id),
        successor=theme.successor_id and theme_repository.current_theme(session, organisation_id, theme_id),
        recent=sum(counts[-4:]),
        before=sum(counts[-8:-4]),
        revenue=" + ".join(t.money(float(amount), unit) for unit, amount in figures.revenue.items()),
        weekly=figures.weekly[-52:],
        marks=[
            Mark(week=iso_week(i.occurred_at.astimezone(pages.settings.zone).date()), label=label(t, i))
            for i in interventions
        ],
        effects=told_effects(t, interventions, effect_repository.effects_of_theme(session, organisation_id, theme_id)),
        suggestions=suggestion_repository.list_suggestions(session, organisation_id, theme_id=theme_id),
        subthemes=theme_repository.list_themes(
            session, organisation_id, zone=pages.settings.zone, parent_id=theme_id
        ),
        voices=[in_context(voice) for voice in found],
        lineage=[past(event, theme_id) for event in lineage_of(session, organisation_id, theme_id)],
        page=page,
        page_count=-(-figures.spans // PAGE_SIZE),
    )


def label(t: Language, intervention: Intervention) -> str:
    """Return what stands at an intervention's line in a trend."""
    return f"{t(f'theme.intervention_{intervention.kind}')} · {t.day(intervention.occurred_at)}"


def told_effects(t: Language, interventions: Sequence[Intervention], effects: Sequence[Effect]) -> list[str]:
    """Return a sentence an intervention: contacts a week before and after."""
    known = {effect.intervention_id: effect for effect in effects}
    told = []
    for intervention in interventions:
        effect = known.get(intervention.id)
        words = {"kind": t(f"theme.intervention_{intervention.kind}"), "day": t.day(intervention.occurred_at)}
        found = [
            reason for reason in (effect.reasons if effect else []) if reason["code"] == "plain_before_after"
        ]
        if effect is None or effect.naive is None or not found:
            told.append(t("theme.effect_wait", **words))
        else:
            told.append(
                t(
                    "theme.effect",
                    before=found[0]["contacts_before"] / found[0]["weeks_before"],
                    after=found[0]["contacts_after"] / found[0]["weeks_after"],
                    change=t.change(effect.naive),
                    **words,
                )
            )
    return told


def past(event: Lineage, theme_id: str) -> Past:
    """Return an event as one theme sees it."""
    others = sorted({*event.from_ids, *event.to_ids} - {theme_id})
    return Past(event=event.event, overlap=event.overlap, others=others)


def in_context(voice: Voice) -> SpokenVoice:
    """Return a voice with what its customer said around the span."""
    text = voice.item.text or ""
    before = text[max(voice.span.start - CONTEXT, 0) : voice.span.start]
    after = text[voice.span.end : voice.span.end + CONTEXT]
    return SpokenVoice(
        voice=voice,
        before=f"…{before}" if voice.span.start > CONTEXT else before,
        after=f"{after}…" if voice.span.end + CONTEXT < len(text) else after,
    )
