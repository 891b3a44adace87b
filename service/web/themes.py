"""The page of all themes: what customers keep saying."""

from dataclasses import asdict, dataclass, replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from service.models import Suggestion
from service.models.span import KINDS
from service.models.theme import STAGES
from service.models.touchpoint import LAYERS, MOMENTS, UNKNOWN
from service.repositories import follows, overview, owners, tallies, theme_lists
from service.repositories import pairs as pair_repository
from service.repositories import runs as run_repository
from service.repositories import suggestions as suggestion_repository
from service.repositories import targets as target_repository
from service.repositories import themes as theme_repository
from service.repositories import values as value_repository
from service.repositories.theme_lists import NOBODYS, Wanted
from service.repositories.themes import ThemeFigures
from service.web.deps import SessionDep
from service.web.items import Day, Name
from service.web.language import LANGUAGES, Language
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, PagesDep
from service.web.views import views_of

router = APIRouter()

WEEKS = 26
NARROW = ("source", "channel", "area", "plan", "layer", "moment", "account", "owner", "since", "new_since")
"""Filters that are asked for seldom: they stand folded."""
IN_WORDS = ("channel", "layer", "moment")
"""Filters whose values have words of their own …"""
IN_ORDER = {"layer": (*LAYERS, UNKNOWN), "moment": (*MOMENTS, UNKNOWN)}
"""… and an order."""


class ThemeQuery(BaseModel):
    """The filters of the list of themes, as they stand in its address."""

    kind: Name = ""
    lang: Name = ""
    stage: Name = ""
    source: Name = ""
    channel: Name = ""
    area: Name = ""
    plan: Name = ""
    layer: Name = ""
    moment: Name = ""
    account: Name = ""
    owner: Name = ""
    since: Day = None
    new_since: Day = None
    followed: Literal["", "1"] = ""
    """`1` for those alone that whoever looks follows."""
    sort: Literal["worth", "contacts", "customers", "voices", "money", "rising", "newest"] = "worth"
    page: int = Field(default=1, ge=1, le=100_000)
    changed: Name = ""
    """The theme that was just followed, or is followed no longer."""

    def wanted(self, followed: frozenset[str]) -> Wanted:
        """Return which themes are meant by somebody who follows these."""
        filters = self.model_dump(exclude={"followed", "sort", "page", "changed"})
        return Wanted(**filters, only=followed if self.followed else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemeRow:
    """A theme in the list; all themes' weeks end in the same one."""

    figures: ThemeFigures
    weeks: list[int]
    recent: int
    """In the last four weeks."""
    before: int
    """In the four weeks before these."""
    suggestion: Suggestion | None
    followed: bool


@router.get("/themes")
def show_themes(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    caller: CallerDep,
    query: Annotated[ThemeQuery, Query()],
) -> Response:
    """Show what customers keep saying."""
    zone, t = pages.zone(request), pages.language(request)
    followed = follows.followed(session, organisation_id, caller.id)
    wanted, page = query.wanted(followed), query.page
    everywhere = replace(wanted, stage="")
    stages = theme_lists.count_by_stage(session, organisation_id, everywhere, zone=zone)
    fitting = sum(stages.values())
    is_filtered = wanted != Wanted()
    total = theme_lists.count(session, organisation_id, Wanted(), zone=zone) if is_filtered else fitting
    listed = theme_lists.find(
        session,
        organisation_id,
        wanted,
        zone=zone,
        sort=query.sort,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )
    figures = tallies.stored(session, organisation_id, listed, zone=zone)
    suggested = suggestion_repository.of_themes(session, organisation_id, [theme.id for theme in listed])
    reached_out = overview.reached_out(session, organisation_id)
    changed = theme_repository.named(session, organisation_id, [query.changed] if query.changed else [])
    return pages.show(
        request,
        "themes.html",
        any=bool(total),
        views=views_of(request, session, caller),
        refusing=target_repository.refusing(session, organisation_id),
        total_themes=total,
        fitting=fitting,
        share=overview.share(session, organisation_id),
        preview=run_repository.preview_run(session, organisation_id),
        ignored=theme_repository.ignored_themes(session, organisation_id),
        pairs=len(pair_repository.proposals(session, organisation_id)),
        rows=[
            theme_row(
                one,
                suggested.get(one.theme.id),
                reached_out=reached_out,
                followed=one.theme.id in followed,
            )
            for one in figures
        ],
        changed=changed.get(query.changed),
        is_followed=query.changed in followed,
        follows_any=bool(followed),
        page=page,
        page_count=-(-(stages.get(wanted.stage, 0) if wanted.stage else fitting) // PAGE_SIZE),
        reached_out=reached_out,
        weighed=value_repository.is_weighed(session, organisation_id),
        money=theme_lists.main_currency(session, organisation_id) is not None,
        stages=[(name, stages.get(name, 0)) for name in STAGES],
        kinds=[(name, t(f"kind.{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        facets=facets(session, organisation_id, t),
        owners=[
            *((person.id, person.name) for person in owners.may_own(session, organisation_id)),
            (NOBODYS, t("loop.nobodys")),
        ],
        sorts=theme_lists.SORTS,
        chosen={**asdict(wanted), "sort": query.sort, "followed": query.followed},
        narrowed=any(getattr(wanted, name) for name in NARROW),
    )


Choice = tuple[str, str, list[tuple[str, str]]]
"""A filter: its name, its label, and each of its values with its words."""


def facets(session: Session, organisation_id: str, t: Language) -> list[Choice]:
    """Return by what else themes can be chosen: name, label, and the values that there are."""
    found = []
    for name, values in theme_lists.values_of_facets(session, organisation_id).items():
        there = [one for one in IN_ORDER.get(name, values) if one in values]
        shown = [(one, t(f"{name}.{one}") if name in IN_WORDS else one) for one in there]
        found.append((name, t(f"themes.by_{name}"), shown))
    return found


def theme_row(
    figures: ThemeFigures, suggestion: Suggestion | None, *, reached_out: bool, followed: bool
) -> ThemeRow:
    """Return a theme with its last weeks: contacts, or, where nobody ever reached out, voices."""
    counts = [count for _, count in (figures.weekly if reached_out else figures.weekly_items)][-WEEKS:]
    weeks = [0] * (WEEKS - len(counts)) + counts
    return ThemeRow(
        figures=figures,
        weeks=weeks,
        recent=sum(weeks[-4:]),
        before=sum(weeks[-8:-4]),
        suggestion=suggestion,
        followed=followed,
    )
