"""`/interventions`: what was done about themes, as programs say it, so that it is measured."""

from datetime import UTC, datetime, tzinfo
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from connectors.files.encodings import clean
from service.api.deps import SessionDep, WriterDep
from service.api.fields import Moment, Name, past, stamp, word
from service.api.writes import JsonRoute, Key, once, written
from service.models import Intervention as InterventionTable
from service.models.effect import INTERVENTION_KINDS
from service.pipeline import intervene
from service.repositories import organisations
from service.repositories import themes as theme_repository

router = APIRouter(prefix="/interventions", tags=["effects"], route_class=JsonRoute)


class Intervention(BaseModel):
    """The day something changed for customers: from it on, the effect is measured."""

    intervention_id: str = Field(description="Of its effect, at `/effects/{intervention_id}`, once measured.")
    notice_id: str = Field(description="Of what those who raised the theme can be told, at `/notices/…`.")
    theme_id: str | None
    kind: Annotated[str, word(INTERVENTION_KINDS)]
    day: str = Field(json_schema_extra={"format": "date"}, description="In the organisation's time zone.")
    occurred_at: str

    @classmethod
    def of(cls, opened: InterventionTable, zone: tzinfo) -> "Intervention":
        """Return an intervention as the API tells it."""
        return cls(
            intervention_id=opened.intervention_id,
            notice_id=opened.id,
            theme_id=opened.theme_id,
            kind=opened.kind,
            day=opened.occurred_at.astimezone(zone).date().isoformat(),
            occurred_at=stamp(opened.occurred_at),
        )


class Doing(BaseModel):
    """What was done, and since when customers have it."""

    model_config = ConfigDict(extra="forbid")

    theme_id: Name = Field(description="A sub-theme is measured with its theme.")
    kind: Literal["fix", "article", "other"] = Field(default="other", examples=["fix"])
    at: Annotated[Moment, AfterValidator(past)] | SkipJsonSchema[None] = Field(
        default=None,
        description="Since when; now, if it is not said. ISO 8601 with a zone.",
        examples=["2026-05-01T09:00:00+09:00"],
    )
    segment: Annotated[Name, Field(max_length=200)] | SkipJsonSchema[None] = Field(
        default=None, description="The only segment of accounts that has it.", examples=["enterprise"]
    )


@router.post(
    "",
    summary="Say what was done about a theme",
    response_model=Intervention,
    responses=written("It is noted, and measured with the next run."),
)
def enter_intervention(
    request: Request, caller: WriterDep, session: SessionDep, body: Doing, key: Key = None
) -> Response:
    """For what no suggestion of Koe's led to. The same said twice is one."""

    def work() -> Intervention:
        theme = theme_repository.get_theme(session, caller.organisation_id, body.theme_id)
        segment = clean(body.segment or "").strip() or None
        at = body.at or datetime.now(UTC)
        opened = intervene.enter(session, theme, kind=body.kind, at=at, segment=segment)
        return Intervention.of(opened, organisations.zone_of(session, caller.organisation_id))

    return once(request, session, caller, key, work, content=body)


@router.post(
    "/{notice_id}/withdraw",
    summary="Take back that something was done",
    response_model=Intervention,
    responses=written("It is measured no more; what it was."),
)
def withdraw_intervention(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    notice_id: Annotated[Name, Path(examples=["57bb484cb127be6b5080"])],
    key: Key = None,
) -> Response:
    """By the `notice_id` it was answered with. 409 where it came of a suggestion, or customers are told."""

    def work() -> Intervention:
        gone = intervene.withdraw(session, caller.organisation_id, notice_id)
        return Intervention.of(gone, organisations.zone_of(session, caller.organisation_id))

    return once(request, session, caller, key, work)
