"""`/corrections`: what people and programs changed about themes, and how to change more, or take it back."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from connectors.files.encodings import clean
from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, Instant, Name, Text, UpdatedAt, changed, one_of, stamp, word
from service.api.lists import ListQuery, Page, find, find_one
from service.api.problems import single
from service.api.writes import JsonRoute, Key, once, written
from service.exports.shapes import moment
from service.models import Correction as CorrectionTable
from service.pipeline import correct
from service.pipeline.undo import undo
from service.repositories import followed
from service.rules.corrections import (
    LONGEST_REASON,
    LONGEST_TITLE,
    MOST_SPANS,
    MOST_THEMES,
    OPS,
    Wanted,
    in_words,
)

router = APIRouter(prefix="/corrections", tags=["corrections"], route_class=JsonRoute)

WRITTEN = written("It is done in the live themes; every later run obeys it.")


class Correction(BaseModel):
    """What somebody changed about themes."""

    correction_id: str
    op: Annotated[str, word(OPS)]
    theme_ids: list[str] = Field(
        description="What it is about: of a merge the theme that stays first, of a split the new one last."
    )
    span_ids: list[str] = Field(description="The voices that were chosen.")
    title: str | None
    reason: str | None = Field(description="Why, in a sentence, where somebody said so.")
    by: str
    at: str | None
    conflict: str | None = Field(description="Why it does not hold, or not all of it; null where it does.")
    undone_by: str | None
    undone_at: str | None
    updated_at: UpdatedAt

    @classmethod
    def of(cls, correction: CorrectionTable) -> "Correction":
        """Return a correction as the API tells it."""
        return cls(
            correction_id=correction.id,
            op=correction.op,
            theme_ids=correction.theme_ids,
            span_ids=correction.chosen,
            title=correction.title,
            reason=correction.reason,
            by=correction.by,
            at=moment(correction.at),
            conflict=in_words(correction.conflict) if correction.conflict else None,
            undone_by=correction.undone_by,
            undone_at=moment(correction.undone_at),
            updated_at=stamp(changed(correction)),
        )


class CorrectionMade(Correction):
    """A correction that was made just now."""

    followed: dict[str, str] = Field(
        description="Themes that had become part of another, with the one that was corrected in their place."
    )


class CorrectionQuery(ListQuery):
    """Which corrections."""

    correction_id: Text = None
    op: Annotated[Text, *one_of(OPS)] = Field(default=None, examples=["merge"])
    by: Text = None
    at: Instant = None
    undone_by: Text = Field(default=None, description="`null` gives those that nobody took back.")


class CorrectionBody(BaseModel):
    """What is to be changed."""

    model_config = ConfigDict(extra="forbid")

    op: Annotated[str, Field(json_schema_extra={"enum": list(OPS)})] = Field(examples=["rename"])
    theme_ids: Annotated[list[Name], Field(max_length=MOST_THEMES)] = Field(
        default=[], examples=[["07e4edc617a6e6bb3aa0"]]
    )
    span_ids: Annotated[list[Name], Field(max_length=MOST_SPANS)] = []
    title: Annotated[str, Field(max_length=LONGEST_TITLE, pattern=r"^[^\x00]*$")] | SkipJsonSchema[None] = (
        Field(default=None, examples=["打刻できない"])
    )
    reason: Annotated[str, Field(max_length=LONGEST_REASON, pattern=r"^[^\x00]*$")] | SkipJsonSchema[None] = (
        None
    )
    versions: dict[Name, int] = Field(
        default={},
        description="The `version` of themes as you saw them: 409 where one has changed since.",
    )

    def wanted(self) -> Wanted:
        """Return it for the rules to check."""
        return Wanted(
            op=self.op,
            theme_ids=tuple(self.theme_ids),
            span_ids=tuple(self.span_ids),
            title=clean(self.title or ""),
            reason=clean(self.reason or ""),
        )


@router.get("", summary="List corrections")
def list_corrections(
    caller: ReaderDep, session: SessionDep, query: Annotated[CorrectionQuery, Query()]
) -> Page[Correction]:
    """All that was changed, also what was taken back."""
    fetch = partial(followed.corrections, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda each: (changed(each), each.id))
    return found.page([Correction.of(each) for each in found.rows])


@router.get("/{correction_id}", summary="Get a correction", response_model=Correction, responses=single())
def get_correction(request: Request, caller: ReaderDep, session: SessionDep, correction_id: Id) -> Response:
    """One correction."""
    fetch = partial(followed.corrections, session, caller.organisation_id)
    return tagged(request, Correction.of(find_one(fetch, correction_id=correction_id)))


@router.post("", summary="Correct themes", response_model=CorrectionMade, responses=WRITTEN)
def correct_themes(
    request: Request, caller: WriterDep, session: SessionDep, body: CorrectionBody, key: Key = None
) -> Response:
    """Done at once, and obeyed by every later run. A theme that has become part of another is followed."""

    def work() -> CorrectionMade:
        done = correct.make(
            session, caller.organisation_id, body.wanted(), by=caller.name, seen=body.versions
        )
        return CorrectionMade(
            **_told(session, done.correction).model_dump(),
            followed={old.id: new.id for old, new in done.followed},
        )

    return once(request, session, caller, key, work, content=body)


@router.post(
    "/{correction_id}/undo", summary="Take a correction back", response_model=Correction, responses=WRITTEN
)
def undo_correction(
    request: Request, caller: WriterDep, session: SessionDep, correction_id: Id, key: Key = None
) -> Response:
    """What it moved and is still there returns. What later corrections rest on is a conflict."""

    def work() -> Correction:
        return _told(session, undo(session, caller.organisation_id, correction_id, by=caller.name))

    return once(request, session, caller, key, work)


def _told(session: SessionDep, correction: CorrectionTable) -> Correction:
    """Return a correction as the database has it now: when it changed is the database's to say."""
    session.flush()
    session.refresh(correction)
    return Correction.of(correction)
