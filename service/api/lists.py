"""Lists as programs read them: what may be asked of one, how it goes on, and what it answers."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema
from sqlmodel import Session

from service.api.cursors import no_cursor, read_cursor, write_cursor
from service.api.fields import NONE, Cursor, Limit, Moment, read_moment, stamp
from service.errors import NotFound, WrongUse
from service.repositories.changes import Place, Wanted, settled_until

R = TypeVar("R")
T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """A page of a list, in the order of the rows' last change."""

    data: list[T]
    next_cursor: str | None = Field(description="Pass it as `cursor` for what follows; null at the end.")
    as_of: str = Field(
        description=(
            "Pass it as `updated_since` the next time you read the list from its beginning, and you miss no "
            "change. A row may come twice, also unchanged. It stays the same over all pages of one reading."
        ),
        json_schema_extra={"format": "date-time"},
        examples=["2026-05-04T09:00:00.000000Z"],
    )


class ListQuery(BaseModel):
    """What may be asked of every list; each adds its filters."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = 50
    cursor: Cursor = None
    updated_since: Moment | SkipJsonSchema[None] = Field(
        default=None,
        description="Only rows that changed at this moment or after it: the `as_of` of an earlier reading.",
        examples=["2026-01-01T00:00:00Z"],
    )

    def filters(self) -> dict[str, object]:
        """Return the filters that were given, None for those that ask for rows that have none."""
        given = self.model_dump(exclude=set(ListQuery.model_fields), exclude_none=True)
        return {name: None if value == NONE else value for name, value in given.items()}

    def fingerprint(self) -> str:
        """Return what tells this reading of a list from others, so that no cursor is used in another one."""
        asked = self.model_dump_json(exclude={"limit", "cursor"}, exclude_none=True)
        return hashlib.sha256(f"{type(self).__name__} {asked}".encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found(Generic[R]):
    """The rows of a page, and how the list goes on."""

    rows: Sequence[R]
    next_cursor: str | None
    as_of: str

    def page(self, data: list[T]) -> Page[T]:
        """Return the page on which the rows are shown as `data`."""
        return Page(data=data, next_cursor=self.next_cursor, as_of=self.as_of)


def find(
    session: Session,
    query: ListQuery,
    fetch: Callable[[Wanted], Sequence[R]],
    *,
    place: Callable[[R], tuple[datetime, str]],
) -> Found[R]:
    """Return the page that was asked for: `fetch` gives its rows, `place` tells where each stands.

    Raises WrongUse for a cursor that this list did not give out.
    """
    after, as_of = _begun(query) if query.cursor is not None else (None, None)
    as_of = as_of or stamp(settled_until(session))  # before the rows: see there
    wanted = Wanted(limit=query.limit, filters=query.filters(), since=query.updated_since, after=after)
    rows = fetch(wanted)
    page, more = rows[: query.limit], rows[query.limit :]
    cursor = _after(Place(*place(page[-1])), as_of, query) if more else None
    return Found(rows=page, next_cursor=cursor, as_of=as_of)


def find_one(fetch: Callable[[Wanted], Sequence[R]], **named: str) -> R:
    """Return the one row that is called so; raises NotFound."""
    rows = fetch(Wanted(limit=1, filters=named))
    if not rows:
        ((name, value),) = named.items()
        raise NotFound(f"There is no {name.removesuffix('_id')} “{value}”.")
    return rows[0]


def _after(place: Place, as_of: str, query: ListQuery) -> str:
    return write_cursor(query.fingerprint(), as_of, stamp(place.changed_at), place.id)


def _begun(query: ListQuery) -> tuple[Place, str]:
    """Return the place after which a page begins, and the `as_of` of the reading that it is a part of."""
    fingerprint, as_of, changed_at, row_id = read_cursor(query.cursor or "", 4)
    try:
        place = Place(read_moment(changed_at), row_id)
        read_moment(as_of)
    except ValueError as error:
        raise no_cursor() from error
    if fingerprint != query.fingerprint():
        raise WrongUse(
            "This cursor belongs to another list or to other filters; keep them, or begin without it."
        )
    return place, as_of
