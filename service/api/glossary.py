"""`/glossary`: what the organisation calls things, for programs that keep it in step with their own."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from nlp.glossary import KINDS
from service.access.caching import tagged
from service.api.deps import ReaderDep, SessionDep, WriterDep
from service.api.fields import Id, UpdatedAt, changed, stamp, word
from service.api.problems import single
from service.api.writes import JsonRoute, Key, once, written
from service.models import GlossaryEntry as EntryTable
from service.repositories import glossary
from service.rules.glossary import LANGUAGE, LONGEST, LONGEST_LANGUAGE, LONGEST_NOTE, Wording

router = APIRouter(prefix="/glossary", tags=["glossary"], route_class=JsonRoute)

WRITTEN = written("It is done; the entry as it is now. Titles follow with the next run.")
Term = Annotated[str, Field(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*$")]
Note = Annotated[str, Field(max_length=LONGEST_NOTE, pattern=r"^[^\x00]*$")]


class GlossaryEntry(BaseModel):
    """One expression of the glossary."""

    entry_id: str
    term: str
    lang: str | None = Field(description="The language that it belongs to; null where it is one in all.")
    kind: str = word(KINDS)
    stands_for: str | None = Field(description="The preferred term that it means, or that is said instead.")
    note: str
    customer_visible: bool = Field(description="False for what only people inside say.")
    removed: bool = Field(description="True for what counts no more; PUT takes it back.")
    updated_at: UpdatedAt

    @classmethod
    def of(cls, entry: EntryTable) -> "GlossaryEntry":
        """Return an entry as the API tells it."""
        return cls(
            entry_id=entry.id,
            term=entry.term,
            lang=entry.lang,
            kind=entry.kind,
            stands_for=entry.stands_for,
            note=entry.note,
            customer_visible=entry.customer_visible,
            removed=entry.removed_at is not None,
            updated_at=stamp(changed(entry)),
        )


class Glossary(BaseModel):
    """The whole glossary: it is small, and is read at once."""

    data: list[GlossaryEntry]


class GlossaryBody(BaseModel):
    """An entry as it is to be."""

    model_config = ConfigDict(extra="forbid")

    term: Term = Field(examples=["Smart Shift"])
    lang: (
        Annotated[str, Field(max_length=LONGEST_LANGUAGE, pattern=f"^{LANGUAGE}$")] | SkipJsonSchema[None]
    ) = Field(default=None, examples=["en"])
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})] = "term"
    stands_for: Term | SkipJsonSchema[None] = Field(
        default=None,
        description="Needed by a synonym and a variant; what to say instead of a word never to use.",
    )
    note: Note = ""
    customer_visible: bool = True

    def wording(self) -> Wording:
        """Return it for the rules to check."""
        return Wording(**self.model_dump())


@router.get("", summary="Read the glossary")
def list_glossary(caller: ReaderDep, session: SessionDep) -> Glossary:
    """Every entry that counts, a term followed by what stands for it."""
    found = glossary.entries(session, caller.organisation_id)
    return Glossary(data=[GlossaryEntry.of(entry) for entry in found])


@router.get("/{entry_id}", summary="Get an entry", response_model=GlossaryEntry, responses=single())
def get_glossary_entry(request: Request, caller: ReaderDep, session: SessionDep, entry_id: Id) -> Response:
    """One entry, also one that was removed."""
    return tagged(request, GlossaryEntry.of(glossary.get(session, caller.organisation_id, entry_id)))


@router.post("", summary="Add an entry", response_model=GlossaryEntry, responses=WRITTEN)
def add_glossary_entry(
    request: Request, caller: WriterDep, session: SessionDep, body: GlossaryBody, key: Key = None
) -> Response:
    """Add an expression. Where the glossary has it already this is a conflict: change that entry."""

    def work() -> GlossaryEntry:
        return GlossaryEntry.of(_told(session, glossary.add(session, caller.organisation_id, body.wording())))

    return once(request, session, caller, key, work, content=body)


@router.put("/{entry_id}", summary="Change an entry", response_model=GlossaryEntry, responses=WRITTEN)
def change_glossary_entry(
    request: Request,
    caller: WriterDep,
    session: SessionDep,
    entry_id: Id,
    body: GlossaryBody,
    key: Key = None,
) -> Response:
    """Write an entry anew, whole; one that was removed counts again."""

    def work() -> GlossaryEntry:
        entry = glossary.change(session, caller.organisation_id, entry_id, body.wording())
        return GlossaryEntry.of(_told(session, entry))

    return once(request, session, caller, key, work, content=body)


@router.delete("/{entry_id}", summary="Remove an entry", response_model=GlossaryEntry, responses=WRITTEN)
def remove_glossary_entry(
    request: Request, caller: WriterDep, session: SessionDep, entry_id: Id, key: Key = None
) -> Response:
    """Let an entry count no more. PUT takes it back."""

    def work() -> GlossaryEntry:
        return GlossaryEntry.of(_told(session, glossary.remove(session, caller.organisation_id, entry_id)))

    return once(request, session, caller, key, work)


def _told(session: SessionDep, entry: EntryTable) -> EntryTable:
    """Return an entry as the database has it now: when it changed is the database's to say."""
    session.refresh(entry)
    return entry
