"""The loop board: where each theme stands, since when, whose it is, and what was decided not to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from connectors.files.encodings import clean
from service.models import Suggestion
from service.models.span import KINDS
from service.models.theme import STAGES
from service.repositories import owners, tallies, theme_lists
from service.repositories import suggestions as suggestion_repository
from service.repositories import themes as theme_repository
from service.repositories.figures import ThemeFigures
from service.repositories.owners import Owned
from service.repositories.theme_lists import NOBODYS, Wanted
from service.web.deps import SessionDep
from service.web.items import Day, Name
from service.web.language import LANGUAGES, Language
from service.web.page import CallerDep, PagesDep, link

router = APIRouter()

SHOWN = 8
"""Themes of a stage on the board; all of them stand in the list of themes."""
ALONE = 50
"""As many where one stage alone is looked at."""


class BoardQuery(BaseModel):
    """The filters of the board, as they stand in its address."""

    kind: Name = ""
    lang: Name = ""
    owner: Name = ""
    since: Day = None
    stage: Name = ""
    changed: Name = ""
    """The theme that was just given to somebody, or let go, on this page …"""
    was: Name = ""
    """… and whose it was before."""

    def wanted(self) -> Wanted:
        """Return which themes are meant."""
        return Wanted(kind=self.kind, lang=self.lang, owner=self.owner, since=self.since, stage=self.stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A theme on the board."""

    figures: ThemeFigures
    age: str
    """How long it has stood there, in words; empty where nobody knows."""
    owned: Owned | None
    refusal: Suggestion | None
    """A decision not to act."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A stage, with the first of its themes."""

    stage: str
    total: int
    cards: Sequence[Card]


@router.get("/loop")
def show_board(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    query: Annotated[BoardQuery, Query()],
) -> Response:
    """Show where themes stand."""
    t, zone, now = pages.language(request), pages.zone(request), datetime.now(UTC)
    organisation_id, wanted = caller.organisation_id, query.wanted()
    counts = theme_lists.count_by_stage(session, organisation_id, replace(wanted, stage=""), zone=zone)
    shown = [name for name in STAGES if wanted.stage in ("", name)]
    listed = {
        name: theme_lists.find(
            session,
            organisation_id,
            replace(wanted, stage=name),
            zone=zone,
            limit=ALONE if wanted.stage else SHOWN,
        )
        for name in shown
        if counts.get(name)
    }
    themes = [theme for some in listed.values() for theme in some]
    ids = [theme.id for theme in themes]
    figures = {one.theme.id: one for one in tallies.stored(session, organisation_id, themes, zone=zone)}
    owned = owners.of_themes(session, organisation_id, ids)
    refused = suggestion_repository.refusals(session, organisation_id, ids)
    people = owners.may_own(session, organisation_id)
    changed = theme_repository.named(session, organisation_id, [query.changed] if query.changed else [])
    return pages.show(
        request,
        "loop.html",
        any=bool(counts) or wanted != Wanted(),
        total=sum(counts.values()),
        columns=[
            Column(
                stage=name,
                total=counts.get(name, 0),
                cards=[card(t, figures[theme.id], owned, refused, now=now) for theme in listed.get(name, [])],
            )
            for name in shown
        ],
        kinds=[(name, t(f"kind.{name}")) for name in KINDS],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        stages=[(name, t(f"stage.{name}")) for name in STAGES],
        owners=[*((person.id, person.name) for person in people), (NOBODYS, t("loop.nobodys"))],
        people=people,
        me=caller.id if any(person.id == caller.id for person in people) else None,
        changed=changed.get(query.changed),
        now_owned=owners.of_themes(session, organisation_id, list(changed)).get(query.changed),
        was=query.was,
        chosen=query,
        filters={
            name: value for name, value in query if name in ("kind", "lang", "owner", "since") and value
        },
    )


def card(
    t: Language,
    figures: ThemeFigures,
    owned: Mapping[str, Owned],
    refused: Mapping[str, Suggestion],
    *,
    now: datetime,
) -> Card:
    """Return a theme as the board shows it."""
    theme = figures.theme
    days = None if theme.stage_since is None else (now - theme.stage_since).days
    return Card(
        figures=figures,
        age="" if days is None else t("loop.age", n=days) if days else t("loop.age_today"),
        owned=owned.get(theme.id),
        refusal=refused.get(theme.id),
    )


@router.post("/themes/{theme_id}/owner")
def give(
    session: SessionDep,
    caller: CallerDep,
    theme_id: str,
    request: Request,
    person: Annotated[str, Form(max_length=100)] = "",
) -> Response:
    """Let a theme be somebody's, or nobody's where none is named; the board then offers to undo it."""
    organisation_id, person = caller.organisation_id, clean(person)
    theme = theme_repository.get_theme(session, organisation_id, theme_id)
    before = owners.of_themes(session, organisation_id, [theme.id]).get(theme.id)
    if person:
        owners.give(session, organisation_id, theme.id, person, by=caller.name, at=datetime.now(UTC))
    else:
        owners.let_go(session, organisation_id, theme.id)
    filters = {name: value for name, value in request.query_params.items() if name in BoardQuery.model_fields}
    was = before.person.id if before else ""
    return RedirectResponse(link("/loop", **{**filters, "changed": theme.id, "was": was}) + "#done", 303)
