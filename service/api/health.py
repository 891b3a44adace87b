"""`/healthz` and `/readyz`: whether the process answers, and whether it can do its work."""

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from service.api.problems import documented
from service.db import Database, current_step, newest_step
from service.errors import Unavailable

router = APIRouter(tags=["operation"], responses=documented(421, 500))


class Health(BaseModel):
    """That all is well."""

    status: Literal["ok"] = "ok"


@router.get("/healthz", summary="Ask whether the process answers", openapi_extra={"security": []})
def healthy() -> Health:
    """Asks nothing of the database: who restarts a process for the database's sake makes nothing better."""
    return Health()


@router.get(
    "/readyz",
    summary="Ask whether the process can do its work",
    responses=documented(503),
    openapi_extra={"security": []},
)
def ready(request: Request) -> Health:
    """The database answers, and its tables are those that this version works with."""
    db: Database = request.app.state.db
    found, known = db.alone(current_step), newest_step()
    if found != known:
        raise Unavailable(
            f"The tables are at step {found}, and this version of Koe works with {known}: restart it, or "
            "update it."
        )
    return Health()
