"""The pages of suggestions: what to do next, one of them with its draft, and the decision."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from connectors.files.encodings import clean
from service.access.visit import NOBODY
from service.db import Database
from service.models.suggestion import ACTIONS, STATUSES
from service.parts import connecting
from service.pipeline import decide, existing
from service.pipeline.existing import Search
from service.repositories import citations, interventions, tallies
from service.repositories import deliveries as delivery_repository
from service.repositories import suggestions as suggestion_repository
from service.repositories import targets as target_repository
from service.repositories import themes as theme_repository
from service.repositories.queue import WRITTEN
from service.repositories.suggestions import SORTS, article_of
from service.web.deps import SessionDep
from service.web.draft import drafted, sources_of
from service.web.forms import ChosenTargets, Dismissal, Publication, read_dismissal, read_publication
from service.web.language import LANGUAGES
from service.web.page import PAGE_SIZE, CallerDep, OrganisationDep, Pages, PagesDep, link
from service.web.reasons import kind_behind, told
from service.web.views import views_of

router = APIRouter(prefix="/suggestions")


@router.get("")
def show_suggestions(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    caller: CallerDep,
    action: str = "",
    status: str = "open",
    lang: str = "",
    sort: str = "worth",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what should be done next: what is worth most first, if nothing else is wished."""
    t, zone = pages.language(request), pages.zone(request)
    found, total = suggestion_repository.find(
        session,
        organisation_id,
        status=status,
        action=action,
        lang=lang,
        sort=sort,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )
    figures = tallies.stored(session, organisation_id, [about.theme for about in found], zone=zone)
    asking = suggestion_repository.done_and_asking(session, organisation_id)
    return pages.show(
        request,
        "suggestions.html",
        views=views_of(request, session, caller),
        any=bool(suggestion_repository.find(session, organisation_id, limit=1)[1]),
        waiting=suggestion_repository.count_open(session, organisation_id),
        asking=[about for about in asking if decide.asks_again(about.suggestion)],
        rows=[(about.suggestion, one) for about, one in zip(found, figures, strict=True)],
        page=page,
        page_count=-(-total // PAGE_SIZE),
        actions=[(name, t(f"action.{name}")) for name in ACTIONS],
        statuses=[(name, t(f"status.{name}")) for name in STATUSES],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        sorts=SORTS,
        chosen={"action": action, "status": status, "lang": lang, "sort": sort},
    )


@router.get("/{suggestion_id}")
def show_suggestion(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    suggestion_id: str,
) -> Response:
    """Show one suggestion: the draft beside what each of its sentences rests on."""
    return suggestion_page(request, pages, session, organisation_id, suggestion_id)


@router.get("/{suggestion_id}/{decision}")
def lead_back(suggestion_id: str, decision: str, request: Request) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"/suggestions/{suggestion_id}", **request.query_params), status_code=303)


@router.post("/{suggestion_id}/accept")
def accept(
    session: SessionDep,
    caller: CallerDep,
    suggestion_id: str,
    to: ChosenTargets,
    target: Annotated[str, Form(max_length=200)] = "",
    reference: Annotated[str, Form(max_length=500)] = "",
) -> Response:
    """Decide to do it; at a target that is named, by linking what stands there already."""
    links = {clean(target): clean(reference)} if target and reference else {}
    decide.accept(session, caller.organisation_id, suggestion_id, by=caller.name, to=to, links=links)
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/existing")
def look_for_existing(request: Request, pages: PagesDep, caller: CallerDep, suggestion_id: str) -> Response:
    """Ask the targets whether something there says it already, and show what may."""
    db: Database = request.app.state.db
    connect = connecting(pages.settings, db)
    found = existing.search(db, caller.organisation_id, suggestion_id, connect)
    with db.begin() as session:
        return suggestion_page(request, pages, session, caller.organisation_id, suggestion_id, found=found)


