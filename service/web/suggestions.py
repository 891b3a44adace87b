"""The pages of suggestions: what to do next, one of them with its draft, and the decision."""

from datetime import UTC, datetime, time
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from service.errors import WrongUse
from service.pipeline import decide
from service.repositories import articles as article_repository
from service.repositories import deliveries as delivery_repository
from service.repositories import suggestions as suggestion_repository
from service.repositories import targets as target_repository
from service.repositories import themes as theme_repository
from service.web.deps import SessionDep
from service.web.draft import drafted, sources_of
from service.web.language import LANGUAGES
from service.web.page import OrganisationDep, PagesDep
from service.web.reasons import told
from service.web.themes import language_group

router = APIRouter(prefix="/suggestions")

ACTIONS = (
    "fix_product",
    "write_article",
    "edit_article",
    "make_findable",
    "resolve_contradiction",
    "no_action",
)
STATUSES = ("open", "accepted", "dismissed", "snoozed", "delivered", "done")
BY = "local"
"""Who decides, as long as there is one person."""


@router.get("")
def show_suggestions(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    action: str = "",
    status: str = "open",
    lang: str = "",
) -> Response:
    """Show what should be done next: what most customers wait for first."""
    t = pages.language(request)
    everything = suggestion_repository.list_suggestions(session, organisation_id)
    figures = {
        f.theme.id: f
        for f in theme_repository.list_themes(session, organisation_id, zone=pages.settings.zone)
    }
    rows = [
        (suggestion, figures[suggestion.theme_id])
        for suggestion in everything
        if suggestion.theme_id in figures
        and action in ("", suggestion.action)
        and status in ("", suggestion.status)
        and lang in ("", language_group(suggestion.lang))
    ]
    return pages.show(
        request,
        "suggestions.html",
        any=bool(everything),
        waiting=sum(s.status == "open" for s in everything),
        rows=sorted(rows, key=lambda row: (row[0].action == "no_action", -row[1].people, row[0].id)),
        actions=[(name, t(f"action.{name}")) for name in ACTIONS],
        statuses=[(name, t(f"status.{name}")) for name in STATUSES],
        languages=[(name, t(f"language.{name}")) for name in (*LANGUAGES, "other")],
        chosen={"action": action, "status": status, "lang": lang},
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
    t = pages.language(request)
    suggestion = suggestion_repository.get_suggestion(session, organisation_id, suggestion_id)
    sources = sources_of(session, organisation_id, suggestion.draft)
    targets = {target.id: target.name for target in target_repository.list_targets(session, organisation_id)}
    return pages.show(
        request,
        "suggestion.html",
        suggestion=suggestion,
        theme=theme_repository.get_theme(session, organisation_id, suggestion.theme_id),
        article=suggestion.article_id
        and article_repository.get(session, organisation_id, suggestion.article_id),
        reasons=[told(t, reason) for reason in suggestion.reasons],
        lines=drafted(suggestion.draft, sources),
        sources=sources,
        deliveries=[
            (targets.get(delivery.target_id, delivery.target_id), delivery)
            for delivery in delivery_repository.list_deliveries(
                session, organisation_id, suggestion_id=suggestion.id
            )
        ],
        has_targets=bool(targets),
    )


@router.post("/{suggestion_id}/accept")
def accept(session: SessionDep, organisation_id: OrganisationDep, suggestion_id: str) -> Response:
    """Decide to do it."""
    decide.accept(session, organisation_id, suggestion_id, by=BY)
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/dismiss")
def dismiss(
    session: SessionDep,
    organisation_id: OrganisationDep,
    suggestion_id: str,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """Decide not to do it, and say why."""
    decide.dismiss(session, organisation_id, suggestion_id, by=BY, reason=reason)
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/reopen")
def reopen(session: SessionDep, organisation_id: OrganisationDep, suggestion_id: str) -> Response:
    """Undo the decision."""
    decide.reopen(session, organisation_id, suggestion_id)
    return back_to(suggestion_id)


@router.post("/{suggestion_id}/published")
def published(
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    suggestion_id: str,
    url: Annotated[str, Form()] = "",
    day: Annotated[str, Form()] = "",
) -> Response:
    """Note that customers have it, so that its effect is measured from that day."""
    try:
        since = datetime.combine(datetime.fromisoformat(day).date(), time(), pages.settings.zone)
    except ValueError as error:
        raise WrongUse(f"“{day}” is no day; write it like 2026-05-03.") from error
    if since > datetime.now(UTC):
        raise WrongUse(f"{day} has not come yet.")
    decide.published(session, organisation_id, suggestion_id, url=url or None, at=since, by=BY)
    return back_to(suggestion_id)


def back_to(suggestion_id: str) -> Response:
    """Lead back to the suggestion, so that reloading decides nothing twice."""
    return RedirectResponse(f"/suggestions/{suggestion_id}", status_code=303)
