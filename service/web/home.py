"""Home: what changed since the reader was here, and what waits for somebody."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from service.models import Theme
from service.pipeline.deliver import GIVEN_UP
from service.repositories import deliveries as delivery_repository
from service.repositories import follows, happenings, overview, presences, tallies
from service.repositories import pairs as pair_repository
from service.repositories import runs as run_repository
from service.repositories import sources as source_repository
from service.repositories import suggestions as suggestion_repository
from service.repositories import targets as target_repository
from service.repositories.alarms import Told
from service.repositories.figures import ThemeFigures
from service.repositories.happenings import Measured, Reopened, Shipped
from service.web import reasons
from service.web.alarms import voices_behind
from service.web.deps import SessionDep
from service.web.language import Language
from service.web.page import CallerDep, PagesDep, link
from service.web.themes import ThemeRow, theme_row

router = APIRouter()

LATELY = timedelta(days=7)
"""What is told to whoever was never here: a first visit, a program, and everybody in the demo."""
AT_A_GLANCE = 3
EACH = 5
"""Most changes of a kind that are told one by one; the others are counted."""
What = Told | Reopened | Measured | Shipped | Theme
LISTS = {"rising": "/alarms", "reopened": "/suggestions?status=", "new": "/themes?sort=newest"}
"""Where all changes of a kind are listed; of the others each stands on the page of its theme."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that changed, and the theme that it is about; None where it is about none."""

    kind: str
    theme: Theme | None
    what: What

    @property
    def address(self) -> str:
        """Where it leads."""
        match self.what:
            case Told(alarm=alarm):
                return f"/alarms/{alarm.id}"
            case Reopened(suggestion=suggestion):
                return f"/suggestions/{suggestion.id}"
        return f"/themes/{self.theme.id}" if self.theme else "/themes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A change as it is told, with the weeks of its theme."""

    change: Change
    told: Markup
    row: ThemeRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """All that changed."""

    total: int
    shown: Sequence[Change]
    """Those that are told one by one, the first of each kind before the second of any."""
    counted: Mapping[str, int] = field(default_factory=dict)
    """How many more there are of a kind."""


@router.get("/")
def show_home(request: Request, pages: PagesDep, session: SessionDep, caller: CallerDep) -> Response:
    """Tell what changed since the reader was here."""
    t, zone, now = pages.language(request), pages.zone(request), datetime.now(UTC)
    organisation_id = caller.organisation_id
    before = None
    if request.state.sign_in is not None:
        before = presences.look(session, organisation_id, caller.id, now=now)
    followed = follows.followed(session, organisation_id, caller.id)
    changes = changed(session, organisation_id, since=before or now - LATELY, first=followed)
    themes = {change.theme.id: change.theme for change in changes.shown if change.theme}
    figures = tallies.stored(session, organisation_id, list(themes.values()), zone=zone)
    reached_out = overview.reached_out(session, organisation_id)
    lines = list(told(t, changes.shown, figures, reached_out=reached_out, followed=followed))
    return pages.show(
        request,
        "home.html",
        any=happenings.is_anything_there(session, organisation_id),
        any_themes=happenings.is_any_theme_there(session, organisation_id),
        refusing=target_repository.refusing(session, organisation_id),
        since=t.since(before, now) if before else t("home.lately"),
        total=changes.total,
        first=lines[:AT_A_GLANCE],
        others=lines[AT_A_GLANCE:],
        counted=[(kind, n, LISTS.get(kind, "/themes")) for kind, n in changes.counted.items()],
        waits=list(waits(t, session, organisation_id)),
    )


