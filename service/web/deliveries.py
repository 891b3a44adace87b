"""The pages of deliveries: what was sent, what waits and why, and another try."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from connectors.files.encodings import clean
from service.models import Target
from service.pipeline import deliver
from service.repositories import deliveries as delivery_repository
from service.repositories import targets as target_repository
from service.repositories.deliveries import STATES, WAITING
from service.web.deps import SessionDep
from service.web.page import PAGE_SIZE, OrganisationDep, PagesDep, link

router = APIRouter(prefix="/deliveries")

HERE = "/deliveries"
Word = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A target that takes nothing at the moment, or to which something was refused or given up."""

    target: Target
    given_up: int
    held_until: datetime | None
    """None where it is asked as usual."""


@router.get("")
def show_deliveries(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    state: Word = "",
    target: Word = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show what was sent and what waits, that first of which something is new."""
    t = pages.language(request)
    targets = target_repository.list_targets(session, organisation_id)
    by_target = delivery_repository.count_by_target(session, organisation_id)
    counts = {name: sum(each.get(name, 0) for each in by_target.values()) for name in STATES}
    chosen = next((one.id for one in targets if one.name == target), "?" if target else "")
    rows, total = delivery_repository.search(
        session,
        organisation_id,
        state=state,
        target_id=chosen,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )
    return pages.show(
        request,
        "deliveries.html",
        any=any(counts.values()),
        has_targets=bool(targets),
        refusing=[one for one in targets if one.refuses_since is not None],
        given_up=sum(counts[name] for name in deliver.GIVEN_UP),
        waiting=sum(counts[name] for name in WAITING if name not in deliver.GIVEN_UP),
        stuck=stuck(targets, by_target),
        rows=rows,
        page=page,
        page_count=-(-total // PAGE_SIZE),
        states=[(name, t(f"delivery.{name}")) for name in STATES],
        targets=[(one.name, one.name) for one in targets],
        chosen={"state": state, "target": target},
    )


@router.get("/{delivery_id}")
def show_delivery(
    request: Request,
    pages: PagesDep,
    session: SessionDep,
    organisation_id: OrganisationDep,
    delivery_id: str,
) -> Response:
    """Show one delivery with every attempt and its reason."""
    return pages.show(
        request,
        "delivery.html",
        sent=delivery_repository.get(session, organisation_id, delivery_id),
        attempts=delivery_repository.attempts_at(session, organisation_id, delivery_id),
        given_up=deliver.GIVEN_UP,
    )


@router.post("/replay")
def replay_target(
    session: SessionDep, organisation_id: OrganisationDep, target: Annotated[str, Form(max_length=200)] = ""
) -> Response:
    """Let all be tried again that a target refused, or that was given up."""
    known = target_repository.get_target(session, organisation_id, clean(target))
    deliver.replay_target(session, organisation_id, known.id)
    return RedirectResponse(link(HERE, target=target), status_code=303)


@router.post("/{delivery_id}/replay")
def replay(session: SessionDep, organisation_id: OrganisationDep, delivery_id: str) -> Response:
    """Let one be tried again that was refused or given up; any other stays as it is."""
    deliver.replay(session, organisation_id, delivery_id)
    return RedirectResponse(link(f"{HERE}/{delivery_id}") + "#state", status_code=303)


@router.get("/{delivery_id}/{wish}")
def lead_back(delivery_id: str, wish: str, request: Request) -> Response:  # noqa: ARG001
    """Lead from the address of a form, which the browser may hold, to the page that the form is on."""
    return RedirectResponse(link(f"{HERE}/{delivery_id}", **request.query_params), status_code=303)


def stuck(targets: list[Target], counts: Mapping[str, Mapping[str, int]]) -> list[Stuck]:
    """Return the targets at which somebody should look."""
    now = datetime.now(UTC)
    found = []
    for target in targets:
        given_up = sum(counts.get(target.id, {}).get(state, 0) for state in deliver.GIVEN_UP)
        held = target.held_until if target.held_until and target.held_until > now else None
        if given_up or held:
            found.append(Stuck(target=target, given_up=given_up, held_until=held))
    return found
