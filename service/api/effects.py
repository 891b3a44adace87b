"""`/effects`: what interventions did to the contacts about their themes."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep
from service.api.fields import Name, Number, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.models.effect import VERDICTS
from service.repositories import followed
from service.repositories.followed import Measured
from service.rules.effect_row import effect_row

router = APIRouter(prefix="/effects", tags=["effects"])

OwnId = Annotated[Name, Path(examples=["article-add-staff"])]


class Effect(BaseModel):
    """What an intervention did, as in the export `effects`."""

    intervention_id: str
    theme_id: str
    verdict: Annotated[str, word(VERDICTS)]
    relative_effect: float | None = Field(description="Observed ÷ expected contacts − 1.")
    low: float | None
    high: float | None = Field(description="With `low`, the interval that holds the effect at 95 %.")
    naive: float | None = Field(description="Contacts a week after ÷ before − 1, whatever else happened.")
    observed: float | None
    expected: float | None
    weeks_needed: int | None
    reasons: list[dict[str, Any]]
    updated_at: UpdatedAt

    @classmethod
    def of(cls, measured: Measured) -> "Effect":
        """Return an effect as the API tells it."""
        row = effect_row(measured.intervention_id, measured.effect)
        return cls.model_validate({**row, "updated_at": stamp(changed(measured.effect))})


class Week(BaseModel):
    """A week as it was heard and as it was expected."""

    period: str = Field(json_schema_extra={"format": "date"}, description="Its first day.")
    heard: float
    expected: float
    low: float | None = Field(description="With `high`, where 95 of 100 such weeks lie; null before.")
    high: float | None


class EffectInFull(Effect):
    """An effect with its weeks, as its page draws them."""

    course: list[Week]


class EffectQuery(ListQuery):
    """Which effects."""

    intervention_id: Text = None
    theme_id: Text = None
    verdict: Annotated[Text, *one_of(VERDICTS)] = Field(default=None, examples=["cannot_tell"])
    relative_effect: Number = None
    low: Number = None
    high: Number = None
    naive: Number = None
    observed: Number = None
    expected: Number = None
    weeks_needed: Number = None


@router.get("", summary="List effects")
def list_effects(
    caller: ReaderDep, session: SessionDep, query: Annotated[EffectQuery, Query()]
) -> Page[Effect]:
    """What came of every intervention that was measured; one that was just opened is measured by a run."""
    fetch = partial(followed.effects, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda one: (changed(one.effect), one.effect.intervention_id))
    return found.page([Effect.of(measured) for measured in found.rows])


@router.get(
    "/{intervention_id:path}", summary="Get an effect", response_model=EffectInFull, responses=single()
)
def get_effect(request: Request, caller: ReaderDep, session: SessionDep, intervention_id: OwnId) -> Response:
    """What came of one intervention, by its name, which may hold slashes."""
    fetch = partial(followed.effects, session, caller.organisation_id)
    found = find_one(fetch, intervention_id=intervention_id)
    told = Effect.of(found).model_dump()
    return tagged(request, EffectInFull.model_validate({**told, "course": found.effect.course}))