def changed(
    session: Session,
    organisation_id: str,
    *,
    since: datetime,
    until: datetime | None = None,
    first: AbstractSet[str] = frozenset(),
) -> Changes:
    """Return what changed since a moment, and up to another where it is given.

    What is told of a theme in one way is not told in a weaker one. What changed about the themes of `first`
    is told before all else.
    """
    raised = happenings.raised(session, organisation_id, since=since, until=until)
    measured = happenings.measured(session, organisation_id, since=since, until=until)
    judged = {each.intervention.id for each in measured}
    alarmed = {each.theme.id for each in raised if each.theme}
    born, how_many = happenings.born(
        session, organisation_id, since=since, until=until, but=alarmed, limit=EACH
    )
    found: dict[str, Sequence[What]] = {
        "rising": raised,
        "reopened": happenings.reopened(session, organisation_id, since=since, until=until),
        "measured": measured,
        "shipped": [
            each
            for each in happenings.shipped(session, organisation_id, since=since, until=until)
            if each.intervention.id not in judged
        ],
        "new": born,
    }
    totals = {kind: len(some) for kind, some in found.items()} | {"new": how_many}
    ordered = {
        kind: sorted(some, key=lambda what: _theme_of(what) not in first) for kind, some in found.items()
    }
    shown = [
        ((_theme_of(each) not in first, place), kind, each)
        for kind, some in ordered.items()
        for place, each in enumerate(some[:EACH])
    ]
    return Changes(
        total=sum(totals.values()),
        shown=[
            Change(kind=kind, theme=what if isinstance(what, Theme) else what.theme, what=what)
            for _, kind, what in sorted(shown, key=lambda each: each[0])
        ],
        counted={kind: total - EACH for kind, total in totals.items() if total > EACH},
    )


def _theme_of(what: What) -> str | None:
    theme = what if isinstance(what, Theme) else what.theme
    return theme.id if theme else None


def told(
    t: Language,
    changes: Sequence[Change],
    figures: Sequence[ThemeFigures],
    *,
    reached_out: bool,
    followed: AbstractSet[str],
) -> Iterator[Line]:
    """Give each change in a sentence, beside the last weeks of its theme."""
    rows = {
        each.theme.id: theme_row(each, None, reached_out=reached_out, followed=each.theme.id in followed)
        for each in figures
    }
    for change in changes:
        row = rows.get(change.theme.id) if change.theme else None
        yield Line(change=change, told=_sentence(t, change, row), row=row)


def _sentence(t: Language, change: Change, row: ThemeRow | None) -> Markup:
    match change.what:
        case Told(alarm=alarm):
            count = t("count.contacts" if alarm.counted == "contacts" else "count.voices", n=alarm.contacts)
            onset = alarm.onset.astimezone(t.zone).date()
            return t.rich(
                "alarms.said",
                contacts=_open(voices_behind(alarm, onset, None), count),
                day=t.day(onset),
                expected=t.number(round(alarm.expected, 1)),
            )
        case Reopened(suggestion=suggestion):
            return Markup("{}").format(reasons.told(t, suggestion.came_back or {"code": ""}))
        case Measured(effect=effect, intervention=done):
            return t.rich(
                f"home.told_{effect.verdict}",
                change=_open(change.address, t.change(effect.relative_effect or 0.0)),
                low=t.change(effect.low or 0.0),
                high=t.change(effect.high or 0.0),
                kind=t(f"intervention.{done.kind}"),
                day=t.day(done.occurred_at),
            )
        case Shipped(intervention=done):
            return t.rich(
                "home.told_shipped", kind=t(f"intervention.{done.kind}"), day=t.day(done.occurred_at)
            )
    if row is None:
        return Markup("")
    voices = _open(link("/items", theme=row.figures.theme.id), t("count.voices", n=row.figures.items))
    return t.rich("home.told_new", voices=voices, day=t.day(row.figures.first_seen))


def _open(address: str, text: str) -> Markup:
    return Markup('<a class="open" href="{}">{}</a>').format(address, text)


def waits(t: Language, session: Session, organisation_id: str) -> Iterator[tuple[str, str]]:
    """Give what waits for somebody, in words, and where it is done."""
    if n := suggestion_repository.count_open(session, organisation_id):
        yield t("suggestions.headline", n=n), "/suggestions"
    states = delivery_repository.count_by_state(session, organisation_id)
    for state in GIVEN_UP:
        if n := states.get(state, 0):
            yield t(f"home.stuck_{state}", n=n), link("/deliveries", state=state)
    all_sources = source_repository.list_sources(session, organisation_id)
    for one in (each for each in all_sources if each.paused_at):
        yield t("home.source_paused", source=one.name), f"/sources/{one.id}"
    for one in (each for each in all_sources if each.refuses_since and not each.paused_at):
        yield t("home.source_refuses", source=one.name), f"/sources/{one.id}"
    if preview := run_repository.preview_run(session, organisation_id):
        yield t("runs.waiting"), f"/runs/{preview.id}"
    if n := len(pair_repository.proposals(session, organisation_id)):
        yield t("pairs.waiting", n=n), "/pairs"
