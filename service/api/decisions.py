"""What programs decide on suggestions, as people do on the pages: each is signed with the caller's name."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from sqlmodel import Session

from connectors.files.encodings import clean
from service.api.deps import SessionDep, WriterDep
from service.api.fields import Id, Moment, past
from service.api.suggestions import SuggestionInFull, in_full
from service.api.writes import JsonRoute, Key, once, written
from service.models import Suggestion as SuggestionTable
from service.pipeline import decide
from service.rules.web_addresses import LONGEST, is_web_address

router = APIRouter(prefix="/suggestions", tags=["suggestions"], route_class=JsonRoute)

LATEST_REVIEW = timedelta(days=3660)
WRITTEN = written("It is done; the suggestion as it is now.")


def _reason(text: str) -> str:
    if not text.strip():
        raise ValueError("Say why this suggestion is dismissed.")
    return clean(text)


def _address(text: str) -> str:
    if not is_web_address(text):
        raise ValueError("This is no address that starts with https:// or http://.")
    return text


def _coming(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("This moment is past.")
    if moment > datetime.now(UTC) + LATEST_REVIEW:
        raise ValueError("This moment is too far away to be meant.")
    return moment


class Dismissal(BaseModel):
    """Why a suggestion is not followed."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=500, min_length=1), AfterValidator(_reason)] = Field(
        description="In a sentence, for whoever looks at the theme next.", examples=["来月の改修で直します。"]
    )
    review_at: Annotated[Moment, AfterValidator(_coming)] | SkipJsonSchema[None] = Field(
        default=None,
        description="When it is looked at again; it comes back by itself as well once twice as many people "
        "speak of it.",
        examples=["2030-04-01T09:00:00+09:00"],
    )


class Publication(BaseModel):
    """Where customers have it, and since when."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=LONGEST), AfterValidator(_address)] | SkipJsonSchema[None] = Field(
        default=None, description="Its address.", examples=["https://help.example.com/articles/42"]
    )
    at: Annotated[Moment, AfterValidator(past)] | SkipJsonSchema[None] = Field(
        default=None,
        description="Since when; now, if it is not said. ISO 8601 with a zone.",
        examples=["2026-05-01T09:00:00+09:00"],
    )


class Acceptance(BaseModel):
    """Where it is sent, and what there says it already and is linked in place of making something."""

    model_config = ConfigDict(extra="forbid")

    targets: list[Annotated[str, Field(max_length=200)]] | SkipJsonSchema[None] = Field(
        default=None,
        max_length=50,
        description="The names of the targets where it is sent; where it is not said, each that takes it.",
        examples=[[]],
    )
    links: dict[
        Annotated[str, Field(max_length=200)], Annotated[str, Field(min_length=1, max_length=500)]
    ] = Field(
        default_factory=dict,
        max_length=50,
        description="The reference of what stands there, by the target's name.",
        examples=[{}],
    )


NO_LINKS = Acceptance()
NOW = Publication()
"""What is said by a body that is not there."""


@router.post(
    "/{suggestion_id}/accept",
    summary="Accept a suggestion",
    response_model=SuggestionInFull,
    responses=WRITTEN,
)
def accept_suggestion(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    suggestion_id: Id,
    said: Acceptance = NO_LINKS,
    key: Key = None,
) -> Response:
    """Decide to do it: it is delivered to every target that takes it, or to those that are named, or linked
    there to what says it already. Accepting again changes nothing."""

    def work() -> SuggestionTable:
        links = {clean(name): clean(reference) for name, reference in said.links.items()}
        to = None if said.targets is None else [*map(clean, said.targets)]
        whose = (session, caller.organisation_id, suggestion_id)
        return decide.accept(*whose, by=caller.name, to=to, links=links)

    return once(request, session, caller, key, partial(_done, session, work), content=said)


@router.post(
    "/{suggestion_id}/dismiss",
    summary="Dismiss a suggestion",
    response_model=SuggestionInFull,
    responses=WRITTEN,
)
def dismiss_suggestion(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    suggestion_id: Id,
    said: Dismissal,
    key: Key = None,
) -> Response:
    """Decide against it, and say why. What waits for a target is taken back."""

    def work() -> SuggestionTable:
        return decide.dismiss(
            session,
            caller.organisation_id,
            suggestion_id,
            by=caller.name,
            reason=said.reason,
            review_at=said.review_at,
        )

    return once(request, session, caller, key, partial(_done, session, work), content=said)


@router.post(
    "/{suggestion_id}/published",
    summary="Say that customers have it",
    response_model=SuggestionInFull,
    responses=WRITTEN,
)
def publish_suggestion(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    suggestion_id: Id,
    said: Publication = NOW,
    key: Key = None,
) -> Response:
    """It opens the intervention: from that day on the theme's contacts are compared with those before.

    Told twice, the first day stays and the address is replaced.
    """

    def work() -> SuggestionTable:
        at = said.at or datetime.now(UTC)
        return decide.published(
            session, caller.organisation_id, suggestion_id, url=said.url, at=at, by=caller.name
        )

    return once(request, session, caller, key, partial(_done, session, work), content=said)


@router.post(
    "/{suggestion_id}/reopen",
    summary="Undo a decision",
    response_model=SuggestionInFull,
    responses=WRITTEN,
)
def reopen_suggestion(
    request: Request, caller: WriterDep, session: SessionDep, suggestion_id: Id, key: Key = None
) -> Response:
    """As long as it was neither sent nor published, or once it asks for that (its reason `still_asked`)."""

    def work() -> SuggestionTable:
        return decide.reopen(session, caller.organisation_id, suggestion_id)

    return once(request, session, caller, key, partial(_done, session, work))


@router.post(
    "/{suggestion_id}/leave",
    summary="Let what is done stay done",
    response_model=SuggestionInFull,
    responses=WRITTEN,
)
def leave_suggestion(
    request: Request, caller: WriterDep, session: SessionDep, suggestion_id: Id, key: Key = None
) -> Response:
    """Though customers still ask: it is not asked again whether it should be opened."""

    def work() -> SuggestionTable:
        return decide.leave(session, caller.organisation_id, suggestion_id, by=caller.name)

    return once(request, session, caller, key, partial(_done, session, work))


def _done(session: Session, work: Callable[[], SuggestionTable]) -> SuggestionInFull:
    decided = work()
    session.flush()
    session.refresh(decided)  # the database notes when it changed
    return in_full(session, decided)
