"""The page of pairs: themes of two languages that may be one, side by side, and the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.models import Article, ThemePair
from service.pipeline import correct, pairing
from service.repositories import articles as article_repository
from service.repositories import pairs as pair_repository
from service.repositories import themes as theme_repository
from service.repositories.themes import ThemeFigures, Voice
from service.web.deps import SessionDep
from service.web.page import CallerDep, OrganisationDep, PagesDep, link

router = APIRouter()

PAGE_SIZE = 10
SHOWN_VOICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One theme of a pair: its figures, and a few of its voices."""

    figures: ThemeFigures
    voices: Sequence[Voice]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """Something that both themes say, as each writes it; or the article that answers both."""

    kind: str
    left: str
    right: str
    article: Article | None


@router.get("/pairs")
def show_pairs(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    status: str = "open",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show which themes may say the same in two languages."""
    chosen = status if status in ("open", "apart") else "open"
    found = {
        name: pair_repository.proposals(session, organisation_id, status=name) for name in ("open", "apart")
    }
    shown = found[chosen][(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    themes = [theme for proposal in shown for theme in (proposal.theme, proposal.other)]
    counted = theme_repository.counted(session, organisation_id, themes, zone=pages.zone(request))
    ids = list(dict.fromkeys(theme.id for theme in themes))
    voices = theme_repository.surest_voices(session, organisation_id, ids, each=SHOWN_VOICES)
    sides = [Side(figures=figures, voices=voices[figures.theme.id]) for figures in counted]
    pairs = [proposal.pair for proposal in shown]
    articles = article_repository.by_id(session, organisation_id, _answering(pairs))
    return pages.show(
        request,
        "pairs.html",
        rows=[
            (pair, sides[2 * place : 2 * place + 2], _shared(pair, articles))
            for place, pair in enumerate(pairs)
        ],
        counts={name: len(proposals) for name, proposals in found.items()},
        chosen=chosen,
        page=page,
        page_count=-(-len(found[chosen]) // PAGE_SIZE),
    )


def _answering(pairs: Sequence[ThemePair]) -> list[str]:
    """Return the articles that answer both themes of a pair."""
    return [each["left"] for pair in pairs for each in pair.shared if each["kind"] == "article"]


def _shared(pair: ThemePair, articles: Mapping[str, Article]) -> list[Shared]:
    """Return what a pair shares; an article that is no more is left out."""
    return [
        Shared(**each, article=articles.get(each["left"]))
        for each in pair.shared
        if each["kind"] != "article" or each["left"] in articles
    ]


@router.get("/pairs/{pair_id}/{decision}")
def lead_back(pair_id: str, decision: str) -> Response:  # noqa: ARG001  the address of a form
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse("/pairs", status_code=303)


@router.post("/pairs/{pair_id}/merge")
def merge(session: SessionDep, caller: CallerDep, pair_id: str) -> Response:
    """Make the two themes one."""
    # Not locked: themes come first, as where a merge is taken back, or the two would wait for each other.
    pair = pair_repository.get_pair(session, caller.organisation_id, pair_id)
    merged = correct.merge(session, caller.organisation_id, pair.theme_id, pair.other_id, by=caller.name)
    return _to_theme(merged.theme_ids[0])


@router.post("/pairs/{pair_id}/apart")
def keep_apart(session: SessionDep, caller: CallerDep, pair_id: str) -> Response:
    """Say that they are not the same."""
    pairing.keep_apart(session, caller.organisation_id, pair_id, by=caller.name)
    return RedirectResponse("/pairs", status_code=303)


@router.post("/pairs/{pair_id}/reopen")
def reopen(session: SessionDep, caller: CallerDep, pair_id: str) -> Response:
    """Take back that they are not the same."""
    pairing.reopen(session, caller.organisation_id, pair_id, by=caller.name)
    return RedirectResponse(link("/pairs", status="apart"), status_code=303)


def _to_theme(theme_id: str) -> Response:
    return RedirectResponse(link(f"/themes/{theme_id}") + "#corrected", status_code=303)
