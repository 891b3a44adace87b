"""`/api/v1` itself: where everything is, and what describes it."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from service.api.deps import ReaderDep
from service.api.problems import ALWAYS

router = APIRouter(prefix="/api/v1", tags=["index"], responses=ALWAYS)
LISTS = (
    "themes",
    "suggestions",
    "articles",
    "items",
    "accounts",
    "effects",
    "alarms",
    "sources",
    "targets",
    "deliveries",
    "runs",
    "corrections",
)


class Index(BaseModel):
    """Where everything is."""

    lists: dict[str, str] = Field(examples=[{"themes": "/api/v1/themes"}])
    feed: str = Field(examples=["/feeds/suggestions.atom"])
    openapi: str = Field(examples=["/api/v1/openapi.json"])
    metrics: str = Field(examples=["/metrics"])
    organisation: str = Field(description="Whose data this is.", examples=["main"])
    caller: str = Field(description="What your decisions are signed with.", examples=["token helpdesk"])
    scope: str = Field(description="What you may do.", examples=["read"])


@router.get("", summary="See where everything is")
def show_index(caller: ReaderDep) -> Index:
    """The beginning for whoever has nothing but a token."""
    return Index(
        lists={noun: f"/api/v1/{noun}" for noun in LISTS},
        feed="/feeds/suggestions.atom",
        openapi="/api/v1/openapi.json",
        metrics="/metrics",
        organisation=caller.organisation_id,
        caller=caller.name,
        scope=caller.scope,
    )


@router.get("/openapi.json", summary="Read this description", response_class=JSONResponse)
def show_openapi(request: Request, caller: ReaderDep) -> dict[str, Any]:  # noqa: ARG001  anybody may who is known
    """What you read: OpenAPI 3.1."""
    document: dict[str, Any] = request.app.state.describe()
    return document
