"""The API: everything that programs ask for, under `/api/v1` and beside it."""

from fastapi import APIRouter, FastAPI

from service.api import (
    accounts,
    alarms,
    articles,
    dead_letters,
    decisions,
    deliveries,
    effects,
    feedback,
    items,
    runs,
    sources,
    suggestions,
    targets,
    themes,
    webhooks,
)
from service.api.problems import ALWAYS

router = APIRouter(prefix="/api/v1", responses=ALWAYS)
NOUNS = (
    themes,
    suggestions,
    decisions,
    articles,
    items,
    accounts,
    effects,
    alarms,
    sources,
    targets,
    deliveries,
    runs,
    feedback,
    dead_letters,
)
for noun in NOUNS:
    router.include_router(noun.router)


def install(app: FastAPI) -> None:
    """Let an application answer programs."""
    app.include_router(router)
    app.include_router(webhooks.router)
