"""What endpoints are given: a session that is one unit of work."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session

from service.db import Database


def unit_of_work(request: Request) -> Iterator[Session]:
    """Give a session for one request; it is committed before the answer leaves."""
    db: Database = request.app.state.db
    with db.begin() as session:
        yield session


SessionDep = Annotated[Session, Depends(unit_of_work, scope="function")]
"""With another scope the answer would leave first, and a failed commit would still look like success."""
