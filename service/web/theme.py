"""The page of one theme: how much, how it went, what to do, and every voice behind it."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from sqlmodel import Session

from nlp.quotes import quotes
from service.access.caller import Caller
from service.access.visit import NOBODY
from service.models import Theme
from service.models.account import HAPPENINGS
from service.repositories import alarms as alarm_repository
from service.repositories import corrections, follows, speakers
from service.repositories import effects as effect_repository
from service.repositories import interventions as intervention_repository
from service.repositories import pairs as pair_repository
from service.repositories import suggestions as suggestion_repository
from service.repositories import tallies as tally_repository
from service.repositories import themes as theme_repository
from service.repositories.lineage import Happening, heirs, history
from service.repositories.themes import ThemeFigures, Titled, Voice
from service.rules.contacts import monday_of
from service.rules.corrections import LONGEST_REASON, LONGEST_TITLE
from service.web.charts import Point
from service.web.corrections import themes_of, why
from service.web.deps import SessionDep
from service.web.language import Language
from service.web.page import OrganisationDep, Pages, PagesDep
from service.web.verdicts import marks, told_effects
from service.web.weeks import WEEK, axis, voices_link

router = APIRouter(prefix="/themes")

SHOWN_WEEKS = 52
SHOWN_ACCOUNTS = 20
SHOWN_VOICES = 10
SHOWN_NEWEST = 3
SHOWN_CORRECTIONS = 5
QUOTED_FROM = 60
"""Voices, those that surely belong to the theme first, from which the quotes are chosen."""
OFFERED = 200
"""Themes of which one is offered where another one is to be named; any can be named."""
CONTEXT = 80
"""How many code points before and after a span are shown with it, of the message that it is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenVoice:
    """A span with a little of what stands around it."""

    voice: Voice
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A theme's weeks: contacts, or voices where nobody reached out about it."""

    counts: str
    """`contacts` or `voices`."""
    points: tuple[Point, ...]
    recent: int
    before: int
    recent_link: str
    before_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """Something that happened to a theme, and the other themes that it happened with."""

    told: str
    others: tuple[Theme, ...]


