"""What endpoints are given: a session that is one unit of work, and whoever asks."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlmodel import Session
from starlette.exceptions import HTTPException

from service.access.caller import Caller, Scope
from service.db import Database


def unit_of_work(request: Request) -> Iterator[Session]:
    """Give a session for one request; it is committed before the answer leaves."""
    db: Database = request.app.state.db
    with db.begin() as session:
        yield session


SessionDep = Annotated[Session, Depends(unit_of_work, scope="function")]
"""With another scope the answer would leave first, and a failed commit would still look like success."""


def reader(request: Request) -> Caller:
    """Return whoever asks, who may read; nobody else gets here."""
    return _allowed(request, "read")


def writer(request: Request) -> Caller:
    """Return whoever asks, who may write."""
    return _allowed(request, "write")


def _allowed(request: Request, scope: Scope) -> Caller:
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"})
    if not caller.may(scope):
        raise HTTPException(403, f"This needs a token with the scope “{scope}”; yours has “{caller.scope}”.")
    return caller


ReaderDep = Annotated[Caller, Depends(reader)]
WriterDep = Annotated[Caller, Depends(writer)]
