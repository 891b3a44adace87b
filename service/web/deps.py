"""What endpoints are given: a session that is one unit of work, and what a form held."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from connectors.files.encodings import clean
from service.db import Database

LARGEST_FIELD = 2 << 20
"""Bytes of one field as it is sent; the gate lets no longer form through."""


def unit_of_work(request: Request) -> Iterator[Session]:
    """Give a session for one request; it is committed before the answer leaves."""
    db: Database = request.app.state.db
    with db.begin() as session:
        yield session


SessionDep = Annotated[Session, Depends(unit_of_work, scope="function")]
"""With another scope the answer would leave first, and a failed commit would still look like success."""


async def typed_in(request: Request) -> Mapping[str, str]:
    """Give the fields of a form whose names nobody knows beforehand, as they were typed."""
    form = await request.form(max_part_size=LARGEST_FIELD)
    return {name: clean(value) for name, value in form.items() if isinstance(value, str)}


TypedDep = Annotated[Mapping[str, str], Depends(typed_in)]