@router.get("/{theme_id}")
def show_theme(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    theme_id: str,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    instead: Annotated[str, Query(max_length=100)] = "",
    accounts: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Show one theme; `instead` of which it was corrected, if it was. `accounts=all` shows all of them."""
    theme = theme_repository.get_theme(session, organisation_id, theme_id)
    gone = theme_repository.named(session, organisation_id, [instead] if instead else [])
    most = None if accounts == "all" else SHOWN_ACCOUNTS
    return show(request, pages, session, theme, page=page, instead=gone.get(instead), most_accounts=most)


def show(
    request: Request,
    pages: Pages,
    session: Session,
    theme: Theme,
    *,
    page: int,
    status: int = 200,
    error: str = "",
    chosen: Collection[str] = (),
    written: Mapping[str, str] | None = None,
    instead: Theme | None = None,
    most_accounts: int | None = SHOWN_ACCOUNTS,
) -> Response:
    """Return the page of a theme, with what went wrong with a form on it.

    `chosen` are the voices that were ticked, `written` the other theme that was named, by what was wished.
    """
    caller: Caller = request.state.caller
    t, zone = pages.language(request), pages.zone(request)
    organisation_id, theme_id = theme.organisation_id, theme.id
    figures, told = tally_repository.of_theme(session, organisation_id, theme, zone=zone)
    interventions = intervention_repository.list_interventions(session, organisation_id, theme_id=theme_id)
    effects = effect_repository.effects_of_theme(session, organisation_id, theme_id)
    happened = effect_repository.happened(session, organisation_id, HAPPENINGS, zone=t.zone)
    found = theme_repository.evidence(
        session,
        organisation_id,
        theme_id,
        limit=QUOTED_FROM if page == 1 else SHOWN_VOICES,
        offset=(page - 1) * SHOWN_VOICES,
    )
    spoke = speakers.of_theme(session, theme, voices=SHOWN_NEWEST, accounts=most_accounts)
    made = corrections.corrections_of_theme(session, organisation_id, theme_id)
    return pages.show(
        request,
        "theme.html",
        status=status,
        error=error,
        followed=theme_id in follows.followed(session, organisation_id, caller.id),
        chosen=chosen,
        instead=instead,
        figures=figures,
        parent=theme.parent_id and theme_repository.get_theme(session, organisation_id, theme.parent_id),
        heirs=heirs(session, organisation_id, [theme]).get(theme_id, []),
        accounts=spoke.accounts,
        revenue=" + ".join(t.money(float(amount), unit) for unit, amount in figures.revenue.items()),
        course=course(t, figures),
        told=told,
        marks=marks(t, shown_from(figures), interventions, happened),
        effects=told_effects(t, theme, interventions, effects),
        suggestions=[
            *suggestion_repository.list_suggestions(session, organisation_id, theme_id=theme_id),
            *suggestion_repository.under_way_elsewhere(session, theme),
        ],
        subthemes=theme_repository.list_themes(session, organisation_id, zone=zone, parent_id=theme_id),
        voices=[in_context(voice) for voice in found[:SHOWN_VOICES]],
        newest=[in_context(voice) for voice in spoke.newest]
        if figures.spans > SHOWN_VOICES and page == 1
        else [],
        corrections=made[:SHOWN_CORRECTIONS],
        more_corrections=len(made) - SHOWN_CORRECTIONS,
        themes=themes_of(session, organisation_id, made),
        why={each.id: why(t, each.conflict) for each in made if each.conflict},
        offered=_offered(session, theme) if caller.may("write") else [],
        written=written or {},
        longest=LONGEST_TITLE,
        longest_reason=LONGEST_REASON,
        nobody=NOBODY,
        pairs=len(pair_repository.proposals(session, organisation_id, theme_id=theme_id)),
        quoted=quoted(found) if page == 1 else [],
        alarms=[
            each.alarm
            for each in alarm_repository.told(session, organisation_id, theme_id=theme_id)
            if each.alarm.ended_at is None
        ],
        past=[past(t, happening, theme_id) for happening in history(session, organisation_id, theme_id)],
        page=page,
        page_count=-(-figures.spans // SHOWN_VOICES),
    )


def _offered(session: Session, theme: Theme) -> list[tuple[str, Titled]]:
    """Return the largest other themes, each with what names it: its title, or its id where two share one."""
    largest = theme_repository.living(session, theme.organisation_id, limit=OFFERED + 1)
    others = [each for each in largest if each.id != theme.id][:OFFERED]
    titles = Counter(each.title for each in others)
    return [(each.title if titles[each.title] == 1 else each.id, each) for each in others]


def course(t: Language, figures: ThemeFigures) -> Course | None:
    """Return how often the theme was heard week by week; None where it was never heard."""
    weekly = shown_weeks(figures)
    if not weekly:
        return None
    counts = "contacts" if figures.contacts else "voices"
    last = monday_of(weekly[-1][0])
    return Course(
        counts=counts,
        points=tuple(
            point(t, figures, week, count, first=not place) for place, (week, count) in enumerate(weekly)
        ),
        recent=sum(count for _, count in weekly[-4:]),
        before=sum(count for _, count in weekly[-8:-4]),
        recent_link=voices_link(figures.theme, last - 3 * WEEK, 4, contacts=bool(figures.contacts)),
        before_link=voices_link(figures.theme, last - 7 * WEEK, 4, contacts=bool(figures.contacts)),
    )


def shown_weeks(figures: ThemeFigures) -> Sequence[tuple[str, int]]:
    """Return the last weeks of contacts, or of voices where nobody reached out."""
    return (figures.weekly if figures.contacts else figures.weekly_items)[-SHOWN_WEEKS:]


def shown_from(figures: ThemeFigures) -> list[date]:
    """Return the first day of each week that is shown."""
    return [monday_of(week) for week, _ in shown_weeks(figures)]


def point(t: Language, figures: ThemeFigures, week: str, count: int, *, first: bool) -> Point:
    """Return a week in the trend; one in which a month begins is named on the axis."""
    start = monday_of(week)
    return Point(
        start=start,
        count=count,
        told=t("theme.week_told", day=t.day(start), count=count),
        link=voices_link(figures.theme, start, 1, contacts=bool(figures.contacts)),
        tick=axis(t, start, first=first),
    )


def past(t: Language, happening: Happening, theme_id: str) -> Past:
    """Return an event as one theme sees it: a split is one story for what stays, another for what leaves."""
    event = happening.event
    was, is_now = theme_id in event.from_ids, theme_id in event.to_ids
    side = {(True, True): "stays", (True, False): "leaves", (False, True): "comes"}.get(
        (was, is_now), "comes"
    )
    key = f"past.{event.event}_{side}"
    return Past(
        told=t(key if t.has(key) else f"past.{event.event}", day=t.day(happening.run.created_at)),
        others=tuple(happening.others.values()) if event.event in ("split", "merge", "death") else (),
    )


def quoted(voices: Sequence[Voice]) -> list[Voice]:
    """Return the voices that stand for all: they differ, and come from different customers."""
    owners = [voice.item.customer_id or voice.item.id for voice in voices]
    return [voices[place] for place in quotes([voice.span.text for voice in voices], owners)]


def in_context(voice: Voice) -> SpokenVoice:
    """Return a voice with what its customer said around the span."""
    text = voice.item.text or ""
    before = text[: voice.span.start].rpartition("\n\n")[2]
    after = text[voice.span.end :].partition("\n\n")[0]
    return SpokenVoice(
        voice=voice,
        before=before if len(before) <= CONTEXT else f"…{before[-CONTEXT:]}",
        after=after if len(after) <= CONTEXT else f"{after[:CONTEXT]}…",
    )
