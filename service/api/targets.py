"""`/targets`: the backlogs and knowledge bases that deliveries go to. Their secrets are told to nobody."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Flag, Id, Instant, Text, UpdatedAt, changed, stamp
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.exports.shapes import moment
from service.models import Target as TargetTable
from service.repositories import followed

router = APIRouter(prefix="/targets", tags=["targets"])


class Target(BaseModel):
    """A backlog or a knowledge base."""

    target_id: str
    target: str = Field(description="Its name.")
    kind: str
    automatic: bool = Field(description="True where it takes suggestions that nobody accepted.")
    held_until: str | None = Field(description="Until when it is left alone; null while it is not.")
    held_reason: str | None
    refuses_since: str | None = Field(description="Since when it lets Koe do nothing; null while it does.")
    paused_at: str | None = Field(description="Since when a person lets it rest; null while it works.")
    removed_at: str | None = Field(description="Since when it takes nothing any more.")
    updated_at: UpdatedAt

    @classmethod
    def of(cls, target: TargetTable) -> "Target":
        """Return a target as the API tells it: neither its secret nor its settings, which may hold some."""
        return cls(
            target_id=target.id,
            target=target.name,
            kind=target.kind,
            automatic=target.automatic,
            held_until=moment(target.held_until),
            held_reason=target.held_reason,
            refuses_since=moment(target.refuses_since),
            paused_at=moment(target.paused_at),
            removed_at=moment(target.removed_at),
            updated_at=stamp(changed(target)),
        )


class TargetQuery(ListQuery):
    """Which targets."""

    target_id: Text = None
    target: Text = None
    kind: Text = Field(default=None, examples=["markdown-git"])
    automatic: Flag = Field(default=None, examples=[False])
    held_until: Instant = Field(default=None, examples=["null"])
    held_reason: Text = None
    refuses_since: Instant = Field(default=None, examples=["null"])
    paused_at: Instant = Field(default=None, examples=["null"])
    removed_at: Instant = Field(default=None, examples=["null"])


@router.get("", summary="List targets")
def list_targets(
    caller: ReaderDep, session: SessionDep, query: Annotated[TargetQuery, Query()]
) -> Page[Target]:
    """The systems that deliveries go to."""
    fetch = partial(followed.targets, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda target: (changed(target), target.id))
    return found.page([Target.of(target) for target in found.rows])


@router.get("/{target_id}", summary="Get a target", response_model=Target, responses=single())
def get_target(request: Request, caller: ReaderDep, session: SessionDep, target_id: Id) -> Response:
    """One target."""
    fetch = partial(followed.targets, session, caller.organisation_id)
    return tagged(request, Target.of(find_one(fetch, target_id=target_id)))