@router.post("/{suggestion_id}/dismiss")
def dismiss(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    suggestion_id: str,
    reason: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Decide not to do it, and say why."""
    zone = pages.zone(request)
    form = read_dismissal(reason, day, today=datetime.now(zone).date(), zone=zone)
    if not form.complete:
        return suggestion_page(request, pages, session, caller.organisation_id, suggestion_id, dismissal=form)
    decide.dismiss(
        session,
        caller.organisation_id,
        suggestion_id,
        by=caller.name,
        reason=form.reason,
        review_at=form.review_at,
    )
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/reopen")
def reopen(session: SessionDep, organisation_id: OrganisationDep, suggestion_id: str) -> Response:
    """Undo the decision."""
    decide.reopen(session, organisation_id, suggestion_id)
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/leave")
def leave(session: SessionDep, caller: CallerDep, suggestion_id: str) -> Response:
    """Let it stay done, though customers still ask."""
    decide.leave(session, caller.organisation_id, suggestion_id, by=caller.name)
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/published")
def published(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    caller: CallerDep,
    suggestion_id: str,
    url: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Note that customers have it, so that its effect is measured from that day."""
    zone = pages.zone(request)
    form = read_publication(url, day, today=datetime.now(zone).date(), zone=zone)
    if form.since is None or not form.complete:
        return suggestion_page(
            request, pages, session, caller.organisation_id, suggestion_id, publication=form
        )
    decide.published(
        session, caller.organisation_id, suggestion_id, url=form.url or None, at=form.since, by=caller.name
    )
    return back_to(suggestion_id)


def suggestion_page(
    request: Request,
    pages: Pages,
    session: Session,
    organisation_id: str,
    suggestion_id: str,
    *,
    dismissal: Dismissal | None = None,
    publication: Publication | None = None,
    found: Search | None = None,
) -> Response:
    """Return the page of a suggestion; a form that was filled in wrongly is shown as it was filled in."""
    t, zone = pages.language(request), pages.zone(request)
    today = datetime.now(zone).date().isoformat()
    suggestion = suggestion_repository.get_suggestion(session, organisation_id, suggestion_id)
    sources = sources_of(session, organisation_id, suggestion.draft)
    article = article_of(session, suggestion)
    targets = target_repository.target_names(session, organisation_id)
    takers = decide.takers(session, suggestion)
    deliveries = delivery_repository.list_deliveries(session, organisation_id, suggestion_id=suggestion_id)
    return pages.show(
        request,
        "suggestion.html",
        status=422 if dismissal or publication else 200,
        suggestion=suggestion,
        figures=theme_repository.theme_figures(session, organisation_id, suggestion.theme_id, zone=zone),
        article=article,
        reasons=[(told(t, reason), kind_behind(reason)) for reason in suggestion.reasons],
        blocks=drafted(suggestion.draft, sources, article=article.body if article else ""),
        sources=list(sources.values()),
        written_by_people=WRITTEN,
        stale=bool(citations.stale(session, organisation_id, [suggestion])),
        deliveries=[(targets[each.target_id], each) for each in deliveries],
        has_targets=bool(target_repository.list_targets(session, organisation_id)),
        takers=list(takers),
        can_link=any(kind.follows for _, kind in takers.values()),
        carrier=suggestion.carried_on_by
        and suggestion_repository.get_suggestion(session, organisation_id, suggestion.carried_on_by),
        carried=suggestion_repository.carried_by(session, suggestion),
        found=found,
        asks_again=decide.asks_again(suggestion),
        intervention=interventions.of_suggestion(session, organisation_id, suggestion_id),
        by_somebody=suggestion.decided_by not in NOBODY,
        dismissal=dismissal or Dismissal(),
        publication=publication or Publication(day=today),
        today=today,
    )


def back_to(suggestion_id: str) -> Response:
    """Lead back to what was decided, so that reloading decides nothing twice and the focus stays there."""
    return RedirectResponse(link(f"/suggestions/{suggestion_id}") + "#decision", status_code=303)
