"""`/dead-letters`: what was received and could not be read, until it is mended and read once more."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, Text, UpdatedAt, one_of, stamp, word
from service.api.lists import ListQuery, Page, find
from service.api.problems import documented
from service.api.writes import JsonRoute, Key, once
from service.exports.shapes import moment
from service.imports.glimpse import LONG, SHORT, glimpse
from service.repositories import dead_letters
from service.repositories.dead_letters import DeadLetter as Row

router = APIRouter(prefix="/dead-letters", tags=["dead letters"], route_class=JsonRoute)

KINDS = ("call", "record")


class DeadLetter(BaseModel):
    """A call of a webhook, or a record of a file, that could not be read."""

    dead_letter_id: str
    source: str
    kind: Annotated[str, word(KINDS)]
    reason: str | None = Field(description="Why, and what to do.")
    glimpse: str = Field(description="How it begins, without personal data.")
    tries: int
    received_at: str | None
    updated_at: UpdatedAt

    @classmethod
    def of(cls, letter: Row, *, most: int = SHORT) -> "DeadLetter":
        """Return a dead letter as the API tells it: of what was received, no more than a redacted glimpse."""
        return cls(
            dead_letter_id=letter.id,
            source=letter.source,
            kind=letter.kind,
            reason=letter.reason,
            glimpse=glimpse(letter.body, most),
            tries=letter.tries,
            received_at=moment(letter.received_at),
            updated_at=stamp(letter.received_at),
        )


class DeadLetterQuery(ListQuery):
    """Which dead letters."""

    dead_letter_id: Text = None
    source: Text = None
    kind: Annotated[Text, *one_of(KINDS)] = Field(default=None, examples=["call"])


class Replayed(BaseModel):
    """What happens to a dead letter now."""

    dead_letter_id: str
    state: str = Field(description="`pending`: it is read within seconds.", examples=["pending"])


@router.get("", summary="List dead letters")
def list_dead_letters(
    caller: ReaderDep, session: SessionDep, query: Annotated[DeadLetterQuery, Query()]
) -> Page[DeadLetter]:
    """What could not be read, in the order in which it was received. What was read since then is gone."""
    fetch = partial(dead_letters.following, session, caller.organisation_id)
    found = find(session, query, fetch, place=lambda letter: (letter.received_at, letter.id))
    return found.page([DeadLetter.of(letter) for letter in found.rows])


@router.get("/{dead_letter_id}", summary="Get a dead letter", responses=documented(404))
def get_dead_letter(caller: ReaderDep, session: SessionDep, dead_letter_id: Id) -> DeadLetter:
    """One dead letter, with more of what was received."""
    letter = dead_letters.get(session, caller.organisation_id, dead_letter_id)
    return DeadLetter.of(letter, most=LONG)


@router.post(
    "/{dead_letter_id}/replay",
    summary="Read a dead letter once more",
    response_model=Replayed,
    responses=documented(404, 408, 413, 415),
)
def replay(
    request: Request, caller: WriterDep, session: SessionDep, dead_letter_id: Id, key: Key = None
) -> Response:
    """Read it once more, as after a mapping was added. Nothing is stored twice."""

    def work() -> Replayed:
        dead_letters.get(session, caller.organisation_id, dead_letter_id)
        dead_letters.replay(session, caller.organisation_id, [dead_letter_id])
        return Replayed(dead_letter_id=dead_letter_id, state="pending")

    answer = once(request, session, caller, key, work)
    # Rung once the answer has left: by then it is committed.
    answer.background = BackgroundTask(request.app.state.ring, caller.organisation_id)
    return answer
